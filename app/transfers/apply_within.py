"""The receiver's part of a transfer between two provinces of this node that another one decided.

The giver of the same node has debited in the same transaction. Nobody comes as a guest: household
and account keep their names, and the ticket is what it would be had this node decided.
"""

from app import accounts, ledger, tickets
from app.platform.db import Tx
from app.transfers.conversion import Conversion
from app.transfers.rules_crossing import Goods, local_of
from app.transfers.rules_messages import Propose


async def credit(tx: Tx, terms: Propose, decision: str) -> int:
    """The area n and the account come in; answers with the entry that says so (R183, R185)."""
    left = (await tickets.lock(tx, [terms.ticket]))[terms.ticket]
    await tickets.arrive(tx, left, terms.receiver, terms.credit)
    conversion = Conversion.of(terms, decision, stays=True)
    (entry,) = await ledger.post(tx, [conversion.arrives()])
    household = Goods.from_cargo(terms.cargo).household
    balance = await accounts.move_account(tx, household, terms.receiver, local_of(terms))
    assert balance == terms.balance, "an account stands still from the proposal on"
    return entry.id
