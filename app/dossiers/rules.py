"""What a dossier is made of: pure values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.kernel.calendar import local_date
from app.withdrawal.rules import HoldOutcome, HoldReason

OF_APPLICATION = (
    "application.applied",
    "application.revoked",
    "application.reviewed",
    "application.determined",
    "application.approved",
    "application.city_approved",
    "application.held",
    "application.hold_ended",
    "entry.reclamation",
)
OF_TICKET = (
    "entry.issue",
    "ticket.handed_in",
    "entry.settlement",
)
OF_TRANSFER = (
    "transfer.requested",
    "transfer.accepted",
    "transfer.approved",
    "transfer.rejected",
    "transfer.recalled",
    "transfer.released",
    "ticket.arrived",
    "entry.conversion_out",
    "entry.conversion_in",
)
OF_LOT = (
    "lot.listed",
    "lot.frozen",
    "lot.resumed",
    "lot.closed",
    "lot.decided",
    "lot.paid",
    "lot.settled",
    "lot.defaulted",
)
OF_OBJECTION = ("objection.raised", "objection.ruled")
OF_EVIDENCE = ("evidence.filed",)
"""Kinds of records by the kind of thing that is their subject: ids are unique within a kind."""

MOVED = frozenset({"account_moved_out", "account_moved_in"})
"""Entries by which an account changes from one province's books to another's."""


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection to the application; `upheld` is None until it is ruled on."""

    id: str
    raised_at: datetime
    upheld: bool | None
    ruled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on the application; `outcome` is None while it stands."""

    id: str
    reason: HoldReason
    placed_at: datetime
    outcome: HoldOutcome | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """A record about the household's matter, and its place in the log once it has one."""

    kind: str
    subject: str
    at: datetime
    entry: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The ids of a household's matter, and what happened.

    `application` is the one that is not ended, else the latest; `ticket` is where its land stands
    now, and `lots` are those that it was in, the latest last.
    """

    household: str
    application: str | None
    original_ticket: str | None
    ticket: str | None
    lots: tuple[str, ...]
    objections: tuple[Objection, ...]
    holds: tuple[Hold, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What the log holds of a ticket or a lot; nobody's household is in it.

    `ticket` is where the land of the original stands now. Both are None for a lot.
    """

    original: str | None
    ticket: str | None
    lots: tuple[str, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The market in sums: areas in 0.01 m², the price in fen.

    A lot counts as sold from its result on, unless its winner did not pay.
    """

    tickets_issued: int
    area_issued: int
    lots_sold: int
    area_sold: int
    price_sold: int
    lots_open: int
    lots_noticed: int


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """An application whose public notice runs, to the village and no further (R34)."""

    application: str
    collective: str
    collective_name: str
    county: str
    province: str
    area: int
    lawful_area: int
    notice_ends_at: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """What one entry did to the household's account: `amount` signed, in fen.

    `entry` names it in the ledger, `log_entry` in the log once it has its place there.
    """

    entry: int
    log_entry: int | None
    account: str
    kind: str
    subject: str
    at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class Line:
    """A movement with the balance after it."""

    movement: Movement
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A household's calendar year in fen: `opening + paid_in - paid_out = closing`."""

    household: str
    year: int
    opening: int
    paid_in: int
    paid_out: int
    closing: int
    lines: tuple[Line, ...]


def year_of(household: str, year: int, movements: Sequence[Movement]) -> Statement:
    """The statement of a year of Asia/Shanghai, from all movements up to its end, in their order.

    Where the account moved to another province, what left one set of books came into the other:
    both lines stand, and neither is a payment.
    """
    opening = sum(m.amount for m in movements if local_date(m.at).year < year)
    lines: list[Line] = []
    balance = opening
    for movement in movements:
        if local_date(movement.at).year == year:
            balance += movement.amount
            lines.append(Line(movement, balance))
    paid = [line.movement.amount for line in lines if line.movement.kind not in MOVED]
    return Statement(
        household=household,
        year=year,
        opening=opening,
        paid_in=sum(amount for amount in paid if amount > 0),
        paid_out=-sum(amount for amount in paid if amount < 0),
        closing=balance,
        lines=tuple(lines),
    )
