"""Pure rules of bids that are encrypted to custodians: taking them, and opening them.

On time is what was recorded before the close. Until the opening a bid is judged by its head alone;
at the opening everybody who has the messages and the keys comes to the same verdicts.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.auction.refusals import AuctionRefusal
from app.auction.rules import Bid, Lot, LotState, PlaceBid, Register, Registration, judge_bids
from app.kernel.units import Fen, hundredths
from app.ledger.rules import canonical
from app.seal import (
    Custodian,
    Message,
    SealError,
    Terms,
    VoidError,
    key_matches,
    message_hash,
    open_with_dek,
    open_with_keys,
    parse_message,
)
from app.transparency.fields import TrustError
from app.transparency.notes import ED25519, Note, parse_note, parse_vkey, verified

NO_KEY = "key-missing"
"""Why a bid is void of which neither enough custodians nor the bidder published the key."""
NO_PRICE = "price-zero"
SEQ_MAX = 1_000
"""So many bids of one bidder for one lot: each takes milliseconds to open, all at once."""


@dataclass(frozen=True, slots=True)
class PlaceSealedBid:
    """A sealed message in a note that the bidder has signed."""

    lot: str
    bidder: str
    note: str


@dataclass(frozen=True, slots=True)
class CustodianKey:
    """The private key (32 bytes) that a custodian made for a lot."""

    lot: str
    custodian: str
    private: bytes


@dataclass(frozen=True, slots=True)
class BidKey:
    """The key (32 bytes) of one sealed bid, which `commit`, the hash of its message, names."""

    commit: str
    dek: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed bid as it arrived: well formed, and not yet judged."""

    hash: str
    message: Message
    note: Note


@dataclass(frozen=True, slots=True)
class SealedBid:
    """A sealed bid that was taken. `record` is the number of its record: the order of arrival."""

    hash: str
    lot: str
    bidder: str
    seq: int
    at: datetime
    record: int
    note: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What a sealed bid turned out to be: a price, or void under a code."""

    sealed: SealedBid
    price: Fen | None
    void: str | None


def hash_of_all(hashes: Sequence[str]) -> str:
    """What a close says of its sealed bids: SHA-256 over canonical JSON of their hashes in order.

    It says neither which they are nor how many, and leaves no choice at the opening.
    """
    return hashlib.sha256(canonical({"commits": list(hashes)})).hexdigest()


def bid_key_name(lot: str, bidder: str) -> str:
    """The name of the key by which a bidder signs its sealed bids for a lot."""
    return f"{bidder}/{lot}"


def is_bid_key(lot: Lot, command: Register) -> bool:
    """Whether a registration names a signing key where, and only where, the lot needs one."""
    if command.bid_key is None:
        return not lot.has_custodians
    try:
        verifier = parse_vkey(command.bid_key)
    except TrustError:
        return False
    named = verifier.name == bid_key_name(lot.id, command.bidder) and verifier.type == ED25519
    return lot.has_custodians and named


def read_envelope(text: str) -> Envelope | None:
    """A sealed message in a note with one signature; None if it is not of that form."""
    try:
        note = parse_note(text)
        if len(note.signatures) != 1:
            return None
        data = note.text.removesuffix("\n").encode()
        return Envelope(message_hash(data), parse_message(data), note)
    except (TrustError, SealError):
        return None


def terms_of(lot: Lot, custodians: Sequence[Custodian]) -> Terms:
    """What a bid for this lot must be sealed under."""
    assert lot.notice_hash is not None, "a lot with custodians has a notice"
    assert lot.threshold is not None, "a lot with custodians has a threshold"
    return Terms(lot.notice_hash, lot.id, lot.threshold, tuple(custodians))


@dataclass(frozen=True, slots=True)
class Desk:
    """What a sealed bid is judged by: the lot and its terms, and what the bidder has there."""

    lot: Lot
    terms: Terms
    registration: Registration | None
    last_seq: int


def judge_envelope(
    desk: Desk, command: PlaceSealedBid, envelope: Envelope, now: datetime
) -> AuctionRefusal | None:
    """Whether a sealed bid is taken: as any bid, and by what its head and signature say (R123)."""
    bidders = set() if desk.registration is None else {desk.registration.bidder}
    # The price is not to be known; any stands for it, for no rule looks at it before the opening.
    unread = PlaceBid(desk.lot.id, command.bidder, Fen(0))
    _, (verdict,) = judge_bids(desk.lot, [unread], bidders, now)
    if isinstance(verdict, AuctionRefusal):
        return verdict
    head = envelope.message.head
    if head.terms != desk.terms or head.bidder != command.bidder:
        return AuctionRefusal.NOTICE_OUTDATED
    if desk.registration is None or not _signed(envelope.note, desk.registration):
        return AuctionRefusal.SIGNATURE_INVALID
    return AuctionRefusal.SEQ_NOT_RISING if head.seq <= desk.last_seq else None


def _signed(note: Note, registration: Registration) -> bool:
    try:
        return bool(verified(note, [parse_vkey(registration.bid_key or "")]))
    except TrustError:
        return False


def decide_key(
    lot: Lot, custodian: Custodian, private: bytes, published: Mapping[str, bytes]
) -> AuctionRefusal | None:
    """Whether a custodian's key is taken: between close and opening, once, if it is the one."""
    if lot.state is not LotState.CLOSED:
        return AuctionRefusal.NOT_CLOSED
    if custodian.id in published:
        return AuctionRefusal.KEY_PUBLISHED
    return None if key_matches(private, custodian.public) else AuctionRefusal.KEY_MISMATCH


