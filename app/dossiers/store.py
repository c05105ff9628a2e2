"""Every SQL statement of dossiers: reading only, across the slices below."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from app.dossiers.rules import Event, Figures, Hold, Movement, Objection, PublicNotice
from app.platform.db import Reader
from app.withdrawal.rules import HoldOutcome, HoldReason

# Of applications that ended there may be any number, of others one.
_APPLICATION = text("""
    SELECT id FROM application WHERE household = :household
    ORDER BY state IN ('revoked', 'rejected'), applied_at DESC, id DESC LIMIT 1
""")
_TICKETS = text("""
    SELECT id, province = home_province OR arrival IS NOT NULL AS is_original FROM ticket
    WHERE household = :household ORDER BY state = 'transferred' DESC, id
""")
_LOTS = text("""
    SELECT l.id FROM lot l JOIN lot_ticket t ON t.lot = l.id
    WHERE t.ticket = ANY(CAST(:tickets AS text[])) ORDER BY l.opens_at, l.id
""")
_TRANSFERS = text("""
    SELECT id FROM transfer WHERE ticket = :ticket
    UNION SELECT arrival FROM ticket WHERE id = :ticket AND arrival IS NOT NULL ORDER BY id
""")
_OBJECTIONS = text("""
    SELECT id, raised_at, upheld, ruled_at FROM objection
    WHERE application = :application ORDER BY raised_at, id
""")
_HOLDS = text("""
    SELECT id, reason, placed_at, outcome, ended_at FROM application_hold
    WHERE application = :application ORDER BY placed_at, id
""")
_EVIDENCE = text("SELECT id FROM evidence WHERE application = :application ORDER BY number")
_EVENTS = text("""
    SELECT r.kind, r.subject, r.at, l.leaf_index AS entry
    FROM record r LEFT JOIN tlog_leaf l ON l.record_id = r.id
    WHERE (r.kind, r.subject) IN (
        SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:subjects AS text[])))
    ORDER BY r.id
""")
# A household has an account in the books of each province where it was.
_MOVEMENTS = text("""
    SELECT e.record_id AS entry, l.leaf_index AS log_entry, a.code AS account, e.kind, e.subject,
           e.at, sum(CASE WHEN p.target_id = a.id THEN p.amount ELSE -p.amount END) AS amount
    FROM ledger_account a
    JOIN ledger_posting p ON a.id IN (p.source_id, p.target_id)
    JOIN ledger_entry e ON e.record_id = p.entry_id
    LEFT JOIN tlog_leaf l ON l.record_id = e.record_id
    WHERE a.kind = 'housing' AND a.owner = :household AND e.at < :until
    GROUP BY e.record_id, l.leaf_index, a.code, e.kind, e.subject, e.at
    ORDER BY e.record_id
""")
# A ticket that arrived from another province stands beside the original, which was issued.
_FIGURES = text("""
    SELECT t.tickets, t.area AS issued, l.*
    FROM (SELECT count(*) AS tickets, coalesce(sum(area), 0)::bigint AS area
          FROM ticket WHERE province = home_province) t,
         (SELECT count(*) FILTER (WHERE state IN ('sold', 'paid')) AS sold,
                 coalesce(sum(area) FILTER (WHERE state IN ('sold', 'paid')), 0)::bigint AS area,
                 coalesce(sum(price_fen) FILTER (WHERE state IN ('sold', 'paid')), 0)::bigint
                     AS price,
                 count(*) FILTER (WHERE state = 'live' AND opens_at <= :now AND :now < closes_at)
                     AS open,
                 count(*) FILTER (WHERE state = 'live' AND :now < opens_at) AS noticed
          FROM lot) l
""")
_NOTICES = text("""
    SELECT a.id, a.collective, c.name, a.county, a.province, a.area, a.lawful_area,
           a.notice_ends_at
    FROM application a JOIN collective c ON c.id = a.collective
    WHERE a.id > :after AND a.state = 'noticed' AND :now < a.notice_ends_at
    ORDER BY a.id LIMIT :limit
""")


async def find_application(reader: Reader, household: str) -> str | None:
    """The application of the household that counts."""
    return (await reader.run(_APPLICATION, {"household": household})).scalar_one_or_none()


async def find_tickets(reader: Reader, household: str) -> tuple[str | None, str | None]:
    """The household's original ticket, and the one that stands now."""
    rows = (await reader.run(_TICKETS, {"household": household})).all()
    original = next((row.id for row in rows if row.is_original), None)
    return original, rows[-1].id if rows else None


async def list_lots(reader: Reader, tickets: Sequence[str]) -> list[str]:
    """The lots that these tickets were in, in the order of their opening."""
    return list((await reader.run(_LOTS, {"tickets": list(tickets)})).scalars())


async def list_transfers(reader: Reader, ticket: str) -> list[str]:
    """The transfers that were asked for a ticket."""
    return list((await reader.run(_TRANSFERS, {"ticket": ticket})).scalars())


async def list_objections(reader: Reader, application: str) -> list[Objection]:
    """The objections to an application, in the order in which they were raised."""
    rows = await reader.run(_OBJECTIONS, {"application": application})
    return [Objection(r.id, r.raised_at, r.upheld, r.ruled_at) for r in rows]


async def list_holds(reader: Reader, application: str) -> list[Hold]:
    """The holds on an application, in the order in which they were placed."""
    rows = await reader.run(_HOLDS, {"application": application})
    return [
        Hold(
            r.id,
            HoldReason(r.reason),
            r.placed_at,
            None if r.outcome is None else HoldOutcome(r.outcome),
            r.ended_at,
        )
        for r in rows
    ]


async def list_evidence(reader: Reader, application: str) -> list[str]:
    """The pieces of evidence of an application, in the order of their filing."""
    return list((await reader.run(_EVIDENCE, {"application": application})).scalars())


async def list_events(reader: Reader, wanted: Sequence[tuple[str, str]]) -> list[Event]:
    """The records of these (kind, subject), in the order in which they were written."""
    pairs = {"kinds": [k for k, _ in wanted], "subjects": [s for _, s in wanted]}
    rows = await reader.run(_EVENTS, pairs)
    return [Event(r.kind, r.subject, r.at, r.entry) for r in rows]


async def list_movements(reader: Reader, household: str, until: datetime) -> list[Movement]:
    """All that happened to the household's money before an instant, in the order of the ledger."""
    rows = await reader.run(_MOVEMENTS, {"household": household, "until": until})
    return [
        Movement(r.entry, r.log_entry, r.account, r.kind, r.subject, r.at, int(r.amount))
        for r in rows
    ]


async def sum_figures(reader: Reader, now: datetime) -> Figures:
    """The market in sums, at an instant."""
    row = (await reader.run(_FIGURES, {"now": now})).one()
    return Figures(row.tickets, row.issued, row.sold, row.area, row.price, row.open, row.noticed)


async def list_notices(reader: Reader, now: datetime, after: str, limit: int) -> list[PublicNotice]:
    """Applications whose notice runs at an instant, in order of id."""
    rows = await reader.run(_NOTICES, {"now": now, "after": after, "limit": limit})
    return [
        PublicNotice(
            application=r.id,
            collective=r.collective,
            collective_name=r.name,
            county=r.county,
            province=r.province,
            area=r.area,
            lawful_area=r.lawful_area,
            notice_ends_at=r.notice_ends_at,
        )
        for r in rows
    ]
