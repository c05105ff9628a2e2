"""The wire of bank accounts, instructions and the bank's files."""

import base64
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from app.clearing import rules_bank
from app.clearing.propose_account import ProposeAccount
from app.clearing.propose_resolution import ProposeResolution
from app.clearing.rules_bank import InstructionKind, Outcome, ResolutionKind
from app.clearing.store_evidence import KeptEntry
from app.clearing.take_evidence import TakeEvidence, Taken
from app.platform.wire import AmountOut, Id, In, InstantOut, Out
from app.transparency.fields import FormatError, decode64

CONTENT_MAX = 1024 * 1024
EXAMPLE_INSTRUCTION = "5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f"
EXAMPLE_CONTENT = base64.b64encode(b"<Document/>").decode()
BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$"
EXAMPLE_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

InstructionRef = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=[EXAMPLE_INSTRUCTION])]
Holder = Annotated[
    str, Field(pattern=r"^([1-9][0-9]|00)0000$", examples=["330000"], description="Or 000000.")
]


def _content(value: object) -> bytes:
    try:
        data = decode64(value, "the content") if isinstance(value, str) else b""
    except FormatError:
        data = b""
    if not 0 < len(data) <= CONTENT_MAX:
        raise PydanticCustomError("base64", "send the file's bytes in base64, at most 1 MiB")
    return data


Content = Annotated[
    bytes,
    PlainValidator(_content, json_schema_input_type=str),
    Field(
        description="The bank's XML file in base64: camt.053.001.08 or camt.054.001.08, 1 MiB.",
        json_schema_extra={
            "pattern": BASE64,
            "contentEncoding": "base64",
            "examples": [EXAMPLE_CONTENT],
        },
    ),
]


class BankAccountIn(In):
    """Where a province, or the ministry as agent (000000), pays from and is paid."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "zj-1",
                    "province": "330000",
                    "name": "浙江省财政厅",
                    "account": "3301040160000123456",
                    "bank": "102331000018",
                }
            ]
        }
    )

    id: Id
    province: Holder
    name: str = Field(
        min_length=1,
        max_length=70,
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]+$",
        examples=["浙江省财政厅"],
    )
    account: str = Field(pattern=r"^[0-9A-Za-z]{6,34}$", examples=["3301040160000123456"])
    bank: str = Field(
        pattern=r"^([A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?|[0-9]{12})$",
        examples=["102331000018"],
        description="The bank's BIC, or its twelve digits in the Chinese payment system.",
    )

    def command(self) -> ProposeAccount:
        """The command this body asks for."""
        return ProposeAccount(self.id, self.province, self.name, self.account, self.bank)


class BankAccountApprovalIn(In):
    """A second officer approves an account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"account": "zj-1"}]})

    account: Id


class BankAccountOut(Out):
    """A registered account; the newest approved one of a province is used."""

    id: str = Field(examples=["zj-1"])
    province: str = Field(examples=["330000"])
    name: str = Field(examples=["浙江省财政厅"])
    account: str = Field(examples=["3301040160000123456"])
    bank: str = Field(examples=["102331000018"])
    commitment: str = Field(examples=[EXAMPLE_HASH], description="What the log holds of it.")
    proposed_by: str = Field(examples=["officer-a"])
    approved_by: str | None = Field(examples=["officer-b"])

    @classmethod
    def of(cls, account: rules_bank.BankAccount) -> "BankAccountOut":
        """Show an account."""
        return cls(
            id=account.id,
            province=account.province,
            name=account.name,
            account=account.number,
            bank=account.bank,
            commitment=account.commitment,
            proposed_by=account.proposed_by,
            approved_by=account.approved_by,
        )


class InstructionState(StrEnum):
    """How far the bank has confirmed an instruction."""

    INSTRUCTED = "instructed"
    PARTIAL = "partial"
    CONFIRMED = "confirmed"


class PaymentInstructionOut(Out):
    """A payment to be made through the bank; its id is the EndToEndId."""

    id: str = Field(examples=[EXAMPLE_INSTRUCTION])
    kind: InstructionKind = Field(examples=["settlement"])
    window: int | None = Field(examples=[1])
    statement: str | None = Field(examples=["1-330000-500000"])
    payer: str = Field(examples=["330000"])
    payee: str = Field(examples=["500000"])
    amount_cny: AmountOut
    confirmed_cny: AmountOut
    remaining_cny: AmountOut
    state: InstructionState = Field(examples=["instructed"])
    at: InstantOut

    @classmethod
    def of(cls, one: rules_bank.Instruction) -> "PaymentInstructionOut":
        """Show an instruction."""
        state = InstructionState.PARTIAL if one.confirmed else InstructionState.INSTRUCTED
        return cls(
            id=one.id,
            kind=one.kind,
            window=one.window,
            statement=one.statement,
            payer=one.payer,
            payee=one.payee,
            amount_cny=one.amount,
            confirmed_cny=one.confirmed,
            remaining_cny=one.remaining,
            state=state if one.remaining else InstructionState.CONFIRMED,
            at=one.at,
        )


