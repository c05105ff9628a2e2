"""The balance that travels with a household is owed by its home: each side states its own entry."""

from app import clearing, nodes
from app.clearing import Stated, StatedKind, StatedSide
from app.platform.db import Tx
from app.transfers.rules_messages import Propose


async def state_account(
    tx: Tx, terms: Propose, side: StatedSide, entry: int | None
) -> list[nodes.Message]:
    """State the entry of the account's move; answers with the messages. Nothing moved: none."""
    if entry is None:
        return []
    stated = Stated(
        transfer=terms.transfer,
        kind=StatedKind.ACCOUNT,
        side=side,
        debtor=terms.giver,
        creditor=terms.receiver,
        amount=terms.balance,
    )
    return await clearing.state(tx, stated, entry)
