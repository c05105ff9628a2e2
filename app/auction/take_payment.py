"""The payment of a lot, as settlement asks for it: the price lies in escrow afterwards."""

from app import ledger
from app.auction import current, deposits, rules, store
from app.identity import require_bidder
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Fen, decimal
from app.platform.db import Tx


async def take_payment(tx: Tx, command: rules.LotParty) -> rules.Lot:
    """Take the price from the winner; answers with the paid lot.

    The lot is first brought to its state at this instant: one second after the term it is in
    default, whether or not the job has come round.
    """
    await current.release_what_is_due(tx, command.bidder)
    lot = await current.lock_current_lot(tx, command.lot)
    if lot is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    bidder = await require_bidder(tx, command.bidder)
    if not tx.by.concerns(Stake(bidder=bidder.id)):
        raise Rejected(CommonRefusal.NOT_FOUND, "bidder")
    cash = deposits.cash(bidder.id)
    free = (await ledger.lock_balances(tx, [cash]))[cash]

    paid = rules.decide_payment(lot, bidder.id, Fen(free))
    if isinstance(paid, rules.AuctionRefusal):
        raise Rejected(paid)

    assert paid.price is not None, "a paid lot has a price"
    await ledger.post(tx, deposits.pay(paid, bidder.id, paid.price))
    await store.update_lot(tx, paid)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="lot.paid",
                province=paid.province,
                subject=paid.id,
                body={"bidder": bidder.id, "price": decimal(paid.price)},
            )
        ],
    )
    return paid
