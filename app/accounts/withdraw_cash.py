"""The command behind `POST /v1/cash-withdrawals`."""

from app.accounts import rules_homes
from app.accounts.book_use import book_use
from app.accounts.lock_accounts import lock_account
from app.accounts.rules import AccountsRefusal, HousingAccount
from app.kernel.refusal import Rejected
from app.platform.db import Tx


async def withdraw_cash(tx: Tx, command: rules_homes.WithdrawCash) -> HousingAccount:
    """Pay the whole balance in cash: city home, no mortgage in the way, able (R167, R168)."""
    _, account = await lock_account(tx, command.household)
    decision = rules_homes.decide_withdrawal(account, command)
    if isinstance(decision, AccountsRefusal):
        raise Rejected(decision)
    await book_use(tx, decision, "account.withdrawn", {})
    return decision.account
