"""Pure rules of debts between provinces of different nodes: stated by both, agreed, and checked.

A node posts in the books of its own provinces alone. So each side states what a crossing made one
owe the other, resting on the very entry of its books, and the ministry's node agrees what both have
stated alike. Whatever comes back from there is compared with the own books before it has an effect.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from app.clearing.rules import DisputeReason, Netting, total
from app.clearing.rules import Obligation as Local
from app.clearing.rules_between import MalformedError, nothing_or_more, whole
from app.kernel.ids import local_id
from app.kernel.units import Fen, decimal

DOCUMENT = "hrt-settlement-statement/2"
OBLIGATIONS_MAX = 400
"""How many obligations of a pair one statement states: it must fit into a letter."""

_PROVINCE = re.compile(r"[1-9][0-9]0000", re.ASCII)
_TRANSFER = re.compile(r"[1-9][0-9]0000-[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


class StatedKind(StrEnum):
    """What of a crossing makes a debt: the account that moved, or the sale of the ticket."""

    ACCOUNT = "account"
    SALE = "sale"


class StatedSide(StrEnum):
    """Whose books a statement is of."""

    DEBTOR = "debtor"
    CREDITOR = "creditor"


_ENTRIES = {
    (StatedKind.ACCOUNT, StatedSide.DEBTOR): "entry.account_moved_out",
    (StatedKind.ACCOUNT, StatedSide.CREDITOR): "entry.account_moved_in",
    (StatedKind.SALE, StatedSide.DEBTOR): "entry.settlement",
    (StatedKind.SALE, StatedSide.CREDITOR): "entry.settlement_home",
}
CORRECTION = "entry.correction"
_NOTHING = Fen(0)
_REVISIONS = {matter: number for number, matter in enumerate(_ENTRIES, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What one side says that a crossing made `debtor` owe `creditor`, in fen.

    `number` counts how often it has said so: a correction states the debt anew, `before` is what it
    was until then.
    """

    transfer: str
    kind: StatedKind
    side: StatedSide
    debtor: str
    creditor: str
    amount: Fen
    number: int = 1
    before: Fen = _NOTHING

    @property
    def province(self) -> str:
        """In whose books it stands."""
        return self.debtor if self.side is StatedSide.DEBTOR else self.creditor

    @property
    def revision(self) -> int:
        """The number of the message: one for each matter of a transfer and each time it is said."""
        return _REVISIONS[self.kind, self.side] + len(_REVISIONS) * (self.number - 1)

    def to_body(self) -> dict[str, str | int]:
        """The body of its message."""
        body: dict[str, str | int] = {
            "transfer": self.transfer,
            "kind": self.kind.value,
            "side": self.side.value,
            "debtor": self.debtor,
            "creditor": self.creditor,
            "amount_cny": decimal(self.amount),
        }
        if self.number > 1:
            body |= {"number": self.number, "before_cny": decimal(self.before)}
        return body

    @classmethod
    def from_body(cls, body: Mapping[str, object]) -> Self:
        """Read a body; `MalformedError` if it is none."""
        try:
            stated = cls(
                transfer=str(body["transfer"]),
                kind=StatedKind(str(body["kind"])),
                side=StatedSide(str(body["side"])),
                debtor=str(body["debtor"]),
                creditor=str(body["creditor"]),
                amount=nothing_or_more(body["amount_cny"]),
                number=whole(body.get("number", 1)),
                before=nothing_or_more(body.get("before_cny", "0.00")),
            )
        except (KeyError, ValueError) as error:
            raise MalformedError from error
        if stated.to_body() != dict(body) or not _TRANSFER.fullmatch(stated.transfer):
            raise MalformedError
        if stated.amount == stated.before:
            raise MalformedError
        return stated


def rests_on(stated: Stated, record: Mapping[str, Any], ticket: str) -> bool:
    """Whether an entry of the side's books is this very debt.

    `ticket` is the name under which the ticket stands at its receiver. A correction is by what it
    says itself: which debt it corrects, how often that was stated, and both amounts.
    """
    if record.get("kind") == CORRECTION:
        facts, wanted = record.get("facts", {}), facts_of(stated)
        named = {name: facts.get(name) for name in wanted} == wanted
        return (
            named
            and record.get("province") == stated.province
            and posted(stated, record.get("postings", ())) == stated.amount - stated.before
        )
    if stated.number > 1 or (record.get("kind"), record.get("province")) != (
        _ENTRIES[stated.kind, stated.side],
        stated.province,
    ):
        return False
    if stated.kind is StatedKind.SALE:
        named = record.get("subject") == ticket
    else:
        home = local_id(stated.debtor, stated.transfer)
        named = record.get("facts", {}).get("transfer") in {stated.transfer, home}
    return named and posted(stated, record.get("postings", ())) == stated.amount


def facts_of(stated: Stated) -> dict[str, str | int]:
    """What a correction entry says of the debt that it corrects, beside why."""
    return {
        "transfer": stated.transfer,
        "kind": stated.kind.value,
        "number": stated.number,
        "before_cny": decimal(stated.before),
        "amount_cny": decimal(stated.amount),
    }


