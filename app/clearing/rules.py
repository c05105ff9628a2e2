"""Pure rules of clearing: windows of the log, what provinces owe by them, and who agrees to it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.kernel.ids import NODE
from app.kernel.principal import Principal, Role
from app.kernel.refusal import Refusal
from app.kernel.units import Fen, decimal, hundredths
from app.ledger.rules import AccountKind, AccountRef, canonical

AGENT = NODE
"""Whom everybody pays, and who pays everybody, where nets are multilateral: the ministry."""

DIRECT = "provincial_settlement"
"""The kind of entry by which a pair paid each other without a statement, before clearing began."""

OWN_ENTRIES = frozenset({"provincial_payment", "provincial_netting"})
"""Entries of clearing itself: they discharge obligations, or move them to the agent."""

DOCUMENT = "hrt-settlement-statement/1"

STATEMENT_PATTERN = r"^[1-9][0-9]{0,17}-[1-9][0-9]0000-[1-9][0-9]0000$"
"""The id of a statement: window and the two provinces."""


class ClearingRefusal(Refusal):
    """Refusals of clearing, each command's in the order of its checks."""

    WRONG_STATE = (
        "wrong-state",
        "当前状态不允许此操作。请先查询最新状态。",
        "The present state does not allow this. Read it again first.",
    )
    SAME_PERSON = (
        "same-person",
        "此事须由两人办理,您已经办理过其中一步。请由另一人办理。",
        "This takes two people, and you have done one step of it. Let another person do this.",
    )
    NOT_SWITCHED_ON = (
        "clearing-off",
        "尚未批准清算办法,不能结账。请先由自然资源部两人提出并批准。",
        "No clearing terms are approved. Let two people of the ministry propose and approve some.",
    )
    PAID_THROUGH_THE_BANK = (
        "paid-through-the-bank",
        "各省应付款已改由银行支付并凭回单核销。请办理清算窗口和结算单,不要直接结算。",
        "What provinces owe is paid through the bank now. Use windows and statements instead.",
    )
    WINDOW_AHEAD = (
        "window-ahead",
        "窗口终点超出日志已公布的范围。请改用不大于已公布条数的终点。",
        "The window would end beyond what the log has published. Choose an end within it.",
    )
    WINDOW_EMPTY = (
        "window-empty",
        "该窗口内没有省际应付款,无需结账。请稍后再结。",
        "No obligation between provinces falls in this window. Close one later.",
    )
    WINDOW_BETWEEN_NODES = (
        "window-between-nodes",
        "窗口内有一笔未经双方陈述的应付款,其一方在另一节点。请与该省核对,并改用较早的终点。",
        "A debt of or to another node's province was not stated by both. Choose an earlier end.",
    )
    QUOTA_UNPAID = (
        "quota-unpaid",
        "该标的含外省流入的票,应付转出省的款项尚未经银行确认付清,指标暂不能落地。请先付清。",
        "Its tickets came from another province that is not paid for them yet. Have it paid first.",
    )
    STATEMENT_DIFFERS = (
        "statement-differs",
        "您所签的摘要与结算单不符。请重新打开结算单核对。",
        "The hash you sign is not this statement's. Open the statement again and check it.",
    )
    ACCOUNT_MISSING = (
        "bank-account-missing",
        "付款方或收款方还没有已批准的银行账户。请先登记并由另一人批准。",
        "Payer or payee has no approved bank account. Register one and let another approve it.",
    )
    ACCOUNT_TAKEN = (
        "bank-account-taken",
        "该账号已登记在另一省名下。请核对账号。",
        "This account number is registered for another province. Check the number.",
    )
    FILE_MALFORMED = (
        "bank-file-malformed",
        "文件不是可读的 camt.053 或 camt.054(第 08 版)。请向开户行索取原始 XML 文件,不要改动。",
        "This is no camt.053 or camt.054 (version 08) that we can read. Get the bank's own XML.",
    )
    FILE_OF_OTHERS = (
        "bank-file-not-yours",
        "文件所载账户不是您所代表一方已登记的账户。请上传本方收款账户的文件。",
        "The file is of an account that is not registered as yours. Send that of your account.",
    )
    RETURN_UNKNOWN = (
        "return-to-unknown",
        "付款账户未登记在任何省名下,无法生成退款指令。请改为认领或搁置。",
        "The payer's account is registered for no province. Assign the money, or set it aside.",
    )
    RESOLUTION_UNFIT = (
        "resolution-unfit",
        "该笔回单不能这样处理。请核对处理方式、指令的收款方和剩余金额。",
        "This entry cannot be resolved so. Check kind, and the instruction's payee and remainder.",
    )


