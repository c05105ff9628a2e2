"""What `POST /v1/transfers` does where the receiving province is another node's.

- the ministry's node is known, and the two provinces are of two nodes;
- a coefficient is in force today, and every id fits behind the province's code;
- the household's account can stand still: nothing is rented here;
- the ticket, the account and the terms are fixed from now until the ministry's decision.
"""

from app import accounts, identity, nodes, policy
from app.kernel.calendar import local_date
from app.kernel.ids import reference
from app.kernel.refusal import Rejected
from app.platform.db import Reader, Tx
from app.tickets.rules import Ticket
from app.transfers import crossing, person, rules, rules_crossing
from app.transfers.rules_crossing import CrossingRefusal, Goods
from app.transfers.rules_messages import Propose, Side
from app.transfers.rules_protocol import Give
from app.withdrawal import Application


async def receiving_peer(reader: Reader, province: str) -> nodes.Peer | None:
    """The other node that hosts the receiving province; None where the transfer stays in this one.

    Raises `Rejected` where nobody is known who could decide.
    """
    own = await nodes.own(reader)
    if own is None:
        return None
    peer = await nodes.peer_of(reader, province)
    ministry = await nodes.ministry(reader)
    if peer is None and ministry is not None:
        raise Rejected(CrossingRefusal.MINISTRY_ELSEWHERE)
    if peer is not None and ministry is None and own.role is not nodes.NodeRole.MINISTRY:
        raise Rejected(CrossingRefusal.NO_MINISTRY)
    return peer


async def propose(
    tx: Tx,
    peer: nodes.Peer,
    transfer: rules.Transfer,
    ticket: Ticket,
    application: Application,
) -> None:
    """Propose a transfer whose ticket is locked: to the ministry, and who it is to the receiver."""
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
    letter = person.seal_person(peer, id_, household, collective)
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
        person=letter.digest,
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
    await crossing.advance(tx, Side.GIVER, id_, Give(terms), [person.message_of(peer, id_, letter)])
