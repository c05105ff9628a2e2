"""The wire of what is done with a lot while it is open, and of the tickets in it."""

import re
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app import withdrawal
from app.auction import rules
from app.platform.wire import AmountOut, Id, In, Out, Text
from app.tickets import Ticket
from app.tickets.rules import TicketState

_LONG_NUMBER = re.compile(r"(\d[\s-]?){10}\d")


def _names_nobody(reason: str) -> str:
    # Eleven digits are a telephone number, eighteen an identity card's: the log keeps them for
    # ever, and everybody reads it.
    if _LONG_NUMBER.search(reason):
        raise PydanticCustomError("reason", "leave out telephone and identity numbers")
    return reason


class PauseIn(In):
    """A lot to be frozen or resumed, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lot": "l1", "reason": "系统故障,正在核查"}]}
    )

    lot: Id
    reason: Annotated[Text, AfterValidator(_names_nobody)] | None = Field(
        default=None,
        description="Public, and in the log for ever: name no person, and no number of one.",
    )

    def command(self) -> rules.Pause:
        """The command this body asks for."""
        return rules.Pause(self.lot, self.reason)


class LotTicketOut(Out):
    """A ticket of a lot as it stands now, with the outline of the homestead that it came from."""

    ticket: str = Field(examples=["t1"])
    state: TicketState = Field(examples=["listed"])
    area_m2: AmountOut
    collective: str = Field(examples=["v1"])
    county: str = Field(examples=["500236"], description="Of the homestead.")
    home_province: str = Field(examples=["500000"])
    parcel: withdrawal.ParcelOut | None

    @classmethod
    def of(cls, ticket: Ticket, parcel: withdrawal.Parcel | None) -> "LotTicketOut":
        """Show a ticket of a lot."""
        return cls(
            ticket=ticket.id,
            state=ticket.state,
            area_m2=ticket.area,
            collective=ticket.collective,
            county=ticket.county,
            home_province=ticket.home_province,
            parcel=None if parcel is None else withdrawal.ParcelOut.of(parcel),
        )
