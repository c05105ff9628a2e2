"""The close and what follows: winner, reserve, openings, deposits, payment, default (R123-R125).

Who stands behind a paddle and what a sealed bid said is opened after the close. The result is then
derived again, and a difference is found at the record that stated the result.
"""

from typing import Any

from app.audit.auctions import (
    deposit_account,
    deposit_entry,
    depositor,
    lot_of,
    match_note,
    sha256,
)
from app.audit.parties import Checker, by_person
from app.audit.records import Record
from app.audit.shapes import hundredths_of
from app.audit.splits import begin_settlement, move
from app.audit.state_auction import Bid, Lot
from app.audit.world import NODE, Expected, World
from app.kernel.calendar import days, wire
from app.kernel.units import decimal

Valid = list[tuple[int, int, str]]
"""The bids that count: price in fen, order of arrival, bidder."""


def closed(world: World, record: Record) -> None:
    """At its closing instant, by the node (R123, R124)."""
    lot = lot_of(world, record, "live")
    world.by_clock(record, lot.closes_at, "close-time")
    complete = lot.bundle_area == lot.area
    world.must(complete, record, "bundle", "the whole bundle before the close", lot.id)
    lot.closed_index = record.index
    lot.closing = record
    if lot.secret:
        nothing = dict.fromkeys(record.body) | {"closed_at": wire(lot.closes_at)}
        fixed = record.body["commits"]
        world.must(fixed is not None, record, "close", "the hash of its sealed bids", fixed)
        nothing["commits"] = fixed
        match_note(world, record, lot, "close", nothing | {"state": "closed"}, lot.policy)
        lot.state = "closed"
        return
    _take_result(world, record, lot)
    if lot.ascending:
        # Who the leading paddle is will be opened; all else is known.
        leader = lot.bids[-1] if lot.bids else None
        winner = lot.winner or ""
        valid = [(bid.price or 0, bid.index, str(bid.paddle)) for bid in _last_bids(lot)]
        expected = result_of(world, record, lot, valid)
        if leader is not None and expected["winner"] == str(leader.paddle):
            expected["winner"] = winner or "the leading bidder"
        body = expected | {"closed_at": wire(lot.closes_at), "commits": None}
        match_note(world, record, lot, "result", body, lot.policy)
    else:
        body = record.body | {"closed_at": wire(lot.closes_at), "commits": None}
        match_note(world, record, lot, "result", body, lot.policy)
        _check_openings(world, lot)
    _check_releases(world, record, lot)


def _last_bids(lot: Lot) -> list[Bid]:
    return list({bid.paddle: bid for bid in lot.bids}.values())


def _take_result(world: World, record: Record, lot: Lot) -> None:
    """The tickets and the lot go where the record says; whether that is right is asked apart."""
    lot.result = record.body
    lot.state = "sold" if record.body["state"] == "sold" else "unsold"
    for id_ in lot.bundle:
        world.tickets[id_].state = "sold" if lot.state == "sold" else "handed_in"


def take_decision(world: World, record: Record, lot: Lot, valid: Valid) -> None:
    """The result of a lot whose bids were sealed to custodians."""
    enough = len(lot.keys) >= lot.terms["threshold"]
    due = lot.keys_suffice_at if enough else lot.opening_due
    world.by_clock(record, due, "opening-time")
    _take_result(world, record, lot)
    check_result(world, record, lot, valid)
    _check_releases(world, record, lot)


def check_result(world: World, record: Record, lot: Lot, valid: Valid) -> None:
    """Compare the result that stands with the one that the valid bids give."""
    for name, wanted in result_of(world, record, lot, valid).items():
        if record.body[name] != wanted:
            world.find(record, "result", f"{name} {wanted}", record.body[name])


def result_of(world: World, record: Record, lot: Lot, valid: Valid) -> dict[str, Any]:
    """What a close comes to: highest bid, ties, enough bidders, the reserve (R123)."""
    body, terms = record.body, lot.terms
    reserve = _reserve(world, record, lot)
    result: dict[str, Any] = {
        "state": "unsold",
        "winner": None,
        "price_cny": None,
        "valid_bidders": len(valid),
        "reserve_price_cny": body["reserve_price_cny"],
        "reserve_salt": body["reserve_salt"],
        "payment_due_at": None,
    }
    best = max((price for price, _, _ in valid), default=0)
    if not valid or len(valid) < terms["min_bidders"] or best < reserve:
        return result
    tied = [(order, bidder) for price, order, bidder in valid if price == best]
    if not lot.ascending and terms["sealed_tie"] == "draw":
        seed = terms["draw_seed"] or ""
        winner = min((bidder for _, bidder in tied), key=lambda b: sha256(f"{seed}:{b}".encode()))
    else:
        winner = min(tied)[1]
    from_then = record.at if lot.secret else lot.closes_at
    return result | {
        "state": "sold",
        "winner": winner,
        "price_cny": decimal(best),
        "payment_due_at": wire(from_then + days(terms["payment_days"])),
    }


