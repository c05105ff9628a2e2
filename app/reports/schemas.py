"""The wire of reports: amounts and areas as decimal strings, exact."""

from pydantic import Field

from app.platform.wire import AmountOut, InstantOut, Out
from app.reports import rules
from app.withdrawal.rules import ApplicationState, HoldOutcome


class QuotaOut(Out):
    """Quota: issued + arrived = waiting + at auction + in transfer + certificates + landed + left.

    Homestead and accepted land stand before it: they may still become quota.
    """

    homestead_m2: AmountOut = Field(description="Homestead land that was not given up.")
    accepted_m2: AmountOut = Field(description="Reclaimed and accepted, no ticket yet.")
    issued_m2: AmountOut = Field(description="All tickets ever issued here.")
    arrived_m2: AmountOut = Field(description="Came from other provinces, as converted.")
    waiting_m2: AmountOut = Field(description="Tickets issued or handed in.")
    at_auction_m2: AmountOut = Field(description="Tickets listed, or sold and not paid.")
    in_transfer_m2: AmountOut = Field(description="Tickets locked for another province.")
    certificates_m2: AmountOut = Field(description="Bought and not landed yet.")
    landed_m2: AmountOut = Field(description="Used for construction land.")
    left_m2: AmountOut = Field(description="Went to other provinces, before conversion.")


class FarmlandOut(Out):
    """Farmland: opening + made = taken + cropland + ecological."""

    opening_m2: AmountOut
    made_m2: AmountOut
    taken_m2: AmountOut
    cropland_m2: AmountOut
    ecological_m2: AmountOut


class HeldOut(Out):
    """What all accounts of one kind hold together; claims on other provinces are negative."""

    kind: str = Field(examples=["housing"])
    balance_cny: AmountOut


class MoneyOut(Out):
    """Money: paid in + arrived = paid out + left + the sum of what is held."""

    paid_in_cny: AmountOut = Field(description="Came into the market through these books.")
    arrived_cny: AmountOut = Field(description="Came from other books of the market.")
    paid_out_cny: AmountOut = Field(description="Left the market through these books.")
    left_cny: AmountOut = Field(description="Went to other books of the market.")
    held: list[HeldOut]


class BookOut(Out):
    """The figures of one province, or of the node (000000), where bidders' free cash stands."""

    province: str = Field(examples=["500000"])
    quota: QuotaOut
    farmland: FarmlandOut
    money: MoneyOut

    @classmethod
    def of(cls, book: rules.Book) -> "BookOut":
        """Show a book."""
        q, f, m = book.quota, book.farmland, book.money
        return cls(
            province=book.province,
            quota=QuotaOut(
                homestead_m2=q.homestead,
                accepted_m2=q.accepted,
                issued_m2=q.issued,
                arrived_m2=q.arrived,
                waiting_m2=q.waiting,
                at_auction_m2=q.at_auction,
                in_transfer_m2=q.in_transfer,
                certificates_m2=q.certificates,
                landed_m2=q.landed,
                left_m2=q.left,
            ),
            farmland=FarmlandOut(
                opening_m2=f.opening,
                made_m2=f.made,
                taken_m2=f.taken,
                cropland_m2=f.cropland,
                ecological_m2=f.ecological,
            ),
            money=MoneyOut(
                paid_in_cny=m.paid_in,
                arrived_cny=m.arrived,
                paid_out_cny=m.paid_out,
                left_cny=m.left,
                held=[HeldOut(kind=kind.value, balance_cny=fen) for kind, fen in m.held],
            ),
        )


class FlowOut(Out):
    """Quota that went from one region to another.

    `issued`: from a county to its province; `converted`: from province to province, `left_m2` in
    the measure of the one and `arrived_m2` in that of the other; `landed`: from the county of the
    villages to that of the plots, as one of the four flows. The tickets of a certificate are used
    up in order of their ids, and by plots in the order of their sales.
    """

    stage: rules.Stage = Field(examples=["landed"])
    source: str = Field(serialization_alias="from", examples=["500236"])
    target: str = Field(serialization_alias="to", examples=["500112"])
    kind: rules.FlowKind | None = Field(examples=["own_city"], description="Of landed quota.")
    left_m2: AmountOut
    arrived_m2: AmountOut

    @classmethod
    def of(cls, flow: rules.Flow) -> "FlowOut":
        """Show a flow."""
        return cls(
            stage=flow.stage,
            source=flow.source,
            target=flow.target,
            kind=flow.kind,
            left_m2=flow.left,
            arrived_m2=flow.arrived,
        )


