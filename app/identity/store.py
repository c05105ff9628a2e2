"""Every SQL statement of parties and credentials."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.identity.rules import (
    Bidder,
    Collective,
    Credential,
    Custodian,
    Household,
    Region,
    Zone,
)
from app.kernel.principal import Role
from app.platform.db import Reader, Tx

_REGIONS = "SELECT code, name, zone FROM region"
_COLLECTIVES = "SELECT id, name, county, members, name_salt FROM collective"
_HOUSEHOLDS = """
    SELECT h.id, h.name, h.collective, c.county, h.heads, h.name_salt
    FROM household h JOIN collective c ON c.id = h.collective
"""
_BIDDERS = "SELECT id, name, name_salt FROM bidder"
_CREDENTIALS = "SELECT id, person, role, party, expires_at, revoked_at FROM credential"


def _region(row: Row[Any]) -> Region:
    return Region(row.code, row.name, None if row.zone is None else Zone(row.zone))


def _collective(row: Row[Any]) -> Collective:
    return Collective(row.id, row.name, row.county, row.members, bytes(row.name_salt))


def _household(row: Row[Any]) -> Household:
    salt = bytes(row.name_salt)
    return Household(row.id, row.name, row.collective, row.county, row.heads, salt)


def _bidder(row: Row[Any]) -> Bidder:
    return Bidder(row.id, row.name, bytes(row.name_salt))


def _credential(row: Row[Any]) -> Credential:
    role = Role(row.role)
    return Credential(row.id, row.person, role, row.party, row.expires_at, row.revoked_at)


async def find_regions(reader: Reader, codes: Sequence[str]) -> dict[str, Region]:
    """Regions by code."""
    rows = await reader.run(text(_REGIONS + " WHERE code = ANY(:codes)"), {"codes": list(codes)})
    return {row.code: _region(row) for row in rows}


async def list_regions(reader: Reader, after: str, limit: int) -> list[Region]:
    """Regions in order of code."""
    rows = await reader.run(
        text(_REGIONS + " WHERE code > :after ORDER BY code LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_region(row) for row in rows]


async def insert_region(tx: Tx, region: Region) -> None:
    """Add a region."""
    await tx.run(
        text("INSERT INTO region (code, name, zone, province) VALUES (:code, :name, :zone, :prov)"),
        {
            "code": region.code,
            "name": region.name,
            "zone": None if region.zone is None else region.zone.value,
            "prov": region.province,
        },
    )


async def find_collectives(reader: Reader, ids: Sequence[str]) -> dict[str, Collective]:
    """Collectives by id."""
    rows = await reader.run(text(_COLLECTIVES + " WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: _collective(row) for row in rows}


async def list_collectives(reader: Reader, after: str, limit: int) -> list[Collective]:
    """Collectives in order of id."""
    rows = await reader.run(
        text(_COLLECTIVES + " WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_collective(row) for row in rows]


async def insert_collective(tx: Tx, collective: Collective, *, is_guest: bool = False) -> None:
    """Add a collective; a guest is of another node's province."""
    await tx.run(
        text("""
            INSERT INTO collective (id, name, county, province, members, name_salt, is_guest)
            VALUES (:id, :name, :county, :province, :members, :name_salt, :is_guest)
        """),
        {
            "id": collective.id,
            "name": collective.name,
            "county": collective.county,
            "province": collective.province,
            "members": collective.members,
            "name_salt": collective.name_salt,
            "is_guest": is_guest,
        },
    )


