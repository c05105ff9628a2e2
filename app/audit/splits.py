"""A paid lot shared out, to the fen (R133-R135, R145).

1. The price goes to the tickets by area: floors, left-over fen to the largest remainders, ties to
   the smaller ticket id.
2. A ticket's net is its share less both costs.
3. The net goes to the parties by weight: floors, left-over fen to the largest remainders, ties to
   the party later in the list.
"""

from app.audit.housing import check_counters
from app.audit.parties import Checker
from app.audit.records import Record
from app.audit.rentals import check_rents
from app.audit.state_auction import Certificate, Lot
from app.audit.state_housing import Housing
from app.audit.state_land import Ticket
from app.audit.world import Expected, Moves, World
from app.kernel.shares import largest_remainder
from app.kernel.units import decimal


def move(source: str, target: str, amount: int) -> Moves:
    """One posting, or none where nothing moves."""
    return ((source, target, amount),) if amount else ()


def begin_settlement(world: World, lot: Lot) -> None:
    """Share the price of a lot that is being paid; its tickets are settled in order of id."""
    lot.to_settle = sorted(lot.bundle)
    areas = [world.tickets[id_].area for id_ in lot.to_settle]
    shares = largest_remainder(lot.price, areas, list(range(len(areas))))
    lot.shares = dict(zip(lot.to_settle, shares, strict=True))
    lot.villagers = 0


def settled(world: World, record: Record) -> None:
    """The next ticket of a paid lot; its home province's entry follows where it is another's."""
    lot = world.lots.get(str(record.body["lot"]))
    if lot is None or lot.state != "paid" or not lot.to_settle:
        raise world.stop(record, "split", "a ticket of a lot that is being paid", record.subject)
    if world.go_on(("lot", lot.id), record):
        return
    ticket = world.tickets[lot.to_settle.pop(0)]
    account = world.housing[ticket.application.household.id]
    check_rents(world, record, account)
    check_counters(world, record, account)
    before = account.base
    drafts = _drafts(world, lot, ticket, account)
    _pass_on(world, record, account, account.base - before)
    world.foresee(("lot", lot.id), record, drafts)
    ticket.state = "settled"


def _drafts(world: World, lot: Lot, ticket: Ticket, account: Housing) -> list[Expected]:
    share, policy = lot.shares[ticket.id], lot.bundle[ticket.id][2]
    of, home = ticket.application, ticket.application.province
    net = share - ticket.costs
    parameters = world.policies.parameters(policy) or {"split": [["villager", 1]]}
    split = parameters["split"]
    parts = largest_remainder(
        max(net, 0), [weight for _, weight in split], [-i for i in range(len(split))]
    )
    villager = parts[-1]
    away = home != lot.province
    escrow = f"escrow:{lot.province}:{lot.id}"
    source = f"due_from:{home}:{lot.province}" if away else escrow
    owners = {"county": of.household.county, "villager": ""}
    named = []
    county = f"county:{home}:{of.household.county}"
    to_parties = move(source, county, of.reclamation) + move(source, county, of.financing)
    for (party, weight), part in zip(split, parts, strict=True):
        owner = owners.get(party, of.household.collective)
        code = account.code if party == "villager" else f"{party}:{home}:{owner}"
        named.append([party, weight, decimal(part), code])
        if party != "villager":
            to_parties += move(source, code, part)
    facts = {
        "lot": lot.id,
        "price": decimal(lot.price),
        "lot_area": decimal(lot.area),
        "ticket": ticket.id,
        "ticket_area": decimal(ticket.area),
        "share": decimal(share),
        "reclamation_cost": decimal(of.reclamation),
        "financing_cost": decimal(of.financing),
        "cost_account": county,
        "net": decimal(net),
        "split": named,
    }
    due = move(escrow, f"due_to:{lot.province}:{home}", share - villager)
    certificate = f"certificate:{lot.province}:{lot.id}:{lot.winner}"
    moves = (
        (due if away else to_parties)
        + move(escrow, account.code, villager)
        + move(ticket.account, certificate, ticket.area)
    )
    key = f"settle:{lot.id}:{ticket.id}"
    owed = [
        Expected("entry.settlement", "split", lot.province, ticket.id, facts, policy, key, moves)
    ]
    if away and to_parties and not of.is_foreign:
        key = f"settle-home:{lot.id}:{ticket.id}"
        owed.append(
            Expected(
                "entry.settlement_home", "split", home, ticket.id, facts, policy, key, to_parties
            )
        )
    lot.villagers += villager
    account.base += villager
    return owed


def _pass_on(world: World, record: Record, account: Housing, share: int) -> None:
    """A share that comes to a closed account goes on in cash at once."""
    if account.open or not share:
        return
    account.cash_paid += share
    account.events += 1
    p, h = account.province, account.household
    world.owe(
        ("account", h),
        record,
        Expected(
            "entry.cash_payment",
            "account-use",
            p,
            h,
            {"cause": "account_closed", "share": decimal(share)},
            key=f"cash:{h}:{account.events}",
            moves=((account.code, f"bank:{p}:cash", share),),
        ),
    )


def home_settled(world: World, record: Record) -> None:
    """Only behind the entry of the selling province that it answers."""
    if not world.go_on(("lot", str(record.body["lot"])), record):
        raise world.stop(record, "split", "a settlement in the selling province", record.subject)


def lot_settled(world: World, record: Record) -> None:
    """The sums, once every ticket is settled; the certificate stands from then on."""
    lot = world.lots.get(record.subject)
    if lot is None or lot.state != "paid":
        raise world.stop(record, "split", "a paid lot", record.subject)
    done = not lot.to_settle and ("lot", lot.id) not in world.scripts
    world.must(done, record, "split", "every ticket settled", lot.to_settle)
    costs = sum(world.tickets[id_].costs for id_ in lot.bundle)
    wanted = {
        "price": decimal(lot.price),
        "area": decimal(lot.bundle_area),
        "tickets": len(lot.bundle),
        "costs": decimal(costs),
        "villagers": decimal(lot.villagers),
    }
    world.match(record, Expected(record.kind, "split", lot.province, lot.id, wanted))
    lot.state = "settled"
    world.certificates[lot.id] = Certificate(
        lot.id, str(lot.winner), lot.province, lot.bundle_area, lot.price
    )


CHECKERS: dict[str, Checker] = {
    "entry.settlement": settled,
    "entry.settlement_home": home_settled,
    "lot.settled": lot_settled,
}