def decide_dek(
    lot: Lot, sealed: SealedBid, dek: bytes, *, published: bool
) -> AuctionRefusal | None:
    """Whether a bidder's own key is taken: between close and opening, once, if it is the one."""
    if lot.state is not LotState.CLOSED:
        return AuctionRefusal.NOT_CLOSED
    if published:
        return AuctionRefusal.KEY_PUBLISHED
    envelope = read_envelope(sealed.note)
    try:
        if envelope is not None:
            open_with_dek(envelope.message, dek)
    except VoidError:
        return None
    except SealError:
        return AuctionRefusal.KEY_MISMATCH
    return None


def open_bids(
    sealed: Sequence[SealedBid],
    threshold: int,
    keys: Mapping[str, bytes],
    deks: Mapping[str, bytes],
) -> list[Opening]:
    """The verdict on each sealed bid, in order of arrival.

    Any sufficient set of custodians' keys gives the same verdict. With fewer, a bid opens by the
    key that its bidder published, and without one it is void.
    """
    return [_open(bid, threshold, keys, deks.get(bid.hash)) for bid in sealed]


def _open(bid: SealedBid, threshold: int, keys: Mapping[str, bytes], dek: bytes | None) -> Opening:
    envelope = read_envelope(bid.note)
    assert envelope is not None, "what was taken is well formed"
    try:
        if len(keys) >= threshold:
            opened = open_with_keys(envelope.message, keys)
        elif dek is not None:
            opened = open_with_dek(envelope.message, dek)
        else:
            return Opening(bid, None, NO_KEY)
    except SealError as error:
        return Opening(bid, None, error.code)
    price = hundredths(opened.bid["price_cny"])
    return Opening(bid, Fen(price), None) if price else Opening(bid, None, NO_PRICE)


def bids_of(openings: Sequence[Opening], paddles: Mapping[str, int]) -> list[tuple[Bid, str]]:
    """The valid ones as bids, numbered in order of arrival, each with the hash it was sealed as."""
    valid = [(o.sealed, o.price) for o in openings if o.price is not None]
    return [
        (Bid(s.lot, s.bidder, price, s.at, number, paddles[s.bidder]), s.hash)
        for number, (s, price) in enumerate(valid, start=1)
    ]


def counting(openings: Sequence[Opening], bids: Sequence[tuple[Bid, str]]) -> list[Bid]:
    """Of each bidder the last bid before the close; if that one is void, none."""
    last = {o.sealed.bidder: o.sealed.hash for o in openings}
    return [bid for bid, hash_ in bids if last[bid.bidder] == hash_]
