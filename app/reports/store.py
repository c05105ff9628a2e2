"""Every SQL statement of reports: sums over the ledger and over the slices below."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from app.kernel.ids import province_of
from app.kernel.units import Area
from app.ledger.rules import AccountKind, EntryKind
from app.platform.db import Reader
from app.reports.rules import (
    Balances,
    City,
    Flow,
    FlowKind,
    History,
    Hold,
    Landed,
    Movement,
    Objection,
    Stage,
    Step,
    TicketAreas,
    Times,
    Village,
    flow_kind,
)
from app.tickets.rules import TicketState
from app.withdrawal.rules import ApplicationState, HoldOutcome

_MOVEMENTS = text("""
    SELECT e.kind AS entry, s.kind AS source, s.province AS source_book,
           t.kind AS target, t.province AS target_book, sum(p.amount) AS amount
    FROM ledger_posting p
    JOIN ledger_entry e ON e.record_id = p.entry_id
    JOIN ledger_account s ON s.id = p.source_id
    JOIN ledger_account t ON t.id = p.target_id
    WHERE CAST(:only AS text) IS NULL OR :only IN (s.province, t.province)
    GROUP BY e.kind, s.kind, s.province, t.kind, t.province
""")
_BALANCES = text("""
    SELECT province, kind, sum(balance) AS balance FROM ledger_account
    WHERE CAST(:only AS text) IS NULL OR province = :only GROUP BY province, kind
""")
_TICKETS = text("""
    SELECT province, state, sum(area) AS area FROM ticket
    WHERE CAST(:only AS text) IS NULL OR province = :only GROUP BY province, state
""")
# Books are those of the provinces, and the node's.
_BOOKS = text("""
    SELECT code FROM (SELECT '000000' AS code UNION ALL
                      SELECT code FROM region WHERE code = province) b
    WHERE code > :after AND (CAST(:only AS text) IS NULL OR code = :only)
    ORDER BY code COLLATE "C" LIMIT :limit
""")

# A certificate is filled by its lot's tickets and used up by plots. Which ticket's quota went onto
# which plot is told by their order alone: the first ticket by id is used up first, the first plot
# sold takes first. Each overlap of the two rows of intervals is one flow, exact to 0.01 m².
_LANDED = text("""
    WITH filled AS (
        SELECT p.target_id AS certificate, s.owner AS ticket, p.amount,
               sum(p.amount) OVER (PARTITION BY p.target_id ORDER BY s.owner) AS upto
        FROM ledger_account s
        JOIN ledger_posting p ON p.source_id = s.id
        JOIN ledger_account t ON t.id = p.target_id AND t.kind = 'certificate'
        WHERE s.kind = 'ticket'
    ), used AS (
        SELECT p.source_id AS certificate, p.entry_id, t.owner AS county, p.amount,
               sum(p.amount) OVER (PARTITION BY p.source_id ORDER BY p.entry_id) AS upto
        FROM ledger_account s
        JOIN ledger_posting p ON p.source_id = s.id
        JOIN ledger_account t ON t.id = p.target_id AND t.kind = 'construction'
        WHERE s.kind = 'certificate'
    ), landed AS (
        SELECT k.collective, k.county AS source, u.county AS target,
               EXISTS (SELECT FROM ledger_posting g
                       JOIN ledger_account r ON r.id = g.target_id AND r.kind = 'off_site_right'
                       WHERE g.entry_id = u.entry_id) AS to_village,
               least(f.upto, u.upto) - greatest(f.upto - f.amount, u.upto - u.amount) AS area
        FROM used u
        JOIN filled f ON f.certificate = u.certificate
            AND f.upto - f.amount < u.upto AND u.upto - u.amount < f.upto
        JOIN ticket k ON k.id = f.ticket
    )
    SELECT collective, source, target, to_village, sum(area) AS area FROM landed
    WHERE CAST(:two AS text) IS NULL OR :two IN (left(source, 2), left(target, 2))
    GROUP BY collective, source, target, to_village
