"""A household's account follows its ticket into another province (R185).

Between two provinces of this node it moves at once. To another node it first stands still
(`hold_account`): then it leaves (`send_account`) or is free again (`release_account`), as the
ministry decides, and the other node opens it with what it took along (`take_account`).
"""

from collections.abc import Mapping
from dataclasses import replace

from app import ledger
from app.accounts import rules_moving, store, store_moving
from app.accounts.lock_accounts import lock_for_credit
from app.accounts.rules import HousingAccount, Standing
from app.accounts.rules_moving import Luggage
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Note, move
from app.platform.db import Tx


async def move_account(tx: Tx, household: str, to: str, cause: str) -> Fen:
    """Move the account to the books of province `to`; answers with the balance moved, in fen.

    The balance becomes due from the province it leaves to the one it comes to. `cause` names the
    transfer and makes the entries' keys. Raises `Rejected` (`NOT_FOUND`) without an account.
    """
    before = await _held(tx, household)
    # It stood still where another node has decided the transfer.
    after = replace(before, province=to, standing=Standing.HERE, events=before.events + 1)
    facts = _facts(cause, before.province, to, before.balance)
    await store.update_account(tx, after)
    await _post(tx, _leaves(before, to, facts), _comes(after, before.province, facts))
    await ledger.record(tx, [_moved(after, facts)])
    return before.balance


async def hold_account(tx: Tx, household: str) -> Luggage:
    """Let the account stand still until it leaves for another node or is released.

    Answers with what it would take along. Raises `Rejected` where a home is rented here.
    """
    account = (await lock_for_credit(tx, [household])).get(household)
    latest = await store.latest_rental(tx, household)
    refusal = rules_moving.decide_leave(account, renting=latest is not None and latest.active)
    if refusal is not None:
        raise Rejected(refusal)
    assert account is not None, "an account that does not exist is refused"
    await store.update_account(tx, replace(account, standing=Standing.LEAVING))
    years = await store_moving.subsidised_years(tx, household)
    return Luggage(account.balance, account.open, account.affordable_homes, tuple(sorted(years)))


async def release_account(tx: Tx, household: str) -> None:
    """Let an account that was to leave be used again."""
    account = await _held(tx, household)
    await store.update_account(tx, replace(account, standing=Standing.HERE))


async def send_account(
    tx: Tx, household: str, to: str, cause: str, extra: Mapping[str, str]
) -> tuple[Fen, int | None]:
    """Let a held account leave for the node of province `to`.

    Answers with the balance, in fen, and the number of the entry that moved it; None where there
    was nothing to move. `extra` stands in the facts beside the others: the decision that lets it
    go.
    """
    before = await _held(tx, household)
    assert before.standing is Standing.LEAVING, "an account stands still before it leaves"
    after = replace(
        before,
        province=to,
        standing=Standing.GONE,
        moved=Fen(before.moved - before.balance),
        events=before.events + 1,
    )
    facts = _facts(cause, before.province, to, before.balance) | dict(extra)
    await store.update_account(tx, after)
    posted = await _post(tx, _leaves(before, to, facts))
    await ledger.record(tx, [_moved(after, facts)])
    return before.balance, next(iter(posted), None)


async def take_account(
    tx: Tx, account: HousingAccount, luggage: Luggage, cause: str, extra: Mapping[str, str]
) -> int | None:
    """Open an account that comes from another node with what it took along.

    `account` says whose it is and where it stands from now on; its home owes the balance. Answers
    with the number of the entry that says so; None where nothing came.
    """
    home = account.home_province
    arrived = replace(
        account,
        open=luggage.open,
        moved=luggage.balance,
        balance=luggage.balance,
        affordable_homes=luggage.affordable_homes,
        events=1,
    )
    facts = _facts(cause, home, account.province, luggage.balance) | dict(extra)
    await store_moving.insert_arrived(tx, arrived, luggage.subsidised)
    posted = await _post(tx, _comes(arrived, home, facts))
    await ledger.record(tx, [_moved(arrived, facts)])
    return next(iter(posted), None)


async def _held(tx: Tx, household: str) -> HousingAccount:
    found = (await lock_for_credit(tx, [household])).get(household)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "household")
    return found


def _facts(cause: str, home: str, to: str, balance: Fen) -> dict[str, str]:
    return {"transfer": cause, "from": home, "to": to, "balance": decimal(balance)}


def _leaves(before: HousingAccount, to: str, facts: Mapping[str, str]) -> Draft:
    """In the books of the province that it leaves: what it held is owed to the other."""
    return Draft(
        kind=EntryKind.ACCOUNT_MOVED_OUT,
        key=f"account-out:{before.household}:{facts['transfer']}",
        province=before.province,
        subject=before.household,
        moves=move(before.ref, AccountRef(AccountKind.DUE_TO, to, before.province), before.balance),
        facts=facts,
    )


def _comes(after: HousingAccount, home: str, facts: Mapping[str, str]) -> Draft:
    """In the books of the province that it comes to: what it holds is a claim on the other."""
    return Draft(
        kind=EntryKind.ACCOUNT_MOVED_IN,
        key=f"account-in:{after.household}:{facts['transfer']}",
        province=after.province,
        subject=after.household,
        moves=move(
            AccountRef(AccountKind.DUE_FROM, home, after.province), after.ref, after.balance
        ),
        facts=facts,
    )


async def _post(tx: Tx, *drafts: Draft) -> list[int]:
    posted = await ledger.post(tx, [draft for draft in drafts if draft.moves])
    return [entry.id for entry in posted]


def _moved(after: HousingAccount, facts: Mapping[str, str]) -> Note:
    return Note(kind="account.moved", province=after.province, subject=after.household, body=facts)
