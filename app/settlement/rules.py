"""Pure rules of settlement: what a paid lot becomes, to the fen.

1. The price is shared among the lot's tickets by area (R118, R133).
2. A ticket's net is its share less its reclamation and financing costs (R133).
3. The net is shared by the weights of the home province's policy (R134, R145).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kernel.shares import largest_remainder
from app.kernel.units import Area, Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.policy.rules import Party
from app.tickets.rules import Ticket

ACCOUNT_OF = {
    Party.COUNTY: AccountKind.COUNTY,
    Party.TOWNSHIP: AccountKind.TOWNSHIP,
    Party.VILLAGE_COMMITTEE: AccountKind.VILLAGE_COMMITTEE,
    Party.COLLECTIVE: AccountKind.COLLECTIVE,
}


@dataclass(frozen=True, slots=True)
class Sale:
    """A paid lot: its price in fen over its area in 0.01 m², and who bought it."""

    lot: str
    province: str
    winner: str
    price: Fen
    area: Area


@dataclass(frozen=True, slots=True)
class Part:
    """One party's part of a ticket's net."""

    party: Party
    weight: int
    amount: Fen


@dataclass(frozen=True, slots=True)
class TicketShare:
    """What one ticket brought: share = reclamation + financing + net, net = sum of the parts."""

    ticket: Ticket
    share: Fen
    net: Fen
    parts: tuple[Part, ...]

    @property
    def villager(self) -> Fen:
        """The villager's part: the base money of the housing account (R135)."""
        return Fen(sum(p.amount for p in self.parts if p.party is Party.VILLAGER))


def share_price(price: Fen, tickets: Sequence[Ticket]) -> list[Fen]:
    """Share a price by area: floors, left-over fen to the largest remainders.

    Equal remainders go by ticket id, compared as text.
    """
    by_id = sorted(range(len(tickets)), key=lambda i: tickets[i].id)
    rank = {i: position for position, i in enumerate(by_id)}
    shares = largest_remainder(
        price, [t.area for t in tickets], [rank[i] for i in range(len(tickets))]
    )
    return [Fen(share) for share in shares]


def split_net(net: Fen, split: Sequence[tuple[Party, int]]) -> tuple[Part, ...]:
    """Share a net by weights; equal remainders go to the party later in the list (R134)."""
    amounts = largest_remainder(net, [w for _, w in split], [-i for i in range(len(split))])
    return tuple(
        Part(party, weight, Fen(amount))
        for (party, weight), amount in zip(split, amounts, strict=True)
    )


def settle(
    price: Fen, tickets: Sequence[Ticket], splits: Mapping[str, Sequence[tuple[Party, int]]]
) -> list[TicketShare]:
    """Settle a price over tickets, each by the split of its own policy, in the given order."""
    shares = []
    for ticket, share in zip(tickets, share_price(price, tickets), strict=True):
        net = Fen(share - ticket.costs)
        # Cannot be: the start price covers the costs of each ticket exactly, and the price is no
        # less. The floor of a share can still not fall below a whole number that it covers.
        assert net >= 0, "a ticket's share covers its costs"
        shares.append(TicketShare(ticket, share, net, split_net(net, splits[ticket.id])))
    return shares


def party_account(ticket: Ticket, party: Party) -> AccountRef:
    """Where a party's part goes: the county's account, or one owned by the collective's id."""
    owner = ticket.county if party is Party.COUNTY else ticket.collective
    return AccountRef(ACCOUNT_OF[party], owner, ticket.home_province)


def drafts(sale: Sale, share: TicketShare, housing: AccountRef, policy: str) -> list[Draft]:
    """The entries of one ticket: in the selling province's books, and in its home's if another's.

    For a ticket from another province the villager is credited where the ticket was sold; costs
    and all other parts become due to the home province, which credits its parties at once.
    """
    ticket = share.ticket
    escrow = AccountRef(AccountKind.ESCROW, sale.lot, sale.province)
    home = ticket.home_province
    away = home != sale.province
    source = AccountRef(AccountKind.DUE_FROM, sale.province, home) if away else escrow
    to_parties = move(source, party_account(ticket, Party.COUNTY), ticket.reclamation_cost) + move(
        source, party_account(ticket, Party.COUNTY), ticket.financing_cost
    )
    for part in share.parts:
        if part.party is not Party.VILLAGER:
            to_parties += move(source, party_account(ticket, part.party), part.amount)
    due = move(
        escrow,
        AccountRef(AccountKind.DUE_TO, home, sale.province),
        share.share - share.villager,
    )
    quota = move(
        AccountRef(AccountKind.TICKET, ticket.id, sale.province),
        AccountRef(AccountKind.CERTIFICATE, f"{sale.lot}:{sale.winner}", sale.province),
        ticket.area,
    )
    facts = _facts(sale, share, housing)
    sold = Draft(
        kind=EntryKind.SETTLEMENT,
        key=settlement_key(sale.lot, ticket.id),
        province=sale.province,
        subject=ticket.id,
        moves=(due if away else to_parties) + move(escrow, housing, share.villager) + quota,
        facts=facts,
        policy=policy,
    )
    if not (away and to_parties):
        return [sold]
    at_home = Draft(
        kind=EntryKind.SETTLEMENT_HOME,
        key=f"settle-home:{sale.lot}:{ticket.id}",
        province=home,
        subject=ticket.id,
        moves=to_parties,
        facts=facts,
        policy=policy,
    )
    return [sold, at_home]


def settlement_key(lot: str, ticket: str) -> str:
    """The ledger key of a ticket's settlement: a lot settles a ticket once."""
    return f"settle:{lot}:{ticket}"


def _facts(sale: Sale, share: TicketShare, housing: AccountRef) -> dict[str, object]:
    ticket = share.ticket
    return {
        "lot": sale.lot,
        "price": decimal(sale.price),
        "lot_area": decimal(sale.area),
        "ticket": ticket.id,
        "ticket_area": decimal(ticket.area),
        "share": decimal(share.share),
        "reclamation_cost": decimal(ticket.reclamation_cost),
        "financing_cost": decimal(ticket.financing_cost),
        "cost_account": party_account(ticket, Party.COUNTY).code,
        "net": decimal(share.net),
        "split": [
            [
                p.party.value,
                p.weight,
                decimal(p.amount),
                housing.code if p.party is Party.VILLAGER else party_account(ticket, p.party).code,
            ]
            for p in share.parts
        ],
    }
