"""The command behind `POST /v1/rental-ends`."""

from app import ledger
from app.accounts import rules_rental, store
from app.accounts.lock_accounts import lock_rental
from app.accounts.rules import AccountsRefusal
from app.kernel.refusal import Rejected
from app.ledger.rules import Note
from app.platform.db import Tx


async def end_rental(tx: Tx, rental: str) -> rules_rental.Rental:
    """Give a rented home back: the account open, the rental active."""
    account, found = await lock_rental(tx, rental)
    decision = rules_rental.decide_rental_end(account, found, await tx.now())
    if isinstance(decision, AccountsRefusal):
        raise Rejected(decision)

    await store.update_rental(tx, decision)
    assert account is not None, "an account that does not exist is refused"
    note = Note(
        kind="rental.ended",
        province=account.province,
        subject=rental,
        body={"household": decision.household, "charges": decision.charges_made},
    )
    await ledger.record(tx, [note])
    return decision
