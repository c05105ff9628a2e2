"""Every SQL statement about the logs of givers, as the ministry's node follows them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.kernel.calendar import wire
from app.platform.db import Reader, Tx
from app.transfers.rules_held import CLAIMS_MAX, Look, Tickets, account_of
from app.transfers.rules_messages import Propose
from app.transparency.edge import Edge

BATCH = 20_000
"""How many rows one statement carries: a first reading has them by the million."""

_EDGE = text("SELECT size, edge FROM followed_log WHERE log = :log")
_OPEN = text("INSERT INTO followed_log (log) VALUES (:log) ON CONFLICT (log) DO NOTHING")
_GROW = text("""
    UPDATE followed_log SET size = :size, edge = :edge, fault = NULL, fault_since = NULL
    WHERE log = :log AND size = :old
""")
_FAIL = text("""
    UPDATE followed_log
    SET fault = :fault, fault_since = coalesce(fault_since, CAST(:at AS timestamptz))
    WHERE log = :log AND fault IS DISTINCT FROM :fault
""")
_HELD = text("""
    INSERT INTO followed_ticket (log, code, held)
    SELECT :log, * FROM unnest(CAST(:codes AS text[]), CAST(:amounts AS numeric[]))
    ON CONFLICT (log, code) DO UPDATE SET held = followed_ticket.held + excluded.held
""")
_LIFT = text("""
    DELETE FROM followed_claim f
    USING unnest(CAST(:provinces AS text[]), CAST(:matters AS text[])) AS l(province, matter)
    WHERE f.log = :log AND f.province = l.province AND f.matter = l.matter
""")
_CLAIM = text("""
    INSERT INTO followed_claim (log, leaf, province, ticket, matter, proposal)
    SELECT :log, * FROM unnest(CAST(:leaves AS bigint[]), CAST(:provinces AS text[]),
        CAST(:tickets AS text[]), CAST(:matters AS text[]), CAST(:proposals AS text[]))
""")
# Those that nobody has looked up, or of which the log says something else by now.
_CHANGED = text("""
    SELECT c.id FROM crossing c JOIN peer_province p ON p.province = c.home
    LEFT JOIN followed_ticket t
        ON t.log = p.peer AND t.code = 'ticket:' || c.home || ':' || c.ticket
    WHERE c.role = 'ministry' AND c.state IN ('offered', 'accepted') AND p.peer = :log
        AND (c.look IS NULL
             OR coalesce(t.held, 0) <> CAST(c.look->>'held_m2' AS numeric) * 100
             OR (SELECT array_agg(f.leaf) FROM followed_claim f
                 WHERE f.log = p.peer AND f.province = c.home AND f.ticket = c.ticket)
                IS DISTINCT FROM ARRAY[CAST(c.look->>'lock_leaf' AS bigint)])
    ORDER BY c.id
""")
_UNREAD = text("""
    SELECT c.id, p.peer, f.fault, f.fault_since
    FROM crossing c JOIN peer_province p ON p.province = c.home
    LEFT JOIN followed_log f ON f.log = p.peer
    WHERE c.role = 'ministry' AND c.state IN ('offered', 'accepted') AND c.look IS NULL
        AND (CAST(:id AS text) IS NULL OR c.id = :id)
""")
# One statement, so one moment: size, balance and claims are of the same entries.
_LOOK = text("""
    SELECT l.size, l.edge, coalesce(t.held, 0) AS held, f.leaves, f.proposals
    FROM followed_log l
    LEFT JOIN followed_ticket t ON t.log = l.log AND t.code = :code
    CROSS JOIN LATERAL (
        SELECT array_agg(leaf ORDER BY leaf) AS leaves,
               array_agg(proposal ORDER BY leaf) AS proposals
        FROM (SELECT leaf, proposal FROM followed_claim
              WHERE log = l.log AND province = :province AND ticket = :ticket
              ORDER BY leaf LIMIT :most) first) f
    WHERE l.log = :log
""")


@dataclass(frozen=True, slots=True)
class Unread:
    """What keeps a proposal waiting: whose log is read, and since when it cannot be, and why."""

    log: str
    fault: str | None = None
    since: datetime | None = None

    def to_body(self) -> dict[str, object]:
        """Say it to who waits."""
        since = None if self.since is None else wire(self.since)
        return {"log": self.log, "fault": self.fault, "since": since}


async def find_edge(reader: Reader, log: str) -> Edge:
    """How far a log is followed; one that is new is empty."""
    row = (await reader.run(_EDGE, {"log": log})).one_or_none()
    return Edge() if row is None else Edge(row.size, bytes(row.edge))


async def grow(tx: Tx, log: str, old: int, edge: Edge, tickets: Tickets) -> bool:
    """Take verified entries in; False where another has done so meanwhile."""
    await tx.run(_OPEN, {"log": log})
    moved = await tx.run(_GROW, {"log": log, "old": old, "size": edge.size, "edge": edge.roots})
    if moved.rowcount != 1:
        return False
    held = sorted(tickets.held.items())
    for at in range(0, len(held), BATCH):
        codes, amounts = zip(*held[at : at + BATCH], strict=True)
        await tx.run(_HELD, {"log": log, "codes": list(codes), "amounts": list(amounts)})
    if tickets.lifted:
        provinces, matters = zip(*tickets.lifted, strict=True)
        await tx.run(_LIFT, {"log": log, "provinces": list(provinces), "matters": list(matters)})
    for at in range(0, len(tickets.claims), BATCH):
        claims = tickets.claims[at : at + BATCH]
        await tx.run(
            _CLAIM,
            {
                "log": log,
                "leaves": [claim.leaf for claim in claims],
                "provinces": [claim.province for claim in claims],
                "tickets": [claim.ticket for claim in claims],
                "matters": [claim.matter for claim in claims],
                "proposals": [claim.proposal for claim in claims],
            },
        )
    return True


async def fail(tx: Tx, log: str, fault: str) -> bool:
    """Note that a log cannot be read on, and since when; False where it was known.

    Reading on clears it.
    """
    await tx.run(_OPEN, {"log": log})
    noted = await tx.run(_FAIL, {"log": log, "fault": fault, "at": await tx.now()})
    return noted.rowcount == 1


async def look(reader: Reader, log: str, terms: Propose, leaf: int) -> Look | None:
    """What a log says of a proposal whose lock lies at `leaf`; None: it is not read so far."""
    row = (
        await reader.run(
            _LOOK,
            {
                "log": log,
                "code": account_of(terms),
                "province": terms.giver,
                "ticket": terms.ticket,
                "most": CLAIMS_MAX,
            },
        )
    ).one_or_none()
    if row is None or row.size <= leaf:
        return None
    root = Edge(row.size, bytes(row.edge)).root().hex()
    claims = tuple(zip(row.leaves or (), row.proposals or (), strict=True))
    return Look(leaf, row.size, root, int(row.held), claims)


async def list_changed(reader: Reader, log: str) -> list[str]:
    """The undecided proposals of a node that are new, or of whose ticket its log says otherwise."""
    return list((await reader.run(_CHANGED, {"log": log})).scalars())


async def list_unread(reader: Reader, transfer: str | None = None) -> dict[str, Unread]:
    """What waits for a first look, by transfer, or what this one waits for.

    Proposals of this node itself wait for none.
    """
    rows = await reader.run(_UNREAD, {"id": transfer})
    return {row.id: Unread(row.peer, row.fault, row.fault_since) for row in rows}
