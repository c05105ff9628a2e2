"""The commands behind `POST /v1/freezes` and `POST /v1/resumptions`.

A frozen lot takes no bids and does not close; the time lost is added when it is resumed.
"""

from collections.abc import Callable
from datetime import datetime

from app import ledger
from app.auction import bid_for_holders, rules, store
from app.kernel.calendar import wire
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx

Decide = Callable[[rules.Lot, datetime], rules.AuctionRefusal | rules.Lot]


async def freeze_lot(tx: Tx, lot: str) -> tuple[rules.Lot, datetime]:
    """Freeze an open lot; answers with it and the instant."""
    return await _change(tx, lot, rules.decide_freeze, "lot.frozen")


async def resume_lot(tx: Tx, lot: str) -> tuple[rules.Lot, datetime]:
    """Resume a frozen lot; answers with it and the instant."""
    return await _change(tx, lot, rules.decide_resume, "lot.resumed")


async def _change(tx: Tx, lot_id: str, decide: Decide, kind: str) -> tuple[rules.Lot, datetime]:
    lot = await store.find_lot(tx, lot_id, lock=True)
    if lot is None or not tx.by.concerns(lot.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    now = await tx.now()
    lot = await bid_for_holders.at_the_opening(tx, lot)
    changed = decide(lot, now)
    if isinstance(changed, rules.AuctionRefusal):
        raise Rejected(changed)
    await store.update_lot(tx, changed)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind=kind,
                province=lot.province,
                subject=lot.id,
                body={"closes_at": wire(changed.closes_at)},
            )
        ],
    )
    return changed, now
