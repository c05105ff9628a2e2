"""What the clock does to a lot: its close, and the default of a winner who does not pay.

Both are due from an instant on and done once, under the lot's row lock. The jobs do what nobody
touches; a command that touches a lot first does what is due on it, so an outcome never depends
on how soon a job came round.
"""

from dataclasses import replace

from app import ledger, tickets
from app.auction import deposits, rules, rules_close, store
from app.auction.rules import LotState
from app.kernel.calendar import wire
from app.kernel.units import decimal
from app.platform.db import Tx
from app.platform.jobs import Job
from app.tickets.rules import TicketState

BIDS_PER_RECORD = 250


async def lock_current_lot(tx: Tx, lot_id: str) -> rules.Lot | None:
    """Lock a lot and bring it to what it is at the transaction's instant."""
    lot = await store.find_lot(tx, lot_id, lock=True)
    if lot is None:
        return None
    now = await tx.now()
    if lot.state is LotState.LIVE and lot.closes_at <= now:
        lot = await _close(tx.at(lot.closes_at), lot)
    if lot.state is LotState.SOLD and lot.payment_due_at is not None and lot.payment_due_at <= now:
        lot = await _default(tx.at(lot.payment_due_at), lot)
    return lot


async def release_what_is_due(tx: Tx, bidder: str) -> None:
    """Close the bidder's lots that are due, so that its free cash is what it should be by now."""
    for lot_id in await store.lots_due_for(tx, bidder, await tx.now()):
        await lock_current_lot(tx, lot_id)


async def _work(tx: Tx, lot_id: str) -> None:
    await lock_current_lot(tx, lot_id)


CLOSE_JOB = Job("close", store.due_closes, _work)
DEFAULT_JOB = Job("default", store.due_defaults, _work)


async def _close(tx: Tx, lot: rules.Lot) -> rules.Lot:
    """Find the winner, release the other deposits, say where the tickets stand (R123, R124)."""
    bids = await store.last_bids(tx, lot.id)
    result = rules_close.decide_close(lot, [bid for bid, _ in bids])
    closed = rules_close.apply_result(lot, result)

    losers = [b for b in await store.registered(tx, lot.id) if b != result.winner]
    await ledger.post(tx, deposits.release(lot, losers))
    await store.update_lot(tx, closed)
    bundle = list(await store.tickets_of(tx, lot.id))
    sold = closed.state is LotState.SOLD
    await tickets.set_state(tx, bundle, TicketState.SOLD if sold else TicketState.HANDED_IN)
    await ledger.record(tx, _notices(closed, result, bids))
    return closed


async def _default(tx: Tx, lot: rules.Lot) -> rules.Lot:
    """The deposit is forfeited to the exchange, and the tickets can be listed again."""
    defaulted = replace(lot, state=LotState.DEFAULTED)
    assert lot.winner is not None, "a sold lot has a winner"
    await ledger.post(tx, deposits.forfeit(lot, lot.winner))
    await store.update_lot(tx, defaulted)
    bundle = list(await store.tickets_of(tx, lot.id))
    await tickets.set_state(tx, bundle, TicketState.HANDED_IN)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="lot.defaulted",
                province=lot.province,
                subject=lot.id,
                body={"bidder": lot.winner, "forfeited": decimal(lot.deposit)},
            )
        ],
    )
    return defaulted


def _notices(
    lot: rules.Lot, result: rules_close.Result, bids: list[tuple[rules.Bid, bytes]]
) -> list[ledger.Note]:
    closing = ledger.Note(
        kind="lot.closed",
        province=lot.province,
        subject=lot.id,
        policy=lot.terms.policy,
        body={
            "state": lot.state.value,
            "winner": result.winner,
            "price": None if result.price is None else decimal(result.price),
            "valid_bidders": result.valid_bidders,
            "closed_at": wire(lot.closes_at),
            "reserve_price": None if lot.reserve_price is None else decimal(lot.reserve_price),
        },
    )
    if lot.mode is not rules.Mode.SEALED:
        return [closing]
    # The close opens the seals: with salt and price anyone can check each commitment.
    openings = [
        ledger.Note(
            kind="lot.opened",
            province=lot.province,
            subject=lot.id,
            body={
                "bids": [
                    [bid.number, bid.bidder, decimal(bid.price), salt.hex()]
                    for bid, salt in bids[first : first + BIDS_PER_RECORD]
                ]
            },
        )
        for first in range(0, len(bids), BIDS_PER_RECORD)
    ]
    return [closing, *openings]
