"""What the clock does to a lot: first bids by maxima, its close, its opening, a winner's default.

Each is due from an instant on and done once, under the lot's row lock. The jobs do what nobody
touches; a command that touches a lot first does what is due on it, so an outcome never depends
on how soon a job came round. A lot with custodians waits between its close and its opening; its
deposits are held all that time.
"""

import asyncio
from dataclasses import replace

from app import ledger, tickets
from app.auction import (
    bid_for_holders,
    deposits,
    results,
    rules,
    rules_close,
    rules_seal,
    store,
    store_bids,
    store_maximum,
    store_seal,
)
from app.auction.rules import LotState
from app.kernel.units import decimal
from app.platform.db import Tx
from app.platform.jobs import Job
from app.tickets.rules import TicketState


async def lock_current_lot(tx: Tx, lot_id: str) -> rules.Lot | None:
    """Lock a lot and bring it to what it is at the transaction's instant."""
    lot = await store.find_lot(tx, lot_id, lock=True)
    if lot is None:
        return None
    now = await tx.now()
    lot = await bid_for_holders.at_the_opening(tx, lot)
    if lot.state is LotState.LIVE and lot.closes_at <= now:
        lot = await _close(tx.at(lot.closes_at), lot)
    due = lot.opening_due_at
    if lot.state is LotState.CLOSED and due is not None and due <= now:
        lot = await open_lot(tx.at(due), lot)
    if lot.state is LotState.SOLD and lot.payment_due_at is not None and lot.payment_due_at <= now:
        lot = await _default(tx.at(lot.payment_due_at), lot)
    return lot


async def release_what_is_due(tx: Tx, bidder: str) -> None:
    """Close the bidder's lots that are due, so that its free cash is what it should be by now."""
    for lot_id in await store.lots_due_for(tx, bidder, await tx.now()):
        await lock_current_lot(tx, lot_id)


async def _work(tx: Tx, lot_id: str) -> None:
    await lock_current_lot(tx, lot_id)


MAXIMUM_JOB = Job("maximum", store_maximum.due_openings, _work)
CLOSE_JOB = Job("close", store.due_closes, _work)
OPEN_JOB = Job("open", store.due_openings, _work)
DEFAULT_JOB = Job("default", store.due_defaults, _work)


async def _close(tx: Tx, lot: rules.Lot) -> rules.Lot:
    """Close a lot (R123, R124); one with custodians now waits for their keys."""
    registered = await store_bids.registered(tx, lot.id)
    if lot.has_custodians:
        closed = rules_close.seal_off(lot)
        await store.update_lot(tx, closed)
        hashes = [bid.hash for bid in await store_seal.sealed_bids_of(tx, lot.id)]
        waiting = results.waiting(closed, hashes)
        await ledger.record(tx, [waiting, *results.paddles(closed, registered)])
        return closed
    bids = await store_bids.last_bids(tx, lot.id)
    result = rules_close.decide_close(lot, [bid for bid, _ in bids])
    closed = rules_close.apply_result(lot, result, await tx.now())
    await _settle(tx, lot, closed, registered)
    notes = [results.closed(closed, result)]
    if lot.mode is rules.Mode.SEALED:
        notes += results.seals(closed, bids)
    await ledger.record(tx, [*notes, *results.paddles(closed, registered)])
    return closed


async def open_lot(tx: Tx, lot: rules.Lot) -> rules.Lot:
    """Open the sealed bids of a closed lot with the keys that were published, and decide it."""
    assert lot.threshold is not None, "a lot with custodians has a threshold"
    sealed = await store_seal.sealed_bids_of(tx, lot.id)
    keys = await store_seal.custodian_keys(tx, lot.id)
    deks = await store_seal.deks_of(tx, [bid.hash for bid in sealed])
    registered = await store_bids.registered(tx, lot.id)
    # Milliseconds for each bid: in a thread, so that other requests are answered meanwhile.
    openings = await asyncio.to_thread(rules_seal.open_bids, sealed, lot.threshold, keys, deks)
    bids = rules_seal.bids_of(openings, {r.bidder: r.paddle for r in registered})
    result = rules_close.decide_close(lot, rules_seal.counting(openings, bids))
    decided = replace(rules_close.apply_result(lot, result, await tx.now()), bids=len(bids))

    await store_seal.insert_openings(tx, openings)
    await store_bids.insert_bids(tx, [bid for bid, _ in bids], None, [hash_ for _, hash_ in bids])
    await _settle(tx, lot, decided, registered)
    await ledger.record(
        tx, [*results.opened_bids(decided, openings), results.decided(decided, result)]
    )
    return decided


async def _settle(
    tx: Tx, lot: rules.Lot, decided: rules.Lot, registered: list[rules.Registration]
) -> None:
    """Release the other deposits, write the lot, say where its tickets stand."""
    losers = [r.bidder for r in registered if r.bidder != decided.winner]
    await ledger.post(tx, deposits.release(lot, losers))
    await store.update_lot(tx, decided)
    bundle = list(await store.tickets_of(tx, lot.id))
    sold = decided.state is LotState.SOLD
    await tickets.set_state(tx, bundle, TicketState.SOLD if sold else TicketState.HANDED_IN)


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
