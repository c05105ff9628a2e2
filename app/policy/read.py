"""Policy as other slices ask for it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from app.platform.db import Reader
from app.policy import rules, store
from app.policy.rules import Coefficient, Parameters, Version

_EVER = datetime(1, 1, 1, tzinfo=UTC)


def _default(province: str) -> Version:
    return Version(rules.default_version(province), province, _EVER, Parameters(), "node", "node")


async def in_force(reader: Reader, province: str, at: datetime) -> Version:
    """The version that the province follows at an instant; the defaults before its first."""
    return await store.find_in_force(reader, province, at) or _default(province)


async def find_versions(reader: Reader, ids: Sequence[str]) -> dict[str, Version]:
    """The versions that earlier commands named."""
    found = await store.find_versions(reader, ids) if ids else {}
    return {id_: _applied(id_, found.get(id_)) for id_ in ids}


def _applied(id_: str, version: Version | None) -> Version:
    """A version that was applied once: the defaults of a province, or one that is approved."""
    if rules.is_default(id_):
        return _default(id_.removesuffix(rules.DEFAULT))
    assert version is not None, "a version that was applied is never removed"
    assert version.approved_by is not None, "only an approved version is ever applied"
    return version


async def find_version(reader: Reader, id_: str) -> Version:
    """The version that an earlier command named."""
    return (await find_versions(reader, [id_]))[id_]


async def coefficient_in_force(
    reader: Reader, giver: str, receiver: str, day: date
) -> Coefficient | None:
    """The coefficient from `giver` to `receiver` on a calendar day of Asia/Shanghai."""
    return await store.find_coefficient(reader, giver, receiver, day)


async def coefficients_in_force(reader: Reader, day: date) -> list[Coefficient]:
    """All coefficients in force on a calendar day of Asia/Shanghai, one for each pair at most."""
    return await store.list_in_force(reader, day)
