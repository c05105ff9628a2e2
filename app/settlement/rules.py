"""Pure rules of settlement: what a paid lot becomes, to the fen.

1. The price is shared among the lot's tickets by area (R118, R133).
2. A ticket's net is its share less its reclamation and financing costs (R133).
3. The net is shared by the weights of the home province's policy (R134, R145).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kernel.refusal import BetweenNodes
from app.kernel.shares import largest_remainder
from app.kernel.units import Area, Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Move, move
from app.policy.rules import Party
from app.tickets.rules import Ticket

ACCOUNT_OF = {
    Party.COUNTY: AccountKind.COUNTY,
    Party.TOWNSHIP: AccountKind.TOWNSHIP,
    Party.VILLAGE_COMMITTEE: AccountKind.VILLAGE_COMMITTEE,
    Party.COLLECTIVE: AccountKind.COLLECTIVE,
}


Split = Sequence[tuple[Party, int]]
"""Parties and their weights, the villager last."""


class SettlementRefusal(BetweenNodes):
    """Refusals of settling a paid lot."""

    HOME_UNKNOWN = (
        "home-node-unknown",
        "标的中的票来自另一节点,而该节点已不在登记之列,不能结算。请联系运维重新登记其名片。",
        "A ticket's home node is no longer known here, so it could not be paid. Register its card.",
    )


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

    @property
    def due(self) -> Fen:
        """What goes to others than the villager: for another province's ticket it is owed there."""
        return Fen(self.share - self.villager)


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


def split_net(net: Fen, split: Split) -> tuple[Part, ...]:
    """Share a net by weights; equal remainders go to the party later in the list (R134)."""
    amounts = largest_remainder(net, [w for _, w in split], [-i for i in range(len(split))])
    return tuple(
        Part(party, weight, Fen(amount))
        for (party, weight), amount in zip(split, amounts, strict=True)
    )


def settle(price: Fen, tickets: Sequence[Ticket], splits: Mapping[str, Split]) -> list[TicketShare]:
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
    and all other parts become due to the home province, which credits its parties at once. A home
    of another node does so itself (`home_draft`), when it is told.
    """
    ticket = share.ticket
    escrow = AccountRef(AccountKind.ESCROW, sale.lot, sale.province)
    away = ticket.home_province != sale.province
    due = move(
        escrow, AccountRef(AccountKind.DUE_TO, ticket.home_province, sale.province), share.due
    )
    quota = move(
        AccountRef(AccountKind.TICKET, ticket.id, sale.province),
        AccountRef(AccountKind.CERTIFICATE, f"{sale.lot}:{sale.winner}", sale.province),
        ticket.area,
    )
    sold = Draft(
        kind=EntryKind.SETTLEMENT,
        key=settlement_key(sale.lot, ticket.id),
        province=sale.province,
        subject=ticket.id,
        moves=(due if away else _to_parties(escrow, share))
        + move(escrow, housing, share.villager)
        + quota,
        facts=_facts(sale, share, housing),
        policy=policy,
    )
    at_home = home_draft(sale, share, housing, policy)
    if not away or ticket.arrival is not None or not at_home.moves:
        return [sold]
    return [sold, at_home]


def home_draft(sale: Sale, share: TicketShare, housing: AccountRef, policy: str) -> Draft:
    """In the home province's books: its claim on the selling province goes to its parties.

    Without moves where nothing is due.
    """
    ticket = share.ticket
    claim = AccountRef(AccountKind.DUE_FROM, sale.province, ticket.home_province)
    return Draft(
        kind=EntryKind.SETTLEMENT_HOME,
        key=f"settle-home:{sale.lot}:{ticket.id}",
        province=ticket.home_province,
        subject=ticket.id,
        moves=_to_parties(claim, share),
        facts=_facts(sale, share, housing),
        policy=policy,
    )


def _to_parties(source: AccountRef, share: TicketShare) -> tuple[Move, ...]:
    """Costs to the county, and every part but the villager's."""
    ticket = share.ticket
    county = party_account(ticket, Party.COUNTY)
    moves = move(source, county, ticket.reclamation_cost)
    moves += move(source, county, ticket.financing_cost)
    for part in share.parts:
        if part.party is not Party.VILLAGER:
            moves += move(source, party_account(ticket, part.party), part.amount)
    return moves


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
