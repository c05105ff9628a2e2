"""Balances, for the slices that decide by them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.kernel.refusal import Rejected
from app.ledger import store
from app.ledger.rules import AccountKind, AccountRef, LedgerRefusal
from app.platform.db import Reader, Tx


async def balances(reader: Reader, refs: Iterable[AccountRef]) -> dict[AccountRef, int]:
    """Balances in hundredths; an account never used holds 0."""
    wanted = list(refs)
    found = await store.read_balances(reader, [ref.code for ref in wanted]) if wanted else {}
    return {ref: found.get(ref.code, 0) for ref in wanted}


async def balance(reader: Reader, ref: AccountRef) -> int:
    """The balance of one account in hundredths."""
    return (await balances(reader, [ref]))[ref]


async def holdings(reader: Reader, kind: AccountKind, holders: Sequence[str]) -> dict[str, int]:
    """What bidders hold over all lots, for kinds whose accounts are owned by `<lot>:<bidder>`."""
    return await store.sum_by_holder(reader, kind, holders) if holders else {}


async def facts_of(reader: Reader, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The figures that entries were computed from, by their keys."""
    found = await store.find_entries(reader, keys) if keys else {}
    return {key: json.loads(body)["facts"] for key, (_, body) in found.items()}


async def actors(reader: Reader, subject: str, kinds: Sequence[str]) -> frozenset[str]:
    """The persons who wrote records of these kinds about a subject: for rules that ask for two."""
    return frozenset(await store.find_actors(reader, subject, kinds))


async def latest_records(reader: Reader, kind: str, subjects: Sequence[str]) -> dict[str, int]:
    """The number of the latest record of a kind about each of these subjects that has one."""
    return await store.find_latest(reader, kind, subjects) if subjects else {}


async def lock_balances(tx: Tx, refs: Sequence[AccountRef]) -> dict[AccountRef, int]:
    """Balances that cannot change until this transaction ends: for decisions that spend them."""
    locked = await store.lock_accounts(tx, refs) if refs else {}
    return {ref: locked[ref.code].balance for ref in refs}


async def lock_free_balances(tx: Tx, refs: Sequence[AccountRef]) -> dict[AccountRef, int]:
    """As `lock_balances`; raises `Rejected` (`ACCOUNT_FROZEN`) where one of them is frozen."""
    locked = await store.lock_accounts(tx, refs) if refs else {}
    if any(account.frozen for account in locked.values()):
        raise Rejected(LedgerRefusal.ACCOUNT_FROZEN)
    return {ref: locked[ref.code].balance for ref in refs}


async def follow_cases(tx: Tx, codes: Sequence[str]) -> list[str]:
    """Freeze or free accounts as the open cases about them say; answers with those that changed.

    Whoever posts to one of them meanwhile waits, and then sees how it stands. An account that was
    never used is opened empty.
    """
    await store.lock_accounts(tx, [AccountRef.of(code) for code in codes])
    return await store.set_frozen(tx, codes)
