"""Accounts held for a decision: locked, brought current, with the balance that cannot change."""

from collections.abc import Sequence

from app import identity, tickets
from app.accounts import read, rules, rules_moving, store
from app.accounts.charge_rents import bring_current
from app.accounts.rules import HousingAccount
from app.accounts.rules_rental import Rental
from app.kernel.principal import Principal, Role, Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def lock_for_credit(tx: Tx, households: Sequence[str]) -> dict[str, HousingAccount]:
    """Lock accounts by household, ten thousand in the statements of one, and bring them current.

    A household without a ticket has no account and is left out. An account's row is made at its
    first lock. Every change of a balance, a rental or a counter holds this lock, so what is read
    here stays until the transaction ends.
    """
    if not households:
        return {}
    locked = await store.find_accounts(tx, households, lock=True)
    missing = [household for household in households if household not in locked]
    if missing:
        issued = await tickets.of_households(tx, missing)
        await store.open_accounts(tx, [rules.opened_by(ticket) for ticket in issued.values()])
        locked |= await store.find_accounts(tx, list(issued), lock=True)
    return await bring_current(tx, await read.with_balances(tx, locked))


async def lock_account(
    tx: Tx, household: str, field: str = "household"
) -> tuple[identity.Household, HousingAccount | None]:
    """The household that a command names in `field`, and its account, if it has one.

    Raises `Rejected` (`NOT_FOUND`) where the household is unknown or not the principal's, and where
    the account is on its way to another node, or gone there.
    """
    found = await identity.require_household(tx, household, field)
    account = (await lock_for_credit(tx, [household])).get(household)
    if not _may_use(tx.by, found, account):
        raise Rejected(CommonRefusal.NOT_FOUND, field)
    refusal = None if account is None else rules_moving.refuse_standing(account.standing)
    if refusal is not None:
        raise Rejected(refusal)
    return found, account


async def lock_rental(tx: Tx, id_: str) -> tuple[HousingAccount | None, Rental]:
    """The rental that a command names, and the account of its household."""
    named = await store.find_rental(tx, id_)
    if named is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "rental")
    _, account = await lock_account(tx, named.household, "rental")
    # Read again: it stands still only under the account's lock, and may just have been charged.
    rental = await store.find_rental(tx, id_)
    assert rental is not None, "rentals are never removed"
    return account, rental


def _may_use(by: Principal, household: identity.Household, account: HousingAccount | None) -> bool:
    """The fund centre and province that manage an account are those of where it stands now."""
    if account is None:
        return by.concerns(household.stake)
    if by.role in {Role.FUND_CENTRE, Role.PROVINCE}:
        return by.concerns(Stake(province=account.province))
    return by.concerns(*account.stakes)
