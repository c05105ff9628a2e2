"""Public rentals: begun, charged month by month on their dates, ended (R155, R156, R162)."""

from app.audit.parties import Checker, by_person
from app.audit.records import Record
from app.audit.shapes import hundredths_of
from app.audit.state_housing import Housing, Rental
from app.audit.world import Expected, World
from app.kernel.calendar import local_date
from app.kernel.units import decimal


def rental_of(world: World, record: Record, id_: str) -> Rental:
    """A rental that was begun."""
    found = world.rentals.get(id_)
    if found is None:
        raise world.stop(record, "rental", "a rental", id_)
    return found


def check_rents(world: World, record: Record, account: Housing) -> None:
    """Rent that has fallen due is charged before anything else happens to the account."""
    due = account.due_at
    if due is not None and due <= record.at:
        world.find(record, "rent-due", f"the rent due at {due.isoformat()} charged first", due)


def begun(world: World, record: Record) -> None:
    """One rental at a time; the first month is charged at once."""
    body, id_ = record.body, record.subject
    account = world.housing.get(body["household"])
    if account is None:
        raise world.stop(record, "account", "a housing account", body["household"])
    by_person(world, record, "rental")
    check_rents(world, record, account)
    world.must(account.open, record, "account", "an open account", "closed by a refund")
    free = account.rental is None or not account.rental.active
    world.must(free, record, "rental", "no other active rental", account.household)
    world.must(id_ not in world.rentals, record, "unique-id", "a new rental", id_)
    world.must(hundredths_of(body["area"]) > 0, record, "rental", "an area above zero", body)
    world.match(record, Expected(record.kind, "rental", account.province, id_, body))
    rental = Rental(
        id_,
        account.household,
        hundredths_of(body["area"]),
        hundredths_of(body["rent_per_m2"]),
        hundredths_of(body["subsidy_per_m2"]),
        local_date(record.at),
    )
    account.rental = world.rentals[id_] = rental
    account.used = "public_rental", record.at, record.actor
    for owed in _charge(world, account, rental):
        world.owe(("account", account.household), record, owed)


def charged(world: World, record: Record) -> None:
    """On its date: the account pays what it can, the rest is noted as rent due."""
    rental = rental_of(world, record, record.subject)
    scope = ("account", rental.household)
    if world.go_on(scope, record):
        return
    account = world.housing[rental.household]
    current = rental.active and rental is account.rental
    world.must(current, record, "rental", "the household's active rental", rental.id)
    world.by_clock(record, rental.next_at, "rent-date")
    world.foresee(scope, record, _charge(world, account, rental))


def _charge(world: World, account: Housing, rental: Rental) -> list[Expected]:
    """The records of the next charge; the account and the rental are then behind it."""
    charge = rental.charge
    paid = min(world.book.balance(account.code), charge)
    month = rental.charges
    rental.charges += 1
    account.housing_paid += paid
    account.events += 1
    account.rent_due += charge - paid
    facts = {
        "month": month,
        "area": decimal(rental.area),
        "rent_per_m2": decimal(rental.rent),
        "subsidy_per_m2": decimal(rental.subsidy),
        "charge": decimal(charge),
        "paid": decimal(paid),
    }
    p = account.province
    entry = Expected(
        "entry.rent",
        "rent",
        p,
        rental.id,
        facts,
        key=f"rent:{rental.id}:{month}",
        moves=((account.code, f"bank:{p}:rent", paid),),
    )
    due = {"household": account.household, "rent_due": decimal(account.rent_due)}
    note = Expected("rental.charged", "rent", p, rental.id, facts | due)
    return [entry, note] if paid else [note]


def ended(world: World, record: Record) -> None:
    """An active rental; what was charged stays charged."""
    rental = rental_of(world, record, record.subject)
    account = world.housing[rental.household]
    by_person(world, record, "rental")
    check_rents(world, record, account)
    world.must(account.open, record, "account", "an open account", "closed by a refund")
    world.must(rental.active, record, "rental", "an active rental", "ended before")
    wanted = {"household": rental.household, "charges": rental.charges}
    world.match(record, Expected(record.kind, "rental", account.province, rental.id, wanted))
    rental.active = False


def overdue(world: World, slack_days: int) -> list[tuple[Housing, str]]:
    """Accounts whose rent fell due long before the end of the log and was never charged."""
    late = []
    for account in world.housing.values():
        due = account.due_at
        if due is not None and world.latest is not None and (world.latest - due).days >= slack_days:
            late.append((account, due.isoformat()))
    return late


CHECKERS: dict[str, Checker] = {
    "rental.begun": begun,
    "rental.charged": charged,
    "entry.rent": charged,
    "rental.ended": ended,
}
