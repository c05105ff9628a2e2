"""The receiver's part of a transfer from another node: what its books and log say at each step."""

from collections.abc import Mapping
from dataclasses import replace

from app import accounts, identity, ledger, nodes, tickets
from app.clearing import StatedSide
from app.kernel.calendar import local_date, wire
from app.kernel.ids import NODE, reference
from app.kernel.units import decimal
from app.platform.db import Tx
from app.tickets.rules import Arrival
from app.transfers import apply_within, store, store_crossing
from app.transfers.conversion import Conversion
from app.transfers.parties import parties_here
from app.transfers.rules_crossing import Goods, arrived_ticket
from app.transfers.rules_messages import Propose, Reject, digest
from app.transfers.rules_protocol import Credit, Effects, Send
from app.transfers.rules_receiver import Receiver, ReceiverPhase
from app.transfers.state_account import state_account

UNKNOWN_SALT = bytes(32)
UNKNOWN_NAME = "—"


async def apply(
    tx: Tx, transfer: str, after: Receiver, effects: Effects
) -> tuple[int | None, list[nodes.Message]]:
    """Do what the receiver's machine asks for.

    Answers with the record that says so, and what is said beside the machine's own messages.
    """
    for effect in effects:
        if isinstance(effect, Credit):
            return await _credit(tx, effect.terms, str(after.decision))
    return await _without_credit(tx, transfer, after, effects), []


async def _without_credit(tx: Tx, transfer: str, after: Receiver, effects: Effects) -> int | None:
    match after.phase:
        case ReceiverPhase.OFFERED if after.terms is not None:
            return await _offered(tx, after.terms)
        case ReceiverPhase.ACCEPTED if after.terms is not None:
            body = {"proposal": digest(after.terms), "received_m2": decimal(after.terms.credit)}
            return await _note(tx, "arrival.accepted", after.terms.receiver, transfer, body)
        case ReceiverPhase.REJECTED if after.terms is not None:
            return await _rejected(tx, after.terms, effects)
        case ReceiverPhase.CLOSED:
            await store_crossing.forget_person(tx, transfer)
            body = {"decision": str(after.decision)}
            province = NODE if after.terms is None else after.terms.receiver
            return await _note(tx, "arrival.closed", province, transfer, body)
        case _:
            return None


async def _offered(tx: Tx, terms: Propose) -> int:
    body = {
        "from": terms.giver,
        "ticket": terms.ticket,
        "sent_m2": decimal(terms.area),
        "received_m2": decimal(terms.credit),
        "document": terms.rate.document,
        "yield_out": terms.rate.yield_out,
        "yield_in": terms.rate.yield_in,
        "balance_cny": decimal(terms.balance),
        "valid_until": wire(terms.valid_until),
        "proposal": digest(terms),
    }
    return await _note(tx, "arrival.offered", terms.receiver, terms.transfer, body)


async def _rejected(tx: Tx, terms: Propose, effects: Effects) -> int:
    """The code is the one that the message gives."""
    codes = [
        effect.message.code
        for effect in effects
        if isinstance(effect, Send) and isinstance(effect.message, Reject)
    ]
    body = {"from": terms.giver, "proposal": digest(terms), "code": codes[0]}
    return await _note(tx, "arrival.rejected", terms.receiver, terms.transfer, body)


async def _credit(tx: Tx, terms: Propose, decision: str) -> tuple[int, list[nodes.Message]]:
    """The area n enters the books, and the account opens with what it took along (R183, R185)."""
    if terms.giver in await parties_here(tx):
        return await apply_within.credit(tx, terms, decision), []
    goods, home = Goods.from_cargo(terms.cargo), terms.giver
    ticket = arrived_ticket(terms, goods)
    extra = {"decision": decision}
    await identity.take_in(tx, await _guest(tx, terms, goods))
    await store_crossing.forget_person(tx, terms.transfer)
    await store.add_route(tx, home, terms.receiver)
    leaf = await _note(
        tx, "ticket.arrived", terms.receiver, terms.transfer, _told(ticket, terms, goods) | extra
    )
    policy = reference(home, goods.policy)
    await tickets.arrive_from_node(
        tx, ticket, Arrival(terms.transfer, policy, goods.split, decision)
    )
    conversion = replace(Conversion.of(terms, decision, stays=False), transfer=terms.transfer)
    await ledger.post(tx, [conversion.arrives()])
    account = accounts.HousingAccount(
        household=ticket.household,
        collective=ticket.collective,
        county=ticket.county,
        home_province=home,
        issued_on=local_date(ticket.issued_at),
        province=terms.receiver,
    )
    luggage = accounts.Luggage(terms.balance, goods.open, goods.affordable_homes, goods.subsidised)
    entry = await accounts.take_account(tx, account, luggage, terms.transfer, extra)
    return leaf, await state_account(tx, terms, StatedSide.CREDITOR, entry)


async def _guest(tx: Tx, terms: Propose, goods: Goods) -> identity.Guest:
    """Who the household is; a dash where its home's letter was lost with this node's memory."""
    person = await store_crossing.find_person(tx, terms.transfer, goods.person)
    if person is None:
        person = store_crossing.Person(UNKNOWN_NAME, UNKNOWN_SALT, UNKNOWN_NAME, UNKNOWN_SALT)
    collective = identity.Collective(
        reference(terms.giver, goods.collective),
        person.village,
        goods.county,
        0,
        person.village_salt,
    )
    household = identity.Household(
        reference(terms.giver, goods.household),
        person.name,
        collective.id,
        goods.county,
        goods.heads,
        person.salt,
    )
    return identity.Guest(household=household, collective=collective, zone=goods.zone)


def _told(ticket: tickets.Ticket, terms: Propose, goods: Goods) -> dict[str, object]:
    """What the log says of a ticket that nothing in this log had issued."""
    return {
        "from": terms.giver,
        "ticket": terms.ticket,
        "new_ticket": ticket.id,
        "application": ticket.application,
        "household": ticket.household,
        "collective": ticket.collective,
        "county": ticket.county,
        "zone": goods.zone.value,
        "heads": goods.heads,
        "issued_at": wire(ticket.issued_at),
        "reclamation_cost_cny": decimal(ticket.reclamation_cost),
        "financing_cost_cny": decimal(ticket.financing_cost),
        "policy": reference(terms.giver, goods.policy),
        "split": [[party.value, weight] for party, weight in goods.split],
        "open": goods.open,
        "affordable_homes": goods.affordable_homes,
        "subsidised": [[year] for year in goods.subsidised],
        "sent_m2": decimal(terms.area),
        "received_m2": decimal(terms.credit),
        "balance_cny": decimal(terms.balance),
        "proposal": digest(terms),
    }


async def _note(tx: Tx, kind: str, province: str, transfer: str, body: Mapping[str, object]) -> int:
    note = ledger.Note(kind=kind, province=province, subject=transfer, body=body)
    return (await ledger.record(tx, [note]))[0]
