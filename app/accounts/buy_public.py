"""The command behind `POST /v1/public-purchases`."""

from app import policy
from app.accounts import rules_rental, store
from app.accounts.book_use import sign
from app.accounts.lock_accounts import lock_rental
from app.accounts.rules import AccountsRefusal, Contract
from app.kernel.refusal import Rejected
from app.platform.db import Tx


async def buy_public(tx: Tx, command: rules_rental.BuyPublic) -> Contract:
    """Buy the rented home, whole or in part (R158-R161).

    Account open, rental active, `option_years` of the home province full since the ticket's issue,
    and a way to pay the gap where there is one.
    """
    account, rental = await lock_rental(tx, command.rental)
    now = await tx.now()
    assert account is not None, "a rental belongs to an account"
    version = await policy.in_force(tx, account.home_province, now)
    years = version.parameters.option_years
    decision = rules_rental.decide_public_purchase(account, rental, command, years, now)
    if isinstance(decision, AccountsRefusal):
        raise Rejected(decision)

    use, after = decision
    await store.update_rental(tx, after)
    option_date = rules_rental.option_date(account.issued_on, years)
    facts = {"rental": rental.id, "option_date": option_date.isoformat()}
    return await sign(tx, use, facts, version.id)
