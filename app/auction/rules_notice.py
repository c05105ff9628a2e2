"""Pure rules of a notice: what it must say, how it is hashed, and how it may be replaced.

A notice freezes the terms. Its hash stands in the log before bidding opens; another one may take
its place until then, but only with the full notice period again (R120, R121).
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.auction.refusals import AuctionRefusal
from app.auction.rules import Lot, LotState, Mode, Sealing
from app.kernel.calendar import wire
from app.kernel.units import Area, Fen, decimal
from app.ledger.rules import canonical
from app.policy.rules import SealedTie
from app.seal import Custodian, is_usable
from app.tickets.rules import Ticket, TicketState

CUSTODIANS_MAX = 16


@dataclass(frozen=True, slots=True)
class Custody:
    """Who keeps the shares of sealed bids, how many open them, and how long they may take."""

    custodians: tuple[Custodian, ...]
    threshold: int
    opening_term: timedelta


@dataclass(frozen=True, slots=True)
class ListLot:
    """Bundle tickets into a lot and give notice of its auction (R118, R120)."""

    id: str
    province: str
    tickets: tuple[str, ...]
    mode: Mode
    start_price: Fen
    reserve_price: Fen | None
    increment: Fen | None
    deposit: Fen
    opens_at: datetime
    closes_at: datetime
    draw_seed: str | None
    sealing: Sealing | None = None
    custody: Custody | None = None


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Other terms for a lot whose bidding has not opened; all of them are said anew."""

    lot: str
    start_price: Fen
    reserve_price: Fen | None
    increment: Fen | None
    deposit: Fen
    opens_at: datetime
    closes_at: datetime
    draw_seed: str | None
    custody: Custody | None = None

    def listing(self, lot: Lot, tickets: Sequence[str]) -> ListLot:
        """The notice as a listing of the same tickets would give it."""
        return ListLot(
            id=lot.id,
            province=lot.province,
            tickets=tuple(tickets),
            mode=lot.mode,
            start_price=self.start_price,
            reserve_price=self.reserve_price,
            increment=self.increment,
            deposit=self.deposit,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            draw_seed=self.draw_seed,
            sealing=lot.sealing,
            custody=self.custody,
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it was given. `terms` are the canonical bytes that `hash` is the SHA-256 of."""

    lot: str
    number: int
    at: datetime
    terms: bytes

    @property
    def hash(self) -> str:
        """By this the log and every sealed bid name the notice."""
        return hashlib.sha256(self.terms).hexdigest()


def decide_shape(
    command: ListLot, tie: SealedTie, notice: timedelta, now: datetime
) -> AuctionRefusal | str | None:
    """The checks of a notice before its tickets (R121); a text names a field that is malformed."""
    if command.opens_at < now + notice:
        return AuctionRefusal.NOTICE_TOO_SHORT
    if command.closes_at <= command.opens_at:
        return "closes_at"
    if command.mode is Mode.ASCENDING and not command.increment:
        return "increment_cny"
    if command.mode is Mode.SEALED and tie is SealedTie.DRAW and command.draw_seed is None:
        return "draw_seed"
    return _sealing_fault(command)


def _sealing_fault(command: ListLot) -> str | None:
    if command.sealing is not None and command.mode is not Mode.SEALED:
        return "sealing"
    custody = command.custody
    if (custody is not None) != (command.sealing is Sealing.CUSTODIANS):
        return "custodians"
    if custody is None:
        return None
    keys = [custodian.public for custodian in custody.custodians]
    ids = [custodian.id for custodian in custody.custodians]
    if len(set(keys)) < len(keys) or len(set(ids)) < len(ids) or not all(map(is_usable, keys)):
        return "custodians"
    return None if 1 <= custody.threshold <= len(ids) <= CUSTODIANS_MAX else "threshold"


def decide_bundle(
    command: ListLot, tickets: Sequence[Ticket], *, has_held: bool
) -> AuctionRefusal | Area:
    """Whether these tickets may be sold together from this price on; answers with their area.

    `has_held`: a hold stands on the application of one of them.

    Each ticket's share of the start price must cover its reclamation and financing costs, compared
    without rounding, so that a settlement never has a negative net (R133).
    """
    available = tickets and all(
        t.state is TicketState.HANDED_IN and t.province == command.province for t in tickets
    )
    if not available:
        return AuctionRefusal.TICKET_NOT_AVAILABLE
    if has_held:
        return AuctionRefusal.TICKET_HELD
    if not covers_costs(command.start_price, tickets):
        return AuctionRefusal.START_PRICE_BELOW_COSTS
    return Area(sum(t.area for t in tickets))


def covers_costs(start_price: Fen, tickets: Sequence[Ticket]) -> bool:
    """Whether each ticket's share of the start price covers its costs, compared exactly."""
    total = sum(t.area for t in tickets)
    return all(start_price * t.area >= t.costs * total for t in tickets)


def decide_notice(
    lot: Lot, command: NewNotice, tickets: Sequence[Ticket], now: datetime, *, registered: bool
) -> AuctionRefusal | str | Lot:
    """The lot under a new notice; a refusal; or the name of a field that is malformed.

    Until the bidding opens, with the full notice period again, and with the deposit that those
    who are registered already have paid.
    """
    if lot.state is not LotState.LIVE or now >= lot.opens_at:
        return AuctionRefusal.BIDDING_OPENED
    listing = command.listing(lot, [ticket.id for ticket in tickets])
    fault = decide_shape(listing, lot.terms.sealed_tie, lot.terms.notice_term, now)
    if fault is not None:
        return fault
    if registered and command.deposit != lot.deposit:
        return AuctionRefusal.DEPOSIT_FIXED
    if not covers_costs(command.start_price, tickets):
        return AuctionRefusal.START_PRICE_BELOW_COSTS
    return offered(lot, listing)


def offered(lot: Lot, listing: ListLot) -> Lot:
    """The lot with the terms of a listing."""
    custody = listing.custody
    return replace(
        lot,
        start_price=listing.start_price,
        reserve_price=listing.reserve_price,
        increment=listing.increment if lot.mode is Mode.ASCENDING else None,
        deposit=listing.deposit,
        opens_at=listing.opens_at,
        closes_at=listing.closes_at,
        draw_seed=listing.draw_seed,
        threshold=None if custody is None else custody.threshold,
        opening_term=None if custody is None else custody.opening_term,
    )


def terms_of(lot: Lot, tickets: Sequence[Ticket], custodians: Sequence[Custodian]) -> bytes:
    """The whole terms of a lot as canonical JSON."""
    bundle = [[t.id, decimal(t.area)] for t in sorted(tickets, key=lambda t: t.id)]
    document: Mapping[str, Any] = {
        "lot": lot.id,
        "province": lot.province,
        "mode": lot.mode.value,
        "sealing": None if lot.sealing is None else lot.sealing.value,
        "tickets_hash": hashlib.sha256(canonical({"tickets": bundle})).hexdigest(),
        "area_m2": decimal(lot.area),
        "start_price_cny": decimal(lot.start_price),
        "increment_cny": None if lot.increment is None else decimal(lot.increment),
        "deposit_cny": decimal(lot.deposit),
        "reserve_commitment": reserve_commitment(lot),
        "opens_at": wire(lot.opens_at),
        "closes_at": wire(lot.closes_at),
        "draw_seed": lot.draw_seed,
        "policy": lot.terms.policy,
        "extension_seconds": lot.terms.extension // timedelta(seconds=1),
        "min_bidders": lot.terms.min_bidders,
        "sealed_tie": lot.terms.sealed_tie.value,
        "payment_days": lot.terms.payment_term.days,
        "notice_days": lot.terms.notice_term.days,
        "threshold": lot.threshold,
        "custodians": [[c.id, base64.b64encode(c.public).decode()] for c in custodians]
        if lot.has_custodians
        else None,
        "opening_days": None if lot.opening_term is None else lot.opening_term.days,
    }
    return canonical(document)


def reserve_commitment(lot: Lot) -> str | None:
    """What binds the reserve price before it may be read: SHA-256 over a salt and the price."""
    if lot.reserve_price is None or lot.reserve_salt is None:
        return None
    return hashlib.sha256(lot.reserve_salt + decimal(lot.reserve_price).encode()).hexdigest()


def paddle_commitment(salt: bytes, bidder: str, paddle: int) -> str:
    """What binds a bidder to its paddle before the close: SHA-256 over salt, bidder, paddle."""
    return hashlib.sha256(salt + f"{bidder}:{paddle}".encode()).hexdigest()


def price_commitment(salt: bytes, paddle: int, price: Fen) -> str:
    """What binds a sealed bid of a lot without custodians: SHA-256 over salt, paddle, price."""
    return hashlib.sha256(salt + f"{paddle}:{decimal(price)}".encode()).hexdigest()
