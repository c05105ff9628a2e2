"""What is known of lots, bids, certificates and plots."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.audit.records import Record
from app.audit.shapes import hundredths_of, instant_of
from app.kernel.calendar import days


@dataclass(slots=True)
class Bid:
    """A bid that was taken. `price` in fen; None while it is sealed."""

    index: int
    paddle: int
    number: int
    at: datetime
    price: int | None = None
    commitment: str | None = None


@dataclass(slots=True)
class SealedBid:
    """An opened bid of a lot with custodians. `price` in fen; None where it is void."""

    commit: int
    h: str
    bidder: str
    seq: int
    price: int | None


@dataclass(slots=True)
class Registration:
    """A registered bidder: the commitment to its paddle, and the key of its sealed bids."""

    index: int
    bidder: str
    commitment: str
    bid_key: str | None
    paddle: int | None = None


@dataclass(slots=True)
class Lot:
    """A lot by the terms of its latest notice, and how far it is."""

    id: str
    listed_at: int
    terms: dict[str, Any]
    notice: str
    number: int = 1
    state: str = "live"
    closes_at: datetime = datetime.min  # noqa: DTZ901 - replaced when the notice is read
    frozen_at: datetime | None = None
    frozen_index: int = 0
    bundle: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    bundle_area: int = 0
    registered: dict[str, Registration] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    released: dict[str, datetime] = field(default_factory=dict)
    bids: list[Bid] = field(default_factory=list)
    refused: list[tuple[int, int]] = field(default_factory=list)
    last_bid_at: datetime | None = None
    maxima: set[int] = field(default_factory=set)
    """Paddles whose holders have left a maximum."""
    closed_index: int | None = None
    closing: Record | None = None
    pauses: list[tuple[int, int]] = field(default_factory=list)
    """From which record to which one it was frozen."""
    result: dict[str, Any] | None = None
    opened: dict[int, int] = field(default_factory=dict)
    paddles: dict[int, str] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    keys_suffice_at: datetime | None = None
    probes: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    deks: dict[str, bytes] = field(default_factory=dict)
    sealed: list[SealedBid] = field(default_factory=list)
    to_settle: list[str] = field(default_factory=list)
    shares: dict[str, int] = field(default_factory=dict)
    villagers: int = 0

    @property
    def province(self) -> str:
        """The province of its exchange."""
        return str(self.terms["province"])

    @property
    def ascending(self) -> bool:
        """Whether its bids are open."""
        return bool(self.terms["mode"] == "ascending")

    @property
    def secret(self) -> bool:
        """Whether its bids are sealed to custodians."""
        return bool(self.terms["sealing"] == "lqx-seal/1")

    @property
    def area(self) -> int:
        """Its area by the notice, in 0.01 m²."""
        return hundredths_of(self.terms["area_m2"])

    @property
    def start(self) -> int:
        """The start price, in fen."""
        return hundredths_of(self.terms["start_price_cny"])

    @property
    def deposit(self) -> int:
        """The deposit, in fen."""
        return hundredths_of(self.terms["deposit_cny"])

    @property
    def increment(self) -> int:
        """The increment, in fen; zero where bids are sealed."""
        text = self.terms["increment_cny"]
        return 0 if text is None else hundredths_of(text)

    @property
    def opens_at(self) -> datetime:
        """When bidding opens."""
        return instant_of(self.terms["opens_at"])

    @property
    def policy(self) -> str:
        """The policy version that the notice froze."""
        return str(self.terms["policy"])

    @property
    def opening_due(self) -> datetime:
        """When sealed bids are opened at the latest."""
        return self.closes_at + days(self.terms["opening_days"])

    def took(self, commit: Record) -> bool:
        """Whether a sealed bid was taken at this record: while open, in no pause, by its dates."""
        ended = self.frozen_index if self.state == "frozen" else self.closed_index
        return (
            self.listed_at < commit.index
            and (ended is None or commit.index < ended)
            and self.opens_at <= commit.at < self.closes_at
            and not any(begun < commit.index < over for begun, over in self.pauses)
        )

    @property
    def winner(self) -> str | None:
        """Who won, by the result."""
        return None if self.result is None else self.result["winner"]

    @property
    def price(self) -> int:
        """The price of the result, in fen."""
        text = None if self.result is None else self.result["price_cny"]
        return 0 if text is None else hundredths_of(text)

    @property
    def payment_due(self) -> datetime | None:
        """When the payment falls due."""
        text = None if self.result is None else self.result["payment_due_at"]
        return None if text is None else instant_of(text)


@dataclass(slots=True)
class Certificate:
    """The winner's right to the area of a paid lot; what remains of it and of its cost."""

    lot: str
    bidder: str
    province: str
    remaining: int
    cost: int
    reserved: int = 0

    @property
    def account(self) -> str:
        """The ledger account of the remaining area."""
        return f"certificate:{self.province}:{self.lot}:{self.bidder}"


@dataclass(slots=True)
class Plot:
    """A plot selected under a certificate."""

    id: str
    certificate: Certificate
    county: str
    area: int
    collective: str | None
    sold: bool = False
