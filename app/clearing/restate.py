"""A debt between nodes is stated anew by the correction of the book in which it stands.

`plan` says what a correction makes of it, before it is booked; `state` with the booked entry then
tells the ministry's node. Both are of one transaction, with the debt held from the first on.
"""

from collections.abc import Sequence

from app.clearing import store_stated
from app.clearing.rules_restated import Named, RestateRefusal, decide_restatement
from app.clearing.rules_stated import Stated
from app.kernel.refusal import Rejected
from app.ledger.rules import Move
from app.platform.db import Tx


async def plan(
    tx: Tx, named: Named, moves: Sequence[Move], unstated: Stated | None = None
) -> Stated:
    """What a province will have stated of a debt once these moves are booked.

    `unstated` is what there is to begin with where it has stated nothing (number 0). Raises
    `Rejected` (`RestateRefusal`) where there is nothing to begin with, where the moves leave it as
    it is or take more than there is, and where both sides have agreed.
    """
    await store_stated.hold_matters(tx, [named.transfer])
    own = [
        one
        for one in await store_stated.own_stated(tx, [named.transfer])
        if (one.kind, one.province) == (named.kind, named.province)
    ]
    agreed = await store_stated.is_settled(tx, named.transfer, named.kind)
    found = decide_restatement(own[-1] if own else unstated, moves, agreed=agreed)
    if isinstance(found, RestateRefusal):
        raise Rejected(found)
    return found
