"""What reports are made of: sums of movements and of balances, and the city of a region."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.kernel.ids import province_of
from app.kernel.units import Area, Fen
from app.ledger.rules import AccountKind, AccountRef, Asset, EntryKind
from app.tickets.rules import TicketState
from app.withdrawal.rules import ApplicationState, HoldOutcome

MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
"""Provinces that are one city: Beijing, Tianjin, Shanghai, Chongqing."""
OF_NO_CITY = "90"
"""The third and fourth digit of counties that a province governs itself."""


def city_of(county: str) -> str:
    """The city of a county by its GB/T 2260 code: `430923` lies in the city `430900`."""
    if county[:2] in MUNICIPALITIES:
        return province_of(county)
    return county if county[2:4] == OF_NO_CITY else county[:4] + "00"


@dataclass(frozen=True, slots=True)
class Movement:
    """All postings of one kind of entry between two kinds of accounts of two books, added up."""

    entry: EntryKind
    source: AccountKind
    source_book: str
    target: AccountKind
    target_book: str
    amount: int


Balances = Mapping[tuple[str, AccountKind], int]
"""Balances added up by book and kind of account."""
TicketAreas = Mapping[tuple[str, TicketState], int]
"""Areas of tickets added up by the province where they stand and their state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Quota in a province's books: `issued + arrived` is the sum of all that stands after it."""

    homestead: Area
    accepted: Area
    issued: Area
    arrived: Area
    waiting: Area
    at_auction: Area
    in_transfer: Area
    certificates: Area
    landed: Area
    left: Area


@dataclass(frozen=True, slots=True, kw_only=True)
class Farmland:
    """Farmland in a province: `opening + made = taken + cropland + ecological`."""

    opening: Area
    made: Area
    taken: Area
    cropland: Area
    ecological: Area


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Money in a book: `paid_in + arrived = paid_out + left +` the sum of what is held.

    `paid_in` and `paid_out` cross the border of the market, `arrived` and `left` that of the book.
    """

    paid_in: Fen
    arrived: Fen
    paid_out: Fen
    left: Fen
    held: tuple[tuple[AccountKind, Fen], ...]


@dataclass(frozen=True, slots=True)
class Book:
    """A province's figures, or those of the node, where bidders' free cash stands."""

    province: str
    quota: Quota
    farmland: Farmland
    money: Money


def book_of(
    province: str, movements: Iterable[Movement], balances: Balances, tickets: TicketAreas
) -> Book:
    """The figures of one book (R198): sums of movements beside what is held now."""
    own = [m for m in movements if province in {m.source_book, m.target_book}]

    def held(kind: AccountKind) -> int:
        return balances.get((province, kind), 0)

    def tickets_in(*states: TicketState) -> Area:
        return Area(sum(tickets.get((province, state), 0) for state in states))

    def moved(entry: EntryKind, source: AccountKind, *targets: AccountKind) -> Area:
        return Area(
            sum(
                m.amount
                for m in own
                if (m.entry, m.source) == (entry, source) and m.target in targets
            )
        )

    k, e, t = AccountKind, EntryKind, TicketState
    return Book(
        province,
        Quota(
            homestead=Area(held(k.HOMESTEAD)),
            accepted=Area(held(k.ACCEPTED)),
            issued=moved(e.ISSUE, k.ACCEPTED, k.TICKET),
            arrived=moved(e.CONVERSION_IN, k.CONVERSION, k.TICKET),
            waiting=tickets_in(t.ISSUED, t.HANDED_IN),
            at_auction=tickets_in(t.LISTED, t.SOLD),
            in_transfer=tickets_in(t.LOCKED),
            certificates=Area(held(k.CERTIFICATE)),
            landed=moved(e.LAND_SALE, k.CERTIFICATE, k.CONSTRUCTION),
            left=moved(e.CONVERSION_OUT, k.TICKET, k.CONVERSION),
        ),
        Farmland(
            opening=moved(e.OPENING_STOCK, k.FARMLAND_OPENING, k.CROPLAND, k.ECOLOGICAL),
            made=moved(e.RECLAMATION, k.FARMLAND_MADE, k.CROPLAND, k.ECOLOGICAL),
            taken=moved(e.LAND_SALE, k.CROPLAND, k.FARMLAND_TAKEN),
            cropland=Area(held(k.CROPLAND)),
            ecological=Area(held(k.ECOLOGICAL)),
        ),
        _money(province, own, balances),
    )


def _money(province: str, own: Iterable[Movement], balances: Balances) -> Money:
    paid_in = arrived = paid_out = left = 0
    for m in own:
        if not _is_money(m.source):
            continue
        into, out_of = m.target_book == province, m.source_book == province
        if m.source is AccountKind.BANK and out_of:
            paid_in += m.amount
        elif into and not out_of:
            arrived += m.amount
        if m.target is AccountKind.BANK and into:
            paid_out += m.amount
        elif out_of and not into:
            left += m.amount
    held = tuple(
        (kind, Fen(balances[province, kind]))
        for kind in AccountKind
        if kind is not AccountKind.BANK
        and _is_money(kind)
        and balances.get((province, kind), 0) != 0
    )
    return Money(
        paid_in=Fen(paid_in),
        arrived=Fen(arrived),
        paid_out=Fen(paid_out),
        left=Fen(left),
        held=held,
    )


def _is_money(kind: AccountKind) -> bool:
    return AccountRef(kind, "").asset is Asset.CNY


class Stage(StrEnum):
    """Where quota goes: to its province when issued, to another one, onto the land of a county."""

    ISSUED = "issued"
    CONVERTED = "converted"
    LANDED = "landed"


class FlowKind(StrEnum):
    """The four flows of landed quota (R193 to R196), seen from the village that it came from.

    It flows to a village where a plot's farmland was a near-suburb collective's, else to the city.
    """

    OWN_VILLAGE = "own_village"
    OTHER_VILLAGE = "other_village"
    OTHER_CITY = "other_city"
    OWN_CITY = "own_city"


def flow_kind(source: str, target: str, *, to_village: bool) -> FlowKind:
    """Which of the four flows goes from a village's county to the county of a plot."""
    if city_of(source) == city_of(target):
        return FlowKind.OWN_VILLAGE if to_village else FlowKind.OWN_CITY
    return FlowKind.OTHER_VILLAGE if to_village else FlowKind.OTHER_CITY


