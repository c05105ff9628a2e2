"""Pure: the messages of a transfer between nodes, as values and as bodies on the wire.

Bodies are read strictly (`rules_wire`), so equal messages have one digest. Areas are whole 0.01 m²
and money is whole fen; both are decimal strings on the wire. No message holds personal data.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from app.kernel.calendar import wire
from app.kernel.units import Area, Fen, decimal
from app.transfers.rules_wire import AREA_MAX, Cargo, MalformedError, Rate, Reader

Body = Mapping[str, object]


class Side(StrEnum):
    """The three parts of a transfer."""

    GIVER = "giver"
    MINISTRY = "ministry"
    RECEIVER = "receiver"


class Outcome(StrEnum):
    """What the ministry decides: a transfer happens at both ends, or at neither."""

    COMMIT = "commit"
    ABORT = "abort"


class Reason(StrEnum):
    """Why it was decided so. Those of silence say who was silent."""

    APPROVED = "approved"
    CANCELLED = "cancelled"
    CREDIT_DIFFERS = "credit_differs"
    OBJECTED = "objected"
    REJECTED = "rejected"
    REFUSED = "refused"
    RECEIVER_SILENT = "receiver_silent"
    MINISTRY_SILENT = "ministry_silent"


@dataclass(frozen=True, slots=True)
class Propose:
    """Giver to ministry: `area` (m) leaves `giver`, and `credit` (n) shall arrive at `receiver`.

    `balance` is the money that the household's account takes along, owed by the giver from the
    commit on. `valid_until` is the instant from which the ministry may no longer approve.
    """

    type: ClassVar[str] = "xfer.propose"

    transfer: str
    giver: str
    receiver: str
    ticket: str
    area: Area
    rate: Rate
    credit: Area
    balance: Fen
    valid_until: datetime
    cargo: Cargo = ()

    @property
    def converts(self) -> bool:
        """Whether the n that the giver wrote is the n of its own coefficient."""
        return 0 < self.credit <= AREA_MAX and self.credit == self.rate.convert(self.area)

    def to_body(self) -> Body:
        """Give the JSON object of the proposal."""
        return {
            "transfer": self.transfer,
            "from": self.giver,
            "to": self.receiver,
            "ticket": self.ticket,
            "area_m2": decimal(self.area),
            "coefficient": self.rate.to_body(),
            "credit_m2": decimal(self.credit),
            "balance_cny": decimal(self.balance),
            "valid_until": wire(self.valid_until),
            "cargo": dict(self.cargo),
        }

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read a proposal; `MalformedError` if it is none. Whether n is right is judged later."""
        read = Reader(body)
        message = cls(
            transfer=read.text("transfer"),
            giver=read.province("from"),
            receiver=read.province("to"),
            ticket=read.text("ticket"),
            area=read.area("area_m2"),
            rate=Rate.from_body(read.take("coefficient")),
            credit=read.area("credit_m2"),
            balance=Fen(read.amount("balance_cny")),
            valid_until=read.instant("valid_until"),
            cargo=read.cargo("cargo"),
        )
        read.end()
        if message.giver == message.receiver:
            raise MalformedError("to is the giver itself")
        return message


@dataclass(frozen=True, slots=True)
class Offer:
    """Ministry to receiver: the whole proposal, which the ministry found in order."""

    type: ClassVar[str] = "xfer.offer"

    terms: Propose

    @property
    def transfer(self) -> str:
        """The id of the transfer."""
        return self.terms.transfer

    def to_body(self) -> Body:
        """Give the JSON object of the offer."""
        return {"propose": self.terms.to_body()}

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read an offer; `MalformedError` if it is none."""
        read = Reader(body)
        message = cls(Propose.from_body(read.take("propose")))
        read.end()
        return message


@dataclass(frozen=True, slots=True)
class Accept:
    """Receiver to ministry: it takes `credit`, its own n, for the proposal with this digest.

    Nothing else stands in it, so everybody who has the proposal knows the digest of its acceptance.
    """

    type: ClassVar[str] = "xfer.accept"

    transfer: str
    propose: str
    credit: Area

    def to_body(self) -> Body:
        """Give the JSON object of the acceptance."""
        return {
            "transfer": self.transfer,
            "propose": self.propose,
            "credit_m2": decimal(self.credit),
        }

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read an acceptance; `MalformedError` if it is none."""
        read = Reader(body)
        message = cls(read.text("transfer"), read.digest("propose"), read.area("credit_m2"))
        read.end()
        return message


@dataclass(frozen=True, slots=True)
class Reject:
    """Receiver to ministry: it declines the proposal with this digest, for the reason `code`."""

    type: ClassVar[str] = "xfer.reject"

    transfer: str
    propose: str
    credit: Area
    code: str

    def to_body(self) -> Body:
        """Give the JSON object of the rejection, with the n that the receiver computed."""
        return {
            "transfer": self.transfer,
            "propose": self.propose,
            "credit_m2": decimal(self.credit),
            "code": self.code,
        }

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read a rejection; `MalformedError` if it is none. Its n may be zero."""
        read = Reader(body)
        message = cls(
            read.text("transfer"),
            read.digest("propose"),
            Area(read.amount("credit_m2")),
            read.text("code"),
        )
        read.end()
        return message


@dataclass(frozen=True, slots=True)
class Cancel:
    """Giver to ministry: abort it, if it is not decided yet."""

    type: ClassVar[str] = "xfer.cancel"

    transfer: str

    def to_body(self) -> Body:
        """Give the JSON object of the cancellation."""
        return {"transfer": self.transfer}

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read a cancellation; `MalformedError` if it is none."""
        read = Reader(body)
        message = cls(read.text("transfer"))
        read.end()
        return message


