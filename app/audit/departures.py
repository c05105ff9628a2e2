"""At the giver's node: a ticket asks to leave for another node, leaves or is freed, and is sold.

What the ministry decided stands in its own log; here each step names the decision's digest.
"""

from dataclasses import replace

from app.audit import splits, transfers, within
from app.audit.housing import check_counters, housing_of
from app.audit.parties import Checker, by_person
from app.audit.policies_state import Coefficient
from app.audit.records import Record
from app.audit.shapes import hundredths_of
from app.audit.splits import move
from app.audit.state_crossing import Departure
from app.audit.state_land import Transfer
from app.audit.world import NODE_ITSELF, Expected, World
from app.kernel.calendar import local_date
from app.kernel.shares import floor_div, largest_remainder
from app.kernel.units import decimal


def reference(province: str, id_: str) -> str:
    """How other nodes name what a province knows by an id."""
    return f"{province}-{id_}"


def converted(one: Coefficient, area: int) -> int:
    """`n = floor(m x yield_out / yield_in)` (R183)."""
    return floor_div(area * one.yield_out, max(one.yield_in, 1))


def requested(world: World, record: Record) -> None:
    """As every outflow; to another node the terms are fixed, and the account stands still."""
    if "proposal" not in record.body:
        transfers.requested(world, record)
        return
    body = record.body
    beside = ("crossing", "coefficient", "received_m2", "balance_cny", "valid_until", "proposal")
    plain = {name: value for name, value in body.items() if name not in beside}
    transfers.requested(world, replace(record, body=plain))
    found = world.transfers[record.subject]
    account = housing_of(world, record, found.ticket.application.household.id)
    check_counters(world, record, account)
    renting = account.rental is not None and account.rental.active
    world.must(not renting, record, "crossing", "nothing rented here", account.household)
    one = world.coefficients.in_force(found.home, found.receiver, local_date(record.at))
    if one is None:
        raise world.stop(record, "coefficient-in-force", "an approved coefficient", body)
    balance = world.book.balance(account.code)
    wanted = plain | {
        "crossing": reference(found.home, found.id),
        "coefficient": one.id,
        "received_m2": decimal(converted(one, found.ticket.area)),
        "balance_cny": decimal(balance),
        "valid_until": body["valid_until"],
        "proposal": body["proposal"],
    }
    world.match(record, Expected(record.kind, "crossing", found.home, found.id, wanted))
    policy, _ = world.policies.in_force(found.home, record.at)
    world.crossings.departures[found.id] = Departure(
        wanted["crossing"],
        body["proposal"],
        converted(one, found.ticket.area),
        balance,
        one.id,
        policy,
    )
    account.stays = False


def _departure(world: World, record: Record) -> tuple[Transfer, Departure]:
    found = world.transfers.get(record.subject)
    departure = world.crossings.departures.get(record.subject)
    if found is None or departure is None:
        raise world.stop(record, "crossing", "a transfer to another node", record.subject)
    world.must(found.state == "requested", record, "crossing", "not decided yet", found.state)
    return found, departure


def recalled(world: World, record: Record) -> None:
    """Asked for once; it frees nothing."""
    found, departure = _departure(world, record)
    by_person(world, record, "crossing")
    world.must(not departure.recalled, record, "crossing", "one cancellation", found.id)
    wanted = {"ticket": found.ticket.id, "crossing": departure.crossing}
    world.match(record, Expected(record.kind, "crossing", found.home, found.id, wanted))
    departure.recalled = True


def _by_node(world: World, record: Record) -> None:
    """Nobody at the giver decides: what is applied is the ministry's word."""
    own = record.actor == NODE_ITSELF
    world.must(own, record, "crossing", "applied by the node", record.actor)


def released(world: World, record: Record) -> None:
    """The ministry has aborted: ticket and account are free again, if there ever were any."""
    if "crossing" in record.body:
        unknown = record.subject not in world.transfers
        world.must(unknown, record, "crossing", "a transfer that is not known", record.subject)
        _by_node(world, record)
        return
    found, _ = _departure(world, record)
    _by_node(world, record)
    wanted = {"ticket": found.ticket.id, "decision": record.body["decision"]}
    world.match(record, Expected(record.kind, "crossing", found.home, found.id, wanted))
    found.state, found.ticket.state = "rejected", "issued"
    housing_of(world, record, found.ticket.application.household.id).stays = True


