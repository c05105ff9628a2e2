"""What a redemption is judged by, read from what is kept."""

from app import policy
from app.accounts import store
from app.accounts.rules import HousingAccount
from app.accounts.rules_outcome import Grounds, Redeem
from app.accounts.rules_rental import BuyPublic, Rental
from app.platform.db import Reader


async def find_grounds(
    reader: Reader, command: Redeem, account: HousingAccount | None, home_province: str
) -> Grounds:
    """For a household with this account, or with none yet."""
    now = await reader.now()
    version = await policy.in_force(reader, home_province, now)
    return Grounds(
        account=account,
        rental=await _rental(reader, command),
        option_years=version.parameters.option_years,
        loan_cap=version.parameters.low_interest_loan_cap,
        now=now,
    )


async def _rental(reader: Reader, command: Redeem) -> Rental | None:
    if isinstance(command, BuyPublic):
        return await store.find_rental(reader, command.rental)
    return await store.latest_rental(reader, command.household)
