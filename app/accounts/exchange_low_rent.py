"""The command behind `POST /v1/low-rent-exchanges`: it is always refused, with the reason."""

from typing import NoReturn

from app.accounts import rules_homes
from app.accounts.lock_accounts import lock_account
from app.kernel.refusal import Rejected
from app.platform.db import Tx


async def exchange_low_rent(tx: Tx, household: str) -> NoReturn:
    """Low-rent homes were merged into public rental (R153, R154); the account is checked first."""
    _, account = await lock_account(tx, household)
    raise Rejected(rules_homes.decide_low_rent_exchange(account))
