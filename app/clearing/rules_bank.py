"""Pure rules of the bank's word: which entry of a file discharges which instruction, and how far.

Only a booked credit on the payee's own account counts: a debit shows that money left, not that it
came. What fits exactly or in part is counted; all else is kept, with why, for two people.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from app.clearing.camt import BankEntry
from app.clearing.rules import ClearingRefusal, due_from, due_to
from app.kernel.units import Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Move, Note, canonical, move

CNY = "CNY"
INTERPROVINCIAL = "interprovincial"
"""The bank account through which provinces pay each other, as the ledger knows it."""


class InstructionKind(StrEnum):
    """Whether a payment discharges a debt, or gives back money that came for nothing."""

    SETTLEMENT = "settlement"
    RETURN = "return"


class Outcome(StrEnum):
    """What an entry of a bank's file was found to be; the last eight wait for two people."""

    CONFIRMED = "confirmed"
    PARTIAL = "partial"
    REPEATED = "repeated"
    DEBIT = "debit"
    PENDING = "pending"
    DUPLICATE_REFERENCE = "duplicate-reference"
    REVERSAL = "reversal"
    WRONG_CURRENCY = "wrong-currency"
    UNKNOWN_INSTRUCTION = "unknown-instruction"
    WRONG_CREDITOR = "wrong-creditor"
    WRONG_DEBTOR = "wrong-debtor"
    TOO_MUCH = "too-much"


COUNTED = frozenset({Outcome.CONFIRMED, Outcome.PARTIAL})
NOTED = frozenset({Outcome.REPEATED, Outcome.DEBIT, Outcome.PENDING})
"""Kept, and nothing is to be done about them."""

MONEYLESS = frozenset({Outcome.DUPLICATE_REFERENCE, Outcome.REVERSAL})
"""No money of ours stands behind such an entry, so none can be returned or assigned."""


class ResolutionKind(StrEnum):
    """What two people do with an entry that nothing matched."""

    RETURN = "return"
    ASSIGN = "assign"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account of a province, or of the agent, at a bank. Never in the log or in a URL.

    `bank` is a BIC or the twelve digits of the Chinese payment system (CNAPS).
    """

    id: str
    province: str
    name: str = field(repr=False)
    number: str = field(repr=False)
    bank: str = field(repr=False)
    salt: bytes = field(repr=False)
    proposed_by: str
    approved_by: str | None = None

    @property
    def commitment(self) -> str:
        """What the log says of it: SHA-256 in hex over a salt of 32 bytes and its particulars."""
        said = {
            "province": self.province,
            "name": self.name,
            "number": self.number,
            "bank": self.bank,
        }
        return hashlib.sha256(self.salt + canonical(said)).hexdigest()


@dataclass(frozen=True, slots=True)
class Instruction:
    """A payment to be made through the bank; `id` is its EndToEndId. `confirmed` has come so far.

    The accounts are those that stood when it was made. Between nodes an account is None that the
    other side has not told, or that is of neither side of this node.
    """

    id: str
    kind: InstructionKind
    window: int | None
    statement: str | None
    payer: str
    payee: str
    amount: Fen
    confirmed: Fen
    payer_account: str | None
    payee_account: str | None
    at: datetime
    between_nodes: bool = False

    @property
    def remaining(self) -> Fen:
        """What is still to come."""
        return Fen(self.amount - self.confirmed)


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry of a file by its place in it, what it was found to be, and what it counts for."""

    number: int
    entry: BankEntry
    outcome: Outcome
    instruction: str | None
    remaining: Fen | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is proposed, and then done, about an entry that nothing matched."""

    id: str
    file: str
    number: int
    kind: ResolutionKind
    instruction: str | None
    proposed_by: str
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that waits for two people, with whose account it came to."""

    file: str
    number: int
    holder: str
    reference: str
    outcome: Outcome
    amount: Fen
    currency: str
    debtor_account: str | None = field(repr=False)
    resolved: bool


def reference_hash(reference: str) -> str:
    """The bank's reference as the log names it: enough to see that none counts twice."""
    return hashlib.sha256(reference.encode()).hexdigest()


def commitment_of(salt: bytes, content: bytes) -> str:
    """What the log says of a file: SHA-256 in hex over a salt of 32 bytes and its bytes."""
    return hashlib.sha256(salt + content).hexdigest()