class Netting(StrEnum):
    """How what is owed becomes payments."""

    GROSS = "gross"
    BILATERAL = "bilateral"
    MULTILATERAL = "multilateral"


class DisputeReason(StrEnum):
    """Why a statement is disputed: from a list, as free text could name persons."""

    OBLIGATION_MISSING = "obligation_missing"
    OBLIGATION_NOT_OURS = "obligation_not_ours"
    AMOUNT_DIFFERS = "amount_differs"
    PAID_ALREADY = "paid_already"
    TRANSFER_DISPUTED = "transfer_disputed"
    OTHER = "other"


class StatementState(StrEnum):
    """Open until an officer of each province has approved it."""

    OPEN = "open"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Terms:
    """How this node clears, once a second person of the ministry has approved.

    `hold_until_paid`: quota that came from another province lands once that one is paid for it.
    """

    id: str
    netting: Netting
    proposed_by: str
    approved_by: str | None = None
    hold_until_paid: bool = False


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting of an entry that made a debt of `debtor` larger (`arises`) or smaller."""

    leaf: int
    kind: str
    debtor: str
    creditor: str
    amount: Fen
    arises: bool


@dataclass(frozen=True, slots=True)
class Obligation:
    """What one entry of the log made `debtor` owe `creditor`."""

    leaf: int
    kind: str
    debtor: str
    creditor: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class Window:
    """The entries of the log with indexes from `first` on and below `end`.

    `received`: it is a window of the log of the ministry's node, which is another one.
    """

    number: int
    first: int
    end: int
    terms: str
    netting: Netting
    closed_at: datetime
    received: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """What `a` and `b` owe each other by one window; `a` is the smaller code.

    `between_nodes`: another node keeps the books of one of them; `received`: its window is one of
    the ministry's node.
    """

    id: str
    window: int
    a: str
    b: str
    a_owes: Fen
    b_owes: Fen
    hash: str
    state: StatementState
    between_nodes: bool = False
    received: bool = False

    def debt(self, debtor: str) -> Fen:
        """What one of the two owes the other by this statement."""
        return self.a_owes if debtor == self.a else self.b_owes

    @property
    def parties(self) -> tuple[str, str]:
        """Both provinces."""
        return self.a, self.b


@dataclass(frozen=True, slots=True)
class Act:
    """What an officer did with a statement: approved, or disputed with a reason."""

    province: str
    reason: DisputeReason | None
    person: str
    at: datetime

    @property
    def approves(self) -> bool:
        """Whether it is an approval."""
        return self.reason is None


def acts_for(by: Principal, province: str) -> bool:
    """Whether a principal speaks for a province, or the ministry's people for the agent.

    A role of the whole node is no officer of a province.
    """
    if by.role is Role.MINISTRY:
        return province == AGENT
    return by.level == "province" and by.party == province


def due_to(creditor: str, debtor: str) -> AccountRef:
    """In the debtor's books: what it owes the creditor, positive."""
    return AccountRef(AccountKind.DUE_TO, creditor, debtor)


def due_from(debtor: str, creditor: str) -> AccountRef:
    """In the creditor's books: its claim on the debtor, negative."""
    return AccountRef(AccountKind.DUE_FROM, debtor, creditor)


def obligations(movements: Iterable[Movement]) -> list[Obligation]:
    """What is owed by movements in the order of the log.

    A direct settlement pays all that its pair owed before it. What clearing itself moves is no new
    obligation and pays none of this window: it discharges those of earlier statements.
    """
    owed: list[Obligation] = []
    for one in movements:
        pair = (one.debtor, one.creditor)
        if one.kind in OWN_ENTRIES:
            continue
        if one.arises:
            owed.append(Obligation(one.leaf, one.kind, one.debtor, one.creditor, one.amount))
        elif one.kind == DIRECT:
            owed = [other for other in owed if (other.debtor, other.creditor) != pair]
    return owed


