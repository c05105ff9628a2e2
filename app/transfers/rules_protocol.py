"""Pure: a transfer between nodes as three machines that only exchange messages.

The ministry is the only decider (R185). It decides a transfer once, commit or abort, and the first
decision stands; giver and receiver apply it, however often and in whatever order they hear of it.

    giver:     NONE ──give──▶ LOCKED ──commit──▶ DEBITED, or ──abort──▶ RELEASED; no timer, ever
    ministry:  NONE ──propose──▶ OFFERED ──accept──▶ ACCEPTED ──approve──▶ COMMITTED ──▶ DONE;
               cancel, discrepancy, reject, refusal or a deadline ──▶ ABORTED;
               COMMITTED only once a look into the giver's log found what was proposed
    receiver:  NONE ──offer──▶ OFFERED ──▶ ACCEPTED or REJECTED; any ──commit──▶ CREDITED;
               any ──abort──▶ CLOSED

Each machine is `decide(state, event) -> (state', effects)` in `rules_giver`, `rules_ministry` and
`rules_receiver`; this module has their words. Whoever runs them stores the new state and carries
out all effects in one transaction. A repeated or late message has no effects. A message that lies,
or a step that is not allowed, answers exactly one `Fault` and the state as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.ids import local_id
from app.kernel.units import Area, Fen
from app.transfers.rules_held import Look
from app.transfers.rules_messages import (
    Decision,
    Message,
    Outcome,
    Propose,
    Side,
    Status,
    acceptance,
    digest,
)

MINISTRY = "ministry"
"""What the ministry's node speaks for, where others speak for their provinces."""

ANSWER_TERM = timedelta(hours=24)
"""How long the receiver has for its answer; `valid_until` may end it earlier."""

APPLY_ALARM = timedelta(hours=1)
"""How long a commit may stay unapplied before it alarms."""

APPLY_FREEZE = timedelta(hours=24)
"""How long a commit may stay unapplied before its node may propose nothing new."""


ASK_AFTER = timedelta(hours=1)
"""How long after the end of its validity a node that heard of no decision asks the ministry."""

ASK_AGAIN = timedelta(days=1)
"""When it asks again."""


class FaultCode(StrEnum):
    """What is wrong with a message or step; a node answers with it, and changes nothing."""

    WRONG_PARTY = "wrong-party"
    """It comes from a node that does not speak for that side, or it is not for this node."""
    FOREIGN_ID = "foreign-id"
    """The transfer's id is not a reference of its giver (`kernel.ids.reference`)."""
    OTHER_PROPOSAL = "other-proposal"
    """It is about other terms than those that were proposed under this id."""
    OTHER_CREDIT = "other-credit"
    """It names another n than the proposal and its coefficient give."""
    OTHER_ACCEPTANCE = "other-acceptance"
    """The commit names no acceptance, or none that belongs to its proposal."""
    NO_DOCUMENT = "no-document"
    """The commit names no document number."""
    SECOND_DECISION = "second-decision"
    """It differs from the decision that was applied already: there can be one only."""
    NEVER_PROPOSED = "never-proposed"
    """The giver knows of no such proposal of its own."""
    NOT_DECIDED = "not-decided"
    """It reports a decision that the ministry did not make."""
    WRONG_STATE = "wrong-state"
    """This step does not follow here."""
    NOT_ACCEPTED = "not-accepted"
    """The receiver has not accepted yet."""
    LAPSED = "lapsed"
    """The proposal is no longer valid."""
    LOG_UNREAD = "log-unread"
    """Nobody has looked yet whether the giver's own log holds what it proposed."""


class AlarmCode(StrEnum):
    """What is in order by the rules and must be looked at by people."""

    UNASKED_COMMIT = "unasked-commit"
    """Credited on the ministry's word, without an acceptance of which this node knows."""
    UNAPPLIED = "unapplied"
    """A commit is not applied everywhere after `APPLY_ALARM`."""


# Events: what a machine is told.


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message whose signature and proof were verified.

    `sender` and `here` are what the sending and this node speak for: codes of the provinces that
    they host, or `MINISTRY`. An `objection` is the code of what the caller found against a
    proposal or offer in its own books (no coefficient in force, balance too small, …).
    """

    sender: frozenset[str]
    here: frozenset[str]
    message: Message
    now: datetime
    objection: str | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a restored node reads again before it opens.

    Its own proposal comes from its own published log, a decision from the ministry's.
    """

    message: Propose | Decision


