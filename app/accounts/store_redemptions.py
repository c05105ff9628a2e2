"""Every SQL statement of requests to redeem."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, text

from app.accounts.rules_redemptions import (
    Redemption,
    RedemptionKind,
    RedemptionState,
    RefusalReason,
)
from app.kernel.principal import Principal
from app.platform.db import Reader, Tx

_REDEMPTIONS = """
    SELECT q.number, q.id, q.household, q.kind, q.terms, q.salt, a.province, a.home_province,
           q.asked_by, q.asked_at, q.state, q.reason, q.decided_by, q.decided_at, q.effect
    FROM redemption q JOIN housing_account a ON a.household = q.household
"""
# What a principal may see, by the level its role acts on; None: roles of the whole node.
_SCOPES: Mapping[str | None, str] = {
    None: "true",
    "household": "q.household = :party",
    "province": ":party IN (a.home_province, a.province)",
}


def _redemption(row: Row[Any]) -> Redemption:
    return Redemption(
        number=row.number,
        id=row.id,
        household=row.household,
        kind=RedemptionKind(row.kind),
        terms=row.terms,
        salt=bytes(row.salt),
        province=row.province,
        home_province=row.home_province,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        state=RedemptionState(row.state),
        reason=None if row.reason is None else RefusalReason(row.reason),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        effect=row.effect,
    )


async def find_redemption(reader: Reader, id_: str) -> Redemption | None:
    """A request. It changes only under the lock of its household's account."""
    row = (await reader.run(text(_REDEMPTIONS + " WHERE q.id = :id"), {"id": id_})).one_or_none()
    return None if row is None else _redemption(row)


async def has_open(tx: Tx, household: str, kind: RedemptionKind) -> bool:
    """Whether a request of this household and kind waits."""
    found = await tx.run(
        text("""
            SELECT EXISTS (SELECT FROM redemption
                           WHERE household = :household AND kind = :kind AND state = 'open')
        """),
        {"household": household, "kind": kind.value},
    )
    return bool(found.scalar_one())


async def insert_redemption(tx: Tx, request: Redemption) -> None:
    """Add a request that waits, under the next number."""
    await tx.run(
        text("""
            INSERT INTO redemption (id, household, kind, terms, salt, asked_by, asked_at, due_at,
                                    state)
            VALUES (:id, :household, :kind, CAST(:terms AS jsonb), :salt, :asked_by, :asked_at,
                    :due_at, :state)
        """),
        {
            "id": request.id,
            "household": request.household,
            "kind": request.kind.value,
            "terms": json.dumps(dict(request.terms)),
            "salt": request.salt,
            "asked_by": request.asked_by,
            "asked_at": request.asked_at,
            "due_at": request.due_at,
            "state": request.state.value,
        },
    )


async def update_redemption(tx: Tx, request: Redemption) -> None:
    """Write what became of a request."""
    await tx.run(
        text("""
            UPDATE redemption SET state = :state, reason = :reason, decided_by = :decided_by,
                                  decided_at = :decided_at, effect = :effect
            WHERE id = :id
        """),
        {
            "id": request.id,
            "state": request.state.value,
            "reason": None if request.reason is None else request.reason.value,
            "decided_by": request.decided_by,
            "decided_at": request.decided_at,
            "effect": request.effect,
        },
    )


async def list_redemptions(
    reader: Reader, principal: Principal, state: RedemptionState | None, after: int, limit: int
) -> list[Redemption]:
    """Requests that concern the principal, in the order of asking; in one state or in all."""
    scope = _SCOPES[principal.level]
    rows = await reader.run(
        text(
            _REDEMPTIONS
            + " WHERE q.number > :after AND (CAST(:state AS text) IS NULL OR q.state = :state) AND "
            + scope
            + " ORDER BY q.number LIMIT :limit"
        ),
        {"after": after, "state": None if state is None else state.value, "limit": limit}
        | ({"party": principal.party} if ":party" in scope else {}),
    )
    return [_redemption(row) for row in rows]