@dataclass(frozen=True, slots=True)
class Landed:
    """Quota of a village, used up on plots of a county."""

    collective: str
    source: str
    target: str
    to_village: bool
    area: Area


@dataclass(frozen=True, slots=True)
class Flow:
    """Quota that went from one region to another; `left` and `arrived` differ by conversion."""

    stage: Stage
    source: str
    target: str
    kind: FlowKind | None
    left: Area
    arrived: Area

    @property
    def key(self) -> str:
        """Its place among all flows."""
        return f"{self.stage}>{self.source}>{self.target}>{self.kind or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Village:
    """A collective's land: what it gave, where that went, and what still waits (R192)."""

    collective: str
    county: str
    homestead: Area
    reclaimed: Area
    sent: Area
    landed: Area
    off_site_right: Area

    @property
    def surplus(self) -> Area:
        """Quota of the village that no city has used yet."""
        return Area(self.reclaimed - self.sent - self.landed)


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A county that people settle in: the quota that came with them, and what was landed (R192).

    `settled` is the area of their tickets in the county's own province, `coming` that of tickets
    which still stand in another one, by the measure of that province.
    """

    region: str
    settled: Area
    coming: Area
    landed: Area

    @property
    def gap(self) -> Area:
        """What is still to be landed for those who settled; negative where more was landed."""
        return Area(self.settled - self.landed)


@dataclass(frozen=True, slots=True)
class Times:
    """A settled lot: the hammer, the payment, and when its last account was credited."""

    lot: str
    province: str
    sold_at: datetime
    due_at: datetime
    paid_at: datetime
    credited_at: datetime

    @property
    def seconds(self) -> int:
        """From the hammer to the last account, in whole seconds."""
        lasted = self.credited_at - self.sold_at
        return lasted.days * 86_400 + lasted.seconds


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection, with the village whose application it is about; `upheld` once ruled on."""

    id: str
    application: str
    collective: str
    county: str
    raised_at: datetime
    upheld: bool | None
    ruled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold, with the village and the state of its application; `outcome` once it has ended."""

    id: str
    application: str
    state: ApplicationState
    collective: str
    county: str
    placed_at: datetime
    outcome: HoldOutcome | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a transfer as the log has it; the reason is that of a rejection."""

    kind: str
    at: datetime
    entry: int | None
    by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class History:
    """When each step of a transfer was taken, in order."""

    transfer: str
    steps: tuple[Step, ...]
