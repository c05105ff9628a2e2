"""The command behind `POST /v1/affordable-purchases`."""

from app.accounts import rules_homes
from app.accounts.book_use import sign
from app.accounts.lock_accounts import lock_account
from app.accounts.rules import AccountsRefusal, Contract
from app.kernel.refusal import Rejected
from app.platform.db import Tx


async def buy_affordable(tx: Tx, command: rules_homes.BuyAffordable) -> Contract:
    """Buy an affordable home: account open, and a way to pay the gap where there is one (R148)."""
    _, account = await lock_account(tx, command.household)
    decision = rules_homes.decide_affordable_purchase(account, command)
    if isinstance(decision, AccountsRefusal):
        raise Rejected(decision)
    return await sign(tx, decision, {"surplus": command.surplus.value})