def _reserve(world: World, record: Record, lot: Lot) -> int:
    """The reserve price, opened with the result from the commitment in the notice."""
    price, salt = record.body["reserve_price_cny"], record.body["reserve_salt"]
    commitment = lot.terms["reserve_commitment"]
    if price is None or salt is None:
        if commitment is not None or price != salt:
            world.find(record, "reserve", "the reserve price opened", f"{price} and {salt}")
        return 0
    opened = sha256(bytes.fromhex(salt) + price.encode())
    world.must(opened == commitment, record, "reserve", str(commitment), opened)
    return hundredths_of(price)


def _check_releases(world: World, record: Record, lot: Lot) -> None:
    """The deposits of all others are released before the result is recorded, at its instant."""
    if not lot.deposit:
        return
    others = set(lot.registered) - {lot.winner}
    if lot.released.keys() != others or {*lot.released.values()} - {record.at}:
        world.find(record, "deposit", f"released to {sorted(others)}", sorted(lot.released))


def deposit_released(world: World, record: Record) -> None:
    """To a registered bidder that did not win, with the close or the decision."""
    lot, bidder = lot_of(world, record, "live", "closed"), depositor(record)
    fresh = bidder in lot.registered and bidder not in lot.released
    world.must(fresh, record, "deposit", "a deposit that is held", bidder)
    due = lot.closes_at if lot.state == "live" else record.at
    world.by_clock(record, due, "close-time")
    deposit_entry(
        world,
        record,
        lot,
        f"deposit-resolved:{lot.id}:{bidder}",
        ((deposit_account(lot, bidder), f"bidder_cash:{NODE}:{bidder}", lot.deposit),),
    )
    lot.released[bidder] = record.at


# ------------------------------------------------------------------------------------ openings


def paddles_opened(world: World, record: Record) -> None:
    """Who each paddle was: every registration opened, and every bid by one of them."""
    lot = lot_of(world, record, "unsold", "sold", "paid", "settled", "defaulted", "closed")
    match_note(world, record, lot, "paddle", record.body, lot.policy)
    for paddle, bidder, salt in record.body["paddles"]:
        registration = lot.registered.get(bidder)
        if registration is None or registration.paddle is not None or paddle in lot.paddles:
            world.find(record, "paddle", "each registration opened once", f"{paddle} {bidder}")
            continue
        opened = sha256(bytes.fromhex(salt) + f"{bidder}:{paddle}".encode())
        if opened != registration.commitment:
            world.find(record, "paddle", registration.commitment, f"{paddle} of {bidder}")
        registration.paddle = paddle
        lot.paddles[paddle] = bidder
    if len(lot.paddles) == len(lot.registered):
        _check_paddles(world, record, lot)
        _check_openings(world, lot)


def _check_paddles(world: World, record: Record, lot: Lot) -> None:
    named = [(bid.index, bid.paddle) for bid in lot.bids] + lot.refused
    for index, paddle in named:
        bidder = lot.paddles.get(paddle)
        if bidder is None or lot.registered[bidder].index > index:
            wanted = f"paddle {paddle} registered before record {index}"
            world.find(record, "paddle", wanted, bidder)
    closing = lot.closing
    if lot.ascending and closing is not None and lot.winner is not None and lot.bids:
        leader = lot.paddles.get(lot.bids[-1].paddle)
        world.must(leader == lot.winner, closing, "result", f"winner {leader}", lot.winner)


