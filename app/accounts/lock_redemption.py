"""A request to redeem, held by the lock of its household's account until it is decided."""

from app.accounts import store_redemptions
from app.accounts.lock_accounts import lock_for_credit
from app.accounts.rules_redemptions import Redemption
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def lock_redemption(tx: Tx, id_: str, *, to_decide: bool = False) -> Redemption:
    """The request that a command names; to decide it is for where the account stands alone.

    Raises `Rejected` (`NOT_FOUND`) where there is none, or it does not concern the principal.
    """
    named = await store_redemptions.find_redemption(tx, id_)
    if named is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "request")
    await lock_for_credit(tx, [named.household])
    # Read again: it stands still only under the account's lock, as does the account's province.
    request = await store_redemptions.find_redemption(tx, id_)
    assert request is not None, "requests are never removed"
    if not tx.by.concerns(*([request.decider] if to_decide else request.stakes)):
        raise Rejected(CommonRefusal.NOT_FOUND, "request")
    return request
