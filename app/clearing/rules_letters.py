"""Pure: what officers have done, what is payable and what has come, as nodes tell each other."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.clearing.rules import DisputeReason, Netting, Statement, Window
from app.clearing.rules_between import ID, INSTRUCTION, MalformedError, money, whole
from app.kernel.units import Fen, InvalidAmountError, decimal, hundredths


@dataclass(frozen=True, slots=True)
class ActTold:
    """What an officer of a province has done with a statement at the own node."""

    statement: str
    province: str
    hash: str
    reason: DisputeReason | None

    def to_body(self) -> dict[str, str | None]:
        """The body of its message."""
        reason = None if self.reason is None else self.reason.value
        return {"province": self.province, "hash": self.hash, "reason": reason}


def read_act(statement: str, body: Mapping[str, object], *, approves: bool) -> ActTold:
    """Read an approval or dispute; `MalformedError` if it is none."""
    try:
        reason = None if approves else DisputeReason(str(body["reason"]))
        told = ActTold(statement, str(body["province"]), str(body["hash"]), reason)
    except (KeyError, ValueError) as error:
        raise MalformedError from error
    if told.to_body() != dict(body):
        raise MalformedError
    return told


def is_act(told: ActTold, record: Mapping[str, Any]) -> bool:
    """Whether the record of an approval or dispute says the same."""
    wanted: dict[str, str | None] = {"hash": told.hash}
    kind = "settlement_statement.approved"
    if told.reason is not None:
        kind = "settlement_statement.disputed"
        wanted["reason"] = told.reason.value
    named = (record.get("kind"), record.get("province"), record.get("subject"))
    return named == (kind, told.province, told.statement) and record.get("body") == wanted


Row = tuple[str, str, str, Fen]
"""Instruction, payer, payee and amount."""


@dataclass(frozen=True, slots=True)
class Due:
    """What the ministry's node has made payable; `cause` is a statement, or a whole window."""

    cause: str
    window: int
    statement: str | None
    elsewhere: tuple[str, ...]
    payments: tuple[Row, ...]

    def to_body(self) -> dict[str, Any]:
        """The body of its record, and of its message."""
        return {
            "window": self.window,
            "statement": self.statement,
            "elsewhere": [[code] for code in self.elsewhere],
            "payments": [
                [id_, payer, payee, decimal(amount)] for id_, payer, payee, amount in self.payments
            ],
        }


def read_due(cause: str, body: Mapping[str, Any]) -> Due:
    """Read what is payable; `MalformedError` if it is none."""
    try:
        statement = body["statement"]
        due = Due(
            cause,
            whole(body["window"]),
            None if statement is None else str(statement),
            tuple(str(code) for (code,) in body["elsewhere"]),
            tuple(
                (str(id_), str(payer), str(payee), money(amount))
                for id_, payer, payee, amount in body["payments"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedError from error
    ids = [row[0] for row in due.payments]
    lawful = len(set(ids)) == len(ids) and all(INSTRUCTION.fullmatch(id_) for id_ in ids)
    named = cause == (str(due.window) if due.statement is None else due.statement)
    if due.to_body() != dict(body) or not (lawful and named):
        raise MalformedError
    return due


def own_payments(due: Due, hosted: Collection[str]) -> list[Row]:
    """The payments of a letter in which a province of this node pays or is paid."""
    return [row for row in due.payments if {row[1], row[2]} & set(hosted)]


def is_signed(statement: Statement, approving: Iterable[str], hosted: Collection[str]) -> bool:
    """Whether every province of this node that it names has approved a statement."""
    return set(statement.parties) & set(hosted) <= set(approving)


def follows(window: Window, due: Due) -> bool:
    """Whether one statement, or the whole window, is to be netted as its terms say."""
    return (due.statement is None) == (window.netting is Netting.MULTILATERAL)


@dataclass(frozen=True, slots=True)
class Part:
    """Money that the payee's bank has confirmed: the part of an instruction with this number."""

    instruction: str
    number: int
    file: str
    entry: int
    reference: str
    amount: Fen
    remaining: Fen

    def to_body(self) -> dict[str, str | int]:
        """What its record says."""
        return {
            "file": self.file,
            "entry": self.entry,
            "reference": self.reference,
            "amount_cny": decimal(self.amount),
            "remaining_cny": decimal(self.remaining),
        }


def read_part(instruction: str, number: int, body: Mapping[str, object]) -> Part:
    """Read what is confirmed; `MalformedError` if it is none."""
    try:
        part = Part(
            instruction,
            number,
            str(body["file"]),
            whole(body["entry"]),
            str(body["reference"]),
            money(body["amount_cny"]),
            Fen(hundredths(body["remaining_cny"])),
        )
    except (KeyError, ValueError, InvalidAmountError) as error:
        raise MalformedError from error
    if part.to_body() != dict(body) or not ID.fullmatch(part.file):
        raise MalformedError
    return part
