"""At the ministry's node: a side has stated what a committed transfer made it owe, or be owed.

The message rests on the very entry of its books, or on a correction that names the debt. The
ministry knows provinces, ticket and balance by its own decision, so a debt out of thin air is
refused, and so is another balance.
"""

from app import clearing, nodes
from app.clearing import BetweenRefusal, MalformedError, Stated, StatedKind, rests_on
from app.kernel.refusal import LetterRefusal, Rejected
from app.ledger.rules import leaf_hash
from app.platform.db import Tx
from app.transfers import crossing, store_crossing
from app.transfers.parties import parties_of
from app.transfers.rules_crossing import arrived_id
from app.transfers.rules_messages import Outcome, Propose, Side


async def take_stated(tx: Tx, received: nodes.Received) -> None:
    """Hear a side; what both have said alike is agreed (`clearing.hear`)."""
    try:
        stated = Stated.from_body(received.body)
    except MalformedError as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    if (stated.transfer, stated.revision) != (received.transfer, received.revision):
        raise Rejected(LetterRefusal.MALFORMED)
    if stated.province not in await parties_of(tx, received.sender):
        raise Rejected(BetweenRefusal.WRONG_PARTY)
    found = await store_crossing.find(tx, Side.MINISTRY, stated.transfer)
    decision = None if found is None else found.decision
    terms = None if decision is None else decision.terms
    if decision is None or decision.outcome is not Outcome.COMMIT or terms is None:
        raise Rejected(BetweenRefusal.NOT_COMMITTED)
    if not _is_of(stated, terms):
        raise Rejected(BetweenRefusal.NOT_COMMITTED)
    ticket = arrived_id(terms.giver, terms.ticket, terms.receiver)
    record = crossing.record_of(received.entry)
    if received.entry is None or not rests_on(stated, record, ticket):
        raise Rejected(LetterRefusal.UNFOUNDED)
    await clearing.hear(tx, stated, leaf_hash(received.entry).hex(), clearing.why_of(record))


def _is_of(stated: Stated, terms: Propose) -> bool:
    """The account's balance is owed by its home as committed, for good; a sale by the receiver."""
    if stated.kind is StatedKind.ACCOUNT:
        said = (stated.debtor, stated.creditor, stated.amount, stated.number)
        return said == (terms.giver, terms.receiver, terms.balance, 1)
    return (stated.debtor, stated.creditor) == (terms.receiver, terms.giver)
