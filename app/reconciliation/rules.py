"""Pure rules of reconciliation: what a node answers, what the mirror says, and what differs.

Amounts are whole hundredths: fen, or 0.01 m². Everything is at log positions, nothing by a clock.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.kernel.calendar import SHANGHAI
from app.kernel.ids import NODE
from app.kernel.principal import Principal, Role
from app.kernel.refusal import BetweenNodes, Refusal
from app.ledger.rules import (
    CORRECTABLE,
    AccountKind,
    AccountRef,
    Asset,
    Move,
    canonical,
    move,
)

NIGHTLY = time(0, 30, tzinfo=SHANGHAI)
"""When the ministry's node opens the round of a day, in Beijing."""

ROWS_MAX = 250
"""How many rows one message carries: far below what a signed note may hold."""

CASE_ACCOUNTS_MAX = 100
"""How many accounts one case is about; more make several cases."""

ENTRIES_MAX = 20
"""How many entries a case names of each account: the latest."""


class ReconciliationRefusal(Refusal):
    """Refusals of reconciliation, each command's in the order of its checks."""

    WRONG_STATE = (
        "wrong-state",
        "当前状态不允许此操作。请先查询最新状态。",
        "The present state does not allow this. Read it again first.",
    )
    NOT_IN_CASE = (
        "correction-beside-the-case",
        "更正分录至少有一方须是该案件冻结的、本省账簿内的账户。请核对账户代码。",
        "One side at least must be an account of your books that the case froze. Check the codes.",
    )
    OTHER_VALUE = (
        "correction-of-other-value",
        "两个账户的价值种类不同,或不在同一省的账簿内,不能互相更正。请核对账户代码。",
        "The accounts hold different kinds of value or are of two books. Check the codes.",
    )
    SAME_PERSON = (
        "same-person",
        "此事须由两人办理,您已经办理过其中一步。请由另一人办理。",
        "This takes two people, and you have done one step of it. Let another person do this.",
    )


class MessageRefusal(BetweenNodes):
    """Why a message about reconciliation has no effect, or why no round begins here."""

    MINISTRY_ELSEWHERE = (
        "reconciliation-elsewhere",
        "对账由自然资源部的节点发起。请在该节点上办理。",
        "Reconciliation is begun at the ministry's node. Do it there.",
    )
    NOT_THE_MINISTRYS = (
        "recon-not-the-ministrys",
        "对账由自然资源部的节点主持,来文不是该节点所发。",
        "Reconciliation is led by the ministry's node, and this message is another's.",
    )
    NOT_OPEN = (
        "recon-not-open",
        "该轮对账没有询问该节点,或没有询问这一页,来文不予采用。",
        "This round has not asked this node, or not for this page.",
    )
    AHEAD = (
        "recon-ahead",
        "所指日志位置超出本节点的日志。请核对是否从备份恢复。",
        "The position is beyond this node's log. It may have been restored from a backup.",
    )


class Cause(StrEnum):
    """Why a round began: the night came, something was corrected, or somebody wants to look."""

    NIGHTLY = "nightly"
    CORRECTION = "correction"
    INSPECTION = "inspection"


class RoundOutcome(StrEnum):
    """How a round ended; one that the next round finds open is overtaken."""

    AGREED = "agreed"
    DIFFERS = "differs"
    OVERTAKEN = "overtaken"


class PartState(StrEnum):
    """How far a node's part of a round is."""

    WAITING = "waiting"  # for its published checkpoint, and for the entries below it
    ASKED = "asked"
    DETAIL = "detail"
    AGREED = "agreed"
    DIFFERS = "differs"


DONE = frozenset({PartState.AGREED, PartState.DIFFERS})


class CaseKind(StrEnum):
    """A node's tables against its log, or two provinces' books against each other."""

    TABLES = "tables"
    CONVERSION = "conversion"
    DUES = "dues"


class CorrectionReason(StrEnum):
    """Why an entry corrects: from a list, as free text could name persons."""

    POSTED_TWICE = "posted_twice"
    POSTED_IN_ERROR = "posted_in_error"
    NOT_POSTED = "not_posted"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_ACCOUNT = "wrong_account"


class GroupKey(NamedTuple):
    """Accounts that are added up together; `other` is the province that dues and quota go to."""

    province: str
    kind: str
    other: str


class Group(NamedTuple):
    """A group's sum, and a digest of all its accounts: two errors may cancel out in a sum only."""

    total: int
    digest: str


Totals = Mapping[GroupKey, Group]


class Account(NamedTuple):
    """An account as the tables have it: its postings added up, and its balance as it is kept."""

    total: int
    kept: int


class Held(NamedTuple):
    """An account that differs: what the log gives, and what its node's tables say."""

    code: str
    log: int
    total: int
    kept: int


def rows_of(totals: Totals) -> list[list[str]]:
    """Totals as they are sent, in the order of their keys."""
    return [[*key, str(totals[key].total), totals[key].digest] for key in sorted(totals)]


