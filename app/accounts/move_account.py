"""A household's account follows its ticket into another province (R185)."""

from dataclasses import replace

from app import ledger
from app.accounts import store
from app.accounts.lock_accounts import lock_for_credit
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Note, move
from app.platform.db import Tx


async def move_account(tx: Tx, household: str, to: str, cause: str) -> Fen:
    """Move the account to the books of province `to`; answers with the balance moved, in fen.

    The balance becomes due from the province it leaves to the one it comes to. `cause` names the
    transfer and makes the entries' keys. Raises `Rejected` (`NOT_FOUND`) without an account.
    """
    before = (await lock_for_credit(tx, [household])).get(household)
    if before is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "household")
    after = replace(before, province=to, events=before.events + 1)
    owed = AccountRef(AccountKind.DUE_TO, to, before.province)
    claim = AccountRef(AccountKind.DUE_FROM, before.province, to)
    facts = {
        "transfer": cause,
        "from": before.province,
        "to": to,
        "balance": decimal(before.balance),
    }
    drafts = [
        Draft(
            kind=EntryKind.ACCOUNT_MOVED_OUT,
            key=f"account-out:{household}:{cause}",
            province=before.province,
            subject=household,
            moves=move(before.ref, owed, before.balance),
            facts=facts,
        ),
        Draft(
            kind=EntryKind.ACCOUNT_MOVED_IN,
            key=f"account-in:{household}:{cause}",
            province=to,
            subject=household,
            moves=move(claim, after.ref, before.balance),
            facts=facts,
        ),
    ]
    await store.update_account(tx, after)
    await ledger.post(tx, [draft for draft in drafts if draft.moves])
    await ledger.record(
        tx, [Note(kind="account.moved", province=to, subject=household, body=facts)]
    )
    return before.balance