class BankEvidenceIn(In):
    """The file of the own account, as the bank gave it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "f1", "content": EXAMPLE_CONTENT}]}
    )

    id: Id
    content: Content

    def command(self) -> TakeEvidence:
        """The command this body asks for."""
        return TakeEvidence(self.id, self.content)


class JudgedOut(Out):
    """What an entry of a file was found to be."""

    entry: int = Field(examples=[1], description="Its place in the file, from 1.")
    outcome: Outcome = Field(examples=["confirmed"])
    amount: AmountOut
    currency: str = Field(examples=["CNY"])
    instruction: str | None = Field(examples=[EXAMPLE_INSTRUCTION])


class BankEvidenceOut(Out):
    """A file as it was taken, with each of its entries."""

    id: str = Field(examples=["f1"])
    holder: str = Field(examples=["500000"])
    message: str = Field(examples=["camt.054.001.08"])
    commitment: str = Field(examples=[EXAMPLE_HASH])
    salt: str = Field(examples=[EXAMPLE_HASH], description="In hex.")
    entries: list[JudgedOut]
    at: InstantOut

    @classmethod
    def of(cls, taken: Taken) -> "BankEvidenceOut":
        """Show what was taken."""
        return cls(
            id=taken.file.id,
            holder=taken.file.holder,
            message=taken.file.message,
            commitment=taken.file.commitment,
            salt=taken.file.salt.hex(),
            at=taken.file.at,
            entries=[
                JudgedOut(
                    entry=one.number,
                    outcome=one.outcome,
                    amount=one.entry.amount,
                    currency=one.entry.currency,
                    instruction=one.instruction,
                )
                for one in taken.judged
            ],
        )


class BankEntryOut(Out):
    """An entry of a bank's file that was taken."""

    file: str = Field(examples=["f1"])
    entry: int = Field(examples=[1])
    holder: str = Field(examples=["500000"])
    reference: str = Field(examples=["2026112200000017"], description="The bank's own.")
    amount: AmountOut
    currency: str = Field(examples=["CNY"])
    day: date | None = Field(examples=["2026-11-22"], description="When the bank booked it.")
    outcome: Outcome = Field(examples=["unknown-instruction"])
    instruction: str | None = Field(examples=[None])
    waits: bool = Field(examples=[True], description="Whether two people have to resolve it.")
    resolved: ResolutionKind | None = Field(examples=[None])

    @classmethod
    def of(cls, one: KeptEntry) -> "BankEntryOut":
        """Show an entry."""
        settled = one.outcome in rules_bank.COUNTED | rules_bank.NOTED
        return cls(
            file=one.file,
            entry=one.number,
            holder=one.holder,
            reference=one.reference,
            amount=one.amount,
            currency=one.currency,
            day=one.day,
            outcome=one.outcome,
            instruction=one.instruction,
            waits=not settled and one.resolved is None,
            resolved=one.resolved,
        )


class EvidenceResolutionIn(In):
    """What is to be done with an entry that matched nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "r1",
                    "file": "f1",
                    "entry": 1,
                    "kind": "assign",
                    "instruction": EXAMPLE_INSTRUCTION,
                }
            ]
        }
    )

    id: Id
    file: Id
    entry: int = Field(ge=1, le=2_147_483_647, examples=[1])
    kind: ResolutionKind = Field(strict=False, examples=["assign"])
    instruction: InstructionRef | None = Field(
        default=None, description="The instruction it is assigned to; for no other kind."
    )

    def command(self) -> ProposeResolution:
        """The command this body asks for."""
        return ProposeResolution(self.id, self.file, self.entry, self.kind, self.instruction)


class EvidenceResolutionApprovalIn(In):
    """A second officer approves a resolution."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"resolution": "r1"}]})

    resolution: Id


class EvidenceResolutionOut(Out):
    """What two people did, or one proposes to do, with an entry."""

    id: str = Field(examples=["r1"])
    file: str = Field(examples=["f1"])
    entry: int = Field(examples=[1])
    kind: ResolutionKind = Field(examples=["assign"])
    instruction: str | None = Field(examples=[EXAMPLE_INSTRUCTION])
    proposed_by: str = Field(examples=["officer-a"])
    approved_by: str | None = Field(examples=["officer-b"])

    @classmethod
    def of(cls, one: rules_bank.Resolution) -> "EvidenceResolutionOut":
        """Show a resolution."""
        return cls(
            id=one.id,
            file=one.file,
            entry=one.number,
            kind=one.kind,
            instruction=one.instruction,
            proposed_by=one.proposed_by,
            approved_by=one.approved_by,
        )
