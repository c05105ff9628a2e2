"""The villagers' shares of settled tickets arrive (R135)."""

from collections.abc import Mapping

from app import ledger
from app.accounts import rules, store
from app.kernel.units import Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.platform.db import Tx


async def credited(tx: Tx, shares: Mapping[str, Fen]) -> None:
    """Count shares in fen, by household, that the caller has posted into the housing accounts.

    The caller holds them by `lock_for_credit`. What came to a closed account is paid out in cash
    at once; the number of statements does not depend on how many there are.
    """
    arrived = {household: share for household, share in shares.items() if share > 0}
    if not arrived:
        return
    closed = await store.credit_accounts(tx, arrived)
    drafts = [
        Draft(
            kind=EntryKind.CASH_PAYMENT,
            key=f"cash:{paid.household}:{paid.event}",
            province=paid.province,
            subject=paid.household,
            moves=move(
                rules.housing_account(paid.household, paid.province),
                AccountRef(AccountKind.BANK, "cash", paid.province),
                arrived[paid.household],
            ),
            facts={"cause": "account_closed", "share": decimal(arrived[paid.household])},
        )
        for paid in closed
    ]
    await ledger.post(tx, drafts)
