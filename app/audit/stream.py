"""Every record in the order of the log through the checker of its kind, and the end of the log."""

from collections.abc import Iterable

from app.audit import (
    arrivals,
    auctions,
    bids,
    clearing,
    clearing_between,
    clearing_restated,
    closes,
    decisions,
    departures,
    evidence,
    holds,
    housing,
    landing,
    nodes,
    parties,
    payments,
    policies,
    reconciliation,
    redemptions,
    rentals,
    seals,
    splits,
    transfers,
    withdrawals,
)
from app.audit.parties import Checker
from app.audit.records import FormError, Record, read_record
from app.audit.report import Finding, Report, shown
from app.audit.state_auction import Lot
from app.audit.world import CLOCK_SLACK, NODE_ITSELF, BrokenError, World

CHECKERS: dict[str, Checker] = {
    **parties.CHECKERS,
    **policies.CHECKERS,
    **withdrawals.CHECKERS,
    **evidence.CHECKERS,
    **holds.CHECKERS,
    **auctions.CHECKERS,
    **bids.CHECKERS,
    **closes.CHECKERS,
    **seals.CHECKERS,
    **splits.CHECKERS,
    **housing.CHECKERS,
    **rentals.CHECKERS,
    **redemptions.CHECKERS,
    **landing.CHECKERS,
    **transfers.CHECKERS,
    # To and from other nodes; these know of transfers within the node as well.
    **departures.CHECKERS,
    **arrivals.CHECKERS,
    **decisions.CHECKERS,
    **nodes.CHECKERS,
    **clearing.CHECKERS,
    **clearing_between.CHECKERS,
    **clearing_restated.CHECKERS,
    **payments.CHECKERS,
    **reconciliation.CHECKERS,
}
"""What judges each kind of record."""

OVERDUE_DAYS = 1
"""What fell due so long before the end of the log and was not done is found."""


BEYOND = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""A record that no reckoning can follow is a finding: the audit of the others goes on."""


def audit_records(leaves: Iterable[bytes]) -> Report:
    """Judge the records of a log, each by all before it; answers with what was found."""
    world = World()
    for index, leaf in enumerate(leaves):
        world.report.records = index + 1
        try:
            record = read_record(index, leaf)
        except FormError as error:
            world.report.add(Finding(index, "?", "?", "form", error.expected, shown(error.stands)))
            continue
        judge(world, record)
    _finish(world)
    return world.report


def judge(world: World, record: Record) -> None:
    """Judge one record, and take what it says into the state."""
    if record.actor != NODE_ITSELF:
        if world.latest is not None and record.at < world.latest - CLOCK_SLACK:
            world.find(record, "clock", f"no earlier than {world.latest - CLOCK_SLACK}", record.at)
        if world.latest is None or record.at > world.latest:
            world.latest = record.at
    try:
        CHECKERS[record.kind](world, record)
    except BrokenError:
        pass
    except BEYOND as error:
        world.find(record, "beyond-the-rules", "figures that can be reckoned with", repr(error))
    if record.key is not None:
        for rule, expected, stands in world.book.post(record):
            world.find(record, rule, expected, stands)
        clearing.note_dues(world, record)
        reconciliation.note_entry(world, record)


def _finish(world: World) -> None:
    """What is still owed when the log ends, and the sums over all of it."""
    last: Record | None = None
    for script in world.scripts.values():
        last = script.begun
        if world.is_over(script.begun):
            owed = script.rest[0]
            world.find(script.begun, "incomplete", f"{owed.kind} {owed.subject}", "nothing")
    for lot in world.lots.values():
        _finish_lot(world, lot)
    for account, due in rentals.overdue(world, OVERDUE_DAYS):
        world.report.add(
            Finding(
                world.report.records,
                "rental.charged",
                account.household,
                "overdue",
                f"the rent due at {due}",
                "nothing",
            )
        )
    _finish_commits(world)
    payments.finish(world)
    in_transaction = last is not None and not world.is_over(last)
    if not in_transaction:
        for rule, expected, stands in world.book.laws():
            world.report.add(
                Finding(world.report.records, "end of the log", "-", rule, expected, stands)
            )


def _finish_lot(world: World, lot: Lot) -> None:
    def late(what: str) -> None:
        world.report.add(
            Finding(world.report.records, "lot.listed", lot.id, "overdue", what, "nothing")
        )

    if world.latest is None:
        return
    if lot.state == "live" and (world.latest - lot.closes_at).days >= OVERDUE_DAYS:
        late(f"the close at {lot.closes_at.isoformat()}")
    if lot.state == "closed" and (world.latest - lot.opening_due).days >= OVERDUE_DAYS:
        late(f"the opening of its bids by {lot.opening_due.isoformat()}")
    due = lot.payment_due
    if lot.state == "sold" and due is not None and (world.latest - due).days >= OVERDUE_DAYS:
        late(f"payment or default by {due.isoformat()}")
    closing = lot.closing
    if closing is None or not world.is_over(closing):
        return
    if lot.state == "paid":
        world.find(closing, "incomplete", f"the settlement of {lot.to_settle}", "nothing")
    if len(lot.paddles) != len(lot.registered):
        world.find(closing, "incomplete", "every paddle opened", sorted(lot.paddles))
    counted = len({bid.paddle for bid in lot.bids})
    if not lot.ascending and not lot.secret and len(lot.opened) != counted:
        world.find(closing, "incomplete", f"{counted} bids opened", sorted(lot.opened))


def _finish_commits(world: World) -> None:
    """A sealed bid belongs to a lot that is still to be opened, or it was left out."""
    waiting = [
        lot
        for lot in world.lots.values()
        if lot.secret and lot.state in {"live", "frozen", "closed"}
    ]
    for commit in world.commits.values():
        place = any(lot.took(commit) for lot in waiting)
        if not place and world.is_over(commit):
            world.find(commit, "sealed-bid-left-out", "opened with its lot", "never opened")
