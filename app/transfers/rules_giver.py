"""Pure: the machine of the node that gives quota away.

It debits or releases on the ministry's decision alone. It has no timer: quota that it freed by
itself could have been committed meanwhile, and would then exist twice.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.kernel.units import Area
from app.transfers.rules_messages import (
    Applied,
    Cancel,
    Decision,
    Outcome,
    Propose,
    Side,
    Status,
    digest,
)
from app.transfers.rules_protocol import (
    MINISTRY,
    Arrived,
    Debit,
    Effects,
    Event,
    Fault,
    FaultCode,
    Give,
    Lock,
    Release,
    Replayed,
    Send,
    TakeBack,
    answered,
    is_of,
    misfit,
    other_than,
)


class GiverPhase(StrEnum):
    """How far a transfer is at its giver; the last two end it."""

    NONE = "none"
    LOCKED = "locked"
    DEBITED = "debited"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Giver:
    """A transfer at its giver; `decision` is the digest of the decision that was applied."""

    phase: GiverPhase = GiverPhase.NONE
    terms: Propose | None = None
    cancelling: bool = False
    decision: str | None = None


Step = tuple[Giver, Effects]


def decide(state: Giver, event: Event) -> Step:  # noqa: PLR0911 - one line per kind of event
    """Give the next state and what is to be done; a fault leaves the state as it was."""
    match event:
        case Give(terms):
            return _give(state, terms)
        case TakeBack():
            return _take_back(state)
        case Replayed(Propose() as terms):
            return _remember(state, terms)
        case Replayed(Decision() as decision):
            return _apply(state, decision)
        case Arrived(sender=sender) if MINISTRY not in sender:
            return _fault(state, FaultCode.WRONG_PARTY)
        case Arrived(message=Decision() as decision):
            return _apply(state, decision)
        case Arrived(message=Status() as message):
            return state, answered(message, Side.MINISTRY, state.phase, state.decision)
        case Arrived():
            return _fault(state, FaultCode.WRONG_PARTY)
        case _:
            return _fault(state, FaultCode.WRONG_STATE)


def _fault(state: Giver, code: FaultCode) -> Step:
    return state, (Fault(code),)


def _give(state: Giver, terms: Propose) -> Step:
    if state.phase is not GiverPhase.NONE:
        return _fault(state, FaultCode.WRONG_STATE)
    if not is_of(terms.giver, terms.transfer):
        return _fault(state, FaultCode.FOREIGN_ID)
    if not terms.converts:
        return _fault(state, FaultCode.OTHER_CREDIT)
    return Giver(GiverPhase.LOCKED, terms), (Lock(terms), Send(Side.MINISTRY, terms))


def _take_back(state: Giver) -> Step:
    if state.phase is not GiverPhase.LOCKED or state.terms is None or state.cancelling:
        return _fault(state, FaultCode.WRONG_STATE)
    return replace(state, cancelling=True), (Send(Side.MINISTRY, Cancel(state.terms.transfer)),)


def _remember(state: Giver, terms: Propose) -> Step:
    """Lock again, and propose again, what this node had proposed before it was restored.

    Nobody knows whether the first proposal came to the ministry, which absorbs a second one.
    """
    if state.phase is GiverPhase.NONE:
        return _give(state, terms)
    if state.terms is None:
        return state, ()
    fault = other_than(state.terms, terms)
    return (state, ()) if fault is None else _fault(state, fault)


def _apply(state: Giver, decision: Decision) -> Step:
    """Debit or release, once; every other decision than the applied one is a fault."""
    terms, name = state.terms, digest(decision)
    if state.decision is not None:
        return (state, ()) if state.decision == name else _fault(state, FaultCode.SECOND_DECISION)
    fault = _wrong_in(decision, terms)
    if fault is not None:
        return _fault(state, fault)
    if decision.outcome is Outcome.COMMIT and terms is not None:
        return replace(state, phase=GiverPhase.DEBITED, decision=name), (
            Debit(terms, terms.area, terms.balance),
            Send(Side.MINISTRY, Applied(terms.transfer, Side.GIVER, name, terms.area)),
        )
    return replace(state, phase=GiverPhase.RELEASED, decision=name), (
        *(() if terms is None else (Release(terms),)),
        Send(Side.MINISTRY, Applied(decision.transfer, Side.GIVER, name, Area(0))),
    )


def _wrong_in(decision: Decision, terms: Propose | None) -> FaultCode | None:
    """What is wrong with a decision for the giver of these terms.

    An abort of what a restored node does not know any more is kept, so that the id is not used
    again: the ministry would not decide on it a second time.
    """
    if terms is None:
        return FaultCode.NEVER_PROPOSED if decision.outcome is Outcome.COMMIT else None
    if decision.transfer != terms.transfer:
        return FaultCode.OTHER_PROPOSAL
    return misfit(decision, terms)
