"""The command behind `POST /v1/registrations`: the deposit is held in the same transaction."""

from app import ledger
from app.auction import current, deposits, rules, store
from app.identity import require_bidder
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Fen
from app.platform.db import Tx


async def register_for_lot(tx: Tx, command: rules.LotParty) -> rules.LotParty:
    """Register a bidder for a lot, once, until its close (R122)."""
    await current.release_what_is_due(tx, command.bidder)
    lot = await store.find_lot(tx, command.lot, lock=True)
    if lot is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    bidder = await require_bidder(tx, command.bidder)
    if not tx.by.concerns(Stake(bidder=bidder.id)):
        raise Rejected(CommonRefusal.NOT_FOUND, "bidder")
    registered = await store.is_registered(tx, lot.id, bidder.id)
    cash = deposits.cash(bidder.id)
    free = (await ledger.lock_balances(tx, [cash]))[cash]
    now = await tx.now()

    refusal = rules.decide_registration(lot, Fen(free), now, registered=registered)
    if refusal is not None:
        raise Rejected(refusal)

    await store.insert_registration(tx, lot.id, bidder.id, now)
    await ledger.post(tx, deposits.hold(lot, bidder.id))
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="lot.registered",
                province=lot.province,
                subject=lot.id,
                body={"bidder": bidder.id},
            )
        ],
    )
    return command
