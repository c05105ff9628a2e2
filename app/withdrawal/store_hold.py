"""Every SQL statement of holds."""

from sqlalchemy import text

from app.platform.db import Reader, Tx
from app.withdrawal.rules import HoldOutcome, HoldReason
from app.withdrawal.rules_hold import Hold


async def find_hold(reader: Reader, id_: str) -> Hold | None:
    """A hold, ended or not."""
    rows = await reader.run(
        text("""
            SELECT id, application, reason, placed_at, outcome, ended_at
            FROM application_hold WHERE id = :id
        """),
        {"id": id_},
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return Hold(
        row.id,
        row.application,
        HoldReason(row.reason),
        row.placed_at,
        None if row.outcome is None else HoldOutcome(row.outcome),
        row.ended_at,
    )


async def insert_hold(tx: Tx, hold: Hold) -> None:
    """Add a hold; from now on it stands in the application's row, under the lock of every step."""
    await tx.run(
        text("""
            INSERT INTO application_hold (id, application, reason, placed_at)
            VALUES (:id, :application, :reason, :placed_at)
        """),
        {
            "id": hold.id,
            "application": hold.application,
            "reason": hold.reason.value,
            "placed_at": hold.placed_at,
        },
    )
    await tx.run(
        text("UPDATE application SET hold = :hold WHERE id = :id"),
        {"id": hold.application, "hold": hold.id},
    )


async def end_hold(tx: Tx, hold: str, outcome: HoldOutcome) -> None:
    """End a hold now; its application, where it did not end itself, is free again."""
    await tx.run(text("UPDATE application SET hold = NULL WHERE hold = :hold"), {"hold": hold})
    await tx.run(
        text("""
            UPDATE application_hold SET outcome = :outcome, ended_at = :ended_at WHERE id = :hold
        """),
        {"hold": hold, "outcome": outcome.value, "ended_at": await tx.now()},
    )
