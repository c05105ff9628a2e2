"""The command behind `POST /v1/bank-account-approvals`: a second officer of the same party.

- the account exists and is of the officer's own province, or the ministry's;
- it was proposed by another person, and is not approved yet.
"""

from dataclasses import replace

from app import ledger
from app.clearing import rules, store_bank
from app.clearing.rules_bank import BankAccount
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def approve_account(tx: Tx, account: str) -> BankAccount:
    """Approve an account: instructions made from now on name it."""
    found = await store_bank.lock_account(tx, account)
    if found is None or not rules.acts_for(tx.by, found.province):
        raise Rejected(CommonRefusal.NOT_FOUND, "account")
    refusal = rules.decide_second_person(found.proposed_by, found.approved_by, tx.actor)
    if refusal is not None:
        raise Rejected(refusal)

    await store_bank.approve_account(tx, account, tx.actor)
    note = ledger.Note(kind="bank_account.approved", province=found.province, subject=account)
    await ledger.record(tx, [note])
    return replace(found, approved_by=tx.actor)