def judge(
    entries: Sequence[BankEntry],
    holder: str,
    known: Mapping[str, BankEntry],
    instructions: Mapping[str, Instruction],
    numbers: Mapping[str, str],
) -> list[Judged]:
    """Judge the entries of a file, each by what those before it leave.

    `known` are entries that stand already, by their reference; `numbers` gives the account number
    of each account id that the instructions name. A payer's account that is not known is not asked
    for.
    """
    seen, left = dict(known), dict(instructions)
    judged = []
    for number, entry in enumerate(entries, 1):
        instruction = left.get(entry.end_to_end or "")
        outcome = _outcome(entry, holder, seen, instruction, numbers)
        if outcome not in NOTED | {Outcome.DUPLICATE_REFERENCE}:
            seen[entry.reference] = entry
        if outcome in COUNTED and instruction is not None:
            now = replace(instruction, confirmed=Fen(instruction.confirmed + entry.amount))
            left[now.id] = now
            judged.append(Judged(number, entry, outcome, now.id, now.remaining))
        else:
            about = None if instruction is None else instruction.id
            judged.append(Judged(number, entry, outcome, about))
    return judged


def _outcome(  # noqa: PLR0911 - one guard per outcome
    entry: BankEntry,
    holder: str,
    seen: Mapping[str, BankEntry],
    instruction: Instruction | None,
    numbers: Mapping[str, str],
) -> Outcome:
    if not entry.booked:
        return Outcome.PENDING
    if not entry.credit:
        return Outcome.DEBIT
    before = seen.get(entry.reference)
    if before is not None:
        return Outcome.REPEATED if before.money == entry.money else Outcome.DUPLICATE_REFERENCE
    if entry.reversal:
        return Outcome.REVERSAL
    if entry.currency != CNY:
        return Outcome.WRONG_CURRENCY
    if instruction is None:
        return Outcome.UNKNOWN_INSTRUCTION
    if instruction.payee != holder:
        return Outcome.WRONG_CREDITOR
    payer = instruction.payer_account
    if payer is not None and entry.debtor_account not in {None, numbers[payer]}:
        return Outcome.WRONG_DEBTOR
    if entry.amount > instruction.remaining:
        return Outcome.TOO_MUCH
    return Outcome.CONFIRMED if entry.amount == instruction.remaining else Outcome.PARTIAL


def decide_resolution(
    waiting: Waiting,
    kind: ResolutionKind,
    instruction: Instruction | None,
    return_to: str | None,
) -> ClearingRefusal | None:
    """Whether an entry may be resolved so.

    `instruction` is the one to assign it to, `return_to` whose account the money came from.
    """
    if waiting.resolved or waiting.outcome in COUNTED | NOTED:
        return ClearingRefusal.WRONG_STATE
    if kind is ResolutionKind.SET_ASIDE:
        return None if instruction is None else ClearingRefusal.RESOLUTION_UNFIT
    if waiting.outcome in MONEYLESS or waiting.currency != CNY:
        return ClearingRefusal.RESOLUTION_UNFIT
    if kind is ResolutionKind.RETURN:
        if instruction is not None:
            return ClearingRefusal.RESOLUTION_UNFIT
        unknown = return_to is None or return_to == waiting.holder
        return ClearingRefusal.RETURN_UNKNOWN if unknown else None
    fits = (
        instruction is not None
        and instruction.payee == waiting.holder
        and waiting.amount <= instruction.remaining
    )
    return None if fits else ClearingRefusal.RESOLUTION_UNFIT


def discharge(instruction: Instruction, amount: Fen) -> dict[str, tuple[Move, ...]]:
    """The moves in both books that money on the payee's account makes; none for a return."""
    if instruction.kind is InstructionKind.RETURN:
        return {}
    payer, payee = instruction.payer, instruction.payee
    return {
        payer: move(due_to(payee, payer), _bank(payer), amount),
        payee: move(_bank(payee), due_from(payer, payee), amount),
    }


def _bank(province: str) -> AccountRef:
    return AccountRef(AccountKind.BANK, INTERPROVINCIAL, province)


def instructed(instruction: Instruction) -> Note:
    """The record of an instruction, in the name of who is to pay."""
    return Note(
        kind="payment.instructed",
        province=instruction.payer,
        subject=instruction.id,
        body={
            "kind": instruction.kind.value,
            "window": instruction.window,
            "statement": instruction.statement,
            "payee": instruction.payee,
            "amount_cny": decimal(instruction.amount),
            "payer_account": instruction.payer_account,
            "payee_account": instruction.payee_account,
        },
    )
