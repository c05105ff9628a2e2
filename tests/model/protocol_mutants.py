"""Machines that look plausible and are wrong, each with the law that it breaks.

They show that the exploration sees what it should: where a mutant passes, the proof is worth
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.transfers.rules_giver import Giver, GiverPhase
from app.transfers.rules_messages import Accept, Decision, Side
from app.transfers.rules_ministry import MinistryPhase
from app.transfers.rules_protocol import (
    Approve,
    Arrived,
    Credit,
    Debit,
    Effects,
    Event,
    Give,
    Lock,
    Release,
    Send,
    Take,
    Tick,
)

from . import protocol_laws as laws
from .protocol_parts import LATE, MACHINES, Machine
from .protocol_space import WILL

COMMITTING = tuple(step for step in WILL if isinstance(step[1], Take | Approve))
"""What leads to a commit, and to nothing else."""

OWN_WILL = "own will"
"""Stands where a mutant keeps the digest of a decision that nobody made."""


@dataclass(frozen=True)
class Mutant:
    """A change to one or two machines, or to what the space grants them, and the broken law."""

    name: str
    breaks: str
    machines: dict[Side, Machine] = field(default_factory=dict)
    will: tuple[tuple[Side, Event], ...] = WILL
    restored: Side | None = None
    replays: bool = True
    keeps: bool = True


def _giver_with_a_timer(state: Giver, event: Event) -> tuple[Any, Effects]:
    """It frees its quota by itself when nobody answers."""
    if state.decision == OWN_WILL:
        return state, ()
    if isinstance(event, Tick) and state.phase is GiverPhase.LOCKED and state.terms is not None:
        freed = replace(state, phase=GiverPhase.RELEASED, decision=OWN_WILL)
        return freed, (Release(state.terms),)
    return MACHINES[Side.GIVER](state, event)


def _giver_that_debits_on_accept(state: Giver, event: Event) -> tuple[Any, Effects]:
    """It takes the receiver's word as final, as registries under the Kyoto protocol did."""
    if state.decision == OWN_WILL:
        return state, ()
    accepted = isinstance(event, Arrived) and isinstance(event.message, Accept)
    if accepted and state.terms is not None:
        gone = replace(state, phase=GiverPhase.DEBITED, decision=OWN_WILL)
        return gone, (Debit(state.terms, state.terms.area, state.terms.balance),)
    return MACHINES[Side.GIVER](state, event)


def _ministry_that_tells_of_accept(state: Any, event: Event) -> tuple[Any, Effects]:
    after, effects = MACHINES[Side.MINISTRY](state, event)
    if isinstance(event, Arrived) and isinstance(event.message, Accept) and after != state:
        effects = (*effects, Send(Side.GIVER, event.message))
    return after, effects


def _ministry_that_decides_twice(state: Any, event: Event) -> tuple[Any, Effects]:
    """It approves what has just lapsed."""
    if isinstance(event, Approve) and state.phase is MinistryPhase.ABORTED and state.terms:
        state = replace(state, phase=MinistryPhase.ACCEPTED, decision=None)
        event = replace(event, at_home=True)
    return MACHINES[Side.MINISTRY](state, event)


def _receiver_that_credits_twice(state: Any, event: Event) -> tuple[Any, Effects]:
    """It forgets that it has applied the decision."""
    if isinstance(event, Arrived) and isinstance(event.message, Decision):
        state = replace(state, decision=None)
    return MACHINES[Side.RECEIVER](state, event)


def _receiver_that_credits_on_accept(state: Any, event: Event) -> tuple[Any, Effects]:
    """It books what it has accepted, before anybody decided."""
    after, effects = MACHINES[Side.RECEIVER](state, event)
    if isinstance(event, Take) and after.terms is not None and after != state:
        effects = (*effects, Credit(after.terms, after.terms.credit, after.terms.balance))
    return after, effects


MUTANTS = (
    Mutant(
        "a giver with a timer",
        laws.NOTHING_FREE_AFTER_COMMIT,
        {Side.GIVER: _giver_with_a_timer},
        will=(*WILL, (Side.GIVER, Tick(LATE))),
    ),
    Mutant(
        "a giver that debits on accept",
        laws.NO_DEBIT_WITHOUT_COMMIT,
        {
            Side.GIVER: _giver_that_debits_on_accept,
            Side.MINISTRY: _ministry_that_tells_of_accept,
        },
    ),
    Mutant(
        "a ministry that decides twice",
        laws.ONE_DECISION,
        {Side.MINISTRY: _ministry_that_decides_twice},
    ),
    Mutant(
        "a receiver that credits twice",
        laws.CREDITED_ONCE,
        {Side.RECEIVER: _receiver_that_credits_twice},
    ),
    Mutant(
        "a receiver that credits on accept",
        laws.NO_CREDIT_WITHOUT_COMMIT,
        {Side.RECEIVER: _receiver_that_credits_on_accept},
    ),
    Mutant(
        "outboxes that forget",
        laws.NOT_STUCK,
        will=(*COMMITTING, (Side.MINISTRY, Tick(LATE))),
        keeps=False,
    ),
    Mutant(
        "a restored giver that opens without replaying",
        laws.NOTHING_FREE_AFTER_COMMIT,
        will=COMMITTING,
        restored=Side.GIVER,
        replays=False,
    ),
    Mutant(
        "a restored receiver that opens without replaying",
        laws.FINAL,
        will=COMMITTING,
        restored=Side.RECEIVER,
        replays=False,
    ),
)


def giver_that_gives_any_n() -> Callable[[Any, Event], tuple[Any, Effects]]:
    """A liar: it proposes another n than its coefficient gives."""

    def decide(state: Giver, event: Event) -> tuple[Any, Effects]:
        if isinstance(event, Give) and state.phase is GiverPhase.NONE:
            sent = Send(Side.MINISTRY, event.terms)
            return Giver(GiverPhase.LOCKED, event.terms), (Lock(event.terms), sent)
        return MACHINES[Side.GIVER](state, event)

    return decide
