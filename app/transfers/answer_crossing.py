"""What the receiving province and the ministry do with a transfer between nodes, at their own."""

from app import policy
from app.kernel.calendar import local_date
from app.kernel.principal import Stake
from app.kernel.refusal import Rejected
from app.platform.db import Tx
from app.transfers import crossing, rules, rules_crossing, store_crossing, store_held
from app.transfers.parties import parties_here
from app.transfers.refusals import ProtocolRefusal
from app.transfers.rules_crossing import CrossingRefusal, Goods
from app.transfers.rules_held import NOT_HELD
from app.transfers.rules_messages import Side
from app.transfers.rules_protocol import Approve, Decline, Refuse, Take
from app.transfers.store_crossing import Crossing

RETRY_SECONDS = 5
"""When to ask again for an approval that waits for the giver's log."""


async def find_incoming(tx: Tx, transfer: str) -> Crossing | None:
    """A transfer from another node to a province that the principal speaks for."""
    found = await store_crossing.lock(tx, Side.RECEIVER, transfer)
    if found is None or found.terms is None:
        return None
    return found if tx.by.concerns(Stake(province=found.terms.receiver)) else None


async def find_to_decide(tx: Tx, transfer: str) -> Crossing | None:
    """A transfer between nodes that the ministry decides here, for a principal of the ministry."""
    if not tx.by.concerns(rules.MINISTRY_STAKE):
        return None
    return await store_crossing.lock(tx, Side.MINISTRY, transfer)


async def accept(tx: Tx, found: Crossing) -> rules.Transfer:
    """Accept a ticket of another node: once it is known whose it is (R182)."""
    assert found.terms is not None, "what is offered is known"
    goods = Goods.from_cargo(found.terms.cargo)
    at_home = found.terms.giver in await parties_here(tx)
    if not at_home and await store_crossing.find_person(tx, found.id, goods.person) is None:
        raise Rejected(CrossingRefusal.PERSON_MISSING)
    await crossing.advance(tx, Side.RECEIVER, found.id, Take())
    return await shown(tx, Side.RECEIVER, found.id)


async def decline(tx: Tx, found: Crossing, code: str) -> rules.Transfer:
    """Decline it; the ministry will abort."""
    await crossing.advance(tx, Side.RECEIVER, found.id, Decline(code))
    return await shown(tx, Side.RECEIVER, found.id)


async def approve(tx: Tx, found: Crossing, document: str | None) -> rules.Transfer:
    """Decide to commit, under a document number 文号, by the coefficient in force (R183, R185)."""
    if document is None:
        raise Rejected(CrossingRefusal.DOCUMENT_MISSING, "document")
    now, terms, at_home = await tx.now(), found.terms, False
    if found.decision is not None and found.decision.code == NOT_HELD:
        raise Rejected(ProtocolRefusal.NOT_HELD)
    if terms is not None:
        known = await policy.coefficient_in_force(tx, terms.giver, terms.receiver, local_date(now))
        if known is None or rules_crossing.rate_of(known) != terms.rate:
            raise Rejected(CrossingRefusal.OTHER_COEFFICIENT)
        at_home = terms.giver in await parties_here(tx)
    try:
        await crossing.advance(tx, Side.MINISTRY, found.id, Approve(document, now, at_home))
    except Rejected as rejected:
        if rejected.refusal is ProtocolRefusal.LOG_UNREAD:
            raise await _unread(tx, found.id) from rejected
        raise
    return await shown(tx, Side.MINISTRY, found.id)


async def _unread(tx: Tx, transfer: str) -> Rejected:
    """Say whose log is not read so far, and since when it cannot be."""
    unread = (await store_held.list_unread(tx, transfer)).get(transfer)
    about = None if unread is None else unread.to_body()
    return Rejected(ProtocolRefusal.LOG_UNREAD, retry_after=RETRY_SECONDS, about=about)


async def refuse(tx: Tx, found: Crossing, code: str) -> rules.Transfer:
    """Decide to abort."""
    await crossing.advance(tx, Side.MINISTRY, found.id, Refuse(code))
    return await shown(tx, Side.MINISTRY, found.id)


async def shown(tx: Tx, role: Side, transfer: str) -> rules.Transfer:
    """The transfer as it stands for a role, in the words of every transfer."""
    found = await store_crossing.find(tx, role, transfer)
    assert found is not None, "it was just written"
    return rules_crossing.as_transfer(found.id, found.machine)
