"""The clock's third event: the monthly rent of an account that nobody touches."""

from app.accounts import store
from app.accounts.lock_accounts import lock_for_credit
from app.platform.db import Tx
from app.platform.jobs import Job


async def charge_rental(tx: Tx, rental: str) -> None:
    """Do the charge that is due at this transaction's instant, unless a command has done it."""
    found = await store.find_rental(tx, rental)
    if found is not None:
        await lock_for_credit(tx, [found.household])


RENT_JOB = Job("rent", store.find_due, charge_rental)