def read_rows(rows: object) -> dict[GroupKey, Group]:
    """Totals as they were sent; raises `ValueError` or `TypeError` where not."""
    if not isinstance(rows, Sequence):
        raise TypeError("totals are a list")
    read: dict[GroupKey, Group] = {}
    for row in rows:
        province, kind, other, total, digest = row
        key = GroupKey(str(province), str(AccountKind(kind)), str(other))
        read[key] = Group(int(total), str(digest))
    return read


def digest_of(round_: int, size: int, totals: Totals) -> str:
    """The SHA-256 in hex that a node's log holds of its answer."""
    document = {"round": round_, "size": size, "totals": rows_of(totals)}
    return hashlib.sha256(canonical(document)).hexdigest()


def pages_of(rows: Sequence[list[str]]) -> list[list[list[str]]]:
    """Rows as they fit in messages; one empty page where there are none."""
    return [list(rows[i : i + ROWS_MAX]) for i in range(0, len(rows), ROWS_MAX)] or [[]]


def compare(answered: Totals, mirror: Totals) -> list[GroupKey]:
    """The groups that a node's answer and its log do not have alike, in order."""
    return sorted(
        key for key in answered.keys() | mirror.keys() if answered.get(key) != mirror.get(key)
    )


def compare_accounts(answered: Mapping[str, Account], mirror: Mapping[str, int]) -> list[Held]:
    """The accounts that differ; one that is not named holds nothing."""
    found = []
    for code in sorted(answered.keys() | mirror.keys()):
        stands, says = mirror.get(code, 0), answered.get(code, Account(0, 0))
        if says != (stands, stands):
            found.append(Held(code, stands, *says))
    return found


# -------------------------------------------------------------------------------------- cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a round found to differ. `accounts` by the node that keeps them; `found` says it all."""

    id: str
    round: int
    kind: CaseKind
    subject: str
    accounts: tuple[tuple[str, str], ...]
    found: Mapping[str, object]
    opened_at: datetime
    closed_round: int | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether its accounts are frozen."""
        return self.closed_at is None

    @property
    def codes(self) -> frozenset[str]:
        """Its accounts, wherever they are kept."""
        return frozenset(code for _, code in self.accounts)


def still_differs(case: Case, held: Mapping[str, frozenset[str]], pairs: Collection[str]) -> bool:
    """Whether a later round has found again what a case is about.

    `held` are the accounts that differ, for each node whose tables do; `pairs` the kind and subject
    of each finding between provinces.
    """
    if case.kind is not CaseKind.TABLES:
        return f"{case.kind} {case.subject}" in pairs
    if not case.accounts:
        return case.subject in held
    return any(code in held.get(node, frozenset()) for node, code in case.accounts)


def last_night(now: datetime) -> datetime:
    """The latest 00:30 in Beijing at or before an instant."""
    local = now.astimezone(SHANGHAI)
    night = datetime.combine(local.date(), NIGHTLY)
    return night if night <= local else night - timedelta(days=1)


# -------------------------------------------------------------------------------- corrections


class Debt(NamedTuple):
    """A debt between nodes as its province has stated it: the transfer, and what of it."""

    transfer: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A new entry that two people of a province make to cure a case. Amount in hundredths.

    The debt that it names is stated anew by it.
    """

    id: str
    case: str
    province: str
    source: AccountRef
    target: AccountRef
    amount: int
    reason: CorrectionReason
    document: str
    proposed_by: str
    approved_by: str | None = None
    obligation: Debt | None = None

    @property
    def moves(self) -> tuple[Move, ...]:
        """What its entry posts."""
        return move(self.source, self.target, self.amount)


def acts_for(by: Principal, province: str) -> bool:
    """Whether a principal corrects the books of a province; the node's own are the ministry's."""
    if by.role is Role.MINISTRY:
        return province == NODE
    return by.level == "province" and by.party == province


def decide_correction(
    case: Case, frozen: Iterable[str], source: AccountRef, target: AccountRef
) -> ReconciliationRefusal | None:
    """Whether an entry may correct a case: one side is frozen by it, both hold the same value."""
    if not case.is_open:
        return ReconciliationRefusal.WRONG_STATE
    if {source.code, target.code}.isdisjoint(frozen):
        return ReconciliationRefusal.NOT_IN_CASE
    together = any({source.kind, target.kind} <= set(group) for group in CORRECTABLE)
    in_one_book = source.asset is Asset.CNY or source.province == target.province
    if source == target or not together or not in_one_book:
        return ReconciliationRefusal.OTHER_VALUE
    return None


def decide_approval(
    case: Case, correction: Correction, person: str
) -> ReconciliationRefusal | None:
    """Whether a second person may approve a correction."""
    if not case.is_open or correction.approved_by is not None:
        return ReconciliationRefusal.WRONG_STATE
    if correction.proposed_by == person:
        return ReconciliationRefusal.SAME_PERSON
    return None
