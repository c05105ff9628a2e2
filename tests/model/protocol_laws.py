"""What must hold of a transfer at every moment, and what its ends are.

The laws are about books, which are counted from effects; only the ends speak of phases.
"""

from app.transfers.rules_giver import GiverPhase
from app.transfers.rules_messages import Outcome, Propose
from app.transfers.rules_ministry import MinistryPhase
from app.transfers.rules_receiver import ReceiverPhase

from .protocol_parts import Books, Part

ONE_DECISION = "a transfer is decided once"
NO_CREDIT_WITHOUT_COMMIT = "never credited without a commit"
NO_DEBIT_WITHOUT_COMMIT = "never debited without a commit"
NOTHING_FREE_AFTER_COMMIT = "never free at the giver after a commit"
CREDITED_ONCE = "credited once, and by n"
CONSERVED = "quota is conserved"
NOT_BELOW_ZERO = "no book is below zero"
NO_REFUSAL = "no honest letter is refused"
NOT_STUCK = "there is always a way to the end"
FINAL = "an end is final"

NOTHING_YET = (GiverPhase.NONE, MinistryPhase.NONE, ReceiverPhase.NONE)
ENDS = {
    NOTHING_YET,
    (GiverPhase.DEBITED, MinistryPhase.DONE, ReceiverPhase.CREDITED),
    (GiverPhase.RELEASED, MinistryPhase.ABORTED, ReceiverPhase.CLOSED),
    # The receiver never heard of it: cancelled before it was offered, or objected to.
    (GiverPhase.RELEASED, MinistryPhase.ABORTED, ReceiverPhase.NONE),
}


def broken_law(terms: Propose, giver: Books, ministry: Books, receiver: Books) -> str | None:
    """The first law that these books break."""
    commits = sum(outcome is Outcome.COMMIT for _, outcome in ministry.decisions)
    arrived = terms.area if receiver.arrived == terms.credit else 0
    kept = giver.free if commits else giver.free + giver.locked
    flying = terms.area - arrived if commits else 0
    checks = (
        (ONE_DECISION, len(ministry.decisions) <= 1),
        (NO_CREDIT_WITHOUT_COMMIT, commits or receiver.arrived == 0),
        (NO_DEBIT_WITHOUT_COMMIT, commits or giver.gone == 0),
        (NOTHING_FREE_AFTER_COMMIT, not commits or giver.free == 0),
        (CREDITED_ONCE, receiver.arrived in {0, terms.credit}),
        (NOT_BELOW_ZERO, min(giver.free, giver.locked, giver.gone) >= 0),
        (CONSERVED, kept + flying + arrived == terms.area),
    )
    return next((name for name, holds in checks if not holds), None)


def phases(giver: Part, ministry: Part, receiver: Part) -> tuple[str, str, str]:
    """How far each side is."""
    return giver.state.phase, ministry.state.phase, receiver.state.phase
