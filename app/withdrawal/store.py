"""Every SQL statement of withdrawal, with its front door for higher slices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.kernel.units import Area
from app.platform.db import Reader, Tx
from app.withdrawal.rules import Application, ApplicationState
from app.withdrawal.rules_objection import Objection
from app.withdrawal.store_parcel import parcel_of

_APPLICATIONS = """
    SELECT id, household, collective, county, province, area, floor_area, lawful_area, co_owners,
           state, applied_at, cooling_off_ends_at, policy, notice_ends_at, city, city_fixed,
           hold, beyond_hold, ring, ring_area
    FROM application LEFT JOIN parcel ON parcel.application = application.id
"""
_HELD = " WHERE id = :id FOR UPDATE OF application"
_OF_OBJECTION = (
    " WHERE id = (SELECT application FROM objection WHERE id = :id) FOR UPDATE OF application"
)
_OF_HOLD = (
    " WHERE id = (SELECT application FROM application_hold WHERE id = :id)"
    " FOR UPDATE OF application"
)
_OBJECTIONS = "SELECT id, application, raised_at, upheld, ruled_at FROM objection"

# What each level of principal may list; a level that is not named here has no stake in any.
_OF_LEVEL = {
    None: "",
    "household": " AND household = :party",
    "collective": " AND collective = :party",
    "county": " AND county = :party",
    "province": " AND province = :party",
}


def _application(row: Row[Any]) -> Application:
    return Application(
        id=row.id,
        household=row.household,
        collective=row.collective,
        county=row.county,
        province=row.province,
        area=Area(row.area),
        floor_area=None if row.floor_area is None else Area(row.floor_area),
        lawful_area=Area(row.lawful_area),
        co_owners=row.co_owners,
        state=ApplicationState(row.state),
        applied_at=row.applied_at,
        cooling_off_ends_at=row.cooling_off_ends_at,
        policy=row.policy,
        notice_ends_at=row.notice_ends_at,
        city=row.city,
        city_fixed=row.city_fixed,
        hold=row.hold,
        beyond_hold=row.beyond_hold,
        parcel=None if row.ring is None else parcel_of(row.ring, row.ring_area),
    )


async def find(reader: Reader, id_: str) -> Application | None:
    """An application as it stands."""
    rows = await reader.run(text(_APPLICATIONS + " WHERE id = :id"), {"id": id_})
    row = rows.one_or_none()
    return None if row is None else _application(row)


async def lock(tx: Tx, id_: str) -> Application | None:
    """An application, held until this transaction ends.

    Whoever needs its ticket as well locks the ticket first: that order is the same everywhere.
    """
    rows = await tx.run(text(_APPLICATIONS + _HELD), {"id": id_})
    row = rows.one_or_none()
    return None if row is None else _application(row)


async def lock_by_objection(tx: Tx, objection: str) -> Application | None:
    """The application that an objection is about, held until this transaction ends.

    Its lock is the one that objecting, ruling and determining share: no objection can arrive
    between a determination's look and its write.
    """
    rows = await tx.run(text(_APPLICATIONS + _OF_OBJECTION), {"id": objection})
    row = rows.one_or_none()
    return None if row is None else _application(row)


async def lock_by_hold(tx: Tx, hold: str) -> Application | None:
    """The application that a hold is on, held until this transaction ends."""
    rows = await tx.run(text(_APPLICATIONS + _OF_HOLD), {"id": hold})
    row = rows.one_or_none()
    return None if row is None else _application(row)


async def lock_held(tx: Tx, applications: Sequence[str]) -> set[str]:
    """Which of these applications a hold stands on; no other can be held before this ends."""
    rows = await tx.run(
        text("""
            SELECT id, hold FROM application WHERE id = ANY(:ids) ORDER BY id FOR UPDATE
        """),
        {"ids": list(applications)},
    )
    return {row.id for row in rows if row.hold is not None}


async def is_barred(tx: Tx, household: str) -> bool:
    """Whether an application of the household is open or ended in accepted land."""
    found = await tx.run(
        text("""
            SELECT EXISTS (SELECT FROM application
                           WHERE household = :household AND state NOT IN ('revoked', 'rejected'))
        """),
        {"household": household},
    )
    return bool(found.scalar_one())


async def list_applications(
    reader: Reader, level: str | None, party: str, after: str, limit: int
) -> list[Application]:
    """Applications in order of id, as far as they concern `party` on its level; None: all."""
    if level not in _OF_LEVEL:
        return []
    rows = await reader.run(
        text(_APPLICATIONS + " WHERE id > :after" + _OF_LEVEL[level] + " ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit} | ({} if level is None else {"party": party}),
    )
    return [_application(row) for row in rows]


async def insert_application(tx: Tx, a: Application, names: Sequence[str]) -> None:
    """Add an application, and the names of its co-owners to the table that holds nothing else."""
    await tx.run(
        text("""
            INSERT INTO application (id, household, collective, county, province, area, floor_area,
                lawful_area, co_owners, state, applied_at, cooling_off_ends_at, policy)
            VALUES (:id, :household, :collective, :county, :province, :area, :floor_area,
                :lawful_area, :co_owners, :state, :applied_at, :cooling_off_ends_at, :policy)
        """),
        {
            "id": a.id,
            "household": a.household,
            "collective": a.collective,
            "county": a.county,
            "province": a.province,
            "area": a.area,
            "floor_area": a.floor_area,
            "lawful_area": a.lawful_area,
            "co_owners": a.co_owners,
            "state": a.state.value,
            "applied_at": a.applied_at,
            "cooling_off_ends_at": a.cooling_off_ends_at,
            "policy": a.policy,
        },
    )
    if names:
        await tx.run(
            text("""
                INSERT INTO application_co_owner (application, position, name)
                SELECT :application, n.position, n.name
                FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS n (name, position)
            """),
            {"application": a.id, "names": list(names)},
        )


async def set_state(tx: Tx, application: str, state: ApplicationState) -> None:
    """Move an application that this transaction holds to another state.

    One that ends is held no longer; whoever ends it notes what became of the hold.
    """
    await tx.run(
        text("""
            UPDATE application
            SET state = :state, hold = CASE WHEN :ended THEN NULL ELSE hold END
            WHERE id = :id
        """),
        {"id": application, "state": state.value, "ended": state.is_ended},
    )


async def open_notice(tx: Tx, application: str, ends_at: datetime) -> None:
    """Put an application under public notice."""
    await tx.run(
        text("UPDATE application SET state = 'noticed', notice_ends_at = :ends_at WHERE id = :id"),
        {"id": application, "ends_at": ends_at},
    )


async def set_city(tx: Tx, application: str, city: str) -> None:
    """Note the city that approved last."""
    await tx.run(
        text("UPDATE application SET city = :city WHERE id = :id"),
        {"id": application, "city": city},
    )


async def follow_tickets(
    tx: Tx, applications: Sequence[str], *, city_fixed: bool, beyond_hold: bool
) -> None:
    """Say what the state of their tickets means to applications.

    The approved city is final once the ticket leaves `issued`, and nobody can hold it while it is
    with a buyer or on its way out. One statement for any number. The caller holds the tickets of
    these applications; only those whose answer changes are written.
    """
    await tx.run(
        text("""
            UPDATE application SET city_fixed = :city_fixed, beyond_hold = :beyond_hold
            WHERE id = ANY(:ids) AND (city_fixed, beyond_hold) <> (:city_fixed, :beyond_hold)
        """),
        {"ids": list(applications), "city_fixed": city_fixed, "beyond_hold": beyond_hold},
    )


async def find_objection(reader: Reader, id_: str) -> Objection | None:
    """An objection."""
    rows = await reader.run(text(_OBJECTIONS + " WHERE id = :id"), {"id": id_})
    row = rows.one_or_none()
    if row is None:
        return None
    return Objection(row.id, row.application, row.raised_at, row.upheld, row.ruled_at)


async def has_open_objection(tx: Tx, application: str) -> bool:
    """Whether an objection to the application waits for its ruling."""
    found = await tx.run(
        text("""
            SELECT EXISTS (SELECT FROM objection
                           WHERE application = :application AND upheld IS NULL)
        """),
        {"application": application},
    )
    return bool(found.scalar_one())


async def insert_objection(tx: Tx, objection: Objection) -> None:
    """Add an objection."""
    await tx.run(
        text("""
            INSERT INTO objection (id, application, raised_at)
            VALUES (:id, :application, :raised_at)
        """),
        {
            "id": objection.id,
            "application": objection.application,
            "raised_at": objection.raised_at,
        },
    )


async def set_ruling(tx: Tx, objection: Objection) -> None:
    """Note the ruling on an objection."""
    await tx.run(
        text("UPDATE objection SET upheld = :upheld, ruled_at = :ruled_at WHERE id = :id"),
        {"id": objection.id, "upheld": objection.upheld, "ruled_at": objection.ruled_at},
    )
