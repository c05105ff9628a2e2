"""An accepted use of an account becomes rows, postings, a contract and a record."""

from collections.abc import Mapping

from app import ledger
from app.accounts import store
from app.accounts.rules import Contract, Terms, Use
from app.kernel.units import decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Note, move
from app.platform.db import Tx


async def book_use(
    tx: Tx, use: Use, kind: str, facts: Mapping[str, str], policy: str | None = None
) -> None:
    """Write the account, post what leaves it for a home and in cash, record the event as `kind`.

    `facts` are what was declared; amounts are added here. Nothing is posted for 0.00.
    """
    account = use.account
    figures = {
        **facts,
        "cause": kind,
        "paid_for_home": decimal(use.housing),
        "paid_in_cash": decimal(use.cash),
        "balance_after": decimal(account.balance),
    }
    if use.terms is not None:
        figures |= _terms(use.terms)
    drafts = [
        Draft(
            kind=entry,
            key=f"{purpose}:{account.household}:{account.events}",
            province=account.province,
            subject=account.household,
            moves=move(
                account.ref, AccountRef(AccountKind.BANK, purpose, account.province), amount
            ),
            facts=figures,
            policy=policy,
        )
        for entry, purpose, amount in (
            (EntryKind.HOUSING_PAYMENT, "housing", use.housing),
            (EntryKind.CASH_PAYMENT, "cash", use.cash),
        )
    ]
    await store.update_account(tx, account)
    await ledger.post(tx, [draft for draft in drafts if draft.moves])
    note = Note(
        kind=kind,
        province=account.province,
        subject=account.household,
        body=figures,
        policy=policy,
    )
    await ledger.record(tx, [note])


async def sign(
    tx: Tx, use: Use, facts: Mapping[str, str] | None = None, policy: str | None = None
) -> Contract:
    """Book a use that is a contract, and keep the contract."""
    assert use.terms is not None, "only a use with terms is signed"
    await book_use(tx, use, "contract.signed", facts or {}, policy)
    return await store.insert_contract(tx, use.account.household, use.terms)


def _terms(terms: Terms) -> dict[str, str]:
    figures = {
        "contract": terms.kind.value,
        "price": decimal(terms.price),
        "from_account": decimal(terms.from_account),
        "gap": decimal(terms.gap),
    }
    if terms.gap_by is not None:
        figures["gap_by"] = terms.gap_by.value
    for name, amount in (("loan", terms.loan), ("owned", terms.owned), ("rented", terms.rented)):
        if amount is not None:
            figures[name] = decimal(amount)
    return figures
