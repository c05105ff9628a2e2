"""Pure: the machine of the node that receives quota.

It answers an offer, and credits or closes on the ministry's decision alone, whatever it had
answered: the decision holds the whole proposal, so even a node that lost its memory can apply it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.kernel.units import Area
from app.transfers.rules_messages import (
    Applied,
    Decision,
    Offer,
    Outcome,
    Propose,
    Reject,
    Side,
    Status,
    acceptance,
    digest,
)
from app.transfers.rules_protocol import (
    MINISTRY,
    Alarm,
    AlarmCode,
    Arrived,
    Close,
    Credit,
    Decline,
    Effects,
    Event,
    Fault,
    FaultCode,
    Replayed,
    Send,
    Take,
    answered,
    is_of,
    misfit,
    other_than,
)
from app.transfers.rules_wire import AREA_MAX

CREDIT_DIFFERS = "credit-differs"
"""The code of a rejection because this node computes another n."""


class ReceiverPhase(StrEnum):
    """How far a transfer is at its receiver; the last two end it."""

    NONE = "none"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CREDITED = "credited"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Receiver:
    """A transfer at its receiver; `decision` is the digest of the decision that was applied.

    `accepted` stays true when the province declined after it had accepted.
    """

    phase: ReceiverPhase = ReceiverPhase.NONE
    terms: Propose | None = None
    accepted: bool = False
    decision: str | None = None


Step = tuple[Receiver, Effects]


def decide(state: Receiver, event: Event) -> Step:  # noqa: PLR0911 - one line per kind of event
    """Give the next state and what is to be done; a fault leaves the state as it was."""
    match event:
        case Take():
            return _take(state)
        case Decline(code):
            return _decline(state, code)
        case Replayed(Decision() as decision):
            return _apply(state, decision)
        case Arrived(sender=sender) if MINISTRY not in sender:
            return _fault(state, FaultCode.WRONG_PARTY)
        case Arrived(message=Offer(terms)):
            return _offered(state, terms, event)
        case Arrived(message=Decision() as decision):
            if state.terms is None and not _is_for(decision, event.here):
                return _fault(state, FaultCode.WRONG_PARTY)
            return _apply(state, decision)
        case Arrived(message=Status() as message):
            return state, answered(message, Side.MINISTRY, state.phase, state.decision)
        case Arrived():
            return _fault(state, FaultCode.WRONG_PARTY)
        case _:
            return _fault(state, FaultCode.WRONG_STATE)


def _fault(state: Receiver, code: FaultCode) -> Step:
    return state, (Fault(code),)


def _is_for(decision: Decision, here: frozenset[str]) -> bool:
    """Whether a decision is about this node; one without terms was made before any offer."""
    return decision.terms is not None and decision.terms.receiver in here


def _offered(  # noqa: PLR0911 - one guard per line
    state: Receiver, terms: Propose, event: Arrived
) -> Step:
    """Keep the offer for the province's answer; a wrong n is rejected at once."""
    if terms.receiver not in event.here:
        return _fault(state, FaultCode.WRONG_PARTY)
    if not is_of(terms.giver, terms.transfer):
        return _fault(state, FaultCode.FOREIGN_ID)
    if state.terms is not None:
        fault = other_than(state.terms, terms)
        return (state, ()) if fault is None else _fault(state, fault)
    if state.phase is not ReceiverPhase.NONE:
        return state, ()
    offered = Receiver(ReceiverPhase.OFFERED, terms)
    if not terms.converts:
        return _decline(offered, CREDIT_DIFFERS)
    if event.objection is not None:
        return _decline(offered, event.objection)
    return offered, ()


def _take(state: Receiver) -> Step:
    if state.phase is not ReceiverPhase.OFFERED or state.terms is None:
        return _fault(state, FaultCode.WRONG_STATE)
    return replace(state, phase=ReceiverPhase.ACCEPTED, accepted=True), (
        Send(Side.MINISTRY, acceptance(state.terms)),
    )


def _decline(state: Receiver, code: str) -> Step:
    answerable = state.phase in {ReceiverPhase.OFFERED, ReceiverPhase.ACCEPTED}
    if not answerable or state.terms is None:
        return _fault(state, FaultCode.WRONG_STATE)
    terms = state.terms
    credit = Area(min(terms.rate.convert(terms.area), AREA_MAX))
    return replace(state, phase=ReceiverPhase.REJECTED), (
        Send(Side.MINISTRY, Reject(terms.transfer, digest(terms), credit, code)),
    )


def _apply(state: Receiver, decision: Decision) -> Step:
    """Credit or close, once; every other decision than the applied one is a fault."""
    name = digest(decision)
    if state.decision is not None:
        return (state, ()) if state.decision == name else _fault(state, FaultCode.SECOND_DECISION)
    if state.terms is not None and decision.transfer != state.terms.transfer:
        return _fault(state, FaultCode.OTHER_PROPOSAL)
    fault = misfit(decision, state.terms)
    if fault is not None:
        return _fault(state, fault)
    terms = decision.terms
    if decision.outcome is Outcome.COMMIT and terms is not None:
        return replace(state, phase=ReceiverPhase.CREDITED, terms=terms, decision=name), (
            Credit(terms, terms.credit, terms.balance),
            Send(Side.MINISTRY, Applied(terms.transfer, Side.RECEIVER, name, terms.credit)),
            *(() if state.accepted else (Alarm(AlarmCode.UNASKED_COMMIT),)),
        )
    return replace(state, phase=ReceiverPhase.CLOSED, decision=name), (
        *(() if state.terms is None else (Close(),)),
        Send(Side.MINISTRY, Applied(decision.transfer, Side.RECEIVER, name, Area(0))),
    )