async def find_households(reader: Reader, ids: Sequence[str]) -> dict[str, Household]:
    """Households by id."""
    rows = await reader.run(text(_HOUSEHOLDS + " WHERE h.id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: _household(row) for row in rows}


async def insert_household(tx: Tx, household: Household, *, is_guest: bool = False) -> None:
    """Add a household; a guest is of another node's province."""
    await tx.run(
        text("""
            INSERT INTO household (id, name, collective, province, heads, name_salt, is_guest)
            VALUES (:id, :name, :collective, :province, :heads, :name_salt, :is_guest)
        """),
        {
            "id": household.id,
            "name": household.name,
            "collective": household.collective,
            "province": household.province,
            "heads": household.heads,
            "name_salt": household.name_salt,
            "is_guest": is_guest,
        },
    )


async def find_bidders(reader: Reader, ids: Sequence[str]) -> dict[str, Bidder]:
    """Bidders by id."""
    rows = await reader.run(text(_BIDDERS + " WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: _bidder(row) for row in rows}


async def list_bidders(reader: Reader, only: str | None, after: str, limit: int) -> list[Bidder]:
    """Bidders in order of id; `only` one where a bidder asks for itself."""
    rows = await reader.run(
        text(
            _BIDDERS
            + " WHERE id > :after AND (CAST(:only AS text) IS NULL OR id = :only)"
            + " ORDER BY id LIMIT :limit"
        ),
        {"only": only, "after": after, "limit": limit},
    )
    return [_bidder(row) for row in rows]


async def insert_bidder(tx: Tx, bidder: Bidder) -> None:
    """Add a bidder."""
    await tx.run(
        text("INSERT INTO bidder (id, name, name_salt) VALUES (:id, :name, :name_salt)"),
        {"id": bidder.id, "name": bidder.name, "name_salt": bidder.name_salt},
    )


async def find_custodians(reader: Reader, ids: Sequence[str]) -> dict[str, Custodian]:
    """Custodians by id."""
    rows = await reader.run(
        text("SELECT id, name FROM custodian WHERE id = ANY(:ids)"), {"ids": list(ids)}
    )
    return {row.id: Custodian(row.id, row.name) for row in rows}


async def list_custodians(reader: Reader, after: str, limit: int) -> list[Custodian]:
    """Custodians in order of id."""
    rows = await reader.run(
        text("SELECT id, name FROM custodian WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [Custodian(row.id, row.name) for row in rows]


async def insert_custodian(tx: Tx, custodian: Custodian) -> None:
    """Add a custodian."""
    await tx.run(
        text("INSERT INTO custodian (id, name) VALUES (:id, :name)"),
        {"id": custodian.id, "name": custodian.name},
    )


async def roles_of(tx: Tx, person: str) -> list[Role]:
    """Roles of the person's unrevoked credentials, held still until this transaction ends."""
    await tx.run(
        text("SELECT pg_advisory_xact_lock(hashtextextended('person ' || :person, 0))"),
        {"person": person},
    )
    rows = await tx.run(
        text("""
            SELECT DISTINCT role FROM credential
            WHERE person = :person AND revoked_at IS NULL
        """),
        {"person": person},
    )
    return [Role(row.role) for row in rows]


async def insert_credential(tx: Tx, credential: Credential, secret_hash: bytes) -> None:
    """Add a credential."""
    await tx.run(
        text("""
            INSERT INTO credential (id, person, role, party, secret_hash, expires_at)
            VALUES (:id, :person, :role, :party, :secret_hash, :expires_at)
        """),
        {
            "id": credential.id,
            "person": credential.person,
            "role": credential.role.value,
            "party": credential.party,
            "secret_hash": secret_hash,
            "expires_at": credential.expires_at,
        },
    )


async def find_credential(
    reader: Reader, id_: str, *, lock: bool = False
) -> tuple[Credential, bytes] | None:
    """A credential and the hash of its secret."""
    statement = _CREDENTIALS.replace("revoked_at FROM", "revoked_at, secret_hash FROM")
    row = (
        await reader.run(
            text(statement + " WHERE id = :id" + (" FOR UPDATE" if lock else "")), {"id": id_}
        )
    ).one_or_none()
    if row is None:
        return None
    return _credential(row), bytes(row.secret_hash)


async def list_credentials(reader: Reader, after: str, limit: int) -> list[Credential]:
    """Credentials in order of id."""
    rows = await reader.run(
        text(_CREDENTIALS + " WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_credential(row) for row in rows]


async def list_live_credentials(reader: Reader, person: str, now: datetime) -> list[Credential]:
    """Credentials of a person that are in force, in order of id."""
    rows = await reader.run(
        text(
            _CREDENTIALS
            + " WHERE person = :person AND revoked_at IS NULL AND expires_at > :now ORDER BY id"
        ),
        {"person": person, "now": now},
    )
    return [_credential(row) for row in rows]


async def is_known(reader: Reader, person: str) -> bool:
    """Whether a person has or had any credential."""
    found = await reader.run(
        text("SELECT EXISTS (SELECT FROM credential WHERE person = :person)"), {"person": person}
    )
    return bool(found.scalar_one())


async def revoke_credential(tx: Tx, id_: str, now: datetime) -> None:
    """Mark a credential revoked."""
    await tx.run(
        text("UPDATE credential SET revoked_at = :now WHERE id = :id"), {"id": id_, "now": now}
    )
