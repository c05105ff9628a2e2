"""At the ministry's node: each transfer between nodes is decided once (R185).

Also the coefficients that other nodes receive from it: in force from their arrival.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.audit.arrivals import check_terms
from app.audit.parties import Checker, by_person
from app.audit.policies_state import Coefficient
from app.audit.records import Record, canonical
from app.audit.state_crossing import Decided
from app.audit.world import NODE, Expected, World

PENDING = frozenset({"offered", "accepted"})
NOT_HELD = "ticket-not-held"


def coefficient_received(world: World, record: Record) -> None:
    """As the ministry has approved it: two provinces, yields above zero, days of its own."""
    id_, body = record.subject, record.body
    world.must(id_ not in world.coefficients.all, record, "unique-id", "a new coefficient", id_)
    one = Coefficient(
        id_,
        None,
        approved=True,
        giver=body["from"],
        receiver=body["to"],
        yield_out=body["yield_out"],
        yield_in=body["yield_in"],
        first=date.fromisoformat(body["valid_from"]),
        last=date.fromisoformat(body["valid_to"]),
        document=body["document"],
    )
    lawful = (
        one.giver != one.receiver
        and min(one.yield_out, one.yield_in) > 0
        and one.first <= one.last
        and record.province == NODE
    )
    world.must(lawful, record, "coefficient", "two provinces, yields above zero, days", body)
    free = world.coefficients.propose(one)
    world.must(free, record, "coefficient", "days that no other of the pair covers", body)


def offered(world: World, record: Record) -> None:
    """What is in order is offered on, once; no ticket is on two ways."""
    id_, body = record.subject, record.body
    world.must(id_ not in world.crossings.decided, record, "unique-id", "a new transfer", id_)
    check_terms(world, record, body["to"])
    same = [
        other
        for other, decided in world.crossings.decided.items()
        if decided.terms is not None
        and decided.state != "aborted"
        and (decided.terms["from"], decided.terms["ticket"]) == (body["from"], body["ticket"])
    ]
    world.must(not same, record, "crossing", "a ticket that is on no other way", same)
    world.crossings.decided[id_] = Decided("offered", body)


def _known(world: World, record: Record) -> Decided:
    found = world.crossings.decided.get(record.subject)
    if found is None:
        raise world.stop(record, "crossing", "a transfer that was offered", record.subject)
    return found


def accepted(world: World, record: Record) -> None:
    """The receiver has accepted what it was offered."""
    found = _known(world, record)
    world.must(found.state == "offered", record, "crossing", "offered", found.state)
    wanted = {"proposal": (found.terms or {}).get("proposal")}
    world.match(record, Expected(record.kind, "crossing", NODE, record.subject, wanted))
    found.state = "accepted"


def decided(world: World, record: Record) -> None:
    """Once; a commit by a person, on an acceptance, under a document number."""
    id_, body = record.subject, record.body
    found = world.crossings.decided.setdefault(id_, Decided("offered"))
    once = found.state in PENDING and found.decision is None
    world.must(once, record, "crossing", "one decision", found.state)
    terms = found.terms
    if terms is not None:
        world.must(body["proposal"] == terms["proposal"], record, "crossing", "its proposal", body)
    if body["outcome"] == "commit":
        by_person(world, record, "crossing")
        sound = found.state == "accepted" and body["document"] and terms is not None
        world.must(sound, record, "crossing", "an acceptance and a document number", found.state)
        wanted = None if terms is None else _acceptance(id_, str(terms["proposal"]), terms)
        same = body["acceptance"] == wanted
        world.must(same, record, "crossing", f"acceptance {wanted}", body["acceptance"])
    _looked(world, record, terms)
    found.state = "committed" if body["outcome"] == "commit" else "aborted"
    found.decision = body["decision"]


def _looked(world: World, record: Record, terms: Mapping[str, Any] | None) -> None:
    """A commit rests on what the giver's own log holds, or on a lock that stands in this one."""
    body, commits = record.body, record.body["outcome"] == "commit"
    if "log_size" not in body:
        here = any(one.crossing == record.subject for one in world.crossings.departures.values())
        seen = here if commits else body["code"] != NOT_HELD
        world.must(seen, record, "crossing", "a look into the giver's log", body["code"])
        return
    holds = (
        terms is not None
        and body["lock_leaf"] < body["log_size"]
        and body["held_m2"] == terms["sent_m2"]
        and body["claims"] == [[body["lock_leaf"], terms["proposal"]]]
    )
    follows = commits if holds else not commits and body["code"] == NOT_HELD
    wanted = "a commit on what is held, and an abort on what is not"
    world.must(follows, record, "crossing", wanted, body["held_m2"])


def _acceptance(transfer: str, proposal: str, terms: object) -> str:
    """The digest of the one acceptance that there can be of a proposal."""
    assert isinstance(terms, dict), "a record's body is a map"
    body = {"transfer": transfer, "propose": proposal, "credit_m2": terms["received_m2"]}
    return hashlib.sha256(canonical({"type": "xfer.accept", "body": body})).hexdigest()


def applied(world: World, record: Record) -> None:
    """Each side reports the decision that there is, once."""
    found = _known(world, record)
    side, decision = record.body["side"], record.body["decision"]
    same = decision == found.decision
    world.must(same, record, "crossing", f"decision {found.decision}", decision)
    world.must(side not in found.applied, record, "crossing", "one report of a side", side)
    found.applied.add(side)


CHECKERS: dict[str, Checker] = {
    "coefficient.received": coefficient_received,
    "crossing.offered": offered,
    "crossing.accepted": accepted,
    "crossing.decided": decided,
    "crossing.applied": applied,
}
