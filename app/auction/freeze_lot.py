"""The commands behind `POST /v1/freezes` and `POST /v1/resumptions`.

A frozen lot takes no bids and does not close; the time lost is added when it is resumed.
"""

from datetime import datetime

from app import ledger
from app.auction import bid_for_holders, rules, store
from app.kernel.calendar import wire
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def freeze_lot(tx: Tx, command: rules.Pause) -> tuple[rules.Lot, datetime]:
    """Freeze an open lot; answers with it and the instant."""
    lot, now = await _lock(tx, command.lot)
    frozen = rules.decide_freeze(lot, now, command.reason)
    if isinstance(frozen, rules.AuctionRefusal):
        raise Rejected(frozen)
    if command.reason is not None:
        await store.insert_freeze(tx, frozen)
    await _write(tx, frozen, "lot.frozen", command.reason)
    return frozen, now


async def resume_lot(tx: Tx, command: rules.Pause) -> tuple[rules.Lot, datetime]:
    """Resume a frozen lot; answers with it and the instant."""
    lot, now = await _lock(tx, command.lot)
    resumed = rules.decide_resume(lot, now)
    if isinstance(resumed, rules.AuctionRefusal):
        raise Rejected(resumed)
    await _write(tx, resumed, "lot.resumed", command.reason)
    return resumed, now


async def _lock(tx: Tx, lot_id: str) -> tuple[rules.Lot, datetime]:
    lot = await store.find_lot(tx, lot_id, lock=True)
    if lot is None or not tx.by.concerns(lot.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    now = await tx.now()
    return await bid_for_holders.at_the_opening(tx, lot), now


async def _write(tx: Tx, lot: rules.Lot, kind: str, reason: str | None) -> None:
    await store.update_lot(tx, lot)
    body = {"closes_at": wire(lot.closes_at)}
    if reason is not None:
        body["reason"] = reason
    await ledger.record(
        tx, [ledger.Note(kind=kind, province=lot.province, subject=lot.id, body=body)]
    )
