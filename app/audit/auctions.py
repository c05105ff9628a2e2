"""Before and beside the bids: notices, bundles, registrations, freezes (R118-R122).

A notice freezes the terms: its hash stands in the log before anybody can bid, and another takes
its place only with the full notice period again.
"""

import hashlib
from base64 import b64decode
from datetime import timedelta
from typing import Any

from app.audit.holds import unheld
from app.audit.parties import Checker, by_person
from app.audit.policies import in_force
from app.audit.records import Record, canonical
from app.audit.shapes import instant_of
from app.audit.state_auction import Lot, Registration
from app.audit.world import NODE, Expected, Moves, World
from app.kernel.calendar import days, wire
from app.kernel.units import decimal
from app.seal import is_usable

FROZEN_TERMS = ("lot", "province", "mode", "sealing", "tickets_hash", "area_m2", "policy")
CUSTODIANS_MAX = 16


def lot_of(world: World, record: Record, *states: str) -> Lot:
    """A lot that was listed, in one of these states."""
    lot = world.lots.get(record.subject)
    if lot is None:
        raise world.stop(record, "lot", "a lot", record.subject)
    if states and lot.state not in states:
        world.find(record, "lot-state", " or ".join(states), lot.state)
    return lot


def match_note(  # noqa: PLR0913, PLR0917 - a record has these parts
    world: World,
    record: Record,
    lot: Lot,
    rule: str,
    body: dict[str, Any],
    policy: str | None = None,
) -> None:
    """Compare a note about a lot with what it must be."""
    world.match(record, Expected(record.kind, rule, lot.province, lot.id, body, policy))


