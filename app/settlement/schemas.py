"""The wire of settlement."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

from app.auction.rules import LotParty
from app.platform.wire import AmountOut, Id, In, Out
from app.settlement.store import Certificate


class PaymentIn(In):
    """The winner pays for a lot."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lot": "l1", "bidder": "b1"}]})

    lot: Id
    bidder: Id

    def command(self) -> LotParty:
        """The command this body asks for."""
        return LotParty(self.lot, self.bidder)


class CertificateOut(Out):
    """A certificate: `remaining_m2` of it can still be landed, at `remaining_cost_cny`."""

    lot: str = Field(examples=["l1"])
    bidder: str = Field(examples=["b1"])
    province: str = Field(examples=["500000"])
    area_m2: AmountOut
    remaining_m2: AmountOut
    cost_cny: AmountOut
    remaining_cost_cny: AmountOut

    @classmethod
    def of(cls, certificate: Certificate) -> "CertificateOut":
        """Show a certificate."""
        return cls(
            lot=certificate.lot,
            bidder=certificate.bidder,
            province=certificate.province,
            area_m2=certificate.area,
            remaining_m2=certificate.remaining,
            cost_cny=certificate.cost,
            remaining_cost_cny=certificate.remaining_cost,
        )


class PartOut(Out):
    """One party's part of a ticket's net."""

    party: str = Field(examples=["villager"])
    weight: int = Field(examples=[85])
    amount_cny: str = Field(examples=["42500.00"])


class PayoutOut(Out):
    """How one ticket's share of the price was paid out; nobody is named (R125)."""

    ticket: str = Field(examples=["t1"])
    area_m2: str = Field(examples=["180.00"])
    share_cny: str = Field(examples=["62000.00"])
    reclamation_cost_cny: str = Field(examples=["10800.00"])
    financing_cost_cny: str = Field(examples=["1200.00"])
    net_cny: str = Field(examples=["50000.00"])
    parts: list[PartOut]

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "PayoutOut":
        """Show the figures of a settlement entry."""
        return cls(
            ticket=facts["ticket"],
            area_m2=facts["ticket_area"],
            share_cny=facts["share"],
            reclamation_cost_cny=facts["reclamation_cost"],
            financing_cost_cny=facts["financing_cost"],
            net_cny=facts["net"],
            parts=[
                PartOut(party=party, weight=weight, amount_cny=amount)
                for party, weight, amount, _ in facts["split"]
            ],
        )
