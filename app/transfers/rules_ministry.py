"""Pure: the machine of the ministry, the hub and the only decider (R185).

A transfer is decided once. Everything that can end it (an approval, a refusal, a rejection, a
cancellation, a deadline) comes to this one machine, and the first of them stands.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.kernel.units import Area
from app.transfers.rules_held import NOT_HELD, Look
from app.transfers.rules_messages import (
    Accept,
    Applied,
    Cancel,
    Decision,
    Offer,
    Outcome,
    Propose,
    Reason,
    Reject,
    Side,
    Status,
    acceptance,
    digest,
)
from app.transfers.rules_protocol import (
    ANSWER_TERM,
    APPLY_ALARM,
    Alarm,
    AlarmCode,
    Approve,
    Arrived,
    Decide,
    Effects,
    Event,
    Fault,
    FaultCode,
    Looked,
    Refuse,
    Send,
    Tick,
    answered,
    is_of,
    other_than,
)

LAPSED = "lapsed"
"""The code of an abort because the proposal came after its own `valid_until`."""


class MinistryPhase(StrEnum):
    """How far a transfer is at the ministry; the last two end it."""

    NONE = "none"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    COMMITTED = "committed"
    ABORTED = "aborted"
    DONE = "done"


PENDING = frozenset({MinistryPhase.OFFERED, MinistryPhase.ACCEPTED})
"""Phases in which a proposal waits for its decision."""


@dataclass(frozen=True, slots=True)
class Ministry:
    """A transfer at the ministry; `applied` are the sides that have reported the decision done.

    `answer_by` is the receiver's deadline; `decided_at` is kept for a commit only. `look` is what
    the giver's log said: where the transfer is decided, only if the decision rests on it.
    """

    phase: MinistryPhase = MinistryPhase.NONE
    terms: Propose | None = None
    answer_by: datetime | None = None
    decision: Decision | None = None
    decided_at: datetime | None = None
    look: Look | None = None
    applied: frozenset[Side] = frozenset()
    alarmed: bool = False


Step = tuple[Ministry, Effects]


def decide(state: Ministry, event: Event) -> Step:
    """Give the next state and what is to be done; a fault leaves the state as it was."""
    match event:
        case Approve():
            return _approve(state, event)
        case Looked(look):
            return _looked(state, look)
        case Refuse(code, document):
            return _refuse(state, code, document)
        case Tick(now):
            return _tick(state, now)
        case Arrived():
            return _arrived(state, event)
        case _:
            return _fault(state, FaultCode.WRONG_STATE)


def _arrived(state: Ministry, event: Arrived) -> Step:
    sender = event.sender
    match event.message:
        case Propose() as terms:
            return _proposed(state, terms, event)
        case Cancel(transfer):
            return _cancelled(state, transfer, sender)
        case (Accept() | Reject()) as answer:
            return _answered(state, answer, sender)
        case Applied() as report:
            return _applied(state, report, sender)
        case Status() as message:
            return _asked(state, message, sender)
        case _:
            return _fault(state, FaultCode.WRONG_PARTY)


def _fault(state: Ministry, code: FaultCode) -> Step:
    return state, (Fault(code),)


def _decided(state: Ministry, phase: MinistryPhase, decision: Decision) -> Step:
    """The only place where a decision is made: once, for a transfer that has none."""
    told = (Side.GIVER,) if state.phase is MinistryPhase.NONE else (Side.GIVER, Side.RECEIVER)
    return replace(state, phase=phase, decision=decision), (
        Decide(decision),
        *(Send(side, decision) for side in told),
    )


def _abort(
    state: Ministry,
    transfer: str,
    reason: Reason,
    *,
    code: str | None = None,
    document: str | None = None,
) -> Step:
    decision = Decision(transfer, Outcome.ABORT, reason, state.terms, document=document, code=code)
    # Whatever was seen, an abort for another reason does not rest on it.
    return _decided(replace(state, look=None), MinistryPhase.ABORTED, decision)


def _approve(state: Ministry, event: Approve) -> Step:
    if state.phase is MinistryPhase.OFFERED:
        return _fault(state, FaultCode.NOT_ACCEPTED)
    if state.phase is not MinistryPhase.ACCEPTED or state.terms is None:
        return _fault(state, FaultCode.WRONG_STATE)
    if event.now >= state.terms.valid_until:
        return _fault(state, FaultCode.LAPSED)
    if state.look is None and not event.at_home:
        return _fault(state, FaultCode.LOG_UNREAD)
    decision = Decision(
        transfer=state.terms.transfer,
        outcome=Outcome.COMMIT,
        reason=Reason.APPROVED,
        terms=state.terms,
        accept=digest(acceptance(state.terms)),
        document=event.document,
    )
    return _decided(replace(state, decided_at=event.now), MinistryPhase.COMMITTED, decision)


def _looked(state: Ministry, look: Look) -> Step:
    """Keep what was seen, or end it; a log that lost later what it held is seen, too."""
    if state.phase not in PENDING or state.terms is None:
        return state, ()
    if look.holds(state.terms):
        return replace(state, look=look), ()
    transfer = state.terms.transfer
    ended, effects = _abort(state, transfer, Reason.OBJECTED, code=NOT_HELD)
    return replace(ended, look=look), effects


def _refuse(state: Ministry, code: str, document: str | None) -> Step:
    if state.phase not in PENDING or state.terms is None:
        return _fault(state, FaultCode.WRONG_STATE)
    return _abort(state, state.terms.transfer, Reason.REFUSED, code=code, document=document)


def _tick(state: Ministry, now: datetime) -> Step:
    """End by decision what nobody answered; a reason says who was silent."""
    if state.terms is None or state.answer_by is None:
        return state, ()
    transfer = state.terms.transfer
    if state.phase is MinistryPhase.OFFERED and now >= state.answer_by:
        return _abort(state, transfer, Reason.RECEIVER_SILENT)
    if state.phase is MinistryPhase.ACCEPTED and now >= state.terms.valid_until:
        return _abort(state, transfer, Reason.MINISTRY_SILENT)
    overdue = state.decided_at is not None and now - state.decided_at >= APPLY_ALARM
    if state.phase is MinistryPhase.COMMITTED and overdue and not state.alarmed:
        return replace(state, alarmed=True), (Alarm(AlarmCode.UNAPPLIED),)
    return state, ()


def _proposed(  # noqa: PLR0911 - one guard per line
    state: Ministry, terms: Propose, event: Arrived
) -> Step:
    """Offer it to the receiver, unless this side computes another n or objects."""
    if terms.giver not in event.sender:
        return _fault(state, FaultCode.WRONG_PARTY)
    if not is_of(terms.giver, terms.transfer):
        return _fault(state, FaultCode.FOREIGN_ID)
    if state.terms is not None:
        fault = other_than(state.terms, terms)
        return (state, ()) if fault is None else _fault(state, fault)
    if state.phase is not MinistryPhase.NONE:
        return state, ()
    known = replace(state, terms=terms)
    if not terms.converts:
        return _abort(known, terms.transfer, Reason.CREDIT_DIFFERS)
    objection = LAPSED if event.now >= terms.valid_until else event.objection
    if objection is not None:
        return _abort(known, terms.transfer, Reason.OBJECTED, code=objection)
    answer_by = min(event.now + ANSWER_TERM, terms.valid_until)
    return replace(known, phase=MinistryPhase.OFFERED, answer_by=answer_by), (
        Send(Side.RECEIVER, Offer(terms)),
    )


def _cancelled(state: Ministry, transfer: str, sender: frozenset[str]) -> Step:
    """Abort for the giver; also before its proposal is here, which then comes too late."""
    if not any(is_of(province, transfer) for province in sender):
        return _fault(state, FaultCode.WRONG_PARTY)
    if state.decision is not None:
        return state, ()
    return _abort(state, transfer, Reason.CANCELLED)


def _answered(  # noqa: PLR0911 - one guard per line
    state: Ministry, answer: Accept | Reject, sender: frozenset[str]
) -> Step:
    """Keep an acceptance, abort on a rejection or another n; what is decided stays."""
    if state.terms is None:
        return _fault(state, FaultCode.OTHER_PROPOSAL)
    if state.terms.receiver not in sender:
        return _fault(state, FaultCode.WRONG_PARTY)
    if answer.propose != digest(state.terms):
        return _fault(state, FaultCode.OTHER_PROPOSAL)
    if state.decision is not None:
        return state, ()
    if isinstance(answer, Reject):
        return _abort(state, answer.transfer, Reason.REJECTED, code=answer.code)
    if answer.credit != state.terms.credit:
        return _abort(state, answer.transfer, Reason.CREDIT_DIFFERS)
    return replace(state, phase=MinistryPhase.ACCEPTED), ()


def _applied(state: Ministry, report: Applied, sender: frozenset[str]) -> Step:
    """Note that a side has applied the decision; both have: done."""
    if state.decision is None:
        return _fault(state, FaultCode.NOT_DECIDED)
    if report.side not in _sides(state, report.transfer, sender):
        return _fault(state, FaultCode.WRONG_PARTY)
    if report.decision != digest(state.decision):
        return _fault(state, FaultCode.SECOND_DECISION)
    if report.area != _booked(state.decision, report.side):
        return _fault(state, FaultCode.OTHER_CREDIT)
    applied = state.applied | {report.side}
    both = applied == {Side.GIVER, Side.RECEIVER}
    done = both and state.decision.outcome is Outcome.COMMIT
    return replace(state, applied=applied, phase=MinistryPhase.DONE if done else state.phase), ()


def _booked(decision: Decision, side: Side) -> Area:
    """What a side has booked if it applied the decision."""
    if decision.outcome is Outcome.ABORT or decision.terms is None:
        return Area(0)
    return decision.terms.area if side is Side.GIVER else decision.terms.credit


def _asked(state: Ministry, message: Status, sender: frozenset[str]) -> Step:
    sides = _sides(state, message.transfer, sender)
    if not sides:
        return _fault(state, FaultCode.WRONG_PARTY)
    decision = None if state.decision is None else digest(state.decision)
    effects = answered(message, min(sides), state.phase, decision)
    if effects and state.decision is not None:
        # Who asks has not heard it, or forgot: the decision itself goes out once more.
        effects += (Send(min(sides), state.decision, again=message.number),)
    return state, effects


def _sides(state: Ministry, transfer: str, sender: frozenset[str]) -> frozenset[Side]:
    """The sides of the transfer that a sender speaks for."""
    giver = any(is_of(province, transfer) for province in sender)
    receiver = state.terms is not None and state.terms.receiver in sender
    spoken = ((Side.GIVER, giver), (Side.RECEIVER, receiver))
    return frozenset(side for side, speaks in spoken if speaks)
