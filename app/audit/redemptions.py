"""Requests to redeem a housing account: asked by one, decided by another, done as approved.

What is asked for stands in the log as a commitment alone. That an approval did it is told by the
use of the account before it, of the same kind, instant and person.
"""

from app.audit.housing import housing_of
from app.audit.parties import Checker, by_person
from app.audit.records import Record
from app.audit.rentals import check_rents
from app.audit.state_housing import Redemption
from app.audit.world import Expected, World
from app.kernel.calendar import days, wire

DECISION_DAYS = 7


def requested(world: World, record: Record) -> None:
    """Of an open account; one waits of each household and kind, to be decided within a week."""
    id_, body = record.subject, record.body
    household, kind = body["household"], body["kind"]
    account = housing_of(world, record, household)
    by_person(world, record, "redemption")
    check_rents(world, record, account)
    world.must(account.open, record, "account", "an open account", "closed by a refund")
    world.must(id_ not in world.redemptions, record, "unique-id", "a new request", id_)
    free = kind not in account.asked
    world.must(free, record, "redemption", f"no other open {kind} of {household}", id_)
    due_at = wire(record.at + days(DECISION_DAYS))
    _match(world, record, account.province, body | {"due_at": due_at})
    world.redemptions[id_] = Redemption(household, kind, record.actor)
    account.asked.add(kind)


def withdrawn(world: World, record: Record) -> None:
    """While nobody has decided it."""
    _close(world, record)


def refused(world: World, record: Record) -> None:
    """By a second person, for a reason of the list."""
    _check_second(world, record, _close(world, record))


def approved(world: World, record: Record) -> None:
    """By a second person, who has just done what was asked for."""
    request = _close(world, record)
    _check_second(world, record, request)
    account = housing_of(world, record, request.household)
    done = (request.kind, record.at, record.actor)
    whole = ("account", request.household) not in world.scripts
    world.must(account.used == done and whole, record, "redemption", f"done: {done}", account.used)


def _close(world: World, record: Record) -> Redemption:
    request = world.redemptions.get(record.subject)
    if request is None:
        raise world.stop(record, "redemption", "a request", record.subject)
    by_person(world, record, "redemption")
    world.must(request.is_open, record, "redemption", "an open request", "decided before")
    request.is_open = False
    account = housing_of(world, record, request.household)
    account.asked.discard(request.kind)
    named = {"household": request.household, "kind": request.kind}
    _match(world, record, account.province, record.body | named)
    return request


def _check_second(world: World, record: Record, request: Redemption) -> None:
    second = record.actor != request.asked_by
    world.must(second, record, "redemption", f"anybody but {request.asked_by}", record.actor)


def _match(world: World, record: Record, province: str, body: dict[str, object]) -> None:
    world.match(record, Expected(record.kind, "redemption", province, record.subject, body))


CHECKERS: dict[str, Checker] = {
    "redemption.requested": requested,
    "redemption.approved": approved,
    "redemption.refused": refused,
    "redemption.withdrawn": withdrawn,
}
