"""The wire of what anybody may ask: nobody's household is in it."""

from datetime import datetime

from pydantic import Field

from app.dossiers import rules
from app.dossiers.schemas import EventOut
from app.platform.wire import AmountOut, InstantOut, Out


def _events(trace: rules.Trace) -> list[EventOut]:
    return [EventOut(kind=e.kind, subject=e.subject, at=e.at, entry=e.entry) for e in trace.events]


class TicketRecordsOut(Out):
    """What the log holds of a ticket: its issue, its lots, its transfers, what it brought."""

    original: str = Field(examples=["t1"], description="The ticket that was issued.")
    ticket: str = Field(
        examples=["t1"], description="The one that stands now; another one after a transfer."
    )
    lots: list[str] = Field(examples=[["l1"]], description="In the order of their opening.")
    records: list[EventOut] = Field(description="In the order in which they were written.")

    @classmethod
    def of(cls, trace: rules.Trace) -> "TicketRecordsOut":
        """Show a ticket's trace."""
        assert trace.original is not None, "a ticket has an original"
        return cls(
            original=trace.original,
            ticket=trace.ticket or trace.original,
            lots=list(trace.lots),
            records=_events(trace),
        )


class LotRecordsOut(Out):
    """What the log holds of a lot: notices, its close, payment and settlement."""

    lot: str = Field(examples=["l1"])
    records: list[EventOut] = Field(description="In the order in which they were written.")

    @classmethod
    def of(cls, lot: str, trace: rules.Trace) -> "LotRecordsOut":
        """Show a lot's trace."""
        return cls(lot=lot, records=_events(trace))


class FiguresOut(Out):
    """The market in sums. A lot counts as sold unless its winner did not pay."""

    as_of: InstantOut
    tickets_issued: int = Field(examples=[12])
    area_issued_m2: AmountOut
    lots_sold: int = Field(examples=[3])
    area_sold_m2: AmountOut
    price_sold_cny: AmountOut
    lots_open: int = Field(examples=[1])
    lots_noticed: int = Field(examples=[2])

    @classmethod
    def of(cls, figures: rules.Figures, now: datetime) -> "FiguresOut":
        """Show the figures of an instant."""
        return cls(
            as_of=now,
            tickets_issued=figures.tickets_issued,
            area_issued_m2=figures.area_issued,
            lots_sold=figures.lots_sold,
            area_sold_m2=figures.area_sold,
            price_sold_cny=figures.price_sold,
            lots_open=figures.lots_open,
            lots_noticed=figures.lots_noticed,
        )


class PublicNoticeOut(Out):
    """An application under public notice, to the village. Objections are raised at the township."""

    application: str = Field(examples=["a1"])
    collective: str = Field(examples=["v1"])
    collective_name: str = Field(examples=["奉节县平安乡射淌村集体经济组织"])
    county: str = Field(examples=["500237"])
    province: str = Field(examples=["500000"])
    area_m2: AmountOut
    lawful_area_m2: AmountOut
    notice_ends_at: InstantOut

    @classmethod
    def of(cls, notice: rules.PublicNotice) -> "PublicNoticeOut":
        """Show a notice."""
        return cls(
            application=notice.application,
            collective=notice.collective,
            collective_name=notice.collective_name,
            county=notice.county,
            province=notice.province,
            area_m2=notice.area,
            lawful_area_m2=notice.lawful_area,
            notice_ends_at=notice.notice_ends_at,
        )
