"""The command behind `POST /v1/mortgage-offsets`."""

from app.accounts import rules_homes
from app.accounts.book_use import sign
from app.accounts.lock_accounts import lock_account
from app.accounts.rules import AccountsRefusal, Contract
from app.kernel.refusal import Rejected
from app.platform.db import Tx


async def offset_mortgage(tx: Tx, command: rules_homes.OffsetMortgage) -> Contract:
    """Pay the lender of the first and only home, up to the open principal (R166)."""
    _, account = await lock_account(tx, command.household)
    decision = rules_homes.decide_mortgage_offset(account, command)
    if isinstance(decision, AccountsRefusal):
        raise Rejected(decision)
    return await sign(tx, decision)