def posted(stated: Stated, postings: Sequence[Sequence[str]]) -> int:
    """By how much an entry raises what the debtor owes, or the creditor's claim."""
    at_debtor = stated.side is StatedSide.DEBTOR
    due = (
        f"due_to:{stated.debtor}:{stated.creditor}"
        if at_debtor
        else f"due_from:{stated.creditor}:{stated.debtor}"
    )
    return sum(
        int(amount) * (1 if (target == due) == at_debtor else -1)
        for source, target, amount, *_ in postings
        if due in {source, target}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What both sides have stated alike; `leaf` is the index of the agreement in the log."""

    transfer: str
    kind: StatedKind
    debtor: str
    creditor: str
    amount: Fen
    leaf: int = field(default=-1)


def by_pair(owed: Iterable[Agreed]) -> dict[tuple[str, str], list[Agreed]]:
    """Agreed obligations by unordered pair, the smaller code first; pairs and all in order."""
    pairs: dict[tuple[str, str], list[Agreed]] = {}
    for one in owed:
        a, b = sorted((one.debtor, one.creditor))
        pairs.setdefault((a, b), []).append(one)
    return dict(sorted(pairs.items()))


def document(
    span: tuple[int, int, int], netting: Netting, pair: tuple[str, str], owed: Sequence[Agreed]
) -> dict[str, Any]:
    """The statement of a pair between nodes: each obligation by its agreement.

    `span` is the window's number, first index and end, in the log of the ministry's node.
    """
    number, first, end = span
    a, b = pair
    amounts = [Local(o.leaf, o.kind, o.debtor, o.creditor, o.amount) for o in owed]
    return {
        "v": DOCUMENT,
        "window": number,
        "first": first,
        "end": end,
        "netting": netting.value,
        "a": a,
        "b": b,
        "a_owes_cny": decimal(total(amounts, a)),
        "b_owes_cny": decimal(total(amounts, b)),
        "obligations": [
            [o.leaf, o.transfer, o.kind.value, o.debtor, decimal(o.amount)] for o in owed
        ],
    }


@dataclass(frozen=True, slots=True)
class Told:
    """A statement as a letter tells it, whole in itself."""

    document: Mapping[str, Any]
    window: tuple[int, int, int]
    netting: Netting
    pair: tuple[str, str]
    owed: tuple[Agreed, ...]


def read_document(found: object) -> Told:
    """Read a statement; `MalformedError` where it is not one that this node would have written."""
    try:
        assert isinstance(found, Mapping)
        a, b = str(found["a"]), str(found["b"])
        owed = tuple(
            Agreed(
                transfer=str(transfer),
                kind=StatedKind(kind),
                debtor=str(debtor),
                creditor=b if debtor == a else a,
                amount=nothing_or_more(amount),
                leaf=whole(leaf),
            )
            for leaf, transfer, kind, debtor, amount in found["obligations"]
        )
        span = (whole(found["window"]), whole(found["first"]), whole(found["end"]))
        netting = Netting(found["netting"])
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise MalformedError from error
    lawful = a < b and owed and len(owed) <= OBLIGATIONS_MAX
    lawful = lawful and all(_PROVINCE.fullmatch(code) for code in (a, b))
    lawful = lawful and {one.debtor for one in owed} <= {a, b} and span[0] > 0 <= span[1] < span[2]
    if not lawful or document(span, netting, (a, b), owed) != dict(found):
        raise MalformedError
    return Told(found, span, netting, (a, b), owed)


def is_stated_in(told: Told, hash_: str, record: Mapping[str, Any]) -> bool:
    """Whether the record of a closed window names this statement."""
    number, first, end = told.window
    body = record.get("body", {})
    named = [*told.pair, told.document["a_owes_cny"], told.document["b_owes_cny"], hash_]
    return (
        (record.get("kind"), record.get("subject")) == ("settlement_window.closed", str(number))
        and (body.get("first"), body.get("end")) == (first, end)
        and body.get("netting") == told.netting.value
        and named in body.get("statements", [])
    )


def object_to(
    told: Told, own: Collection[Stated], hosted: Collection[str], stated_before: Collection[object]
) -> DisputeReason | None:
    """What is wrong with a statement, by the own books; None: it is what they say.

    `own` is what this node has stated last, `stated_before` what other statements have, each a
    transfer and a kind.
    """
    books = {(one.transfer, one.kind, one.province): one for one in own}
    matters = [(one.transfer, one.kind) for one in told.owed]
    if len(set(matters)) < len(matters) or set(matters) & set(stated_before):
        return DisputeReason.PAID_ALREADY
    for one in told.owed:
        for province in sorted({one.debtor, one.creditor} & set(hosted)):
            held = books.get((one.transfer, one.kind, province))
            if held is None or (held.debtor, held.creditor) != (one.debtor, one.creditor):
                return DisputeReason.OBLIGATION_NOT_OURS
            if held.amount != one.amount:
                return DisputeReason.AMOUNT_DIFFERS
    return None
