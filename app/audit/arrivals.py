"""At the receiver's node: what is offered, answered, and arrives from another node.

A ticket arrives with all that its home has said of it; from then on it is judged as any other.
"""

from typing import Any

from app.audit.departures import converted, reference
from app.audit.parties import Checker, by_person, is_province
from app.audit.policies_state import DEFAULT, DEFAULTS, Version
from app.audit.records import Record
from app.audit.shapes import hundredths_of, instant_of
from app.audit.splits import move
from app.audit.state_crossing import Incoming
from app.audit.state_housing import Housing
from app.audit.state_land import Application, Party, Ticket
from app.audit.world import NODE, Expected, World
from app.kernel.calendar import local_date

PENDING = frozenset({"offered", "accepted"})
SAME = ("from", "ticket", "sent_m2", "received_m2", "balance_cny", "proposal")
"""What an arrival must say as the offer did."""


def _known(world: World, record: Record, *states: str) -> Incoming:
    found = world.crossings.incoming.get(record.subject)
    if found is None:
        raise world.stop(record, "crossing", "a transfer that was offered", record.subject)
    fits = found.state in states
    world.must(fits, record, "crossing", " or ".join(states), found.state)
    return found


def check_terms(world: World, record: Record, receiver: str) -> None:
    """N by the coefficient of the pair that is in force that day."""
    body = record.body
    world.must(
        record.subject.startswith(f"{body['from']}-"), record, "crossing", "its giver's id", body
    )
    one = world.coefficients.in_force(body["from"], receiver, local_date(record.at))
    if one is None:
        raise world.stop(record, "coefficient-in-force", "an approved coefficient", body)
    stated = (body["yield_out"], body["yield_in"], body["document"])
    named = (one.yield_out, one.yield_in, one.document)
    world.must(stated == named, record, "coefficient-in-force", str(named), stated)
    wanted = converted(one, hundredths_of(body["sent_m2"]))
    same = wanted == hundredths_of(body["received_m2"])
    world.must(same, record, "conversion", str(wanted), body["received_m2"])


def offered(world: World, record: Record) -> None:
    """Once, by the ministry's word, to a province of this node."""
    id_ = record.subject
    world.must(id_ not in world.crossings.incoming, record, "unique-id", "a new transfer", id_)
    known = is_province(world, record.province)
    world.must(known, record, "crossing", "a registered province", record.province)
    check_terms(world, record, record.province)
    world.crossings.incoming[id_] = Incoming("offered", record.body)


def accepted(world: World, record: Record) -> None:
    """By a person of the province, on what was offered (R182)."""
    found = _known(world, record, "offered")
    by_person(world, record, "crossing")
    terms = found.terms or {}
    wanted = {name: terms.get(name) for name in ("proposal", "received_m2")}
    world.match(record, Expected(record.kind, "crossing", record.province, record.subject, wanted))
    found.state = "accepted"


def rejected(world: World, record: Record) -> None:
    """Before a decision; what is not in order is declined without being offered to a person."""
    found = world.crossings.incoming.get(record.subject)
    if found is None:
        world.crossings.incoming[record.subject] = Incoming("rejected", None)
        return
    world.must(found.state in PENDING, record, "crossing", "not ended yet", found.state)
    found.state = "rejected"


def closed(world: World, record: Record) -> None:
    """The ministry has aborted; also what this node does not know (any more)."""
    if record.province == NODE:
        unknown = record.subject not in world.crossings.incoming
        world.must(unknown, record, "crossing", "a transfer that is not known", record.subject)
        world.crossings.incoming[record.subject] = Incoming("closed")
        return
    found = _known(world, record, "offered", "accepted", "rejected")
    found.state = "closed"


