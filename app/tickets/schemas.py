"""The wire of acceptances and tickets."""

from pydantic import ConfigDict, Field

from app import withdrawal
from app.kernel.units import Area, Fen
from app.platform.wire import AmountOut, AreaIn, Id, In, InstantOut, Money, Out, TicketId
from app.tickets import rules


class AcceptanceIn(In):
    """Accept the reclaimed land of an application, with what it cost the county."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "application": "a1",
                    "accepted_m2": "180.00",
                    "to": "cropland",
                    "reclamation_cost_cny": "9000.00",
                    "financing_cost_cny": "600.00",
                }
            ]
        }
    )

    application: Id
    accepted_m2: AreaIn
    to: rules.LandUse = Field(strict=False)
    reclamation_cost_cny: Money
    financing_cost_cny: Money
    parcel: withdrawal.ParcelIn | None = Field(
        default=None, description="Where the application has no outline yet."
    )

    def command(self) -> rules.AcceptReclamation:
        """The command this body asks for."""
        return rules.AcceptReclamation(
            self.application,
            Area(self.accepted_m2),
            self.to,
            Fen(self.reclamation_cost_cny),
            Fen(self.financing_cost_cny),
            None if self.parcel is None else self.parcel.positions,
        )


class IssueIn(In):
    """Issue the ticket of an application."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"application": "a1", "id": "t1"}]})

    application: Id
    id: Id

    def command(self) -> rules.IssueTicket:
        """The command this body asks for."""
        return rules.IssueTicket(self.application, self.id)


class HandInIn(In):
    """Hand a ticket in at the exchange."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ticket": "t1"}]})

    ticket: TicketId


class AcceptanceOut(Out):
    """Accepted land: homestead no more, and not yet a ticket."""

    application: str = Field(examples=["a1"])
    accepted_m2: AmountOut
    to: rules.LandUse = Field(examples=["cropland"])
    reclamation_cost_cny: AmountOut
    financing_cost_cny: AmountOut
    accepted_at: InstantOut

    @classmethod
    def of(cls, acceptance: rules.Acceptance) -> "AcceptanceOut":
        """Show an acceptance."""
        return cls(
            application=acceptance.application,
            accepted_m2=acceptance.area,
            to=acceptance.to,
            reclamation_cost_cny=acceptance.reclamation_cost,
            financing_cost_cny=acceptance.financing_cost,
            accepted_at=acceptance.accepted_at,
        )


class TicketOut(Out):
    """A ticket as everybody may see it: without the household and its application."""

    id: str = Field(examples=["t1"])
    state: rules.TicketState = Field(examples=["issued"])
    area_m2: AmountOut
    collective: str = Field(examples=["v1"])
    county: str = Field(examples=["500236"])
    home_province: str = Field(
        examples=["500000"], description="Where the homestead lay, whose split applies."
    )
    province: str = Field(examples=["500000"], description="Where the ticket stands now.")
    reclamation_cost_cny: AmountOut
    financing_cost_cny: AmountOut
    issued_at: InstantOut

    @classmethod
    def of(cls, ticket: rules.Ticket) -> "TicketOut":
        """Show a ticket."""
        return cls(
            id=ticket.id,
            state=ticket.state,
            area_m2=ticket.area,
            collective=ticket.collective,
            county=ticket.county,
            home_province=ticket.home_province,
            province=ticket.province,
            reclamation_cost_cny=ticket.reclamation_cost,
            financing_cost_cny=ticket.financing_cost,
            issued_at=ticket.issued_at,
        )
