"""The command behind `POST /v1/registrations`.

- the deposit is held in the same transaction;
- a paddle is drawn, which stands for the bidder in the records until the close opens it;
- where bids are encrypted to custodians, the key that will sign them is fixed here.
"""

import secrets

from app import ledger
from app.auction import current, deposits, rules, rules_notice, rules_seal, store, store_bids
from app.identity import require_bidder
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Fen
from app.platform.db import Tx

PADDLE_MIN, PADDLES, SALT_BYTES = 100_000, 900_000, 32


async def register_for_lot(tx: Tx, command: rules.Register) -> rules.Registration:
    """Register a bidder for a lot, once, until its close (R122)."""
    await current.release_what_is_due(tx, command.bidder)
    lot = await store.find_lot(tx, command.lot, lock=True)
    if lot is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    bidder = await require_bidder(tx, command.bidder)
    if not tx.by.concerns(Stake(bidder=bidder.id)):
        raise Rejected(CommonRefusal.NOT_FOUND, "bidder")
    if not rules_seal.is_bid_key(lot, command):
        raise Rejected(CommonRefusal.INVALID_REQUEST, "bid_key")
    registered = await store_bids.find_registration(tx, lot.id, bidder.id) is not None
    cash = deposits.cash(bidder.id)
    free = (await ledger.lock_balances(tx, [cash]))[cash]
    now = await tx.now()

    refusal = rules.decide_registration(lot, Fen(free), now, registered=registered)
    if refusal is not None:
        raise Rejected(refusal)

    # A paddle that is taken meets the table's unique key, and the whole is run again.
    registration = rules.Registration(
        lot=lot.id,
        bidder=bidder.id,
        at=now,
        paddle=PADDLE_MIN + secrets.randbelow(PADDLES),
        paddle_salt=secrets.token_bytes(SALT_BYTES),
        bid_key=command.bid_key,
    )
    await store_bids.insert_registration(tx, registration)
    await ledger.post(tx, deposits.hold(lot, bidder.id))
    await ledger.record(tx, [_note(lot, registration)])
    return registration


def _note(lot: rules.Lot, registration: rules.Registration) -> ledger.Note:
    return ledger.Note(
        kind="lot.registered",
        province=lot.province,
        subject=lot.id,
        body={
            "bidder": registration.bidder,
            "paddle_commitment": rules_notice.paddle_commitment(
                registration.paddle_salt, registration.bidder, registration.paddle
            ),
            "bid_key": registration.bid_key,
        },
    )
