"""Pure rules of posting: no database, no clock, no randomness."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.kernel.ids import NODE
from app.kernel.refusal import Refusal
from app.ledger.kinds import (
    ASSET,
    CORRECTABLE,
    MOVES,
    UNBOUNDED,
    AccountKind,
    Asset,
    EntryKind,
)

__all__ = [
    "CORRECTABLE",
    "AccountKind",
    "AccountRef",
    "Asset",
    "Draft",
    "EntryKind",
    "LedgerRefusal",
    "Move",
    "Note",
    "Posted",
    "canonical",
    "entry_body",
    "judge",
    "leaf_hash",
    "move",
    "note_body",
]

AMOUNT_MAX = 2**63 - 1


class LedgerRefusal(Refusal):
    """Reasons in descending precedence: if several apply, the first is the answer."""

    KEY_REUSED = (
        "entry-key-reused",
        "该分录键已记入内容不同的分录,账本未变。",
        "An entry with this key but other content exists; the ledger was not changed.",
    )
    NO_POSTINGS = (
        "entry-empty",
        "分录至少要有一笔过账。",
        "An entry needs at least one posting.",
    )
    AMOUNT_NOT_POSITIVE = (
        "posting-not-positive",
        "过账金额必须大于零且不超过上限。",
        "A posting moves a positive amount within range.",
    )
    SAME_ACCOUNT = (
        "posting-same-account",
        "过账的转出账户与转入账户不能相同。",
        "A posting moves between two accounts.",
    )
    MOVE_NOT_DECLARED = (
        "move-not-declared",
        "该类分录不允许在这两类账户之间过账。",
        "This kind of entry may not move between these kinds of accounts.",
    )
    ACCOUNT_FROZEN = (
        "account-frozen",
        "账户因对账不符已冻结,只接受更正分录。请先办理该对账案件(GET /v1/reconciliation-cases)。",
        "A reconciliation case has frozen an account; it takes corrections only. Close the case.",
    )
    BELOW_FLOOR = (
        "below-floor",
        "账户余额不足。请核对可用余额。",
        "An account would fall below its floor. Check its available balance.",
    )
    OVERFLOW = (
        "balance-overflow",
        "账户余额将超出可表示的范围。",
        "A balance would leave the range that can be kept.",
    )


@dataclass(frozen=True, slots=True, order=True)
class AccountRef:
    """An account by what it is for, whose it is and where; `code` is its name in the ledger."""

    kind: AccountKind
    owner: str
    province: str = NODE

    @classmethod
    def of(cls, code: str) -> "AccountRef":
        """The account of a code; raises `ValueError` where it is none."""
        kind, province, owner = code.split(":", 2)
        return cls(AccountKind(kind), owner, province)

    @property
    def code(self) -> str:
        """For example `housing:500000:h1`."""
        return f"{self.kind}:{self.province}:{self.owner}"

    @property
    def asset(self) -> Asset:
        """What the account holds."""
        return ASSET[self.kind]

    @property
    def floor(self) -> int | None:
        """The least balance it may have; None where it stands for the outside."""
        return None if self.kind in UNBOUNDED else 0


@dataclass(frozen=True, slots=True)
class Move:
    """One posting: a positive amount in hundredths leaves `source` and arrives at `target`."""

    source: AccountRef
    target: AccountRef
    amount: int


def move(source: AccountRef, target: AccountRef, amount: int) -> tuple[Move, ...]:
    """The posting of `amount`, or none where it is zero: nothing moves then."""
    return () if amount == 0 else (Move(source, target, amount),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry to be posted.

    `key` makes it idempotent: posted twice it has one effect. `facts` are the figures its amounts
    were computed from, kept so that each can be explained; never personal data. `policy` is the
    id of the policy version it applied.
    """

    kind: EntryKind
    key: str
    province: str
    subject: str
    moves: tuple[Move, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A record of something that moved no value. `body` holds text, whole numbers, lists, maps.

    One that is `anonymous` does not say who acted: a bid before the close names its paddle alone.
    """

    kind: str
    province: str
    subject: str
    body: Mapping[str, Any] = field(default_factory=dict)
    policy: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a draft: its record number and the balances after its last posting.

    `repeated` says that the same entry stood already, and nothing was posted.
    """

    id: int
    balances: Mapping[str, int]
    repeated: bool = False


def judge(
    draft: Draft, balances: Mapping[str, int], frozen: Collection[str] = ()
) -> LedgerRefusal | list[tuple[int, int]]:
    """Decide whether `draft` may be appended to a ledger with these balances.

    Accounts not in `balances` hold nothing yet; those in `frozen` take corrections only. Answers
    with a refusal, or with the balances of source and target after each posting, in order. A floor
    holds after the entry as a whole.
    """
    malformed = _refuse_form(draft)
    if malformed is not None:
        return malformed
    if frozen and draft.kind is not EntryKind.CORRECTION:
        touched = {ref.code for posting in draft.moves for ref in (posting.source, posting.target)}
        if not touched.isdisjoint(frozen):
            return LedgerRefusal.ACCOUNT_FROZEN
    after: dict[str, int] = {}
    floors: dict[str, int | None] = {}
    running: list[tuple[int, int]] = []
    for posting in draft.moves:
        for account, delta in ((posting.source, -posting.amount), (posting.target, posting.amount)):
            code = account.code
            after[code] = after.get(code, balances.get(code, 0)) + delta
            floors[code] = account.floor
        running.append((after[posting.source.code], after[posting.target.code]))
    for code, balance in after.items():
        floor = floors[code]
        if floor is not None and balance < floor:
            return LedgerRefusal.BELOW_FLOOR
        if abs(balance) > AMOUNT_MAX:
            return LedgerRefusal.OVERFLOW
    return running


def _refuse_form(draft: Draft) -> LedgerRefusal | None:
    if not draft.moves:
        return LedgerRefusal.NO_POSTINGS
    for posting in draft.moves:
        if not 0 < posting.amount <= AMOUNT_MAX:
            return LedgerRefusal.AMOUNT_NOT_POSITIVE
        if posting.source == posting.target:
            return LedgerRefusal.SAME_ACCOUNT
        if (posting.source.kind, posting.target.kind) not in MOVES[draft.kind]:
            return LedgerRefusal.MOVE_NOT_DECLARED
    return None


def canonical(value: Mapping[str, Any]) -> bytes:
    """RFC 8785 bytes of a JSON object with ASCII keys, texts, whole numbers, lists and maps."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def leaf_hash(body: bytes) -> bytes:
    """The RFC 6962 leaf hash: SHA-256 over 0x00 and the bytes."""
    return hashlib.sha256(b"\x00" + body).digest()


def instant_text(instant: datetime) -> str:
    """UTC with microseconds, always the same width, so that one instant has one spelling."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_body(draft: Draft, actor: str, at: datetime, running: Sequence[tuple[int, int]]) -> bytes:
    """The record beneath an entry says all its rows say, so that neither can change alone."""
    return canonical(
        {
            "v": 1,
            "kind": f"entry.{draft.kind}",
            "key": draft.key,
            "province": draft.province,
            "subject": draft.subject,
            "actor": actor,
            "at": instant_text(at),
            "policy": draft.policy,
            "facts": dict(draft.facts),
            "postings": [
                [p.source.code, p.target.code, str(p.amount), str(source), str(target)]
                for p, (source, target) in zip(draft.moves, running, strict=True)
            ],
        }
    )


def note_body(note: Note, actor: str, at: datetime) -> bytes:
    """The record of an event that moved no value."""
    return canonical(
        {
            "v": 1,
            "kind": note.kind,
            "province": note.province,
            "subject": note.subject,
            "actor": None if note.anonymous else actor,
            "at": instant_text(at),
            "policy": note.policy,
            "body": dict(note.body),
        }
    )
