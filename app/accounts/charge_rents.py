"""Monthly rent: what has fallen due is charged before anything else happens to an account.

The lock of the account's row is what makes it happen once: the job and any command take it, look
again, and charge only what has not been charged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from app import ledger
from app.accounts import rules_rental, store
from app.accounts.rules import HousingAccount
from app.accounts.rules_rental import Charged, Rental
from app.kernel.units import decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Note, move
from app.platform.db import Tx


async def bring_current(
    tx: Tx, accounts: Mapping[str, HousingAccount]
) -> dict[str, HousingAccount]:
    """Charge what fell due on these locked accounts by now, each charge at its own instant.

    One statement where nothing is due, which is the common case.
    """
    now = await tx.now()
    current = dict(accounts)
    rentals = {r.id: r for r in await store.active_rentals(tx, list(accounts), due_by=now)}
    for at, id_ in sorted(due for r in rentals.values() for due in _due(r, now)):
        rental = rentals[id_]
        charged = rules_rental.charge_once(current[rental.household], rental)
        then = tx.at(at)
        await store.update_rental(then, charged.rental)
        await book_charge(then, charged)
        current[rental.household], rentals[id_] = charged.account, charged.rental
    return current


async def book_charge(tx: Tx, charged: Charged) -> None:
    """Write the account after a charge, post what was paid, and record the rest as rent due."""
    account, rental = charged.account, charged.rental
    facts: dict[str, str | int] = {
        "month": charged.number,
        "area": decimal(rental.area),
        "rent_per_m2": decimal(rental.rent_per_m2),
        "subsidy_per_m2": decimal(rental.subsidy_per_m2),
        "charge": decimal(charged.charge),
        "paid": decimal(charged.paid),
    }
    await store.update_account(tx, account)
    await ledger.post(tx, _drafts(account, charged, facts))
    note = Note(
        kind="rental.charged",
        province=account.province,
        subject=rental.id,
        body=facts | {"household": account.household, "rent_due": decimal(account.rent_due)},
    )
    await ledger.record(tx, [note])


def _drafts(
    account: HousingAccount, charged: Charged, facts: Mapping[str, str | int]
) -> Sequence[Draft]:
    landlord = AccountRef(AccountKind.BANK, "rent", account.province)
    draft = Draft(
        kind=EntryKind.RENT,
        key=f"rent:{charged.rental.id}:{charged.number}",
        province=account.province,
        subject=charged.rental.id,
        moves=move(account.ref, landlord, charged.paid),
        facts=facts,
    )
    return [draft] if draft.moves else []


def _due(rental: Rental, now: datetime) -> list[tuple[datetime, str]]:
    due = []
    while (at := rental.next_charge_at) is not None and at <= now:
        due.append((at, rental.id))
        rental = replace(rental, charges_made=rental.charges_made + 1)
    return due