""")
_ISSUED_FLOWS = text("""
    SELECT k.county AS source, k.home_province AS target, sum(p.amount) AS area
    FROM ledger_account a
    JOIN ledger_posting p ON p.target_id = a.id
    JOIN ledger_entry e ON e.record_id = p.entry_id AND e.kind = 'issue'
    JOIN ticket k ON k.id = a.owner
    WHERE a.kind = 'ticket' AND (CAST(:only AS text) IS NULL OR k.home_province = :only)
    GROUP BY k.county, k.home_province
""")
# In each one's books: what left for, and what came from, the province that owns the account.
_CONVERTED_FLOWS = text("""
    SELECT source, target, sum(left_area) AS left_area, sum(arrived_area) AS arrived_area FROM (
        SELECT a.province AS source, a.owner AS target, p.amount AS left_area, 0 AS arrived_area
        FROM ledger_account a JOIN ledger_posting p ON p.target_id = a.id
        WHERE a.kind = 'conversion'
        UNION ALL
        SELECT a.owner, a.province, 0, p.amount
        FROM ledger_account a JOIN ledger_posting p ON p.source_id = a.id
        WHERE a.kind = 'conversion'
    ) both_books
    WHERE CAST(:only AS text) IS NULL OR :only IN (source, target)
    GROUP BY source, target
""")
_VILLAGES = text("""
    SELECT c.id, c.county,
           coalesce((SELECT balance FROM ledger_account
                     WHERE code = 'homestead:' || c.province || ':' || c.id), 0) AS homestead,
           coalesce((SELECT balance FROM ledger_account
                     WHERE code = 'off_site_right:' || c.province || ':' || c.id), 0) AS off_site,
           coalesce((SELECT sum(p.amount) FROM ledger_account a
                     JOIN ledger_posting p ON p.source_id = a.id
                     WHERE a.code = 'homestead:' || c.province || ':' || c.id), 0) AS reclaimed,
           coalesce((SELECT sum(p.amount) FROM ticket k
                     JOIN ledger_account a ON a.code = 'ticket:' || k.province || ':' || k.id
                     JOIN ledger_posting p ON p.source_id = a.id
                     JOIN ledger_account t ON t.id = p.target_id AND t.kind = 'conversion'
                     WHERE k.collective = c.id), 0) AS sent
    FROM collective c
    WHERE c.id > :after AND (CAST(:only AS text) IS NULL OR c.province = :only)
    ORDER BY c.id LIMIT :limit
""")
_CITIES = text("""
    SELECT r.code,
           coalesce(sum(k.area) FILTER (WHERE k.province = r.province), 0) AS settled,
           coalesce(sum(k.area) FILTER (WHERE k.province <> r.province), 0) AS coming,
           coalesce((SELECT sum(p.amount) FROM ledger_account a
                     JOIN ledger_posting p ON p.target_id = a.id
                     JOIN ledger_entry e ON e.record_id = p.entry_id AND e.kind = 'land_sale'
                     WHERE a.code = 'construction:' || r.province || ':' || r.code), 0) AS landed
    FROM region r
    LEFT JOIN application a ON a.city = r.code
    LEFT JOIN ticket k ON k.application = a.id AND k.state <> 'transferred'
    WHERE r.code <> r.province AND r.code > :after
      AND (CAST(:only AS text) IS NULL OR r.province = :only)
    GROUP BY r.code, r.province ORDER BY r.code LIMIT :limit