class SurplusOut(Out):
    """A village's land: surplus = reclaimed - sent - landed, quota that no city has used yet."""

    collective: str = Field(examples=["v1"])
    county: str = Field(examples=["500236"])
    homestead_m2: AmountOut
    reclaimed_m2: AmountOut
    sent_m2: AmountOut = Field(description="Went to another province, before conversion.")
    landed_m2: AmountOut = Field(description="Used on plots of the village's own province.")
    surplus_m2: AmountOut
    off_site_right_m2: AmountOut = Field(description="For farmland taken from the village.")

    @classmethod
    def of(cls, village: rules.Village) -> "SurplusOut":
        """Show a village."""
        return cls(
            collective=village.collective,
            county=village.county,
            homestead_m2=village.homestead,
            reclaimed_m2=village.reclaimed,
            sent_m2=village.sent,
            landed_m2=village.landed,
            surplus_m2=village.surplus,
            off_site_right_m2=village.off_site_right,
        )


class GapOut(Out):
    """A county that people settle in: gap = settled - landed, negative where more was landed."""

    region: str = Field(examples=["500112"])
    settled_m2: AmountOut = Field(description="Tickets here of households that settle here.")
    coming_m2: AmountOut = Field(description="Such tickets that still stand in another province.")
    landed_m2: AmountOut = Field(description="Quota used for construction land here.")
    gap_m2: AmountOut

    @classmethod
    def of(cls, city: rules.City) -> "GapOut":
        """Show a city."""
        return cls(
            region=city.region,
            settled_m2=city.settled,
            coming_m2=city.coming,
            landed_m2=city.landed,
            gap_m2=city.gap,
        )


class TimesOut(Out):
    """A settled lot, from the hammer to the last account that it credited."""

    lot: str = Field(examples=["l1"])
    province: str = Field(examples=["500000"])
    sold_at: InstantOut
    payment_due_at: InstantOut
    paid_at: InstantOut
    credited_at: InstantOut
    seconds: int = Field(examples=[3600], description="From the hammer to the last account.")

    @classmethod
    def of(cls, times: rules.Times) -> "TimesOut":
        """Show a lot's times."""
        return cls(
            lot=times.lot,
            province=times.province,
            sold_at=times.sold_at,
            payment_due_at=times.due_at,
            paid_at=times.paid_at,
            credited_at=times.credited_at,
            seconds=times.seconds,
        )


class ObjectionRowOut(Out):
    """An objection to an application; `upheld` is null until it is ruled on."""

    id: str = Field(examples=["o1"])
    application: str = Field(examples=["a1"])
    collective: str = Field(examples=["v1"])
    county: str = Field(examples=["500236"])
    raised_at: InstantOut
    upheld: bool | None = Field(examples=[None])
    ruled_at: InstantOut | None = Field(examples=[None])

    @classmethod
    def of(cls, objection: rules.Objection) -> "ObjectionRowOut":
        """Show an objection."""
        return cls(
            id=objection.id,
            application=objection.application,
            collective=objection.collective,
            county=objection.county,
            raised_at=objection.raised_at,
            upheld=objection.upheld,
            ruled_at=objection.ruled_at,
        )


class HoldRowOut(Out):
    """A hold on an application, without its reason; `outcome` is null while it stands."""

    id: str = Field(examples=["s1"])
    application: str = Field(examples=["a1"])
    state: ApplicationState = Field(examples=["noticed"], description="Of the application, now.")
    collective: str = Field(examples=["v1"])
    county: str = Field(examples=["500236"])
    placed_at: InstantOut
    outcome: HoldOutcome | None = Field(examples=[None])
    ended_at: InstantOut | None = Field(examples=[None])

    @classmethod
    def of(cls, hold: rules.Hold) -> "HoldRowOut":
        """Show a hold."""
        return cls(
            id=hold.id,
            application=hold.application,
            state=hold.state,
            collective=hold.collective,
            county=hold.county,
            placed_at=hold.placed_at,
            outcome=hold.outcome,
            ended_at=hold.ended_at,
        )


class TransferStepOut(Out):
    """A step of a transfer as its record says it."""

    kind: str = Field(examples=["transfer.requested"], description="As in the log.")
    at: InstantOut
    entry: int | None = Field(examples=[42], description="Its index in the log. Null for a second.")
    by: str | None = Field(examples=[None], description="Who rejected it: receiver or ministry.")
    reason: str | None = Field(examples=[None], description="Why it was rejected, where given.")


class HistoryOut(Out):
    """When each step of a transfer was taken."""

    transfer: str = Field(examples=["x1"])
    steps: list[TransferStepOut] = Field(description="In the order in which they were taken.")

    @classmethod
    def of(cls, history: rules.History) -> "HistoryOut":
        """Show a transfer's steps."""
        return cls(
            transfer=history.transfer,
            steps=[
                TransferStepOut(
                    kind=step.kind, at=step.at, entry=step.entry, by=step.by, reason=step.reason
                )
                for step in history.steps
            ],
        )
