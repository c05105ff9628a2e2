"""The command behind `POST /v1/refunds`."""

from app.accounts import rules_rental, store
from app.accounts.book_use import book_use
from app.accounts.lock_accounts import lock_account
from app.accounts.rules import AccountsRefusal, HousingAccount
from app.kernel.refusal import Rejected
from app.platform.db import Tx


async def refund_account(tx: Tx, household: str) -> HousingAccount:
    """Pay the whole balance in cash and close the account, after a public rental (R157, R163)."""
    _, account = await lock_account(tx, household)
    latest = await store.latest_rental(tx, household)
    decision = rules_rental.decide_refund(account, latest, await tx.now())
    if isinstance(decision, AccountsRefusal):
        raise Rejected(decision)

    use, rental = decision
    await store.update_rental(tx, rental)
    await book_use(tx, use, "account.refunded", {"rental": rental.id})
    return use.account