""")
# A lot sealed to custodians is decided when it is opened, every other one when it closes.
_TIMES = text("""
    SELECT l.id, l.province, l.payment_due_at,
           (SELECT max(r.at) FROM record r
            WHERE r.kind IN ('lot.closed', 'lot.decided') AND r.subject = l.id) AS sold_at,
           (SELECT max(r.at) FROM record r
            WHERE r.kind = 'lot.paid' AND r.subject = l.id) AS paid_at,
           (SELECT max(e.at) FROM lot_ticket t
            JOIN ledger_entry e ON e.key = 'settle:' || l.id || ':' || t.ticket
            WHERE t.lot = l.id) AS credited_at
    FROM lot l
    WHERE l.state = 'paid' AND l.id > :after
      AND (CAST(:only AS text) IS NULL OR l.province = :only)
    ORDER BY l.id LIMIT :limit
""")
_OBJECTIONS = text("""
    SELECT o.id, o.application, a.collective, a.county, o.raised_at, o.upheld, o.ruled_at
    FROM objection o JOIN application a ON a.id = o.application
    WHERE o.id > :after AND (CAST(:only AS text) IS NULL OR a.province = :only)
    ORDER BY o.id LIMIT :limit
""")
_HOLDS = text("""
    SELECT h.id, h.application, a.state, a.collective, a.county, h.placed_at, h.outcome, h.ended_at
    FROM application_hold h JOIN application a ON a.id = h.application
    WHERE h.id > :after AND (CAST(:only AS text) IS NULL OR a.province = :only)
    ORDER BY h.id LIMIT :limit
""")
_TRANSFERS = text("""
    SELECT id FROM transfer
    WHERE id > :after AND (CAST(:only AS text) IS NULL OR :only IN (home, receiver))
    ORDER BY id LIMIT :limit
""")
_STEPS = text("""
    SELECT r.subject, r.kind, r.at, l.leaf_index AS entry, r.body
    FROM record r LEFT JOIN tlog_leaf l ON l.record_id = r.id
    WHERE r.kind = ANY(CAST(:kinds AS text[])) AND r.subject = ANY(CAST(:transfers AS text[]))
    ORDER BY r.id
