"""The command behind `POST /v1/rentals`."""

from app import ledger
from app.accounts import rules_rental, store
from app.accounts.charge_rents import book_charge
from app.accounts.lock_accounts import lock_account
from app.accounts.rules import AccountsRefusal
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.ledger.rules import Note
from app.platform.db import Tx


async def rent_public(tx: Tx, command: rules_rental.RentPublic) -> rules_rental.Rental:
    """Rent a public home, one at a time; the first month is charged at once (R155, R156)."""
    _, account = await lock_account(tx, command.household)
    latest = await store.latest_rental(tx, command.household)
    current = latest if latest is not None and latest.active else None
    decision = rules_rental.decide_rental(account, current, command, await tx.now())
    if isinstance(decision, AccountsRefusal):
        raise Rejected(decision)
    if await store.find_rental(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    rental = decision.rental
    await store.insert_rental(tx, rental)
    note = Note(
        kind="rental.begun",
        province=decision.account.province,
        subject=rental.id,
        body={
            "household": rental.household,
            "area": decimal(rental.area),
            "rent_per_m2": decimal(rental.rent_per_m2),
            "subsidy_per_m2": decimal(rental.subsidy_per_m2),
        },
    )
    await ledger.record(tx, [note])
    await book_charge(tx, decision)
    return rental