def opened(world: World, record: Record) -> None:
    """The bids that count of a lot without custodians: each opens its commitment."""
    lot = lot_of(world, record, "unsold", "sold")
    match_note(world, record, lot, "opening", record.body, lot.policy)
    counting = {bid.number: bid for bid in _last_bids(lot)}
    for number, paddle, price, salt in record.body["bids"]:
        bid = counting.get(number)
        if bid is None or bid.paddle != paddle or number in lot.opened:
            world.find(record, "opening", "each bid that counts opened once", number)
            continue
        said = sha256(bytes.fromhex(salt) + f"{paddle}:{price}".encode())
        if said != bid.commitment:
            world.find(record, "opening", str(bid.commitment), f"bid {number} at {price}")
        lot.opened[number] = hundredths_of(price)
    _check_openings(world, lot)


def _check_openings(world: World, lot: Lot) -> None:
    """With the last price and the last paddle opened, the result can be derived."""
    counting = {bid.number: bid.paddle for bid in _last_bids(lot)}
    known = lot.opened.keys() == counting.keys() and len(lot.paddles) == len(lot.registered)
    if lot.ascending or lot.secret or lot.closing is None or not known:
        return
    valid = [
        (price, number, lot.paddles.get(counting[number], "?"))
        for number, price in lot.opened.items()
        if price >= lot.start
    ]
    check_result(world, lot.closing, lot, valid)


# ------------------------------------------------------------------------- payment and default


def payment(world: World, record: Record) -> None:
    """Within the term, from the deposit first; what the deposit has beyond is released."""
    lot = lot_of(world, record, "sold")
    by_person(world, record, "payment")
    due = lot.payment_due
    in_time = due is not None and record.at < due
    world.must(in_time, record, "payment", f"before {due}", record.at)
    bidder, price = str(lot.winner), lot.price
    cash, escrow = f"bidder_cash:{NODE}:{bidder}", f"escrow:{lot.province}:{lot.id}"
    held, first = deposit_account(lot, bidder), min(lot.deposit, price)
    moves = (
        move(held, escrow, first)
        + move(held, cash, lot.deposit - first)
        + move(cash, escrow, price - first)
    )
    facts = {"lot": lot.id, "deposit": lot.terms["deposit_cny"], "price": decimal(price)}
    key = f"deposit-resolved:{lot.id}:{bidder}"
    paid = {"bidder": bidder, "price": decimal(price)}
    world.foresee(
        ("lot", lot.id),
        record,
        [
            Expected(record.kind, "payment", lot.province, lot.id, facts, lot.policy, key, moves),
            Expected("lot.paid", "payment", lot.province, lot.id, paid),
        ],
    )
    lot.state = "paid"
    begin_settlement(world, lot)


def paid(world: World, record: Record) -> None:
    """Only behind the entry of the payment."""
    if not world.go_on(("lot", record.subject), record):
        raise world.stop(record, "payment", "a payment before it", record.subject)


def forfeited(world: World, record: Record) -> None:
    """The deposit of a winner who did not pay goes to the exchange, when the term is over."""
    lot = lot_of(world, record, "sold")
    world.by_clock(record, lot.payment_due, "default")
    bidder = str(lot.winner)
    exchange = f"exchange:{lot.province}:{lot.province}"
    key = f"deposit-resolved:{lot.id}:{bidder}"
    moves = move(deposit_account(lot, bidder), exchange, lot.deposit)
    facts = {"lot": lot.id, "deposit": lot.terms["deposit_cny"], "price": decimal(lot.price)}
    world.foresee(
        ("lot", lot.id),
        record,
        [
            Expected(record.kind, "default", lot.province, lot.id, facts, lot.policy, key, moves),
            _default(lot),
        ],
    )


def _default(lot: Lot) -> Expected:
    lost = {"bidder": lot.winner, "forfeited": lot.terms["deposit_cny"]}
    return Expected("lot.defaulted", "default", lot.province, lot.id, lost)


def defaulted(world: World, record: Record) -> None:
    """The tickets can be listed again."""
    lot = lot_of(world, record, "sold")
    if not world.go_on(("lot", lot.id), record):
        world.by_clock(record, lot.payment_due, "default")
        nothing = lot.deposit == 0
        world.must(nothing, record, "default", "the deposit forfeited before it", lot.deposit)
        world.match(record, _default(lot))
    lot.state = "defaulted"
    for id_ in lot.bundle:
        world.tickets[id_].state = "handed_in"


CHECKERS: dict[str, Checker] = {
    "lot.closed": closed,
    "entry.deposit_release": deposit_released,
    "lot.paddles": paddles_opened,
    "lot.opened": opened,
    "entry.payment": payment,
    "lot.paid": paid,
    "entry.deposit_forfeit": forfeited,
    "lot.defaulted": defaulted,
}
