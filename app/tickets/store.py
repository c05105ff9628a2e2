"""Every SQL statement of acceptances and tickets."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from app.kernel.principal import Principal
from app.kernel.units import Area, Fen
from app.platform.db import Reader, Tx
from app.policy.rules import Party
from app.tickets.rules import Acceptance, Arrival, LandUse, Ticket, TicketState

_TICKETS = """
    SELECT id, application, household, collective, county, home_province, province, area,
           reclamation_cost_fen, financing_cost_fen, issued_at, state, arrival
    FROM ticket
"""

# The ticket by which a household has its account here: issued here, or come from another node.
# Each has an index of its own, so they are looked for apart.
_ORIGINALS = ("province = home_province", "arrival IS NOT NULL")


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        application=row.application,
        household=row.household,
        collective=row.collective,
        county=row.county,
        home_province=row.home_province,
        province=row.province,
        area=Area(row.area),
        reclamation_cost=Fen(row.reclamation_cost_fen),
        financing_cost=Fen(row.financing_cost_fen),
        issued_at=row.issued_at,
        state=TicketState(row.state),
        arrival=row.arrival,
    )


async def find_acceptance(reader: Reader, application: str) -> Acceptance | None:
    """What was accepted of an application's land."""
    rows = await reader.run(
        text("""
            SELECT application, area, land_use, reclamation_cost_fen, financing_cost_fen,
                   accepted_at
            FROM acceptance WHERE application = :application
        """),
        {"application": application},
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return Acceptance(
        row.application,
        Area(row.area),
        LandUse(row.land_use),
        Fen(row.reclamation_cost_fen),
        Fen(row.financing_cost_fen),
        row.accepted_at,
    )


async def insert_acceptance(tx: Tx, acceptance: Acceptance) -> None:
    """Add an acceptance."""
    await tx.run(
        text("""
            INSERT INTO acceptance (application, area, land_use, reclamation_cost_fen,
                                    financing_cost_fen, accepted_at)
            VALUES (:application, :area, :land_use, :reclamation_cost, :financing_cost,
                    :accepted_at)
        """),
        {
            "application": acceptance.application,
            "area": acceptance.area,
            "land_use": acceptance.to.value,
            "reclamation_cost": acceptance.reclamation_cost,
            "financing_cost": acceptance.financing_cost,
            "accepted_at": acceptance.accepted_at,
        },
    )


async def find_tickets(reader: Reader, ids: Sequence[str]) -> dict[str, Ticket]:
    """Tickets by id."""
    rows = await reader.run(text(_TICKETS + " WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: _ticket(row) for row in rows}


async def lock_tickets(tx: Tx, ids: Sequence[str]) -> dict[str, Ticket]:
    """Tickets by id, held until this transaction ends, taken in sorted order."""
    # Sorted: two lots that name the same tickets wait for each other instead of deadlocking.
    rows = await tx.run(
        text(_TICKETS + " WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"), {"ids": list(ids)}
    )
    return {row.id: _ticket(row) for row in rows}


async def has_ticket(tx: Tx, application: str) -> bool:
    """Whether a ticket was issued for an application."""
    found = await tx.run(
        text("""
            SELECT EXISTS (SELECT FROM ticket
                           WHERE application = :application AND province = home_province)
        """),
        {"application": application},
    )
    return bool(found.scalar_one())


async def find_originals(reader: Reader, households: Sequence[str]) -> dict[str, Ticket]:
    """The ticket that each household came by, whatever became of it."""
    rows = await reader.run(
        text(
            " UNION ALL ".join(
                f"({_TICKETS} WHERE household = ANY(:households) AND {original})"
                for original in _ORIGINALS
            )
        ),
        {"households": list(households)},
    )
    return {row.household: _ticket(row) for row in rows}


# Which originals concern a principal of a level. A ticket that arrived in a province stands there
# beside the original at home, and its household's account came with it.
_ORIGINALS_OF = {
    None: "true",
    "household": "household = :party",
    "collective": "collective = :party",
    "county": "county = :party",
    "province": """household = ANY(ARRAY(
        (SELECT household FROM ticket WHERE province = :party AND household > :after
         ORDER BY household LIMIT :limit)
        UNION
        (SELECT household FROM ticket WHERE home_province = :party AND household > :after
         ORDER BY household LIMIT :limit)))""",
    "bidder": "false",
    "custodian": "false",
}


async def list_originals(
    reader: Reader, principal: Principal, after_household: str, limit: int
) -> list[Ticket]:
    """Issued tickets that concern the principal, in order of their household."""
    shown = _ORIGINALS_OF[principal.level]
    wanted: dict[str, Any] = {"after": after_household, "limit": limit}
    if ":party" in shown:
        wanted["party"] = principal.party
    pages = " UNION ALL ".join(
        f"({_TICKETS} WHERE {original} AND household > :after AND {shown}"
        " ORDER BY household LIMIT :limit)"
        for original in _ORIGINALS
    )
    rows = await reader.run(text(f"{pages} ORDER BY household LIMIT :limit"), wanted)
    return [_ticket(row) for row in rows]


async def list_tickets(reader: Reader, after: str, limit: int) -> list[Ticket]:
    """Tickets in order of id."""
    rows = await reader.run(
        text(_TICKETS + " WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_ticket(row) for row in rows]


async def insert_ticket(tx: Tx, ticket: Ticket) -> None:
    """Add a ticket."""
    await tx.run(
        text("""
            INSERT INTO ticket (id, application, household, collective, county, home_province,
                province, area, reclamation_cost_fen, financing_cost_fen, issued_at, state, arrival)
            VALUES (:id, :application, :household, :collective, :county, :home_province,
                :province, :area, :reclamation_cost, :financing_cost, :issued_at, :state, :arrival)
        """),
        {
            "id": ticket.id,
            "application": ticket.application,
            "household": ticket.household,
            "collective": ticket.collective,
            "county": ticket.county,
            "home_province": ticket.home_province,
            "province": ticket.province,
            "area": ticket.area,
            "reclamation_cost": ticket.reclamation_cost,
            "financing_cost": ticket.financing_cost,
            "issued_at": ticket.issued_at,
            "state": ticket.state.value,
            "arrival": ticket.arrival,
        },
    )


async def insert_arrival(tx: Tx, arrival: Arrival) -> None:
    """Keep what came with a ticket from another node."""
    await tx.run(
        text("""
            INSERT INTO ticket_arrival (transfer, policy, split, decision_hash)
            VALUES (:transfer, :policy, CAST(:split AS jsonb), :decision_hash)
        """),
        {
            "transfer": arrival.transfer,
            "policy": arrival.policy,
            "split": json.dumps([[party.value, weight] for party, weight in arrival.split]),
            "decision_hash": arrival.decision_hash,
        },
    )


async def find_arrivals(reader: Reader, transfers: Sequence[str]) -> dict[str, Arrival]:
    """Arrivals by the transfer that they came by."""
    rows = await reader.run(
        text("""
            SELECT transfer, policy, split, decision_hash FROM ticket_arrival
            WHERE transfer = ANY(CAST(:transfers AS text[]))
        """),
        {"transfers": list(transfers)},
    )
    return {
        row.transfer: Arrival(
            row.transfer,
            row.policy,
            tuple((Party(party), weight) for party, weight in row.split),
            row.decision_hash,
        )
        for row in rows
    }


async def set_states(tx: Tx, ids: Sequence[str], state: TicketState) -> list[str | None]:
    """Move tickets to a state in one statement; answers with their applications.

    None for one that came from another province: its application was done with when it left.
    """
    rows = await tx.run(
        text("""
            UPDATE ticket SET state = :state WHERE id = ANY(:ids)
            RETURNING CASE WHEN province = home_province THEN application END AS application
        """),
        {"ids": list(ids), "state": state.value},
    )
    return [row.application for row in rows]
