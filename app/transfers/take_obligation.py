"""A ticket that left was sold: the home books what is due to it, by its own reckoning (R133, R134).

The message rests on the entry of the sale in the selling province's log. What the home would have
computed itself must stand there: share, costs, parts, and what is due. A difference is refused:
the letter and the proof stay in the inbox as evidence, and nothing is posted. What is booked is
stated to the ministry's node, as the selling province states its own side.
"""

from app import clearing, ledger, nodes, settlement, tickets
from app.clearing import Stated as Debt
from app.clearing import StatedKind, StatedSide
from app.kernel.ids import reference
from app.kernel.refusal import Rejected
from app.kernel.units import Fen
from app.ledger.rules import AccountKind, AccountRef
from app.nodes import Received
from app.platform.db import Tx
from app.transfers import crossing, rules_obligation, store, store_crossing
from app.transfers.parties import parties_of
from app.transfers.rules_crossing import Goods
from app.transfers.rules_giver import GiverPhase
from app.transfers.rules_messages import Propose, Side
from app.transfers.rules_obligation import ObligationRefusal, Stated


async def take_obligation(tx: Tx, received: Received) -> None:
    """Credit county, village and others with what the selling province owes for them."""
    found = await store_crossing.lock(tx, Side.GIVER, received.transfer)
    terms = None if found is None else found.terms
    if found is None or terms is None or found.machine.phase is not GiverPhase.DEBITED:
        raise Rejected(ObligationRefusal.NOT_GONE)
    if terms.receiver not in await parties_of(tx, received.sender):
        raise Rejected(ObligationRefusal.NOT_GONE)
    stated = rules_obligation.read(received.body, crossing.record_of(received.entry), terms)
    if isinstance(stated, ObligationRefusal):
        raise Rejected(stated)

    goods = Goods.from_cargo(terms.cargo)
    share = rules_obligation.reckon(stated, await _sold(tx, terms), goods.split)
    if isinstance(share, ObligationRefusal):
        raise Rejected(share)
    first = await store.insert_home_settlement(tx, terms, stated.lot, share, await tx.now())
    if not first:
        raise Rejected(ObligationRefusal.TWICE)
    housing = AccountRef(
        AccountKind.HOUSING, reference(terms.giver, goods.household), terms.receiver
    )
    draft = settlement.home_draft(_sale(stated, terms), share, housing, goods.policy)
    posted = await ledger.post(tx, [draft] if draft.moves else [])
    said = _stated(received.transfer, terms, share.due)
    for entry in posted:
        await nodes.send(tx, await clearing.state(tx, said, entry.id))


async def _sold(tx: Tx, terms: Propose) -> tickets.Ticket:
    """The ticket as it was sold, with its parties as its home knows them."""
    original = (await tickets.find(tx, [terms.ticket]))[terms.ticket]
    return rules_obligation.as_sold(original, terms)


def _stated(transfer: str, terms: Propose, due: Fen) -> Debt:
    return Debt(
        transfer=transfer,
        kind=StatedKind.SALE,
        side=StatedSide.CREDITOR,
        debtor=terms.receiver,
        creditor=terms.giver,
        amount=due,
    )


def _sale(stated: Stated, terms: Propose) -> settlement.Sale:
    return settlement.Sale(stated.lot, terms.receiver, "", stated.price, stated.lot_area)
