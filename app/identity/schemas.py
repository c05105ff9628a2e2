"""The wire of parties and credentials."""

from pydantic import ConfigDict, Field

from app.identity import rules
from app.kernel.principal import Role
from app.kernel.units import Area, Fen
from app.platform.wire import (
    AmountOut,
    Count,
    Id,
    In,
    InstantIn,
    InstantOut,
    Out,
    PositiveMoney,
    RegionCode,
    Stock,
    Text,
)

SALT = "In hex. SHA-256 of its bytes and the name is the `name_commitment` in the log."
SALT_EXAMPLE = "5b" * 32
NOT_REPEATED = (
    "Null in the answer to the registration: answers are kept for repetition, and names stand in"
    " the register alone."
)


class RegionIn(In):
    """A province (code ending in 0000, no zone, no land) or a county of one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "500236",
                    "name": "奉节县",
                    "zone": "farm_product",
                    "cropland_m2": "9000.00",
                    "construction_m2": "0.00",
                }
            ]
        }
    )

    code: RegionCode
    name: Text
    zone: rules.Zone | None = Field(default=None, strict=False)
    cropland_m2: Stock = 0
    construction_m2: Stock = 0
    ecological_m2: Stock = 0

    def command(self) -> rules.RegisterRegion:
        """The command this body asks for."""
        return rules.RegisterRegion(
            self.code,
            self.name,
            self.zone,
            Area(self.cropland_m2),
            Area(self.construction_m2),
            Area(self.ecological_m2),
        )


class RegionOut(Out):
    """A region; counties show their land as it is now."""

    code: str = Field(examples=["500236"])
    name: str = Field(examples=["奉节县"])
    province: str = Field(examples=["500000"])
    zone: rules.Zone | None = Field(examples=["farm_product"])
    cropland_m2: AmountOut = 0
    construction_m2: AmountOut = 0
    ecological_m2: AmountOut = 0

    @classmethod
    def of(cls, region: rules.Region, stocks: tuple[int, int, int] = (0, 0, 0)) -> "RegionOut":
        """Show a region with its cropland, construction and ecological land."""
        return cls(
            code=region.code,
            name=region.name,
            province=region.province,
            zone=region.zone,
            cropland_m2=stocks[0],
            construction_m2=stocks[1],
            ecological_m2=stocks[2],
        )


class CollectiveIn(In):
    """A village collective."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "v1",
                    "name": "平安乡射淌村集体经济组织",
                    "county": "500236",
                    "homestead_m2": "5000.00",
                    "members": 30,
                }
            ]
        }
    )

    id: Id
    name: Text
    county: RegionCode
    homestead_m2: Stock = 0
    members: Count

    def command(self) -> rules.RegisterCollective:
        """The command this body asks for."""
        return rules.RegisterCollective(
            self.id, self.name, self.county, Area(self.homestead_m2), self.members
        )


class CollectiveOut(Out):
    """A village collective with its homestead land and off-site contracting rights."""

    id: str = Field(examples=["v1"])
    name: str = Field(examples=["平安乡射淌村集体经济组织"])
    county: str = Field(examples=["500236"])
    members: int = Field(examples=[30])
    name_salt: str = Field(examples=[SALT_EXAMPLE], description=SALT)
    homestead_m2: AmountOut = 0
    off_site_right_m2: AmountOut = 0

    @classmethod
    def of(
        cls, collective: rules.Collective, homestead: int = 0, off_site: int = 0
    ) -> "CollectiveOut":
        """Show a collective."""
        return cls(
            id=collective.id,
            name=collective.name,
            county=collective.county,
            members=collective.members,
            name_salt=collective.name_salt.hex(),
            homestead_m2=homestead,
            off_site_right_m2=off_site,
        )


class HouseholdIn(In):
    """A household of a collective."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "h1", "name": "向德贵", "collective": "v1", "heads": 3}]
        }
    )

    id: Id
    name: Text
    collective: Id
    heads: Count

    def command(self) -> rules.RegisterHousehold:
        """The command this body asks for."""
        return rules.RegisterHousehold(self.id, self.name, self.collective, self.heads)


class HouseholdOut(Out):
    """A household, shown only to those it concerns."""

    id: str = Field(examples=["h1"])
    name: str | None = Field(examples=["向德贵"], description=NOT_REPEATED)
    collective: str = Field(examples=["v1"])
    heads: int = Field(examples=[3])
    name_salt: str | None = Field(examples=[SALT_EXAMPLE], description=SALT)

    @classmethod
    def of(cls, household: rules.Household) -> "HouseholdOut":
        """Show a household."""
        return cls(
            id=household.id,
            name=household.name,
            collective=household.collective,
            heads=household.heads,
            name_salt=household.name_salt.hex(),
        )

    @classmethod
    def registered(cls, household: rules.Household) -> "HouseholdOut":
        """Show a household that was just registered."""
        return cls.of(household).model_copy(update={"name": None, "name_salt": None})


class BidderIn(In):
    """A land bidder."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "b1", "name": "渝北城市建设投资有限公司"}]}
    )

    id: Id
    name: Text

    def command(self) -> rules.RegisterBidder:
        """The command this body asks for."""
        return rules.RegisterBidder(self.id, self.name)


