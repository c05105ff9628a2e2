"""The command behind `POST /v1/affordable-resales`."""

from app.accounts import rules_homes
from app.accounts.book_use import sign
from app.accounts.lock_accounts import lock_account
from app.accounts.rules import AccountsRefusal, Contract
from app.kernel.refusal import Rejected
from app.kernel.units import decimal
from app.platform.db import Tx


async def resell_affordable(tx: Tx, command: rules_homes.ResellAffordable) -> Contract:
    """Resell an affordable home: one owned, assessment passed, land fee paid up (R151, R152)."""
    _, account = await lock_account(tx, command.household)
    decision = rules_homes.decide_affordable_resale(account, command)
    if isinstance(decision, AccountsRefusal):
        raise Rejected(decision)
    facts = {"land_fee": decimal(command.land_fee), "fee_paid": decimal(command.fee_paid)}
    return await sign(tx, decision, facts)
