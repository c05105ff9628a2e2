"""The SQL of firms' bid limits and of bids that wait for a second person.

Whoever bids shares the firm's lock, whoever changes its limit or decides a proposal has it alone,
and both take it before a lot's row: so no bid is judged by a limit that is not in force any more.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.auction.rules_firms import Limit, LimitState, Proposal, ProposalKind, ProposalState
from app.kernel.units import Fen
from app.platform.db import Reader, Tx

_LIMITS = """
    SELECT bidder, id, limit_fen, lowers, proposed_by, proposed_at, salt, state, number, decided_by,
        decided_at
    FROM bid_limit
"""
_PROPOSALS = """
    SELECT bidder, id, lot, kind, price_fen, note, proposed_by, proposed_at, state, decided_by,
        decided_at
    FROM bid_proposal
"""


def _limit(row: Row[Any]) -> Limit:
    return Limit(
        firm=row.bidder,
        id=row.id,
        amount=None if row.limit_fen is None else Fen(row.limit_fen),
        lowers=row.lowers,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        salt=bytes(row.salt),
        state=LimitState(row.state),
        number=row.number,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        firm=row.bidder,
        id=row.id,
        lot=row.lot,
        kind=ProposalKind(row.kind),
        price=None if row.price_fen is None else Fen(row.price_fen),
        note=row.note,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        state=ProposalState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


async def lock_firm(tx: Tx, firm: str, *, shared: bool = False) -> None:
    """Hold a firm's limit and proposals until the transaction ends."""
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    await tx.run(text(f"SELECT {lock}(hashtextextended('firm ' || :firm, 0))"), {"firm": firm})


async def limit_set(reader: Reader, firm: str) -> Limit | None:
    """The last limit that was set; without an amount in it there is none any more."""
    rows = await reader.run(
        text(_LIMITS + " WHERE bidder = :firm AND state = 'set' ORDER BY number DESC LIMIT 1"),
        {"firm": firm},
    )
    row = rows.one_or_none()
    return None if row is None else _limit(row)


async def limit_held(tx: Tx, firm: str) -> Fen | None:
    """The limit in force, which stays so until the transaction ends."""
    await lock_firm(tx, firm, shared=True)
    standing = await limit_set(tx, firm)
    return None if standing is None else standing.amount


async def limit_waiting(reader: Reader, firm: str) -> Limit | None:
    """The change of the limit that waits for a second person."""
    rows = await reader.run(
        text(_LIMITS + " WHERE bidder = :firm AND state = 'waiting'"), {"firm": firm}
    )
    row = rows.one_or_none()
    return None if row is None else _limit(row)


async def find_limit(reader: Reader, firm: str, id_: str) -> Limit | None:
    """A firm's limit, or change of it, by its id."""
    rows = await reader.run(
        text(_LIMITS + " WHERE bidder = :firm AND id = :id"), {"firm": firm, "id": id_}
    )
    row = rows.one_or_none()
    return None if row is None else _limit(row)


async def insert_limit(tx: Tx, limit: Limit) -> None:
    """Add a change of the limit."""
    await tx.run(
        text("""
            INSERT INTO bid_limit (bidder, id, limit_fen, lowers, proposed_by, proposed_at, salt,
                state, number, decided_by, decided_at)
            VALUES (:firm, :id, :amount, :lowers, :proposed_by, :proposed_at, :salt, :state,
                :number, :decided_by, :decided_at)
        """),
        {
            "firm": limit.firm,
            "id": limit.id,
            "amount": limit.amount,
            "lowers": limit.lowers,
            "proposed_by": limit.proposed_by,
            "proposed_at": limit.proposed_at,
            "salt": limit.salt,
            "state": limit.state.value,
            "number": limit.number,
            "decided_by": limit.decided_by,
            "decided_at": limit.decided_at,
        },
    )


async def update_limit(tx: Tx, limit: Limit) -> None:
    """Write how a change of the limit was decided."""
    await tx.run(
        text("""
            UPDATE bid_limit SET state = :state, number = :number, decided_by = :by,
                decided_at = :at
            WHERE bidder = :firm AND id = :id
        """),
        {
            "firm": limit.firm,
            "id": limit.id,
            "state": limit.state.value,
            "number": limit.number,
            "by": limit.decided_by,
            "at": limit.decided_at,
        },
    )


async def find_proposal(tx: Tx, firm: str, id_: str) -> Proposal | None:
    """A firm's proposal by its id."""
    rows = await tx.run(
        text(_PROPOSALS + " WHERE bidder = :firm AND id = :id"), {"firm": firm, "id": id_}
    )
    row = rows.one_or_none()
    return None if row is None else _proposal(row)


async def open_proposal(tx: Tx, firm: str, lot: str) -> Proposal | None:
    """The proposal of a firm for a lot that nobody has decided yet."""
    rows = await tx.run(
        text(_PROPOSALS + " WHERE bidder = :firm AND lot = :lot AND state = 'open'"),
        {"firm": firm, "lot": lot},
    )
    row = rows.one_or_none()
    return None if row is None else _proposal(row)


async def list_proposals(
    reader: Reader, firm: str, after: str, limit: int, *, undecided: bool
) -> list[Proposal]:
    """A firm's proposals in order of id; `undecided`: those that can still be approved alone."""
    rows = await reader.run(
        text(
            _PROPOSALS
            + """ WHERE bidder = :firm AND id > :after AND (NOT :undecided OR (state = 'open'
                AND EXISTS (SELECT FROM lot WHERE lot.id = bid_proposal.lot
                            AND lot.state IN ('live', 'frozen'))))
                ORDER BY id LIMIT :limit"""
        ),
        {"firm": firm, "after": after, "undecided": undecided, "limit": limit},
    )
    return [_proposal(row) for row in rows]


async def insert_proposal(tx: Tx, proposal: Proposal) -> None:
    """Add a proposal that nobody has decided yet."""
    await tx.run(
        text("""
            INSERT INTO bid_proposal (bidder, id, lot, kind, price_fen, note, proposed_by,
                proposed_at, state)
            VALUES (:firm, :id, :lot, :kind, :price, :note, :by, :at, :state)
        """),
        {
            "firm": proposal.firm,
            "id": proposal.id,
            "lot": proposal.lot,
            "kind": proposal.kind.value,
            "price": proposal.price,
            "note": proposal.note,
            "by": proposal.proposed_by,
            "at": proposal.proposed_at,
            "state": proposal.state.value,
        },
    )


async def decide_proposal(tx: Tx, proposal: Proposal, state: ProposalState, at: datetime) -> None:
    """Write what became of a proposal, and by whom."""
    await tx.run(
        text("""
            UPDATE bid_proposal SET state = :state, decided_by = :by, decided_at = :at
            WHERE bidder = :firm AND id = :id
        """),
        {
            "firm": proposal.firm,
            "id": proposal.id,
            "state": state.value,
            "by": tx.actor,
            "at": at,
        },
    )
