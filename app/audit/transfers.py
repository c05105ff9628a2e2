"""Between provinces: outflow, conversion, the account that follows, netting (R179-R188)."""

from dataclasses import replace

from app.audit.holds import unheld
from app.audit.housing import check_counters
from app.audit.parties import Checker, is_province
from app.audit.records import Record
from app.audit.rentals import check_rents
from app.audit.splits import move
from app.audit.state_land import Ticket, Transfer
from app.audit.world import Expected, World
from app.kernel.calendar import local_date
from app.kernel.shares import floor_div
from app.kernel.units import decimal


def requested(world: World, record: Record) -> None:
    """An issued ticket of its home, with a city of another province; it is locked (R181)."""
    id_, body = record.subject, record.body
    ticket = world.tickets.get(body["ticket"])
    if ticket is None:
        raise world.stop(record, "transfer", "a ticket", body["ticket"])
    world.must(id_ not in world.transfers, record, "unique-id", "a new transfer", id_)
    world.must(ticket.state == "issued", record, "ticket-state", "issued", ticket.state)
    of, to = ticket.application, body["to"]
    unheld(world, record, of)
    far = of.city is not None and of.city[:2] + "0000" == to and to != of.province
    world.must(far, record, "transfer", "a city of the receiving province", of.city)
    wanted = {
        "ticket": ticket.id,
        "to": to,
        "city": of.city,
        "area_m2": decimal(ticket.area),
    }
    world.match(record, Expected(record.kind, "transfer", of.province, id_, wanted))
    world.transfers[id_] = Transfer(id_, ticket, of.province, to)
    ticket.state = "locked"


def _transfer(world: World, record: Record, id_: str, *states: str) -> Transfer:
    found = world.transfers.get(id_)
    if found is None:
        raise world.stop(record, "transfer", "a transfer", id_)
    if found.state not in states:
        world.find(record, "transfer", " or ".join(states), found.state)
    return found


def accepted(world: World, record: Record) -> None:
    """By the receiving province, once (R182)."""
    found = _transfer(world, record, record.subject, "requested")
    wanted = {"ticket": found.ticket.id, "from": found.home}
    world.match(record, Expected(record.kind, "transfer", found.receiver, found.id, wanted))
    found.state = "accepted"


def rejected(world: World, record: Record) -> None:
    """Until it is approved; the ticket is issued again."""
    found = _transfer(world, record, record.subject, "requested", "accepted")
    wanted = record.body | {"ticket": found.ticket.id}
    world.match(record, Expected(record.kind, "transfer", found.home, found.id, wanted))
    found.state = "rejected"
    found.ticket.state = "issued"


def conversion_out(world: World, record: Record) -> None:
    """The ministry approves: `n = floor(m x yield_out / yield_in)` by what is in force (R183)."""
    found = _transfer(world, record, record.subject, "accepted")
    day = local_date(record.at)
    one = world.coefficients.in_force(found.home, found.receiver, day)
    if one is None or record.body["coefficient"] != one.id:
        stands = record.body["coefficient"]
        world.find(record, "coefficient-in-force", "none" if one is None else one.id, stands)
        one = world.coefficients.all.get(str(stands), one)
    if one is None:
        raise world.stop(record, "coefficient-in-force", "an approved coefficient", day)
    ticket = found.ticket
    received = floor_div(ticket.area * one.yield_out, max(one.yield_in, 1))
    world.must(received > 0, record, "transfer", "an area above zero", received)
    arrived = Ticket(
        f"{ticket.id}/{found.receiver}",
        ticket.application,
        found.receiver,
        received,
        ticket.issued_at,
        "handed_in",
    )
    facts = {
        "ticket": ticket.id,
        "new_ticket": arrived.id,
        "coefficient": one.id,
        "document": one.document,
        "yield_out": one.yield_out,
        "yield_in": one.yield_in,
        "sent_m2": decimal(ticket.area),
        "received_m2": decimal(received),
    }
    left = f"conversion:{found.home}:{found.receiver}"
    came = f"conversion:{found.receiver}:{found.home}"
    owed = [
        Expected(
            f"entry.conversion_{way}",
            "conversion",
            province,
            found.id,
            facts,
            key=f"conversion-{way}:{found.id}",
            moves=moves,
        )
        for way, province, moves in (
            ("out", found.home, move(ticket.account, left, ticket.area)),
            ("in", found.receiver, move(came, arrived.account, received)),
        )
    ]
    world.foresee(("transfer", found.id), record, owed)
    found.state = "converted"
    found.converted = {name: str(facts[name]) for name in ("coefficient", "sent_m2", "received_m2")}
    ticket.state = "transferred"
    world.tickets[arrived.id] = arrived


def conversion_in(world: World, record: Record) -> None:
    """Only behind the entry that lets the quota go."""
    if not world.go_on(("transfer", record.subject), record):
        raise world.stop(record, "conversion", "a conversion out before it", record.subject)


