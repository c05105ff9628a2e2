"""A transfer between two provinces of one node that another node decided: both sides in one log."""

from collections.abc import Mapping

from app.audit.housing import housing_of
from app.audit.records import Record
from app.audit.splits import move
from app.audit.state_crossing import Departure
from app.audit.state_land import Ticket, Transfer
from app.audit.world import Expected, World
from app.kernel.units import decimal

Figures = Mapping[str, object]


def arrived_id(found: Transfer) -> str:
    """The ticket as it stands in the other province of the node."""
    return f"{found.ticket.id}/{found.receiver}"


def converted(
    world: World,
    record: Record,
    found: Transfer,
    departure: Departure,
    figures: tuple[Figures, ...],
) -> None:
    """After its own province's acceptance: m leaves, and in the same breath n and account come."""
    facts, approval = (dict(one) for one in figures)
    incoming = world.crossings.incoming[departure.crossing]
    fits = incoming.state == "accepted"
    world.must(fits, record, "crossing", "accepted by the receiver", incoming.state)
    decision = {"decision": record.body["decision"]}
    home, to, ticket = found.home, found.receiver, found.ticket
    account = housing_of(world, record, ticket.application.household.id)
    balance = world.book.balance(account.code)
    still = balance == departure.balance
    world.must(still, record, "crossing", decimal(departure.balance), decimal(balance))
    arrived = Ticket(
        arrived_id(found), ticket.application, to, departure.received, ticket.issued_at, "handed_in"
    )
    left = account.code
    account.province, account.events, account.stays = to, account.events + 1, True
    halves = (
        ("out", home, move(ticket.account, f"conversion:{home}:{to}", ticket.area)),
        ("in", to, move(f"conversion:{to}:{home}", arrived.account, departure.received)),
    )
    out, into = (
        Expected(
            f"entry.conversion_{way}",
            "conversion",
            province,
            found.id,
            facts | decision,
            key=f"conversion-{way}:{found.id}",
            moves=moves,
        )
        for way, province, moves in halves
    )
    approval |= {"balance_moved_cny": decimal(balance)} | decision
    approved = Expected("transfer.approved", "transfer", home, found.id, approval)
    moved = {"transfer": found.id, "from": home, "to": to, "balance": decimal(balance)}
    entries = [
        Expected(
            f"entry.account_moved_{way}",
            "account-moved",
            province,
            account.household,
            moved,
            key=f"account-{way}:{account.household}:{found.id}",
            moves=moves,
        )
        for way, province, moves in (
            ("out", home, move(left, f"due_to:{home}:{to}", balance)),
            ("in", to, move(f"due_from:{to}:{home}", account.code, balance)),
        )
        if balance
    ]
    note = Expected("account.moved", "account-moved", to, account.household, moved)
    world.foresee(("transfer", found.id), record, [out, approved, into, *entries, note])
    found.state, ticket.state, incoming.state = "converted", "transferred", "credited"
    world.tickets[arrived.id] = arrived
