"""At giver and receiver: who has heard of no decision asks the ministry for it.

The ministry's deadlines have passed by then, so there is a decision, and its letter was lost: with
a node that was restored from a backup, at one end or the other. The answer is the decision itself
once more, under its proof, and is taken as the first one would have been. Asking changes nothing:
nothing is freed and nothing credited before the decision is here.
"""

from app import nodes
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.platform.jobs import Job
from app.transfers import store_crossing
from app.transfers.rules_messages import Side, Status

_SIDES = (Side.GIVER, Side.RECEIVER)


async def ask_due(tx: Tx, event: str) -> None:
    """Ask about what `find_unheard` has found, in its role and under its name."""
    role, _, transfer = event.partition(":")
    await _ask(tx, Side(role), transfer)


async def ask(tx: Tx, transfer: str) -> None:
    """Ask about a transfer now, whatever its deadline, by its name among nodes: `500000-x1`.

    Raises `Rejected` (not found) where this node is no side of it, or decides it itself.
    """
    for role in _SIDES:
        if await store_crossing.find(tx, role, transfer) is not None:
            if await _ask(tx, role, transfer):
                return
            break
    raise Rejected(CommonRefusal.NOT_FOUND, "transfer")


async def _ask(tx: Tx, role: Side, transfer: str) -> bool:
    await store_crossing.lock(tx, role, transfer)
    ministry = await nodes.ministry(tx)
    await store_crossing.count_question(tx, role, transfer)
    if ministry is None:
        return False
    number = await nodes.next_revision(tx, ministry.name, Status.type, transfer)
    question = Status(transfer, number)
    await nodes.send(
        tx, [nodes.Message(ministry.name, Status.type, transfer, number, question.to_body())]
    )
    return True


ASK_JOB = Job("question", store_crossing.find_unheard, ask_due)
