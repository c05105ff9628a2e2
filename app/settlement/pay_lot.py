"""The command behind `POST /v1/payments`: the winner pays, and the lot is settled at once.

- the price reaches escrow and leaves it in the same transaction: escrow holds nothing between;
- every ticket's share is split by the policy that its notice named;
- the winner's certificate stands for the lot's whole area, its cost is the price;
- the home of a ticket that came from another node is told what is due to it, by a message;
- the number of statements does not grow with the tickets.
"""

from collections.abc import Mapping

from app import accounts, auction, ledger, policy, tickets
from app.auction.rules import LotParty
from app.kernel.units import Area, Fen, decimal
from app.platform.db import Tx
from app.settlement import rules, store
from app.settlement.rules import Split
from app.settlement.tell_homes import tell_homes
from app.tickets.rules import TicketState


async def pay_lot(tx: Tx, command: LotParty) -> store.Certificate:
    """Pay and settle a lot (R125, R133 to R135); answers with the certificate."""
    lot = await auction.take_payment(tx, command)
    assert lot.winner is not None, "a paid lot has a winner"
    assert lot.price is not None, "a paid lot has a price"
    sale = rules.Sale(lot.id, lot.province, lot.winner, lot.price, lot.area)

    policies = await auction.split_policies(tx, lot.id)
    locked = await tickets.lock(tx, sorted(policies))
    bundle = [locked[id_] for id_ in sorted(locked)]
    homes = await accounts.lock_for_credit(tx, sorted({t.household for t in bundle}))

    shares = rules.settle(sale.price, bundle, await _splits(tx, bundle, policies))
    drafts = [
        draft
        for share in shares
        for draft in rules.drafts(
            sale,
            share,
            accounts.housing_account(
                share.ticket.household, homes[share.ticket.household].province
            ),
            policies[share.ticket.id],
        )
    ]
    posted = await ledger.post(tx, drafts)
    await accounts.credited(tx, _by_household(shares))
    await tickets.set_state(tx, sorted(locked), TicketState.SETTLED)
    certificate = store.Certificate(
        lot=sale.lot,
        bidder=sale.winner,
        province=sale.province,
        area=sale.area,
        remaining=sale.area,
        cost=sale.price,
        remaining_cost=sale.price,
    )
    await store.insert_certificate(tx, certificate)
    await ledger.record(tx, [_note(sale, shares)])
    leaves = {draft.key: entry.id for draft, entry in zip(drafts, posted, strict=True)}
    await tell_homes(tx, sale, shares, leaves)
    return certificate


async def _splits(
    tx: Tx, bundle: list[tickets.Ticket], policies: Mapping[str, str]
) -> dict[str, Split]:
    """How the net of each ticket is split: by its version, or as it came from another node."""
    came = await tickets.arrivals(tx, bundle)
    named = {policies[ticket.id] for ticket in bundle if ticket.id not in came}
    versions = await policy.find_versions(tx, sorted(named))
    return {
        ticket.id: came[ticket.id].split
        if ticket.id in came
        else versions[policies[ticket.id]].parameters.split
        for ticket in bundle
    }


def _by_household(shares: list[rules.TicketShare]) -> dict[str, Fen]:
    villagers: dict[str, Fen] = {}
    for share in shares:
        household = share.ticket.household
        villagers[household] = Fen(villagers.get(household, 0) + share.villager)
    return villagers


def _note(sale: rules.Sale, shares: list[rules.TicketShare]) -> ledger.Note:
    return ledger.Note(
        kind="lot.settled",
        province=sale.province,
        subject=sale.lot,
        body={
            "price": decimal(sale.price),
            "area": decimal(Area(sum(s.ticket.area for s in shares))),
            "tickets": len(shares),
            "costs": decimal(Fen(sum(s.ticket.costs for s in shares))),
            "villagers": decimal(Fen(sum(s.villager for s in shares))),
        },
    )