def account_moved(world: World, record: Record) -> None:
    """The household's account follows its ticket; its balance becomes due between the two."""
    scope = ("transfer", str(record.body["transfer"]))
    if world.go_on(scope, record):
        return
    found = _transfer(world, record, scope[1], "converted")
    account = world.housing[found.ticket.application.household.id]
    check_rents(world, record, account)
    check_counters(world, record, account)
    household, before = account.household, account.code
    balance = world.book.balance(before)
    account.province, account.events = found.receiver, account.events + 1
    facts = {
        "transfer": found.id,
        "from": found.home,
        "to": found.receiver,
        "balance": decimal(balance),
    }
    moves = {
        "out": move(before, f"due_to:{found.home}:{found.receiver}", balance),
        "in": move(f"due_from:{found.receiver}:{found.home}", account.code, balance),
    }
    entries = [
        Expected(
            f"entry.account_moved_{way}",
            "account-moved",
            province,
            household,
            facts,
            key=f"account-{way}:{household}:{found.id}",
            moves=moves[way],
        )
        for way, province in (("out", found.home), ("in", found.receiver))
        if balance
    ]
    note = Expected("account.moved", "account-moved", found.receiver, household, facts)
    approval = Expected(
        "transfer.approved",
        "transfer",
        found.home,
        found.id,
        found.converted
        | {
            "ticket": found.ticket.id,
            "to": found.receiver,
            "new_ticket": f"{found.ticket.id}/{found.receiver}",
            "balance_moved_cny": decimal(balance),
        },
    )
    world.foresee(scope, record, [*entries, note, approval])


def approved(world: World, record: Record) -> None:
    """Only behind the conversion and the account's move."""
    if not world.go_on(("transfer", record.subject), record):
        raise world.stop(record, "transfer", "the account moved before it", record.subject)
    world.transfers[record.subject].state = "approved"


# ---------------------------------------------------------------------------------- netting


def provinces_settled(world: World, record: Record) -> None:
    """What each owes the other at this moment; afterwards both owe nothing."""
    scope = ("provinces", record.subject)
    _count(world, record)
    if world.go_on(scope, record):
        return
    payer, payee = str(record.body["payer"]), str(record.body["payee"])
    for province in (payer, payee):
        known = is_province(world, province)
        world.must(known, record, "netting", "a registered province", province)
    debt, claim = f"due_to:{payer}:{payee}", f"due_from:{payee}:{payer}"
    counter_debt, counter_claim = f"due_to:{payee}:{payer}", f"due_from:{payer}:{payee}"
    owes, owed = world.book.balance(debt), world.book.balance(counter_debt)
    books = (-world.book.balance(claim), -world.book.balance(counter_claim))
    agree = (owes, owed) == books
    world.must(agree, record, "netting", f"{owes} and {owed} in both books", books)
    lawful = owes >= owed and owes > 0 and payer != payee
    world.must(lawful, record, "netting", "the payer to owe more", f"{owes} and {owed}")
    paid = owes - owed
    facts = {
        "payer": payer,
        "payee": payee,
        "payer_owes_cny": decimal(owes),
        "payee_owes_cny": decimal(owed),
        "netted_cny": decimal(owed),
        "paid_cny": decimal(paid),
    }
    payer_bank, payee_bank = f"bank:{payer}:interprovincial", f"bank:{payee}:interprovincial"
    id_ = record.subject
    entries = [
        Expected(
            "entry.provincial_settlement",
            "netting",
            province,
            id_,
            facts,
            key=f"provincial-settlement:{id_}:{province}",
            moves=moves,
        )
        for province, moves in (
            (payer, move(debt, counter_claim, owed) + move(debt, payer_bank, paid)),
            (payee, move(counter_debt, claim, owed) + move(payee_bank, claim, paid)),
        )
    ]
    note = Expected("provinces.settled", "netting", payer, id_, facts)
    world.foresee(scope, record, [*entries, note])


def _count(world: World, record: Record) -> None:
    """The database numbers settlements: the number is free, but stands for one alone."""
    script = world.scripts.get(("provinces", record.subject))
    if record.kind != "provinces.settled" or script is None:
        return
    number = record.body["number"]
    world.must(number not in world.settlements, record, "unique-id", "a new number", number)
    world.settlements.add(number)
    note = script.rest[0]
    script.rest[0] = replace(note, body=dict(note.body) | {"number": number})


CHECKERS: dict[str, Checker] = {
    "transfer.requested": requested,
    "transfer.accepted": accepted,
    "transfer.rejected": rejected,
    "entry.conversion_out": conversion_out,
    "entry.conversion_in": conversion_in,
    "entry.account_moved_out": account_moved,
    "entry.account_moved_in": account_moved,
    "account.moved": account_moved,
    "transfer.approved": approved,
    "entry.provincial_settlement": provinces_settled,
    "provinces.settled": provinces_settled,
}