""")
_STEP_KINDS = [
    "transfer.requested",
    "transfer.accepted",
    "transfer.approved",
    "transfer.rejected",
]


def _page(only: str | None, after: str, limit: int) -> dict[str, Any]:
    return {"only": only, "after": after, "limit": limit}


async def sum_movements(reader: Reader, only: str | None) -> list[Movement]:
    """All movements added up; those with a side in the book `only`, where one is given."""
    rows = await reader.run(_MOVEMENTS, {"only": only})
    return [
        Movement(
            EntryKind(r.entry),
            AccountKind(r.source),
            r.source_book,
            AccountKind(r.target),
            r.target_book,
            int(r.amount),
        )
        for r in rows
    ]


async def sum_balances(reader: Reader, only: str | None) -> Balances:
    """All balances added up by book and kind of account."""
    rows = await reader.run(_BALANCES, {"only": only})
    return {(r.province, AccountKind(r.kind)): int(r.balance) for r in rows}


async def sum_tickets(reader: Reader, only: str | None) -> TicketAreas:
    """The areas of all tickets added up by province and state."""
    rows = await reader.run(_TICKETS, {"only": only})
    return {(r.province, TicketState(r.state)): int(r.area) for r in rows}


async def list_books(reader: Reader, only: str | None, after: str, limit: int) -> list[str]:
    """The provinces, and the node itself, in order of code."""
    return list((await reader.run(_BOOKS, _page(only, after, limit))).scalars())


async def list_landed(reader: Reader, only: str | None) -> list[Landed]:
    """Quota that was landed, by the village it came from and the county where it was used."""
    rows = await reader.run(_LANDED, {"two": None if only is None else only[:2]})
    return [Landed(r.collective, r.source, r.target, r.to_village, Area(int(r.area))) for r in rows]


async def list_flows(reader: Reader, only: str | None) -> list[Flow]:
    """All flows between regions in order of their keys: a few for each pair of regions."""
    flows: list[Flow] = []
    for row in await reader.run(_ISSUED_FLOWS, {"only": only}):
        area = Area(int(row.area))
        flows.append(Flow(Stage.ISSUED, row.source, row.target, None, area, area))
    for row in await reader.run(_CONVERTED_FLOWS, {"only": only}):
        left, arrived = Area(int(row.left_area)), Area(int(row.arrived_area))
        flows.append(Flow(Stage.CONVERTED, row.source, row.target, None, left, arrived))
    landed: Counter[tuple[str, str, FlowKind]] = Counter()
    for one in await list_landed(reader, only):
        kind = flow_kind(one.source, one.target, to_village=one.to_village)
        landed[one.source, one.target, kind] += one.area
    for (source, target, kind), total in landed.items():
        flows.append(Flow(Stage.LANDED, source, target, kind, Area(total), Area(total)))
    return sorted(flows, key=lambda flow: flow.key)


async def list_villages(reader: Reader, only: str | None, after: str, limit: int) -> list[Village]:
    """Collectives in order of id with what they gave and what became of it."""
    rows = await reader.run(_VILLAGES, _page(only, after, limit))
    landed: Counter[str] = Counter()
    for one in await list_landed(reader, only):
        if province_of(one.source) == province_of(one.target):
            landed[one.collective] += one.area
    return [
        Village(
            collective=r.id,
            county=r.county,
            homestead=Area(int(r.homestead)),
            reclaimed=Area(int(r.reclaimed)),
            sent=Area(int(r.sent)),
            landed=Area(landed[r.id]),
            off_site_right=Area(int(r.off_site)),
        )
        for r in rows
    ]


async def list_cities(reader: Reader, only: str | None, after: str, limit: int) -> list[City]:
    """Counties in order of code with the quota of those who settle there."""
    rows = await reader.run(_CITIES, _page(only, after, limit))
    return [
        City(
            region=r.code,
            settled=Area(int(r.settled)),
            coming=Area(int(r.coming)),
            landed=Area(int(r.landed)),
        )
        for r in rows
    ]


async def list_times(reader: Reader, only: str | None, after: str, limit: int) -> list[Times]:
    """Settled lots in order of id."""
    rows = await reader.run(_TIMES, _page(only, after, limit))
    return [
        Times(r.id, r.province, r.sold_at, r.payment_due_at, r.paid_at, r.credited_at) for r in rows
    ]


async def list_objections(
    reader: Reader, only: str | None, after: str, limit: int
) -> list[Objection]:
    """Objections in order of id; those of the province `only`, where one is given."""
    rows = await reader.run(_OBJECTIONS, _page(only, after, limit))
    return [
        Objection(r.id, r.application, r.collective, r.county, r.raised_at, r.upheld, r.ruled_at)
        for r in rows
    ]


async def list_holds(reader: Reader, only: str | None, after: str, limit: int) -> list[Hold]:
    """Holds in order of id; those of the province `only`, where one is given."""
    rows = await reader.run(_HOLDS, _page(only, after, limit))
    return [
        Hold(
            r.id,
            r.application,
            ApplicationState(r.state),
            r.collective,
            r.county,
            r.placed_at,
            None if r.outcome is None else HoldOutcome(r.outcome),
            r.ended_at,
        )
        for r in rows
    ]


async def list_histories(reader: Reader, only: str | None, after: str, limit: int) -> list[History]:
    """Transfers in order of id with their steps; those from or to the province `only`."""
    transfers = list((await reader.run(_TRANSFERS, _page(only, after, limit))).scalars())
    steps = await _steps(reader, transfers)
    return [History(transfer, tuple(steps.get(transfer, ()))) for transfer in transfers]


async def _steps(reader: Reader, transfers: Sequence[str]) -> dict[str, list[Step]]:
    rows = await reader.run(_STEPS, {"kinds": _STEP_KINDS, "transfers": list(transfers)})
    found: dict[str, list[Step]] = {}
    for row in rows:
        body = json.loads(bytes(row.body))["body"]
        step = Step(row.kind, row.at, row.entry, body.get("by"), body.get("reason"))
        found.setdefault(row.subject, []).append(step)
    return found