class BidderOut(Out):
    """A bidder: free cash, deposits held, and the area of its certificates not yet used."""

    id: str = Field(examples=["b1"])
    name: str | None = Field(examples=["渝北城市建设投资有限公司"], description=NOT_REPEATED)
    name_salt: str | None = Field(examples=[SALT_EXAMPLE], description=SALT)
    cash_cny: AmountOut = 0
    held_cny: AmountOut = 0
    certificate_m2: AmountOut = 0

    @classmethod
    def of(
        cls, bidder: rules.Bidder, cash: int = 0, held: int = 0, certificate: int = 0
    ) -> "BidderOut":
        """Show a bidder."""
        return cls(
            id=bidder.id,
            name=bidder.name,
            name_salt=bidder.name_salt.hex(),
            cash_cny=cash,
            held_cny=held,
            certificate_m2=certificate,
        )

    @classmethod
    def registered(cls, bidder: rules.Bidder) -> "BidderOut":
        """Show a bidder that was just registered."""
        return cls.of(bidder).model_copy(update={"name": None, "name_salt": None})


class CustodianIn(In):
    """An institution that keeps keys of sealed auctions, such as an audit office or a notary."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "audit-office", "name": "重庆市审计局"}]}
    )

    id: Id
    name: Text

    def command(self) -> rules.Custodian:
        """The command this body asks for."""
        return rules.Custodian(self.id, self.name)


class CustodianOut(Out):
    """A custodian."""

    id: str = Field(examples=["audit-office"])
    name: str | None = Field(examples=["重庆市审计局"], description=NOT_REPEATED)

    @classmethod
    def of(cls, custodian: rules.Custodian) -> "CustodianOut":
        """Show a custodian."""
        return cls(id=custodian.id, name=custodian.name)

    @classmethod
    def registered(cls, custodian: rules.Custodian) -> "CustodianOut":
        """Show a custodian that was just registered."""
        return cls(id=custodian.id, name=None)


class CashDepositIn(In):
    """Money that reached the escrow account; `id` is the bank's reference, booked once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "bank-20260401-1", "bidder": "b1", "amount_cny": "100000.00"}]
        }
    )

    id: Id
    bidder: Id
    amount_cny: PositiveMoney

    def command(self) -> rules.DepositCash:
        """The command this body asks for."""
        return rules.DepositCash(self.id, self.bidder, Fen(self.amount_cny))


class CashDepositOut(Out):
    """A booked cash deposit."""

    id: str = Field(examples=["bank-20260401-1"])
    bidder: str = Field(examples=["b1"])
    amount_cny: AmountOut

    @classmethod
    def of(cls, deposit: rules.DepositCash) -> "CashDepositOut":
        """Show a cash deposit."""
        return cls(id=deposit.id, bidder=deposit.bidder, amount_cny=deposit.amount)


class CredentialIn(In):
    """Let a person or machine act for a party. Roles of the node take party 000000."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"person": "p-17", "role": "county_clerk", "party": "500236"}]
        }
    )

    person: Id = Field(description="A pseudonym: never a name or a number of an identity card.")
    role: Role = Field(strict=False)
    party: Id
    expires_at: InstantIn | None = None

    def command(self) -> rules.IssueCredential:
        """The command this body asks for."""
        return rules.IssueCredential(self.person, self.role, self.party, self.expires_at)


class CredentialOut(Out):
    """A credential. Its token is shown once, when it is issued."""

    id: str = Field(examples=["8f14e45fceea467a9575e7c1b1c2d3e4"])
    person: str = Field(examples=["p-17"])
    role: Role = Field(examples=["county_clerk"])
    party: str = Field(examples=["500236"])
    expires_at: InstantOut
    revoked_at: InstantOut | None = Field(default=None, examples=[None])
    token: str | None = Field(default=None, examples=[None])

    @classmethod
    def of(cls, credential: rules.Credential, token: str | None = None) -> "CredentialOut":
        """Show a credential."""
        return cls(
            id=credential.id,
            person=credential.person,
            role=credential.role,
            party=credential.party,
            expires_at=credential.expires_at,
            revoked_at=credential.revoked_at,
            token=token,
        )


class RevocationIn(In):
    """Refuse a credential from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"credential": "8f14e45fceea467a9575e7c1b1c2d3e4"}]}
    )

    credential: Id
