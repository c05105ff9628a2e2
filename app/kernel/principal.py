"""Who acts: a person or machine, for one party, in one role.

Authorisation has two steps. The route names the roles that may call it at all; the command then
asks whether the object it has read concerns the principal (`concerns`). A principal that is not
concerned is answered as if the object did not exist.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a credential lets its holder be. Its party is of the kind given by `_LEVEL`."""

    VILLAGER = "villager"
    COLLECTIVE = "collective"
    TOWNSHIP = "township"
    COUNTY_CLERK = "county_clerk"
    COUNTY_APPROVER = "county_approver"
    CITY = "city"
    EXCHANGE = "exchange"
    FUND_CENTRE = "fund_centre"
    BIDDER = "bidder"
    BIDDER_VIEWER = "bidder_viewer"
    CUSTODIAN = "custodian"
    PROVINCE = "province"
    OPERATOR = "operator"
    MINISTRY = "ministry"
    SUPERVISOR = "supervisor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""Three roles that no person may combine with each other or with any other role."""

READERS_OF_HOUSEHOLDS = (
    Role.VILLAGER,
    Role.COLLECTIVE,
    Role.TOWNSHIP,
    Role.COUNTY_CLERK,
    Role.COUNTY_APPROVER,
    Role.FUND_CENTRE,
    Role.PROVINCE,
    Role.OPERATOR,
    Role.SUPERVISOR,
)
"""To whom a household that concerns them is shown by name."""

READERS_OF_PROVINCES = (
    Role.PROVINCE,
    Role.OPERATOR,
    Role.EXCHANGE,
    Role.FUND_CENTRE,
    Role.MINISTRY,
    Role.SUPERVISOR,
)
"""To whom the affairs of a province are shown: its offices, and those above all provinces."""

READERS_OF_BIDDERS = (
    Role.BIDDER,
    Role.BIDDER_VIEWER,
    Role.EXCHANGE,
    Role.FUND_CENTRE,
    Role.SUPERVISOR,
)
"""To whom a bidder that concerns them is shown by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """The parties that an object belongs to; a level left out concerns nobody of that level."""

    household: str | None = None
    collective: str | None = None
    county: str | None = None
    province: str | None = None
    bidder: str | None = None
    custodian: str | None = None


_LEVEL: dict[Role, str | None] = {
    Role.VILLAGER: "household",
    Role.COLLECTIVE: "collective",
    Role.TOWNSHIP: "collective",
    Role.COUNTY_CLERK: "county",
    Role.COUNTY_APPROVER: "county",
    Role.CITY: "county",
    Role.EXCHANGE: "province",
    Role.FUND_CENTRE: "province",
    Role.PROVINCE: "province",
    Role.OPERATOR: "province",
    Role.BIDDER: "bidder",
    Role.BIDDER_VIEWER: "bidder",
    Role.CUSTODIAN: "custodian",
}


@dataclass(frozen=True, slots=True)
class Principal:
    """The credential behind a request. `party` is the id of the party it acts for."""

    credential: str
    person: str
    role: Role
    party: str

    @property
    def level(self) -> str | None:
        """The level of `Stake` this principal is compared on; None for roles of the whole node."""
        return _LEVEL.get(self.role)

    def concerns(self, *stakes: Stake) -> bool:
        """Whether any of the stakes is this principal's own; roles of the node concern all."""
        level = self.level
        return level is None or any(getattr(stake, level) == self.party for stake in stakes)


LEVEL_OF_ROLE = dict(_LEVEL)
"""Which kind of party each role acts for; roles not listed act for the node."""
