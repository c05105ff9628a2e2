"""Pure rules of a debt between nodes that is stated anew, since people have corrected a book.

Each side counts what it states of a debt from 1 on. What counts is the last, once all before it
have come and each begins at the amount where the one before it ended: so every amount is the sum of
an entry and of the corrections that name it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.clearing.rules_stated import CORRECTION, Stated, StatedKind, StatedSide, posted
from app.kernel.refusal import Refusal
from app.kernel.units import Fen, decimal
from app.ledger.rules import Move


class RestateRefusal(Refusal):
    """Why a correction cannot name a debt, in the order of the checks."""

    NOT_STATED = (
        "obligation-not-stated",
        "本省没有向部级节点陈述过这笔应付款。请核对外流编号和类别,或不填 obligation。",
        "Your province has stated no such debt. Check transfer and kind, or leave it out.",
    )
    BALANCE_COMMITTED = (
        "obligation-committed",
        "账户余额由部级节点的批准确定,双方只能按该金额陈述。请不填 obligation。",
        "An account's balance is stated as the ministry has committed it. Leave the debt out.",
    )
    NOT_TOUCHED = (
        "obligation-not-touched",
        "更正分录没有触及记载这笔应付款的账户。请改用该往来账户,或不填 obligation。",
        "The entry does not move the account of this debt. Let it do so, or leave the debt out.",
    )
    AGREED = (
        "obligation-agreed",
        "双方已就这笔应付款达成一致,不能再改。请不填 obligation,并与对方另行结清差额。",
        "Both sides have agreed on this debt. Leave it out, and settle the rest between you.",
    )
    BELOW_ZERO = (
        "obligation-below-zero",
        "更正金额大于已陈述的应付款。请核对金额;应付款最多可更正为零。",
        "The entry takes more than is stated of this debt. Check the amount: zero is the least.",
    )


@dataclass(frozen=True, slots=True)
class Why:
    """By which correction a debt was stated anew: its id at its node, the reason, and 文号."""

    correction: str
    reason: str
    document: str


@dataclass(frozen=True, slots=True)
class Named:
    """A debt as a correction names it, and whose books are corrected."""

    transfer: str
    kind: StatedKind
    province: str


def why_of(record: Mapping[str, Any]) -> Why | None:
    """The correction that an entry is, if it is one."""
    if record.get("kind") != CORRECTION:
        return None
    facts = record["facts"]
    return Why(str(record["subject"]), str(facts["reason"]), str(facts["document"]))


@dataclass(frozen=True, slots=True)
class Said:
    """One statement of a side: `entry` is the leaf hash of what it rests on in that side's log."""

    stated: Stated
    entry: str
    at: datetime
    why: Why | None = None


def of_side(known: Iterable[Said], side: StatedSide) -> list[Said]:
    """What one side has stated, in the order in which it did."""
    return sorted((one for one in known if one.stated.side is side), key=_number)


def _number(one: Said) -> int:
    return one.stated.number


def standing(said: Sequence[Said]) -> Stated | None:
    """What a side's statements come to; None while one of them has not come."""
    whole = [one.stated.number for one in said] == list(range(1, len(said) + 1))
    return said[-1].stated if said and whole else None


def fits(said: Iterable[Said], new: Stated) -> bool:
    """Whether a statement begins where the one before it ended, and ends where the next begins."""
    numbers = {one.stated.number: one.stated for one in said}
    before, after = numbers.get(new.number - 1), numbers.get(new.number + 1)
    return (before is None or before.amount == new.before) and (
        after is None or after.before == new.amount
    )


def decide_restatement(
    last: Stated | None, moves: Sequence[Move], *, agreed: bool
) -> RestateRefusal | Stated:
    """What a correction with these moves makes of what the own side has stated last.

    Where that has number 0, nothing was stated so far, and the correction is the first to do so.
    """
    if last is None:
        return RestateRefusal.NOT_STATED
    if last.kind is StatedKind.ACCOUNT:
        return RestateRefusal.BALANCE_COMMITTED
    more = posted(last, [(one.source.code, one.target.code, str(one.amount)) for one in moves])
    if more == 0:
        return RestateRefusal.NOT_TOUCHED
    if agreed:
        return RestateRefusal.AGREED
    if last.amount + more < 0:
        return RestateRefusal.BELOW_ZERO
    return replace(last, number=last.number + 1, before=last.amount, amount=Fen(last.amount + more))


def told_body(debtor: Sequence[Said], creditor: Sequence[Said]) -> dict[str, object]:
    """What the record says of both sides: the entries, and each correction with its amount."""
    first = debtor[0].stated
    body: dict[str, object] = {
        "kind": first.kind.value,
        "debtor": first.debtor,
        "creditor": first.creditor,
        "debtor_entry": debtor[0].entry,
        "creditor_entry": creditor[0].entry,
    }
    if len(debtor) > 1 or len(creditor) > 1:
        body |= {
            f"{side}_corrections": [[one.entry, decimal(one.stated.amount)] for one in said[1:]]
            for side, said in (("debtor", debtor), ("creditor", creditor))
        }
    return body


def restated_body(stated: Stated, entry: str) -> dict[str, object]:
    """What the record says of a debt that one side has stated anew."""
    return {
        "kind": stated.kind.value,
        "side": stated.side.value,
        "debtor": stated.debtor,
        "creditor": stated.creditor,
        "number": stated.number,
        "before_cny": decimal(stated.before),
        "amount_cny": decimal(stated.amount),
        "entry": entry,
    }
