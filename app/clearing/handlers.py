"""What messages of other nodes about clearing do, by their type.

`pay.stated` is heard by the transfers, which know what the ministry has committed.
"""

from collections.abc import Mapping

from app import nodes
from app.clearing.give_account import take_account
from app.clearing.rules_between import (
    ACCOUNT,
    APPROVED,
    CONFIRMED,
    DISPUTED,
    DUE,
    RETURN,
    STATEMENT,
    TERMS,
)
from app.clearing.take_act import take_act
from app.clearing.take_confirmed import take_confirmed
from app.clearing.take_due import take_due
from app.clearing.take_return import take_return
from app.clearing.take_statement import take_statement
from app.clearing.tell_terms import take_terms
from app.platform.db import Tx
from app.platform.settings import Settings


def handlers(settings: Settings) -> Mapping[str, nodes.Handler]:
    """The handlers; accounts are sealed for this node and opened with a key file."""

    async def open_account(tx: Tx, received: nodes.Received) -> None:
        own = await nodes.own(tx)
        assert own is not None, "a node that receives messages is initialised"
        await take_account(tx, received, nodes.load_node_keys(settings, own.name).sealing)

    return {
        STATEMENT: take_statement,
        APPROVED: take_act,
        DISPUTED: take_act,
        DUE: take_due,
        ACCOUNT: open_account,
        CONFIRMED: take_confirmed,
        RETURN: take_return,
        TERMS: take_terms,
    }
