"""One transfer between nodes, with all that its machines are told on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.kernel.units import Area, Fen
from app.transfers import rules_giver, rules_ministry, rules_receiver
from app.transfers.rules_giver import Giver
from app.transfers.rules_held import Look
from app.transfers.rules_messages import (
    Applied,
    Cancel,
    Decision,
    Offer,
    Outcome,
    Propose,
    Reason,
    Reject,
    Side,
    acceptance,
    digest,
)
from app.transfers.rules_ministry import Ministry
from app.transfers.rules_protocol import (
    MINISTRY,
    Approve,
    Arrived,
    Give,
    Looked,
    Send,
)
from app.transfers.rules_receiver import Receiver
from app.transfers.rules_wire import Rate

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOME, AWAY, THIRD = "500000", "330000", "430000"
RATE = Rate(500, 750, "自然资办函〔2026〕7号")
TERMS = Propose(
    transfer="500000-x1",
    giver=HOME,
    receiver=AWAY,
    ticket="t1",
    area=Area(17_000),
    rate=RATE,
    credit=Area(11_333),
    balance=Fen(12_345),
    valid_until=NOW + timedelta(days=30),
    cargo=(("heads", 4), ("household", "h1")),
)
WRONG_N = replace(TERMS, credit=Area(11_334))
OTHER = replace(TERMS, ticket="t2")
DOCUMENT = "自然资函〔2026〕88号"
COMMIT = Decision(
    transfer=TERMS.transfer,
    outcome=Outcome.COMMIT,
    reason=Reason.APPROVED,
    terms=TERMS,
    accept=digest(acceptance(TERMS)),
    document=DOCUMENT,
)
ABORT = Decision(TERMS.transfer, Outcome.ABORT, Reason.REFUSED, TERMS, code="against_plan")
TOMBSTONE = Decision(TERMS.transfer, Outcome.ABORT, Reason.CANCELLED, None)
ACCEPT = acceptance(TERMS)
REJECT = Reject(TERMS.transfer, digest(TERMS), TERMS.credit, "no_need")


def arrived(message, sender=MINISTRY, here=HOME, now=NOW, objection=None):
    return Arrived(frozenset({sender}), frozenset({here}), message, now, objection)


def through(decide, state, *events):
    """The last state and the last effects of a sequence of events."""
    effects = ()
    for event in events:
        state, effects = decide(state, event)
    return state, effects


def giver(*events):
    return through(rules_giver.decide, Giver(), *events)


def ministry(*events):
    return through(rules_ministry.decide, Ministry(), *events)


def receiver(*events):
    return through(rules_receiver.decide, Receiver(), *events)


def sent(effects):
    return [(effect.to, effect.message) for effect in effects if isinstance(effect, Send)]


GIVE = Give(TERMS)
PROPOSED = arrived(TERMS, HOME, MINISTRY)
ACCEPTED = arrived(ACCEPT, AWAY, MINISTRY)
REJECTED = arrived(REJECT, AWAY, MINISTRY)
CANCELLED = arrived(Cancel(TERMS.transfer), HOME, MINISTRY)
LOOKED = Looked(Look(7, 9, "00" * 32, TERMS.area, ((7, digest(TERMS)),)))
APPROVE = Approve(DOCUMENT, NOW)
OFFERED = arrived(Offer(TERMS), here=AWAY)
TOLD = arrived(COMMIT, here=AWAY)
G_APPLIED = arrived(Applied(TERMS.transfer, Side.GIVER, digest(COMMIT), TERMS.area), HOME, MINISTRY)
R_APPLIED = arrived(
    Applied(TERMS.transfer, Side.RECEIVER, digest(COMMIT), TERMS.credit), AWAY, MINISTRY
)