@dataclass(frozen=True, slots=True)
class Decision:
    """Ministry to both: the one decision on a transfer.

    It holds the whole proposal (`terms`), so it can be applied by a node that lost its memory;
    None where the giver cancelled before its proposal came. `accept` is the digest of the
    acceptance, `document` the document number (文号), `code` the detail behind the reason.
    """

    type: ClassVar[str] = "xfer.decision"

    transfer: str
    outcome: Outcome
    reason: Reason
    terms: Propose | None
    accept: str | None = None
    document: str | None = None
    code: str | None = None

    def to_body(self) -> Body:
        """Give the JSON object of the decision; `propose_hash` is the digest of its terms."""
        return {
            "transfer": self.transfer,
            "outcome": self.outcome.value,
            "reason": self.reason.value,
            "propose": None if self.terms is None else self.terms.to_body(),
            "propose_hash": None if self.terms is None else digest(self.terms),
            "accept_hash": self.accept,
            "document": self.document,
            "code": self.code,
        }

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read a decision; `MalformedError` if it is none, or names a proposal it does not hold."""
        read = Reader(body)
        held = read.take("propose")
        terms = None if held is None else Propose.from_body(held)
        if read.digest_or_null("propose_hash") != (None if terms is None else digest(terms)):
            raise MalformedError("propose_hash is not the digest of propose")
        message = cls(
            transfer=read.text("transfer"),
            outcome=read.word("outcome", Outcome),
            reason=read.word("reason", Reason),
            terms=terms,
            accept=read.digest_or_null("accept_hash"),
            document=read.text_or_null("document"),
            code=read.text_or_null("code"),
        )
        read.end()
        return message


@dataclass(frozen=True, slots=True)
class Applied:
    """Giver or receiver to ministry: the decision with this digest is in its books.

    `area` is what was booked by it: m at the giver, n at the receiver, 0 after an abort.
    """

    type: ClassVar[str] = "xfer.applied"

    transfer: str
    side: Side
    decision: str
    area: Area

    def to_body(self) -> Body:
        """Give the JSON object of the report."""
        return {
            "transfer": self.transfer,
            "side": self.side.value,
            "decision": self.decision,
            "area_m2": decimal(self.area),
        }

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read a report; `MalformedError` if it is none."""
        read = Reader(body)
        message = cls(
            read.text("transfer"),
            read.word("side", Side),
            read.digest("decision"),
            Area(read.amount("area_m2")),
        )
        read.end()
        return message


@dataclass(frozen=True, slots=True)
class Status:
    """A question about a transfer (`state` is None), or the signed answer to it.

    `number` counts the questions of one asker, and the answer repeats it. An answer names the
    phase at whom was asked, and the digest of the decision where there is one.
    """

    type: ClassVar[str] = "xfer.status"

    transfer: str
    number: int
    state: str | None = None
    decision: str | None = None

    def to_body(self) -> Body:
        """Give the JSON object of the question or answer."""
        return {
            "transfer": self.transfer,
            "number": self.number,
            "state": self.state,
            "decision": self.decision,
        }

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read a question or answer; `MalformedError` if it is neither."""
        read = Reader(body)
        message = cls(
            read.text("transfer"),
            read.whole("number"),
            read.text_or_null("state"),
            read.digest_or_null("decision"),
        )
        read.end()
        return message


Message = Propose | Offer | Accept | Reject | Cancel | Decision | Applied | Status

KINDS: Mapping[str, type[Message]] = {
    kind.type: kind for kind in (Propose, Offer, Accept, Reject, Cancel, Decision, Applied, Status)
}
"""The types of envelope that carry a message of a transfer."""


def read_message(kind: str, transfer: str, body: object) -> Message:
    """Read the body of an envelope; `MalformedError` where it is no message of this transfer."""
    if kind not in KINDS:
        raise MalformedError(f"{kind} is no message of a transfer")
    message = KINDS[kind].from_body(body)
    if message.transfer != transfer:
        raise MalformedError("transfer differs between envelope and body")
    return message


def revision(message: Message) -> int:
    """Its revision in the envelope: questions are numbered, all else is said once.

    A node may host both provinces, and then reports for each.
    """
    match message:
        case Status():
            return message.number
        case Applied(side=Side.RECEIVER):
            return 2
        case _:
            return 1


def digest(message: Message) -> str:
    """SHA-256, in hexadecimal, over the type and the canonical JSON of the body.

    It binds what was said and not when it was sent, so whoever holds a message can compute it.
    """
    said = {"type": message.type, "body": message.to_body()}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def acceptance(terms: Propose) -> Accept:
    """Give the one acceptance that there can be of a proposal."""
    return Accept(terms.transfer, digest(terms), terms.rate.convert(terms.area))