@dataclass(frozen=True, slots=True)
class Give:
    """At the giver: the quota is to leave under these terms, if the ministry commits."""

    terms: Propose


@dataclass(frozen=True, slots=True)
class TakeBack:
    """At the giver: it asks the ministry to abort; nothing is free before the abort is here."""


@dataclass(frozen=True, slots=True)
class Take:
    """At the receiver: the province accepts what it was offered (R182)."""


@dataclass(frozen=True, slots=True)
class Decline:
    """At the receiver: the province declines; also after it accepted, as long as none decided."""

    code: str


@dataclass(frozen=True, slots=True)
class Looked:
    """At the ministry: what the giver's own log says of the ticket, read beyond the lock."""

    look: Look


@dataclass(frozen=True, slots=True)
class Approve:
    """At the ministry: it approves under the document number (文号) `document` (R185).

    `at_home` says that the giver is of this very node, whose ledger has locked the ticket itself.
    """

    document: str
    now: datetime
    at_home: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """At the ministry: it refuses, for the reason `code`."""

    code: str
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """At the ministry: time has come to look at deadlines."""

    now: datetime


Event = Arrived | Replayed | Give | TakeBack | Take | Decline | Looked | Approve | Refuse | Tick


# Effects: what is to be done in the transaction that stores the new state.


@dataclass(frozen=True, slots=True)
class Send:
    """Put a message into the outbox, for the node that hosts that side."""

    to: Side
    message: Message
    again: int = 0
    """Which repetition this is, where what was said before is said once more."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Giver: take the ticket out of trade, with its area and account."""

    terms: Propose


@dataclass(frozen=True, slots=True)
class Debit:
    """Giver: `area` (m) leaves its books, and it owes the receiver `balance`."""

    terms: Propose
    area: Area
    balance: Fen


@dataclass(frozen=True, slots=True)
class Release:
    """Giver: the ticket is free again."""

    terms: Propose


@dataclass(frozen=True, slots=True)
class Credit:
    """Receiver: `area` (n) enters its books, and it has a claim of `balance` on the giver."""

    terms: Propose
    area: Area
    balance: Fen


@dataclass(frozen=True, slots=True)
class Close:
    """Receiver: the offer is off; nothing enters its books."""


@dataclass(frozen=True, slots=True)
class Decide:
    """Ministry: keep the decision as one row (unique by transfer) and one leaf of its log."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell people."""

    code: AlarmCode


@dataclass(frozen=True, slots=True)
class Fault:
    """Refuse it with this code; the state is as it was, and no other effect stands beside it."""

    code: FaultCode


Effect = Send | Lock | Debit | Release | Credit | Close | Decide | Alarm | Fault
Effects = tuple[Effect, ...]


def is_of(giver: str, transfer: str) -> bool:
    """Whether an id belongs to that province: no other can take an id before its giver does."""
    return local_id(giver, transfer) is not None


def fault_of(effects: Iterable[Effect]) -> FaultCode | None:
    """The fault among the effects, if they are one."""
    return next((effect.code for effect in effects if isinstance(effect, Fault)), None)


def other_than(expected: Propose, found: Propose | None) -> FaultCode | None:
    """What is wrong with terms that should be the expected ones."""
    if found == expected:
        return None
    if found is not None and replace(found, credit=expected.credit) == expected:
        return FaultCode.OTHER_CREDIT
    return FaultCode.OTHER_PROPOSAL


def misfit(  # noqa: PLR0911 - one guard per line
    decision: Decision, terms: Propose | None
) -> FaultCode | None:
    """What is wrong with a decision, at a node that knows these terms, or none (None)."""
    held = decision.terms
    if held is None:
        # Cancelled before the proposal came: nothing but an abort can say so little.
        return FaultCode.OTHER_PROPOSAL if decision.outcome is Outcome.COMMIT else None
    if held.transfer != decision.transfer:
        return FaultCode.OTHER_PROPOSAL
    if terms is not None and (fault := other_than(terms, held)) is not None:
        return fault
    if decision.outcome is Outcome.ABORT:
        return None
    if not held.converts:
        return FaultCode.OTHER_CREDIT
    if decision.accept != digest(acceptance(held)):
        return FaultCode.OTHER_ACCEPTANCE
    return FaultCode.NO_DOCUMENT if decision.document is None else None


def answered(message: Status, to: Side, phase: str, decision: str | None) -> Effects:
    """Answer a question with the phase and the decision's digest; an answer asks for nothing."""
    if message.state is not None:
        return ()
    return (Send(to, replace(message, state=phase, decision=decision)),)
