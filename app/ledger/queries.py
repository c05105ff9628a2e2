"""What people may see of the ledger: an account, its movements, and one entry behind them."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.kernel.principal import Principal, Stake
from app.ledger.explanation import Credited
from app.ledger.kinds import PARTY_KINDS, AccountKind, EntryKind
from app.platform.db import Reader

_ACCOUNT = text("""
    SELECT id, code, kind, owner, province, balance FROM ledger_account WHERE code = :code
""")
_MOVEMENTS = text("""
    SELECT e.record_id AS entry, e.kind, e.subject, e.at, e.policy,
           sum(CASE WHEN p.target_id = :id THEN p.amount ELSE -p.amount END) AS amount,
           (array_agg(CASE WHEN p.target_id = :id THEN p.target_balance ELSE p.source_balance END
                      ORDER BY p.position DESC))[1] AS balance
    FROM (
        -- The newest entries by either side's index; then what each of them did to the account.
        (SELECT DISTINCT entry_id FROM ledger_posting
         WHERE source_id = :id AND entry_id < :before ORDER BY entry_id DESC LIMIT :limit)
        UNION
        (SELECT DISTINCT entry_id FROM ledger_posting
         WHERE target_id = :id AND entry_id < :before ORDER BY entry_id DESC LIMIT :limit)
    ) newest
    JOIN ledger_posting p ON p.entry_id = newest.entry_id AND :id IN (p.source_id, p.target_id)
    JOIN ledger_entry e ON e.record_id = p.entry_id
    GROUP BY e.record_id, e.kind, e.subject, e.at, e.policy
    ORDER BY e.record_id DESC LIMIT :limit
""")
_FLOWS = text("""
    SELECT a.owner, e.kind AS entry_kind, sum(p.amount) AS amount FROM (
        SELECT target_id AS id, entry_id, amount FROM ledger_posting
        UNION ALL SELECT source_id, entry_id, -amount FROM ledger_posting) p
    JOIN ledger_account a ON a.id = p.id AND a.kind = :kind
    JOIN ledger_entry e ON e.record_id = p.entry_id
    GROUP BY a.owner, e.kind
""")
_ENTRY = text("""
    SELECT e.record_id, e.kind, e.subject, e.policy, r.body
    FROM ledger_entry e JOIN record r ON r.id = e.record_id WHERE e.record_id = :entry
""")


# A principal of a level sees the accounts that this level owns; None sees all.
_KINDS_OF_LEVEL = {
    "collective": ("collective", "township", "village_committee"),
    "county": ("county",),
    "province": tuple(k.value for k in PARTY_KINDS),
    None: tuple(k.value for k in PARTY_KINDS),
}
_PARTIES = text("""
    SELECT id, code, kind, owner, province, balance FROM ledger_account
    WHERE code > :after AND kind = ANY(:kinds)
      AND (CAST(:owner AS text) IS NULL OR owner = :owner)
      AND (CAST(:province AS text) IS NULL OR province = :province)
    ORDER BY code LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its balance in hundredths."""

    id: int
    code: str
    kind: AccountKind
    owner: str
    province: str
    balance: int

    @property
    def stake(self) -> Stake:
        """Whom it concerns."""
        k, owner = self.kind, self.owner
        return Stake(
            household=owner if k is AccountKind.HOUSING else None,
            collective=owner
            if k
            in {
                AccountKind.COLLECTIVE,
                AccountKind.TOWNSHIP,
                AccountKind.VILLAGE_COMMITTEE,
                AccountKind.HOMESTEAD,
                AccountKind.OFF_SITE_RIGHT,
            }
            else None,
            county=owner
            if k
            in {
                AccountKind.COUNTY,
                AccountKind.CROPLAND,
                AccountKind.ECOLOGICAL,
                AccountKind.CONSTRUCTION,
            }
            else None,
            province=self.province,
            bidder=self._bidder,
        )

    @property
    def _bidder(self) -> str | None:
        if self.kind is AccountKind.BIDDER_CASH:
            return self.owner
        return self.owner.split(":")[1] if self.kind is AccountKind.DEPOSIT else None


@dataclass(frozen=True, slots=True)
class Movement:
    """What one entry did to an account: `amount` is signed, `balance` the one after it."""

    entry: int
    kind: EntryKind
    subject: str
    at: datetime
    policy: str | None
    amount: int
    balance: int


async def sum_flows(reader: Reader, kind: AccountKind) -> dict[tuple[str, EntryKind], int]:
    """What all accounts of a kind gained or lost, by owner and kind of entry, in all provinces.

    Entries of a kind that does not exist are left out: `verify` names them.
    """
    rows = await reader.run(_FLOWS, {"kind": kind.value})
    known = set(EntryKind)
    return {
        (row.owner, EntryKind(row.entry_kind)): int(row.amount)
        for row in rows
        if row.entry_kind in known
    }


async def find_account(reader: Reader, code: str) -> Account | None:
    """The account of this code."""
    row = (await reader.run(_ACCOUNT, {"code": code})).one_or_none()
    if row is None:
        return None
    return Account(row.id, row.code, AccountKind(row.kind), row.owner, row.province, row.balance)


async def list_party_accounts(
    reader: Reader, principal: Principal, after: str, limit: int
) -> list[Account]:
    """Accounts of parties that hold money beside households and bidders, in order of code."""
    level = principal.level
    by_owner = level is not None and level != "province"
    rows = await reader.run(
        _PARTIES,
        {
            "after": after,
            "kinds": list(_KINDS_OF_LEVEL.get(level, ())),
            "owner": principal.party if by_owner else None,
            "province": principal.party if level == "province" else None,
            "limit": limit,
        },
    )
    return [
        Account(r.id, r.code, AccountKind(r.kind), r.owner, r.province, r.balance) for r in rows
    ]


async def list_movements(
    reader: Reader, account: Account, before: int, limit: int
) -> list[Movement]:
    """Movements of an account, newest first, from behind entry `before`."""
    rows = await reader.run(_MOVEMENTS, {"id": account.id, "before": before, "limit": limit})
    return [
        Movement(r.entry, EntryKind(r.kind), r.subject, r.at, r.policy, int(r.amount), r.balance)
        for r in rows
    ]


async def find_credit(reader: Reader, account: Account, entry: int) -> Credited | None:
    """The entry as an explanation needs it; None if it did not touch the account."""
    row = (await reader.run(_ENTRY, {"entry": entry})).one_or_none()
    if row is None:
        return None
    body = json.loads(bytes(row.body))
    postings = [(p[0], p[1], int(p[2])) for p in body["postings"]]
    amounts = [a for _, t, a in postings if t == account.code]
    amounts += [-a for s, _, a in postings if s == account.code]
    if not amounts:
        return None
    return Credited(
        row.record_id,
        EntryKind(row.kind),
        account.code,
        sum(amounts),
        row.subject,
        row.policy,
        body["facts"],
        postings,
    )
