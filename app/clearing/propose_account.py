"""The command behind `POST /v1/bank-accounts`: an officer registers where a province is paid.

- the province exists and is the officer's own; the agent's is the ministry's;
- the number is registered for nobody else.

The log holds a salted commitment: who swaps an account later is seen, and no number is published.
"""

import secrets
from dataclasses import dataclass, field

from app import identity, ledger
from app.clearing import rules, store_bank
from app.clearing.rules_bank import BankAccount
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class ProposeAccount:
    """An account to be approved by a second person."""

    id: str
    province: str
    name: str = field(repr=False)
    number: str = field(repr=False)
    bank: str = field(repr=False)


async def propose_account(tx: Tx, command: ProposeAccount) -> BankAccount:
    """Keep a proposal; nothing is paid to it until a second person has approved."""
    if command.province != rules.AGENT:
        await identity.require_province(tx, command.province)
    if not rules.acts_for(tx.by, command.province):
        raise Rejected(CommonRefusal.NOT_FOUND, "province")
    holder = await store_bank.holder_of(tx, command.number, approved=False)
    if holder not in {None, command.province}:
        raise Rejected(rules.ClearingRefusal.ACCOUNT_TAKEN, "account")
    if await store_bank.find_accounts(tx, [command.id]):
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    account = BankAccount(
        command.id,
        command.province,
        command.name,
        command.number,
        command.bank,
        secrets.token_bytes(SALT_BYTES),
        tx.actor,
    )
    await store_bank.insert_account(tx, account)
    note = ledger.Note(
        kind="bank_account.proposed",
        province=account.province,
        subject=account.id,
        body={"commitment": account.commitment},
    )
    await ledger.record(tx, [note])
    return account
