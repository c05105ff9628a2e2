"""The command behind `POST /v1/commercial-purchases`."""

from app import policy
from app.accounts import rules_homes
from app.accounts.book_use import sign
from app.accounts.lock_accounts import lock_account
from app.accounts.rules import AccountsRefusal, Contract
from app.kernel.refusal import Rejected
from app.kernel.units import decimal
from app.platform.db import Tx


async def buy_commercial(tx: Tx, command: rules_homes.BuyCommercial) -> Contract:
    """Buy the first commercial home, with a loan up to the home province's cap (R164, R165)."""
    household, account = await lock_account(tx, command.household)
    version = await policy.in_force(tx, household.province, await tx.now())
    cap = version.parameters.low_interest_loan_cap
    decision = rules_homes.decide_commercial_purchase(account, command, cap)
    if isinstance(decision, AccountsRefusal):
        raise Rejected(decision)
    facts = {"loan_asked": decimal(command.loan), "loan_cap": decimal(cap)}
    return await sign(tx, decision, facts, version.id)
