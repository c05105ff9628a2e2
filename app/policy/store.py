"""Every SQL statement of policy."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text

from app.kernel.units import Area, Fen
from app.platform.db import Reader, Tx
from app.policy.rules import Coefficient, Parameters, Party, SealedTie, SubsidyBasis, Version

_VERSIONS = """
    SELECT id, province, valid_from, parameters, proposed_by, approved_by FROM policy_version
"""
_COEFFICIENTS = """
    SELECT id, giver, receiver, yield_out, yield_in, valid_from, valid_to, document, proposed_by,
           approved_by FROM coefficient
"""


def to_json(p: Parameters) -> dict[str, Any]:
    """Parameters as they are kept and as records show them: whole numbers and texts."""
    return {
        "split": [[party.value, weight] for party, weight in p.split],
        "cooling_off_days": p.cooling_off_days,
        "notice_days": p.notice_days,
        "homestead_cap": p.homestead_cap,
        "min_work_years": p.min_work_years,
        "ecological_quota": p.ecological_quota,
        "auction_notice_days": p.auction_notice_days,
        "extension_seconds": p.extension_seconds,
        "min_bidders": p.min_bidders,
        "sealed_tie": p.sealed_tie.value,
        "payment_days": p.payment_days,
        "subsidy_basis": p.subsidy_basis.value,
        "subsidy_rate": p.subsidy_rate,
        "subsidy_pool_share": p.subsidy_pool_share,
        "option_years": p.option_years,
        "low_interest_loan_cap": p.low_interest_loan_cap,
        "fee_offset_share": p.fee_offset_share,
    }


def _parameters(kept: dict[str, Any]) -> Parameters:
    values = dict(kept)
    values["split"] = tuple((Party(party), weight) for party, weight in kept["split"])
    cap = kept["homestead_cap"]
    values["homestead_cap"] = None if cap is None else Area(cap)
    values["sealed_tie"] = SealedTie(kept["sealed_tie"])
    values["subsidy_basis"] = SubsidyBasis(kept["subsidy_basis"])
    values["subsidy_rate"] = Fen(kept["subsidy_rate"])
    values["low_interest_loan_cap"] = Fen(kept["low_interest_loan_cap"])
    return Parameters(**values)


def _version(row: Row[Any]) -> Version:
    return Version(
        row.id,
        row.province,
        row.valid_from,
        _parameters(row.parameters),
        row.proposed_by,
        row.approved_by,
    )


def _coefficient(row: Row[Any]) -> Coefficient:
    return Coefficient(
        row.id,
        row.giver,
        row.receiver,
        row.yield_out,
        row.yield_in,
        row.valid_from,
        row.valid_to,
        row.document,
        row.proposed_by,
        row.approved_by,
    )


async def find_versions(reader: Reader, ids: Sequence[str]) -> dict[str, Version]:
    """Versions by id."""
    rows = await reader.run(text(_VERSIONS + " WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: _version(row) for row in rows}


async def lock_version(tx: Tx, id_: str) -> Version | None:
    """A version, held until this transaction ends."""
    rows = await tx.run(text(_VERSIONS + " WHERE id = :id FOR UPDATE"), {"id": id_})
    row = rows.one_or_none()
    return None if row is None else _version(row)


async def find_in_force(reader: Reader, province: str, at: datetime) -> Version | None:
    """The approved version of the province with the latest start at or before `at`."""
    rows = await reader.run(
        text(
            _VERSIONS
            + """ WHERE province = :province AND valid_from <= :at AND approved_by IS NOT NULL
                  ORDER BY valid_from DESC, id DESC LIMIT 1"""
        ),
        {"province": province, "at": at},
    )
    row = rows.one_or_none()
    return None if row is None else _version(row)


async def list_versions(reader: Reader, after: str, limit: int) -> list[Version]:
    """Versions in order of id."""
    rows = await reader.run(
        text(_VERSIONS + " WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_version(row) for row in rows]


async def insert_version(tx: Tx, version: Version) -> None:
    """Add a proposed version."""
    await tx.run(
        text("""
            INSERT INTO policy_version (id, province, valid_from, parameters, proposed_by)
            VALUES (:id, :province, :valid_from, CAST(:parameters AS jsonb), :proposed_by)
        """),
        {
            "id": version.id,
            "province": version.province,
            "valid_from": version.valid_from,
            "parameters": json.dumps(to_json(version.parameters)),
            "proposed_by": version.proposed_by,
        },
    )


async def approve_version(tx: Tx, id_: str, person: str) -> None:
    """Mark a version approved."""
    await tx.run(
        text("UPDATE policy_version SET approved_by = :person WHERE id = :id"),
        {"id": id_, "person": person},
    )


async def lock_coefficient(tx: Tx, id_: str) -> Coefficient | None:
    """A coefficient, held until this transaction ends."""
    rows = await tx.run(text(_COEFFICIENTS + " WHERE id = :id FOR UPDATE"), {"id": id_})
    row = rows.one_or_none()
    return None if row is None else _coefficient(row)


async def find_coefficient(
    reader: Reader, giver: str, receiver: str, day: date
) -> Coefficient | None:
    """The approved coefficient of the pair in force on that day."""
    rows = await reader.run(
        text(
            _COEFFICIENTS
            + """ WHERE giver = :giver AND receiver = :receiver AND approved_by IS NOT NULL
                  AND :day BETWEEN valid_from AND valid_to"""
        ),
        {"giver": giver, "receiver": receiver, "day": day},
    )
    row = rows.one_or_none()
    return None if row is None else _coefficient(row)


async def list_in_force(reader: Reader, day: date) -> list[Coefficient]:
    """The approved coefficients in force on that day, in order of their provinces."""
    rows = await reader.run(
        text(
            _COEFFICIENTS
            + """ WHERE approved_by IS NOT NULL AND :day BETWEEN valid_from AND valid_to
                  ORDER BY giver, receiver"""
        ),
        {"day": day},
    )
    return [_coefficient(row) for row in rows]


async def list_concerning(reader: Reader, provinces: Sequence[str], day: date) -> list[Coefficient]:
    """The approved coefficients of these provinces, either way, that end on that day or later."""
    rows = await reader.run(
        text(
            _COEFFICIENTS
            + """ WHERE approved_by IS NOT NULL AND valid_to >= :day
                  AND (giver = ANY(:provinces) OR receiver = ANY(:provinces)) ORDER BY id"""
        ),
        {"provinces": list(provinces), "day": day},
    )
    return [_coefficient(row) for row in rows]


async def overlapping(tx: Tx, wanted: Coefficient) -> bool:
    """Whether another coefficient of the pair covers some of its days."""
    found = await tx.run(
        text("""
            SELECT EXISTS (SELECT FROM coefficient WHERE giver = :giver AND receiver = :receiver
                AND valid_from <= :to AND valid_to >= :from)
        """),
        {
            "giver": wanted.giver,
            "receiver": wanted.receiver,
            "from": wanted.valid_from,
            "to": wanted.valid_to,
        },
    )
    return bool(found.scalar_one())


async def list_coefficients(reader: Reader, after: str, limit: int) -> list[Coefficient]:
    """Coefficients in order of id."""
    rows = await reader.run(
        text(_COEFFICIENTS + " WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_coefficient(row) for row in rows]


async def insert_coefficient(tx: Tx, c: Coefficient) -> None:
    """Add a proposed coefficient."""
    await tx.run(
        text("""
            INSERT INTO coefficient (id, giver, receiver, yield_out, yield_in, valid_from, valid_to,
                                     document, proposed_by)
            VALUES (:id, :giver, :receiver, :yield_out, :yield_in, :valid_from, :valid_to,
                    :document, :proposed_by)
        """),
        {
            "id": c.id,
            "giver": c.giver,
            "receiver": c.receiver,
            "yield_out": c.yield_out,
            "yield_in": c.yield_in,
            "valid_from": c.valid_from,
            "valid_to": c.valid_to,
            "document": c.document,
            "proposed_by": c.proposed_by,
        },
    )


async def approve_coefficient(tx: Tx, id_: str, person: str) -> None:
    """Mark a coefficient approved."""
    await tx.run(
        text("UPDATE coefficient SET approved_by = :person WHERE id = :id"),
        {"id": id_, "person": person},
    )