def by_pair(owed: Iterable[Obligation]) -> dict[tuple[str, str], list[Obligation]]:
    """Obligations by unordered pair, the smaller code first; pairs and obligations in order."""
    pairs: dict[tuple[str, str], list[Obligation]] = {}
    for one in owed:
        a, b = sorted((one.debtor, one.creditor))
        pairs.setdefault((a, b), []).append(one)
    return dict(sorted(pairs.items()))


def total(owed: Iterable[Obligation], debtor: str) -> Fen:
    """What one province owes by these."""
    return Fen(sum(one.amount for one in owed if one.debtor == debtor))


def document(
    span: tuple[int, int, int], netting: Netting, pair: tuple[str, str], owed: Sequence[Obligation]
) -> Mapping[str, Any]:
    """The statement as text that anybody makes again from the log.

    `span` is the window's number, first index and end.
    """
    number, first, end = span
    a, b = pair
    return {
        "v": DOCUMENT,
        "window": number,
        "first": first,
        "end": end,
        "netting": netting.value,
        "a": a,
        "b": b,
        "a_owes_cny": decimal(total(owed, a)),
        "b_owes_cny": decimal(total(owed, b)),
        "obligations": [[o.leaf, o.kind, o.debtor, decimal(o.amount)] for o in owed],
    }


def hash_of(text: Mapping[str, Any]) -> str:
    """SHA-256 in hex over a document's canonical JSON: what officers sign and the log holds."""
    return hashlib.sha256(canonical(text)).hexdigest()


def statement_id(window: int, pair: tuple[str, str]) -> str:
    """For example `1-330000-500000`."""
    return f"{window}-{pair[0]}-{pair[1]}"


def statement_of(
    document: Mapping[str, Any], *, between_nodes: bool = False, received: bool = False
) -> Statement:
    """The open statement of a document."""
    a, b = str(document["a"]), str(document["b"])
    return Statement(
        statement_id(document["window"], (a, b)),
        document["window"],
        a,
        b,
        Fen(hundredths(document["a_owes_cny"])),
        Fen(hundredths(document["b_owes_cny"])),
        hash_of(document),
        StatementState.OPEN,
        between_nodes,
        received,
    )


def decide_second_person(
    proposed_by: str, approved_by: str | None, person: str
) -> ClearingRefusal | None:
    """What one person proposed, another approves, once."""
    if approved_by is not None:
        return ClearingRefusal.WRONG_STATE
    return ClearingRefusal.SAME_PERSON if proposed_by == person else None


def decide_window(
    terms: Terms | None, first: int, end: int | None, published: int
) -> ClearingRefusal | int:
    """Where the next window ends: where asked for, else at all that the log has published."""
    if terms is None:
        return ClearingRefusal.NOT_SWITCHED_ON
    wanted = published if end is None else end
    if wanted > published:
        return ClearingRefusal.WINDOW_AHEAD
    return ClearingRefusal.WINDOW_EMPTY if wanted <= first else wanted


def standing(acts: Iterable[Act]) -> dict[str, Act]:
    """The latest act of each province: it is the one that counts."""
    return {act.province: act for act in acts}


def decide_approval(
    statement: Statement, acts: Sequence[Act], province: str, person: str, hash_: str
) -> ClearingRefusal | bool:
    """Whether an officer may approve for a province; answers whether both then have approved."""
    latest = standing(acts)
    mine = latest.get(province)
    if statement.state is not StatementState.OPEN or (mine is not None and mine.approves):
        return ClearingRefusal.WRONG_STATE
    if hash_ != statement.hash:
        return ClearingRefusal.STATEMENT_DIFFERS
    other = next((act for of, act in latest.items() if of != province and act.approves), None)
    if other is not None and other.person == person:
        return ClearingRefusal.SAME_PERSON
    return other is not None


def decide_dispute(
    statement: Statement, acts: Sequence[Act], province: str
) -> ClearingRefusal | None:
    """A statement may be disputed until both have approved it; it then stays open.

    What was approved and told to another node stands: the approval may have had its effect there.
    """
    mine = standing(acts).get(province)
    told = statement.received and mine is not None and mine.approves
    open_ = statement.state is StatementState.OPEN and not told
    return None if open_ else ClearingRefusal.WRONG_STATE
