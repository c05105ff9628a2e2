"""What `POST /v1/transfers` does where another node receives the ticket, or decides.

- the nodes of the ministry and of the receiving province are known;
- a coefficient is in force today, and every id fits behind the province's code;
- the household's account can stand still: nothing is rented here;
- the ticket, the account and the terms are fixed from now until the ministry's decision.
"""

from dataclasses import dataclass

from app import accounts, identity, nodes, policy
from app.kernel.calendar import local_date
from app.kernel.ids import reference
from app.kernel.refusal import Rejected
from app.platform.db import Reader, Tx
from app.tickets.rules import Ticket
from app.transfers import crossing, person, rules, rules_crossing
from app.transfers.rules_crossing import NOBODY_TOLD, CrossingRefusal, Goods
from app.transfers.rules_messages import Propose, Side
from app.transfers.rules_protocol import Give
from app.withdrawal import Application


@dataclass(frozen=True, slots=True)
class Way:
    """How a ticket goes that does not go by this node alone: to a `peer`, or to a province here."""

    peer: nodes.Peer | None


async def way_to(reader: Reader, province: str) -> Way | None:
    """How a ticket goes to a province; None where this node hosts it and decides.

    Raises `Rejected` where nobody is known who could decide, or receive.
    """
    own = await nodes.own(reader)
    if own is None:
        return None
    peer = await nodes.peer_of(reader, province)
    ministry = await nodes.ministry(reader)
    if peer is not None and ministry is None and own.role is not nodes.NodeRole.MINISTRY:
        raise Rejected(CrossingRefusal.NO_MINISTRY)
    if peer is None and ministry is not None and province not in own.provinces:
        raise Rejected(CrossingRefusal.NO_RECEIVER)
    return None if peer is None and ministry is None else Way(peer)


async def propose(
    tx: Tx,
    way: Way,
    transfer: rules.Transfer,
    ticket: Ticket,
    application: Application,
) -> None:
    """Propose a transfer whose ticket is locked; another node is told whose it is."""
    now = await tx.now()
    coefficient = await policy.coefficient_in_force(
        tx, transfer.home, transfer.receiver, local_date(now)
    )
    if coefficient is None or not rules_crossing.converts(coefficient, transfer.sent):
        raise Rejected(rules.TransferRefusal.NO_COEFFICIENT)
    household = await identity.require_household(tx, ticket.household)
    collective = await identity.require_collective(tx, ticket.collective)
    county = await identity.require_region(tx, ticket.county)
    assert county.zone is not None, "a county has a zone"
    assert application.city is not None, "a city of the receiving province has approved"
    names = (transfer.id, ticket.id, application.id, household.id, collective.id)
    refusal = rules_crossing.decide_names(transfer.home, *names)
    if refusal is not None:
        raise Rejected(refusal)

    luggage = await accounts.hold_account(tx, household.id)
    version = await policy.in_force(tx, transfer.home, now)
    id_ = reference(transfer.home, transfer.id)
    letter = None
    if way.peer is not None:
        letter = person.seal_person(way.peer, id_, household, collective)
    goods = Goods(
        application=application.id,
        household=household.id,
        collective=collective.id,
        county=county.code,
        zone=county.zone,
        heads=household.heads,
        city=application.city,
        issued_at=ticket.issued_at,
        reclamation_cost=ticket.reclamation_cost,
        financing_cost=ticket.financing_cost,
        coefficient=coefficient.id,
        policy=version.id,
        split=version.parameters.split,
        open=luggage.open,
        affordable_homes=luggage.affordable_homes,
        subsidised=luggage.subsidised,
        person=NOBODY_TOLD if letter is None else letter.digest,
    )
    terms = Propose(
        transfer=id_,
        giver=transfer.home,
        receiver=transfer.receiver,
        ticket=ticket.id,
        area=transfer.sent,
        rate=rules_crossing.rate_of(coefficient),
        credit=coefficient.convert(transfer.sent),
        balance=luggage.balance,
        valid_until=rules_crossing.last_day(coefficient, now),
        cargo=goods.to_cargo(),
    )
    beside = []
    if way.peer is not None and letter is not None:
        beside = [person.message_of(way.peer, id_, letter)]
    await crossing.advance(tx, Side.GIVER, id_, Give(terms), beside)