def sha256(value: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(value).hexdigest()


# ----------------------------------------------------------------------------------- notices


def listed(world: World, record: Record) -> None:
    """The first notice lists the lot, a later one replaces it before bidding opens."""
    terms = record.body["terms"]
    by_person(world, record, "notice")
    lot = world.lots.get(record.subject)
    if lot is None:
        lot = Lot(record.subject, record.index, terms, "", number=0)
        world.lots[lot.id] = lot
        parameters = in_force(world, record, record.province, record.policy)
        _check_frozen(world, record, terms, _of_policy(parameters) | {"policy": record.policy})
    else:
        unopened = lot.state == "live" and record.at < lot.opens_at
        world.must(unopened, record, "notice", f"before {lot.terms['opens_at']}", record.at)
        kept = {name: lot.terms[name] for name in FROZEN_TERMS}
        kept |= _of_policy(world.policies.parameters(lot.policy) or {})
        if lot.registered:
            kept["deposit_cny"] = lot.terms["deposit_cny"]
        _check_frozen(world, record, terms, kept)
    lot.number, lot.terms, lot.notice = lot.number + 1, terms, sha256(canonical(terms))
    lot.closes_at = instant_of(terms["closes_at"])
    _check_terms(world, record, lot)
    body = {"number": lot.number, "hash": lot.notice, "terms": terms}
    world.must(terms["lot"] == record.subject, record, "notice", record.subject, terms["lot"])
    match_note(world, record, lot, "notice", body, lot.policy)
    if lot.bundle:
        _check_costs(world, record, lot)


def _of_policy(parameters: dict[str, Any] | Any) -> dict[str, Any]:
    """What a notice takes from the policy version it names."""
    return {
        "extension_seconds": parameters.get("extension_seconds"),
        "min_bidders": parameters.get("min_bidders"),
        "sealed_tie": parameters.get("sealed_tie"),
        "payment_days": parameters.get("payment_days"),
        "notice_days": parameters.get("auction_notice_days"),
    }


def _check_frozen(
    world: World, record: Record, terms: dict[str, Any], kept: dict[str, Any]
) -> None:
    for name, wanted in kept.items():
        if terms[name] != wanted:
            world.find(record, "notice", f"{name} {wanted}", terms[name])


def _check_terms(world: World, record: Record, lot: Lot) -> None:
    terms = lot.terms
    earliest = record.at + days(terms["notice_days"])
    if lot.opens_at < earliest:
        world.find(record, "notice-period", f"opening from {wire(earliest)} on", terms["opens_at"])
    world.must(lot.closes_at > lot.opens_at, record, "notice", "a close after the opening", terms)
    world.must(lot.start > 0, record, "notice", "a start price above zero", terms)
    if lot.ascending:
        fits = lot.increment > 0 and terms["sealing"] is None
    else:
        drawn = terms["sealed_tie"] == "draw" and terms["draw_seed"] is None
        fits = terms["increment_cny"] is None and terms["sealing"] is not None and not drawn
    world.must(fits, record, "notice", f"the terms of an auction that is {terms['mode']}", terms)
    custodians = terms["custodians"]
    named = (custodians, terms["threshold"], terms["opening_days"])
    if not lot.secret:
        world.must(named == (None, None, None), record, "notice", "no custodians", named)
        return
    if None in named:
        raise world.stop(record, "notice", "custodians, a threshold and days to open", named)
    ids, keys = {id_ for id_, _ in custodians}, {key for _, key in custodians}
    sound = (
        len(ids) == len(keys) == len(custodians) <= CUSTODIANS_MAX
        and ids <= world.custodians
        and 1 <= terms["threshold"] <= len(custodians)
        and all(is_usable(b64decode(key)) for key in keys)
        # Released for another lot, a key would open the bids of this one before its close.
        and all(world.lot_of_key.setdefault(key, lot.id) == lot.id for key in sorted(keys))
    )
    world.must(sound, record, "notice", "registered custodians with keys for this lot", named)


def bundled(world: World, record: Record) -> None:
    """Handed-in tickets of this exchange, each with what its settlement will need."""
    lot = lot_of(world, record, "live")
    of = lot.province
    at_once = lot.number == 1 and not lot.registered and lot.bundle_area < lot.area
    world.must(at_once, record, "bundle", "the bundle with the first notice", record.body)
    rows = []
    for id_, *_ in record.body["tickets"]:
        ticket = world.tickets.get(id_)
        if ticket is None:
            raise world.stop(record, "bundle", "a ticket", id_)
        if ticket.province == ticket.application.province:
            unheld(world, record, ticket.application)
        here = ticket.state == "handed_in" and ticket.province == of
        stands = f"{ticket.state} in {ticket.province}"
        world.must(here, record, "ticket-state", f"handed in at {of}", stands)
        split = (
            world.crossings.splits.get(id_)
            or (world.policies.in_force(ticket.application.province, record.at)[0])
        )
        rows.append([id_, decimal(ticket.area), decimal(ticket.costs), split])
        lot.bundle[id_] = (ticket.area, ticket.costs, split)
        lot.bundle_area += ticket.area
        ticket.state = "listed"
    match_note(world, record, lot, "bundle", {"tickets": rows})
    if lot.bundle_area >= lot.area:
        _check_bundle(world, record, lot)


def _check_bundle(world: World, record: Record, lot: Lot) -> None:
    area = lot.terms["area_m2"]
    whole = lot.bundle_area == lot.area
    world.must(whole, record, "bundle", f"{area} in all", decimal(lot.bundle_area))
    tickets = [[id_, decimal(lot.bundle[id_][0])] for id_ in sorted(lot.bundle)]
    named = sha256(canonical({"tickets": tickets}))
    world.must(
        named == lot.terms["tickets_hash"],
        record,
        "bundle",
        f"tickets with the hash {lot.terms['tickets_hash']}",
        named,
    )
    _check_costs(world, record, lot)


def _check_costs(world: World, record: Record, lot: Lot) -> None:
    """Each ticket's share of the start price covers its costs, compared exactly (R133)."""
    for id_, (area, costs, _) in lot.bundle.items():
        if lot.start * area < costs * lot.bundle_area:
            world.find(record, "costs-floor", f"a start price covering {id_}", lot.start)


# ------------------------------------------------------------------------------ registrations


def deposit_facts(lot: Lot) -> dict[str, Any]:
    """What every entry of a deposit says; the price is null until there is one."""
    price = None if lot.result is None else lot.result["price_cny"]
    return {"lot": lot.id, "deposit": lot.terms["deposit_cny"], "price": price}


def deposit_entry(world: World, record: Record, lot: Lot, key: str, moves: Moves) -> None:
    """Compare an entry of a deposit with what it must be."""
    world.match(
        record,
        Expected(
            record.kind, "deposit", lot.province, lot.id, deposit_facts(lot), lot.policy, key, moves
        ),
    )


def deposit_account(lot: Lot, bidder: str) -> str:
    """Where a bidder's deposit for a lot is held."""
    return f"deposit:{lot.province}:{lot.id}:{bidder}"


def depositor(record: Record) -> str:
    """The bidder whose deposit an entry moves, by its accounts."""
    source, target = record.postings[0][:2]
    named = target if source.startswith("bidder_cash:") else source
    return named.rpartition(":")[2]


def deposit_held(world: World, record: Record) -> None:
    """The deposit of a bidder who registers."""
    lot = lot_of(world, record, "live", "frozen")
    bidder = depositor(record)
    fresh = bidder not in lot.registered and bidder not in lot.held
    world.must(fresh, record, "deposit", "one deposit of a bidder", bidder)
    deposit_entry(
        world,
        record,
        lot,
        f"deposit-hold:{lot.id}:{bidder}",
        ((f"bidder_cash:{NODE}:{bidder}", deposit_account(lot, bidder), lot.deposit),),
    )
    lot.held.add(bidder)


def registered(world: World, record: Record) -> None:
    """Until the close, also while frozen; once; with the deposit held (R122)."""
    lot, body = lot_of(world, record, "live", "frozen"), record.body
    bidder, key = body["bidder"], body["bid_key"]
    in_time = lot.state == "frozen" or record.at < lot.closes_at
    world.must(in_time, record, "registration", f"before {lot.closes_at}", record.at)
    world.must(bidder in world.bidders, record, "registration", "a registered bidder", bidder)
    fresh = bidder not in lot.registered
    world.must(fresh, record, "registration", "a bidder that is not registered", bidder)
    complete = lot.bundle_area == lot.area
    world.must(complete, record, "bundle", "the whole bundle before registrations", lot.id)
    if lot.deposit and bidder not in lot.held:
        world.find(record, "deposit", f"{decimal(lot.deposit)} held of {bidder}", "nothing held")
    named = key is None if not lot.secret else _names(key, f"{bidder}/{lot.id}")
    world.must(named, record, "registration", "a key of the bidder where bids are sealed", key)
    match_note(world, record, lot, "registration", body)
    lot.registered[bidder] = Registration(record.index, bidder, body["paddle_commitment"], key)


def _names(key: str | None, name: str) -> bool:
    return key is not None and key.partition("+")[0] == name


# ------------------------------------------------------------------------------------- freezes


def frozen(world: World, record: Record) -> None:
    """Only while open."""
    lot = lot_of(world, record, "live")
    by_person(world, record, "freeze")
    opened = lot.opens_at <= record.at < lot.closes_at
    world.must(opened, record, "freeze", "an open lot", record.at)
    match_note(world, record, lot, "freeze", record.body | {"closes_at": wire(lot.closes_at)})
    lot.state, lot.frozen_at, lot.frozen_index = "frozen", record.at, record.index


def resumed(world: World, record: Record) -> None:
    """The close moves by the time lost; an ascending lot has a whole countdown left at least."""
    lot = lot_of(world, record, "frozen")
    by_person(world, record, "freeze")
    if lot.frozen_at is not None:
        lot.closes_at += record.at - lot.frozen_at
        lot.pauses.append((lot.frozen_index, record.index))
    if lot.ascending:
        countdown = timedelta(seconds=lot.terms["extension_seconds"])
        lot.closes_at = max(lot.closes_at, record.at + countdown)
    match_note(world, record, lot, "freeze", record.body | {"closes_at": wire(lot.closes_at)})
    lot.state, lot.frozen_at = "live", None


CHECKERS: dict[str, Checker] = {
    "lot.listed": listed,
    "lot.bundle": bundled,
    "entry.deposit_hold": deposit_held,
    "lot.registered": registered,
    "lot.frozen": frozen,
    "lot.resumed": resumed,
}
