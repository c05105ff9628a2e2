"""The command behind `POST /v1/payments`: the winner pays, and the lot is settled at once.

- the price reaches escrow and leaves it in the same transaction: escrow holds nothing between;
- every ticket's share is split by the policy that its notice named;
- the winner's certificate stands for the lot's whole area, its cost is the price;
- the number of statements does not grow with the tickets.
"""

from app import accounts, auction, ledger, policy, tickets
from app.auction.rules import LotParty
from app.kernel.units import Area, Fen, decimal
from app.platform.db import Tx
from app.settlement import rules, store
from app.tickets.rules import TicketState


async def pay_lot(tx: Tx, command: LotParty) -> store.Certificate:
    """Pay and settle a lot (R125, R133 to R135); answers with the certificate."""
    lot = await auction.take_payment(tx, command)
    assert lot.winner is not None, "a paid lot has a winner"
    assert lot.price is not None, "a paid lot has a price"
    sale = rules.Sale(lot.id, lot.province, lot.winner, lot.price, lot.area)

    policies = await auction.split_policies(tx, lot.id)
    versions = await policy.find_versions(tx, sorted(set(policies.values())))
    locked = await tickets.lock(tx, sorted(policies))
    bundle = [locked[id_] for id_ in sorted(locked)]
    homes = await accounts.lock_for_credit(tx, sorted({t.household for t in bundle}))

    shares = rules.settle(
        sale.price, bundle, {id_: versions[policies[id_]].parameters.split for id_ in policies}
    )
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
    await ledger.post(tx, drafts)
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
    return certificate


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
