"""The command behind `POST /v1/transfer-cancellations`: the giver asks the ministry for an end.

- the transfer exists, goes to another node, and its ticket is the sender's;
- it is not decided, and no cancellation was asked for.

Nothing is free before the ministry's abort is here: it may have approved meanwhile.
"""

from app import tickets
from app.kernel.ids import reference
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.transfers import crossing, rules, store
from app.transfers.rules_messages import Side
from app.transfers.rules_protocol import TakeBack


async def cancel_transfer(tx: Tx, transfer: str) -> rules.Transfer:
    """Ask the ministry to abort a transfer to another node."""
    found = await store.find_transfer(tx, transfer)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "transfer")
    ticket = (await tickets.find(tx, [found.ticket]))[found.ticket]
    if not tx.by.concerns(rules.outflow_stake(ticket)):
        raise Rejected(CommonRefusal.NOT_FOUND, "transfer")
    if not found.crosses:
        raise Rejected(rules.ElsewhereRefusal.STAYS_HERE)
    await crossing.advance(tx, Side.GIVER, reference(found.home, found.id), TakeBack())
    return found
