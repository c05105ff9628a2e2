"""Which accounts are frozen, held against the records that froze and freed them."""

from app.platform.db import Reader
from app.reconciliation import store


async def verify_frozen(reader: Reader) -> list[str]:
    """Name each account that is frozen or free otherwise than the log says."""
    return [
        f"account {code}: its records say otherwise whether it is frozen"
        for code in await store.frozen_at_odds(reader)
    ]
