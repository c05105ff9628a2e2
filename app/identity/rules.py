"""Pure rules of parties and credentials."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.ids import is_province, province_of
from app.kernel.principal import ADMINS, LEVEL_OF_ROLE, Role, Stake
from app.kernel.refusal import Refusal
from app.kernel.units import Area, Fen

CREDENTIAL_LIFE = timedelta(days=365)


class IdentityRefusal(Refusal):
    """Refusals of registration and credentials."""

    ROLE_CONFLICT = (
        "role-conflict",
        "系统、安全、审计三类管理员互斥,也不得兼任业务角色。请另选人员。",
        "The three administrators exclude each other and every other role. Name another person.",
    )
    EXPIRED = (
        "expiry-past",
        "有效期必须晚于现在。请更正 expires_at。",
        "The expiry must lie in the future. Correct expires_at.",
    )
    ALREADY_REVOKED = (
        "already-revoked",
        "该登录凭证已被撤销,无需再次操作。",
        "This credential is revoked already; nothing needs to be done.",
    )


SALT_BYTES = 32

NODE_ITSELF = "node"
"""How records name the node's own acts; no person may be called so."""


class Zone(StrEnum):
    """The three zones of the national spatial plan (R189)."""

    URBANISED = "urbanised"
    FARM_PRODUCT = "farm_product"
    ECOLOGICAL = "ecological"

    @property
    def sends(self) -> bool:
        """Whether idle homesteads here produce tickets (R93)."""
        return self is not Zone.URBANISED

    @property
    def receives(self) -> bool:
        """Whether quota may land here (R171)."""
        return self is Zone.URBANISED


def name_commitment(salt: bytes, name: str) -> str:
    """What the log says of a name: SHA-256 in hex over a random salt of 32 bytes and the name.

    Without the salt nobody can try names on it; with the salt its owner can open it.
    """
    return hashlib.sha256(salt + name.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Region:
    """A province (no zone) or a county of it."""

    code: str
    name: str
    zone: Zone | None

    @property
    def province(self) -> str:
        """The code of its province; a province is its own."""
        return province_of(self.code)

    @property
    def is_province(self) -> bool:
        """Whether this is a province."""
        return is_province(self.code)

    @property
    def stake(self) -> Stake:
        """Whom it concerns."""
        return Stake(county=self.code, province=self.province)


@dataclass(frozen=True, slots=True)
class Collective:
    """A village collective: owner of the homestead land, with its voting members."""

    id: str
    name: str
    county: str
    members: int
    name_salt: bytes

    @property
    def province(self) -> str:
        """The code of its province."""
        return province_of(self.county)

    @property
    def stake(self) -> Stake:
        """Whom it concerns."""
        return Stake(collective=self.id, county=self.county, province=self.province)


@dataclass(frozen=True, slots=True)
class Household:
    """A household of a collective; `heads` is its statutory size (R136)."""

    id: str
    name: str
    collective: str
    county: str
    heads: int
    name_salt: bytes

    @property
    def province(self) -> str:
        """Its home province."""
        return province_of(self.county)

    @property
    def stake(self) -> Stake:
        """Whom it concerns."""
        return Stake(
            household=self.id,
            collective=self.collective,
            county=self.county,
            province=self.province,
        )


@dataclass(frozen=True, slots=True)
class Bidder:
    """A land bidder, whose cash lies in the exchange's escrow bank account."""

    id: str
    name: str
    name_salt: bytes


@dataclass(frozen=True, slots=True)
class Custodian:
    """An institution that keeps a share of the key of every sealed bid; it knows no price."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RegisterRegion:
    """Register a province, or a county with its zone and land."""

    code: str
    name: str
    zone: Zone | None
    cropland: Area
    construction: Area
    ecological: Area


@dataclass(frozen=True, slots=True)
class RegisterCollective:
    """Register a collective with its homestead land."""

    id: str
    name: str
    county: str
    homestead: Area
    members: int


@dataclass(frozen=True, slots=True)
class RegisterHousehold:
    """Register a household."""

    id: str
    name: str
    collective: str
    heads: int


@dataclass(frozen=True, slots=True)
class RegisterBidder:
    """Register a bidder."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class DepositCash:
    """Money that reached the escrow bank account for a bidder."""

    id: str
    bidder: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class IssueCredential:
    """Let `person` act for `party` in `role` until `expires_at` (default: one year)."""

    person: str
    role: Role
    party: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as it is kept: its secret only as a hash."""

    id: str
    person: str
    role: Role
    party: str
    expires_at: datetime
    revoked_at: datetime | None = None


def decide_credential(
    command: IssueCredential, held: Iterable[Role], now: datetime
) -> IdentityRefusal | datetime:
    """Answer with the expiry, or refuse: an administrator holds no second role of any kind."""
    for role in held:
        if role is not command.role and ADMINS & {role, command.role}:
            return IdentityRefusal.ROLE_CONFLICT
    expires_at = command.expires_at or now + CREDENTIAL_LIFE
    return expires_at if expires_at > now else IdentityRefusal.EXPIRED


def party_level(role: Role) -> str | None:
    """Which kind of party the role acts for; None: the node."""
    return LEVEL_OF_ROLE.get(role)
