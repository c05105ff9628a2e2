"""Who acts for a firm, as its bids by two persons ask it."""

from app.identity import live_credentials
from app.kernel.principal import Role
from app.platform.db import Tx


async def acts_for(tx: Tx, person: str, firm: str) -> bool:
    """Whether a person may bid for a firm at this instant, by a credential that is in force."""
    held = await live_credentials(tx, person)
    return any(one.role is Role.BIDDER and one.party == firm for one in held)
