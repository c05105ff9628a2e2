"""Bids sealed to custodians, opened again from what is published: `lqx-seal/1` (R123).

A bid is on time if its commit stands before the close in the log. Any sufficient set of published
keys gives one verdict; with too few, a bid opens by the key that its bidder published.
"""

from base64 import b64decode

from app.audit.auctions import lot_of, match_note, sha256
from app.audit.closes import Valid, take_decision
from app.audit.parties import Checker
from app.audit.records import Record, canonical
from app.audit.shapes import hundredths_of
from app.audit.state_auction import Lot, Registration, SealedBid
from app.audit.world import NODE, Expected, World
from app.kernel.units import decimal
from app.seal import (
    Custodian,
    Message,
    OpeningError,
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
from app.transparency.notes import Note, parse_note, parse_vkey, verified

NO_KEY = "key-missing"
NO_PRICE = "price-zero"


def committed(world: World, record: Record) -> None:
    """A commit says neither lot nor bidder; once."""
    h = record.body["h"]
    fresh = h not in world.commits
    world.must(fresh, record, "commit", "a message that was not committed to before", h)
    world.match(record, Expected(record.kind, "commit", NODE, h, {"h": h}))
    if fresh:
        world.commits[h] = record


def key_released(world: World, record: Record) -> None:
    """A custodian's private key after the close: it is the one of the notice."""
    lot, body = lot_of(world, record, "closed"), record.body
    public = dict(lot.terms["custodians"] or []).get(body["custodian"])
    private = b64decode(body["private_key"])
    right = public is not None and key_matches(private, b64decode(public))
    fresh = body["custodian"] not in lot.keys
    world.must(right and fresh, record, "custodian-key", f"the key to {public}", body["custodian"])
    match_note(world, record, lot, "custodian-key", body)
    if right and fresh:
        lot.keys[body["custodian"]] = private
        if len(lot.keys) == lot.terms["threshold"]:
            lot.keys_suffice_at = record.at


def probed(world: World, record: Record) -> None:
    """A nonce sealed to a custodian of the lot, before anybody relies on its key."""
    lot, body = lot_of(world, record), record.body
    named = body["custodian"] in dict(lot.terms["custodians"] or [])
    fresh = body["probe"] not in lot.probes
    world.must(named and fresh, record, "probe", "a new probe of a custodian of the lot", body)
    match_note(world, record, lot, "probe", body)
    lot.probes[body["probe"]] = (body["custodian"], body["nonce_hash"])


def answered(world: World, record: Record) -> None:
    """The nonce that was sealed: its hash stands in the probe."""
    lot, body = lot_of(world, record), record.body
    said = sha256(b64decode(body["nonce"]))
    asked = lot.probes.get(body["probe"])
    right = asked == (body["custodian"], said)
    world.must(right, record, "probe", f"the answer to {asked}", said)
    match_note(world, record, lot, "probe", body)
    lot.probes[body["probe"]] = None


def dek_published(world: World, record: Record) -> None:
    """A bidder's own key, where custodians' keys are lost; checked when the bid is opened."""
    lot, body = lot_of(world, record, "closed"), record.body
    known = body["h"] in world.commits and body["h"] not in lot.deks
    world.must(known, record, "bid-key", "a commit whose key is not published", body["h"])
    match_note(world, record, lot, "bid-key", body)
    lot.deks[body["h"]] = b64decode(body["dek"])


def opened(world: World, record: Record) -> None:
    """The verdict on one bid, repeated from its message and the published keys."""
    lot, body = lot_of(world, record, "closed"), record.body
    match_note(world, record, lot, "opening", body, lot.policy)
    commit = world.commits.get(body["h"])
    if commit is None:
        raise world.stop(record, "opening", "a bid that was committed to", body["h"])
    note, message = _read(world, record)
    head = message.head
    registration = lot.registered.get(head.bidder)
    if registration is None or not _signed(note, registration):
        raise world.stop(record, "opening", "a bid signed by a registered bidder", head.bidder)
    _check_arrival(world, record, lot, commit, registration)
    if head.terms != _terms(lot):
        world.find(record, "opening", f"a bid for the notice {lot.notice}", head.notice)
    before = [bid.seq for bid in lot.sealed if bid.bidder == head.bidder]
    rising = all(head.seq > seq for seq in before)
    world.must(rising, record, "opening", f"a number above {before}", head.seq)
    try:
        price, void = _verdict(lot, body["h"], message)
    except OpeningError as error:
        # A key to which a bid does not commit says nothing about the bid.
        world.find(record, "bid-key", "the key of this bid", error.code)
        price, void = None, body["void"]
    wanted = (None if price is None else decimal(price), void)
    stands = (body["price_cny"], body["void"])
    world.must(stands == wanted, record, "opening", f"price and void {wanted}", stands)
    del world.commits[body["h"]]
    lot.sealed.append(SealedBid(commit.index, body["h"], head.bidder, head.seq, price))


def _read(world: World, record: Record) -> tuple[Note, Message]:
    try:
        note = parse_note(record.body["note"])
        data = note.text.removesuffix("\n").encode()
        message = parse_message(data)
    except (TrustError, SealError) as error:
        raise world.stop(record, "opening", "a sealed message in a signed note", error) from None
    if message_hash(data) != record.body["h"]:
        raise world.stop(record, "opening", "the message committed to", message_hash(data))
    return note, message


def _signed(note: Note, registration: Registration) -> bool:
    try:
        return bool(verified(note, [parse_vkey(registration.bid_key or "")]))
    except TrustError:
        return False


def _terms(lot: Lot) -> Terms | None:
    custodians = tuple(Custodian(id_, b64decode(key)) for id_, key in lot.terms["custodians"])
    try:
        return Terms(lot.notice, lot.id, lot.terms["threshold"], custodians)
    except SealError:
        return None


def _check_arrival(
    world: World, record: Record, lot: Lot, commit: Record, registration: Registration
) -> None:
    """On time: behind the opening and the registration, before the close, in no pause."""
    on_time = registration.index < commit.index and lot.took(commit)
    world.must(
        on_time, record, "on-time", f"a commit before record {lot.closed_index}", commit.index
    )
    in_order = not lot.sealed or lot.sealed[-1].commit < commit.index
    world.must(in_order, record, "opening", "bids in the order of their commits", commit.index)


def _verdict(lot: Lot, h: str, message: Message) -> tuple[int | None, str | None]:
    try:
        if len(lot.keys) >= lot.terms["threshold"]:
            found = open_with_keys(message, lot.keys)
        elif h in lot.deks:
            found = open_with_dek(message, lot.deks[h])
        else:
            return None, NO_KEY
    except VoidError as error:
        return None, error.code
    price = hundredths_of(found.bid["price_cny"])
    return (price, None) if price else (None, NO_PRICE)


def decided(world: World, record: Record) -> None:
    """Each bidder's last bid counts; equal ones go by their place in the log or by the draw."""
    lot = lot_of(world, record, "closed")
    _check_set(world, record, lot)
    take_decision(world, record, lot, _valid(lot))
    match_note(world, record, lot, "result", record.body, lot.policy)


def _check_set(world: World, record: Record, lot: Lot) -> None:
    """Those that were opened are those that the close fixed, before anybody could read them."""
    fixed = None if lot.closing is None else lot.closing.body["commits"]
    found = sha256(canonical({"commits": [bid.h for bid in lot.sealed]}))
    world.must(found == fixed, record, "opening", f"the sealed bids of the close, {fixed}", found)


def _valid(lot: Lot) -> Valid:
    last = {bid.bidder: bid for bid in lot.sealed}
    return [
        (bid.price, bid.commit, bid.bidder)
        for bid in last.values()
        if bid.price is not None and bid.price >= lot.start
    ]


CHECKERS: dict[str, Checker] = {
    "commit": committed,
    "custodian.released": key_released,
    "custodian.probed": probed,
    "custodian.answered": answered,
    "bid.key_published": dek_published,
    "bid.opened": opened,
    "lot.decided": decided,
}