def arrived(world: World, record: Record) -> None:
    """The ministry has committed what this province accepted; n and the account come in."""
    found, body, p = _known(world, record, "accepted"), record.body, record.province
    for name in SAME:
        wanted = (found.terms or {}).get(name)
        world.must(body[name] == wanted, record, "crossing", f"{name} {wanted}", body[name])
    home, transfer = body["from"], record.subject
    wanted_id = f"{reference(home, body['ticket'])}/{p}"
    named = body["new_ticket"] == wanted_id and all(
        body[name].startswith(f"{home}-") for name in ("application", "household", "collective")
    )
    world.must(named, record, "crossing", f"names behind {home}", body["new_ticket"])
    new = wanted_id not in world.tickets and body["household"] not in world.housing
    world.must(new, record, "unique-id", "a ticket and a household that came once", wanted_id)
    ticket, account = _take_in(world, record)
    world.book.between_nodes.add(frozenset((home, p)))
    n, balance = hundredths_of(body["received_m2"]), hundredths_of(body["balance_cny"])
    decision = {"decision": body["decision"]}
    one = world.coefficients.in_force(home, p, local_date(record.at))
    facts: dict[str, Any] = {
        "ticket": body["ticket"],
        "new_ticket": ticket.id,
        "sent_m2": body["sent_m2"],
        "received_m2": body["received_m2"],
    }
    terms = found.terms or {}
    facts |= {name: terms.get(name) for name in ("document", "yield_out", "yield_in")}
    facts["coefficient"] = None if one is None else one.id
    moved = {"transfer": transfer, "from": home, "to": p, "balance": body["balance_cny"]} | decision
    owed = [
        Expected(record.kind, "crossing", p, transfer, body),
        Expected(
            "entry.conversion_in",
            "conversion",
            p,
            transfer,
            facts | decision,
            key=f"conversion-in:{transfer}",
            moves=move(f"conversion:{p}:{home}", ticket.account, n),
        ),
    ]
    if balance:
        owed.append(
            Expected(
                "entry.account_moved_in",
                "account-moved",
                p,
                account.household,
                moved,
                key=f"account-in:{account.household}:{transfer}",
                moves=move(f"due_from:{p}:{home}", account.code, balance),
            )
        )
    owed.append(Expected("account.moved", "account-moved", p, account.household, moved))
    world.foresee(("transfer", transfer), record, owed)
    found.state = "credited"


def _take_in(world: World, record: Record) -> tuple[Ticket, Housing]:
    """From the arrival on the log knows household, village, ticket and account."""
    body, home = record.body, record.body["from"]
    world.regions.setdefault(home, None)
    world.regions.setdefault(body["county"], body["zone"])
    village = Party(body["collective"], body["county"], home, 0, body["collective"])
    world.collectives.setdefault(village.id, village)
    household = Party(body["household"], body["county"], home, body["heads"], village.id)
    world.households[household.id] = household
    issued_at, split = instant_of(body["issued_at"]), body["split"]
    of = Application(
        id=body["application"],
        household=household,
        lawful=0,
        policy=body["policy"],
        state="accepted",
        cooling_off_ends=issued_at,
        area_text="",
        lawful_text="",
        reclamation=hundredths_of(body["reclamation_cost_cny"]),
        financing=hundredths_of(body["financing_cost_cny"]),
        is_foreign=True,
    )
    if body["policy"].endswith(DEFAULT):
        default = DEFAULTS["split"]
        world.must(split == default, record, "crossing", f"split {default}", split)
    else:
        world.policies.versions[body["policy"]] = Version(
            body["policy"],
            None,
            approved=True,
            province=home,
            parameters=dict(DEFAULTS) | {"split": split},
        )
    n = hundredths_of(body["received_m2"])
    ticket = Ticket(body["new_ticket"], of, record.province, n, issued_at, "handed_in")
    world.tickets[ticket.id] = ticket
    world.crossings.splits[ticket.id] = body["policy"]
    world.crossings.came[ticket.id] = record.subject
    account = Housing(
        household.id,
        home,
        record.province,
        local_date(issued_at),
        open=body["open"],
        homes=body["affordable_homes"],
        events=1,
        years={year for (year,) in body["subsidised"]},
        moved=hundredths_of(body["balance_cny"]),
    )
    world.housing[household.id] = account
    return ticket, account


CHECKERS: dict[str, Checker] = {
    "arrival.offered": offered,
    "arrival.accepted": accepted,
    "arrival.rejected": rejected,
    "arrival.closed": closed,
    "ticket.arrived": arrived,
}
