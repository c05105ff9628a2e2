"""Bids in the order of the log: each was lawful when it was taken, each refusal was right (R123).

Bidders stand under their paddles. Who a paddle was is opened after the close and checked there.
"""

from datetime import timedelta

from app.audit.auctions import lot_of, match_note
from app.audit.parties import Checker
from app.audit.records import Record
from app.audit.shapes import hundredths_of
from app.audit.state_auction import Bid, Lot
from app.audit.world import NODE, NODE_ITSELF, Expected, World
from app.kernel.calendar import wire
from app.kernel.units import decimal


def _in_order(world: World, record: Record, lot: Lot) -> None:
    if lot.last_bid_at is not None and record.at < lot.last_bid_at:
        world.find(record, "bid-order", f"not before {lot.last_bid_at}", record.at)
    lot.last_bid_at = record.at


def refusal_of(  # noqa: PLR0911 - one guard per line, in order of precedence
    lot: Lot, record: Record, paddle: int | None, price: int | None, *, by_maximum: bool = False
) -> str | None:
    """The code with which a bid must be refused at this place of the log, or None.

    A maximum may raise the bid of who leads already, to keep the lead over another maximum.
    """
    if paddle is None:
        return "not-registered"
    if lot.state == "frozen":
        return "frozen"
    if record.at < lot.opens_at:
        return "not-open"
    if lot.state != "live" or record.at >= lot.closes_at:
        return "closed"
    if not lot.ascending or price is None:
        return None
    if not lot.bids:
        return "bid-below-start" if price < lot.start else None
    leader = lot.bids[-1]
    if leader.paddle == paddle and not by_maximum:
        return "already-leading"
    least = (leader.price or 0) + lot.increment
    return "bid-below-increment" if price < least else None


def _check_maximum(world: World, record: Record, lot: Lot) -> None:
    """The node bids for a holder alone: at the opening, or in answer to a bid or a maximum."""
    body = record.body
    left = body["paddle"] in lot.maxima and record.actor == NODE_ITSELF
    world.must(left, record, "maximum", "a maximum of this paddle before", body["paddle"])
    caused = record.at in {lot.opens_at, lot.last_bid_at}
    world.must(caused, record, "maximum", f"at the opening or {lot.last_bid_at}", record.at)


def maximum_set(world: World, record: Record) -> None:
    """While the lot takes bids or will; how much it is stays with who left it."""
    lot, paddle = lot_of(world, record, "live"), record.body["paddle"]
    _in_order(world, record, lot)
    in_time = lot.ascending and record.at < lot.closes_at
    world.must(in_time, record, "maximum", f"an ascending lot before {lot.closes_at}", record.at)
    match_note(world, record, lot, "maximum", record.body)
    lot.maxima.add(paddle)
    lot.refused.append((record.index, paddle))


def placed(world: World, record: Record) -> None:
    """Taken, so nothing spoke against it; a late one gives everybody a whole countdown."""
    lot, body = lot_of(world, record), record.body
    if "by" in body:
        _check_maximum(world, record, lot)
    _in_order(world, record, lot)
    if lot.secret:
        raise world.stop(record, "bid", "sealed bids as commits alone", record.kind)
    paddle, number = body["paddle"], len(lot.bids) + 1
    if not lot.ascending:
        code = refusal_of(lot, record, paddle, None)
        world.must(code is None, record, "bid-unlawful", f"refused: {code}", "taken")
        wanted = {"paddle": paddle, "number": number, "commitment": body.get("commitment")}
        match_note(world, record, lot, "bid", wanted)
        lot.bids.append(Bid(record.index, paddle, number, record.at, None, body.get("commitment")))
        return
    price = hundredths_of(body.get("price_cny", "0.00"))
    by_maximum = {"by": "maximum"} if "by" in body else {}
    code = refusal_of(lot, record, paddle, price, by_maximum=bool(by_maximum))
    world.must(code is None, record, "bid-unlawful", f"refused: {code}", "taken")
    countdown = timedelta(seconds=lot.terms["extension_seconds"])
    if lot.closes_at - record.at < countdown:
        lot.closes_at = record.at + countdown
    wanted = {
        "paddle": paddle,
        "number": number,
        "price_cny": decimal(price),
        "closes_at": wire(lot.closes_at),
    }
    match_note(world, record, lot, "bid", wanted | by_maximum)
    lot.bids.append(Bid(record.index, paddle, number, record.at, price))


def refused(world: World, record: Record) -> None:
    """Refused for the reason that the rules give first; of a sealed bid nobody can say."""
    body = record.body
    if "h" in body:
        sealed = Expected(record.kind, "bid", NODE, body["h"], body)
        world.match(record, sealed)
        return
    lot = lot_of(world, record)
    _in_order(world, record, lot)
    if lot.ascending != ("price_cny" in body):
        raise world.stop(record, "bid", "a price where bids are open alone", body)
    price = hundredths_of(body["price_cny"]) if lot.ascending else None
    code = refusal_of(lot, record, body["paddle"], price)
    world.must(code == body["code"], record, "refusal", str(code or "a bid taken"), body["code"])
    match_note(world, record, lot, "bid", body)
    if body["paddle"] is not None:
        lot.refused.append((record.index, body["paddle"]))


CHECKERS: dict[str, Checker] = {
    "bid.placed": placed,
    "bid.refused": refused,
    "maximum.set": maximum_set,
}
