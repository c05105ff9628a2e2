"""The wire of landing."""

from pydantic import ConfigDict, Field

from app.kernel.units import Area, Fen
from app.landing import rules
from app.platform.wire import AmountOut, AreaIn, Id, In, Money, Out, RegionRef


class PlotIn(In):
    """A plot that the holder of a certificate chooses before the land is sold."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "p1",
                    "lot": "l1",
                    "bidder": "b1",
                    "county": "500112",
                    "area_m2": "100.00",
                    "collective": "v2",
                }
            ]
        }
    )

    id: Id
    lot: Id
    bidder: Id
    county: RegionRef
    area_m2: AreaIn
    collective: Id | None = Field(
        default=None, description="The near-suburb collective whose farmland is taken."
    )

    def command(self) -> rules.SelectPlot:
        """The command this body asks for."""
        return rules.SelectPlot(
            self.id, self.lot, self.bidder, self.county, Area(self.area_m2), self.collective
        )


class LandSaleIn(In):
    """The result of a plot's tender, auction or listing, with the two fees due on it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plot": "p1",
                    "winner": "b2",
                    "new_land_fee_cny": "60000.00",
                    "reclamation_fee_cny": "30000.00",
                }
            ]
        }
    )

    plot: Id
    winner: Id
    new_land_fee_cny: Money
    reclamation_fee_cny: Money

    def command(self) -> rules.SellLand:
        """The command this body asks for."""
        return rules.SellLand(
            self.plot, self.winner, Fen(self.new_land_fee_cny), Fen(self.reclamation_fee_cny)
        )


class PlotOut(Out):
    """A plot; its result is null until its land is sold."""

    id: str = Field(examples=["p1"])
    lot: str = Field(examples=["l1"])
    bidder: str = Field(examples=["b1"])
    county: str = Field(examples=["500112"])
    area_m2: AmountOut
    collective: str | None = Field(examples=["v2"])
    winner: str | None = Field(examples=["b2"])
    new_land_fee_cny: AmountOut | None
    reclamation_fee_cny: AmountOut | None
    ticket_cost_cny: AmountOut | None
    offset_cny: AmountOut | None
    policy: str | None = Field(examples=["500000.2026"])

    @classmethod
    def of(cls, plot: rules.Plot) -> "PlotOut":
        """Show a plot."""
        sale = plot.sale
        return cls(
            id=plot.id,
            lot=plot.lot,
            bidder=plot.bidder,
            county=plot.county,
            area_m2=plot.area,
            collective=plot.collective,
            winner=None if sale is None else sale.winner,
            new_land_fee_cny=None if sale is None else sale.new_land_fee,
            reclamation_fee_cny=None if sale is None else sale.reclamation_fee,
            ticket_cost_cny=None if sale is None else sale.ticket_cost,
            offset_cny=None if sale is None else sale.offset,
            policy=None if sale is None else sale.policy,
        )