def conversion_out(world: World, record: Record) -> None:
    """The ministry has committed: m leaves the books, and the account with it."""
    if "decision" not in record.body:
        transfers.conversion_out(world, record)
        return
    found, departure = _departure(world, record)
    _by_node(world, record)
    one = world.coefficients.all[departure.coefficient]
    if departure.crossing in world.crossings.incoming:
        same = figures(found, departure, one, within.arrived_id(found))
        within.converted(world, record, found, departure, same)
        return
    world.book.between_nodes.add(frozenset((found.home, found.receiver)))
    ticket = found.ticket
    account = housing_of(world, record, ticket.application.household.id)
    decision = {"decision": record.body["decision"]}
    arrived = f"{reference(found.home, ticket.id)}/{found.receiver}"
    facts, approval = figures(found, departure, one, arrived)
    balance = world.book.balance(account.code)
    still = balance == departure.balance
    world.must(still, record, "crossing", decimal(departure.balance), decimal(balance))
    moved = {
        "transfer": found.id,
        "from": found.home,
        "to": found.receiver,
        "balance": decimal(balance),
    } | decision
    approval |= {"balance_moved_cny": decimal(balance)}
    p, household = found.home, account.household
    owed = [
        Expected(
            record.kind,
            "conversion",
            p,
            found.id,
            facts | decision,
            key=f"conversion-out:{found.id}",
            moves=move(ticket.account, f"conversion:{p}:{found.receiver}", ticket.area),
        )
    ]
    if balance:
        owed.append(
            Expected(
                "entry.account_moved_out",
                "account-moved",
                p,
                household,
                moved,
                key=f"account-out:{household}:{found.id}",
                moves=move(account.code, f"due_to:{p}:{found.receiver}", balance),
            )
        )
    owed += [
        Expected("account.moved", "account-moved", found.receiver, household, moved),
        Expected("transfer.approved", "transfer", p, found.id, approval | decision),
    ]
    world.foresee(("transfer", found.id), record, owed)
    found.state, ticket.state = "converted", "transferred"
    account.moved -= balance
    account.events += 1
    world.crossings.left[arrived] = found.id


def figures(
    found: Transfer, departure: Departure, one: Coefficient, arrived: str
) -> tuple[dict[str, object], dict[str, object]]:
    """What the conversion's entry says, and of it what the approval repeats."""
    converts: dict[str, object] = {
        "coefficient": one.id,
        "sent_m2": decimal(found.ticket.area),
        "received_m2": decimal(departure.received),
    }
    facts = converts | {
        "ticket": found.ticket.id,
        "new_ticket": arrived,
        "document": one.document,
        "yield_out": one.yield_out,
        "yield_in": one.yield_in,
    }
    return facts, converts | {
        "ticket": found.ticket.id,
        "to": found.receiver,
        "new_ticket": arrived,
    }


def home_settled(world: World, record: Record) -> None:
    """A ticket that left was sold at another node: its home books what is due, by its own rules."""
    id_ = world.crossings.left.get(record.subject)
    if id_ is None:
        splits.home_settled(world, record)
        return
    found, departure = world.transfers[id_], world.crossings.departures[id_]
    world.must(not departure.sold, record, "crossing", "one sale of a ticket", record.subject)
    departure.sold = True
    of, body, home = found.ticket.application, record.body, found.home
    share = hundredths_of(body["share"])
    lot_area = max(hundredths_of(body["lot_area"]), 1)
    floor = floor_div(hundredths_of(body["price"]) * departure.received, lot_area)
    world.must(share - floor in {0, 1}, record, "split", f"{decimal(floor)} by area", body["share"])
    net = max(share - found.ticket.costs, 0)
    split = (world.policies.parameters(departure.policy) or {"split": []})["split"]
    parts = largest_remainder(net, [w for _, w in split], [-i for i in range(len(split))])
    source, county = f"due_from:{home}:{found.receiver}", f"county:{home}:{of.household.county}"
    moves = move(source, county, of.reclamation) + move(source, county, of.financing)
    named = []
    for (party, weight), part in zip(split, parts, strict=True):
        code = county if party == "county" else f"{party}:{home}:{of.household.collective}"
        if party == "villager":
            code = f"housing:{found.receiver}:{reference(home, of.household.id)}"
        else:
            moves += move(source, code, part)
        named.append([party, weight, decimal(part), code])
    wanted = body | {
        "ticket": record.subject,
        "ticket_area": decimal(departure.received),
        "reclamation_cost": decimal(of.reclamation),
        "financing_cost": decimal(of.financing),
        "cost_account": county,
        "net": decimal(net),
        "split": named,
    }
    key = f"settle-home:{body['lot']}:{record.subject}"
    world.match(
        record,
        Expected(record.kind, "split", home, record.subject, wanted, departure.policy, key, moves),
    )


CHECKERS: dict[str, Checker] = {
    "transfer.requested": requested,
    "transfer.recalled": recalled,
    "transfer.released": released,
    "entry.conversion_out": conversion_out,
    "entry.settlement_home": home_settled,
}
