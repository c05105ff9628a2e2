"""Policy versions and coefficients as the log tells them: proposed, approved, in force."""

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

DEFAULT = ".default"
DEFAULTS: Mapping[str, Any] = {
    "split": [["collective", 15], ["villager", 85]],
    "cooling_off_days": 30,
    "notice_days": 7,
    "homestead_cap": None,
    "min_work_years": 3,
    "ecological_quota": False,
    "auction_notice_days": 20,
    "extension_seconds": 300,
    "min_bidders": 1,
    "sealed_tie": "earliest",
    "payment_days": 60,
    "subsidy_basis": "head",
    "subsidy_rate": 0,
    "subsidy_pool_share": 0,
    "option_years": 5,
    "low_interest_loan_cap": 0,
    "fee_offset_share": 100,
}
"""What a province without a policy of its own follows; shares are in hundredths."""


@dataclass(slots=True)
class Proposal:
    """A policy version or a coefficient: who proposed it, and whether a second person approved."""

    id: str
    by: str | None
    approved: bool = False


@dataclass(slots=True)
class Version(Proposal):
    """A version of a province's parameters, in force from an instant until the next."""

    province: str = ""
    valid_from: datetime | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Policies:
    """Every version, and those in force by province."""

    versions: dict[str, Version] = field(default_factory=dict)
    _in_force: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)

    def approve(self, version: Version) -> None:
        """Put a version in force from its instant on."""
        version.approved = True
        assert version.valid_from is not None, "a proposal says from when"
        insort(self._in_force.setdefault(version.province, []), (version.valid_from, version.id))

    def in_force(self, province: str, at: datetime) -> tuple[str, Mapping[str, Any]]:
        """The version that a province follows at an instant, and its parameters."""
        for valid_from, id_ in reversed(self._in_force.get(province, ())):
            if valid_from <= at:
                return id_, self.versions[id_].parameters
        return province + DEFAULT, DEFAULTS

    def parameters(self, id_: str) -> Mapping[str, Any] | None:
        """The parameters of a version that was approved, or of the defaults."""
        if id_.endswith(DEFAULT):
            return DEFAULTS
        version = self.versions.get(id_)
        return version.parameters if version is not None and version.approved else None


@dataclass(slots=True)
class Coefficient(Proposal):
    """The yields by which quota of `giver` counts in `receiver`, on its days (R183)."""

    giver: str = ""
    receiver: str = ""
    yield_out: int = 0
    yield_in: int = 0
    first: date = date.min
    last: date = date.max
    document: str = ""


@dataclass(slots=True)
class Coefficients:
    """Every coefficient, by id and by pair."""

    all: dict[str, Coefficient] = field(default_factory=dict)
    pairs: dict[tuple[str, str], list[Coefficient]] = field(default_factory=dict)

    def propose(self, one: Coefficient) -> bool:
        """Keep a proposal; False where it shares a day with another of the pair."""
        pair = self.pairs.setdefault((one.giver, one.receiver), [])
        free = all(one.last < other.first or other.last < one.first for other in pair)
        self.all[one.id] = one
        pair.append(one)
        return free

    def in_force(self, giver: str, receiver: str, day: date) -> Coefficient | None:
        """The approved coefficient of a pair on a day."""
        for one in self.pairs.get((giver, receiver), ()):
            if one.approved and one.first <= day <= one.last:
                return one
        return None
