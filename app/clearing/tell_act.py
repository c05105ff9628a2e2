"""What an officer has done with a statement that the ministry's node has told goes there."""

from app import nodes
from app.clearing import store
from app.clearing.rules import Act, Statement
from app.clearing.rules_between import APPROVED, DISPUTED
from app.clearing.rules_letters import ActTold
from app.platform.db import Tx


async def tell_act(tx: Tx, found: Statement, act: Act, leaf: int) -> list[nodes.Message]:
    """The message about an act that is kept already, resting on its record `leaf`."""
    ministry = await nodes.ministry(tx)
    assert ministry is not None, "a statement was received from the ministry's node"
    acts = (await store.list_acts(tx, [found.id]))[found.id]
    told = ActTold(found.id, act.province, found.hash, act.reason)
    return [
        nodes.Message(
            to=ministry.name,
            type=APPROVED if act.approves else DISPUTED,
            transfer=found.id,
            # Of the acts of both provinces, where this node keeps the books of both.
            revision=len(acts),
            body=told.to_body(),
            leaf=leaf,
        )
    ]
