"""Holds: "I did not agree" (R2, R45). While one stands, nothing goes on."""

from app.audit.parties import Checker
from app.audit.records import Record
from app.audit.state_land import Application
from app.audit.world import Expected, World

HEARINGS = frozenset({"confirmed", "withdrawn"})
BEFORE_THE_MARKET = frozenset({"issued", "handed_in"})


def unheld(world: World, record: Record, of: Application) -> None:
    """What every step onward asks first."""
    world.must(of.hold is None, record, "held", "no hold on its application", of.hold)


def _application(world: World, record: Record) -> Application:
    found = world.applications.get(record.subject)
    if found is None:
        raise world.stop(record, "application", "an application", record.subject)
    return found


def _match(world: World, record: Record, of: Application, body: dict[str, object]) -> None:
    world.match(record, Expected(record.kind, "hold", of.province, of.id, body, of.policy))


def held(world: World, record: Record) -> None:
    """Once at a time, on what has not ended and is not with a buyer or on its way out."""
    found, id_ = _application(world, record), record.body["hold"]
    world.must(id_ not in world.holds, record, "unique-id", "a new hold", id_)
    runs = not found.is_ended and found.hold is None
    world.must(runs, record, "hold", "an application that runs and is not held", found.state)
    ticket = found.ticket
    early = ticket is None or ticket.state in BEFORE_THE_MARKET
    world.must(early, record, "hold", "a ticket before the market", ticket and ticket.state)
    _match(world, record, found, {"hold": id_})
    world.holds.add(id_)
    found.hold = id_
    found.held_by.add(record.actor)


def hold_ended(world: World, record: Record) -> None:
    """The one that stands; heard by another person; withdrawn only before the land is accepted."""
    found, body = _application(world, record), record.body
    world.must(found.hold == body["hold"], record, "hold", f"{found.hold}, which stands", body)
    outcome = body["outcome"]
    if outcome in HEARINGS:
        other = record.actor not in found.steps_by | found.held_by
        world.must(other, record, "two-persons", "another person than before", record.actor)
    if outcome == "withdrawn":
        early = found.state != "accepted"
        world.must(early, record, "hold", "land that is not reclaimed", found.state)
        found.state = "revoked"
    fits = found.is_ended == (outcome in {"withdrawn", "lapsed"})
    world.must(fits, record, "hold", f"an application that is {outcome}", found.state)
    _match(world, record, found, body | {"state": found.state})
    found.hold = None


CHECKERS: dict[str, Checker] = {"application.held": held, "application.hold_ended": hold_ended}
