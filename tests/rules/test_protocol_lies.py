"""Transfers between nodes: a lie has a name, and changes nothing."""

from dataclasses import replace

import pytest

from app.kernel.units import Area
from app.transfers.rules_messages import (
    Cancel,
    Offer,
    Status,
    digest,
)
from app.transfers.rules_protocol import (
    MINISTRY,
    Approve,
    Decline,
    Fault,
    FaultCode,
    Give,
    Refuse,
    Replayed,
    Take,
    TakeBack,
)
from tests.rules.protocol_examples import (
    ABORT,
    ACCEPT,
    ACCEPTED,
    APPROVE,
    AWAY,
    COMMIT,
    DOCUMENT,
    G_APPLIED,
    GIVE,
    HOME,
    LOOKED,
    OFFERED,
    OTHER,
    PROPOSED,
    R_APPLIED,
    REJECT,
    TERMS,
    THIRD,
    TOLD,
    TOMBSTONE,
    WRONG_N,
    arrived,
    giver,
    ministry,
    receiver,
)

LIES = [
    # To the giver.
    (giver, (GIVE,), arrived(replace(COMMIT, terms=WRONG_N)), FaultCode.OTHER_CREDIT),
    (giver, (GIVE,), arrived(replace(COMMIT, terms=OTHER)), FaultCode.OTHER_PROPOSAL),
    (giver, (GIVE,), arrived(replace(COMMIT, terms=None)), FaultCode.OTHER_PROPOSAL),
    (giver, (GIVE,), arrived(replace(COMMIT, transfer="500000-x2")), FaultCode.OTHER_PROPOSAL),
    (giver, (GIVE,), arrived(replace(COMMIT, accept=None)), FaultCode.OTHER_ACCEPTANCE),
    (giver, (GIVE,), arrived(replace(COMMIT, accept=digest(REJECT))), FaultCode.OTHER_ACCEPTANCE),
    (giver, (GIVE,), arrived(replace(COMMIT, document=None)), FaultCode.NO_DOCUMENT),
    (giver, (GIVE,), arrived(replace(ABORT, terms=OTHER)), FaultCode.OTHER_PROPOSAL),
    (giver, (GIVE,), arrived(COMMIT, AWAY), FaultCode.WRONG_PARTY),
    (giver, (GIVE,), arrived(ACCEPT), FaultCode.WRONG_PARTY),
    (giver, (GIVE, arrived(COMMIT)), arrived(ABORT), FaultCode.SECOND_DECISION),
    (giver, (GIVE, arrived(ABORT)), arrived(COMMIT), FaultCode.SECOND_DECISION),
    (giver, (), arrived(COMMIT), FaultCode.NEVER_PROPOSED),
    (giver, (GIVE,), Replayed(OTHER), FaultCode.OTHER_PROPOSAL),
    # To the receiver.
    (receiver, (OFFERED,), arrived(Offer(OTHER), here=AWAY), FaultCode.OTHER_PROPOSAL),
    (receiver, (OFFERED,), arrived(Offer(WRONG_N), here=AWAY), FaultCode.OTHER_CREDIT),
    (receiver, (), arrived(Offer(TERMS), here=THIRD), FaultCode.WRONG_PARTY),
    (receiver, (), arrived(Offer(TERMS), HOME, AWAY), FaultCode.WRONG_PARTY),
    (
        receiver,
        (),
        arrived(Offer(replace(TERMS, transfer="430000-x1")), here=AWAY),
        FaultCode.FOREIGN_ID,
    ),
    (
        receiver,
        (OFFERED, Take()),
        arrived(replace(COMMIT, terms=WRONG_N), here=AWAY),
        FaultCode.OTHER_CREDIT,
    ),
    (
        receiver,
        (OFFERED, Take()),
        arrived(replace(COMMIT, accept=digest(REJECT)), here=AWAY),
        FaultCode.OTHER_ACCEPTANCE,
    ),
    (receiver, (), arrived(replace(COMMIT, terms=WRONG_N), here=AWAY), FaultCode.OTHER_CREDIT),
    (receiver, (), arrived(COMMIT, here=THIRD), FaultCode.WRONG_PARTY),
    (receiver, (), arrived(TOMBSTONE, here=AWAY), FaultCode.WRONG_PARTY),
    (
        receiver,
        (OFFERED,),
        arrived(replace(TOMBSTONE, transfer="500000-x2"), here=AWAY),
        FaultCode.OTHER_PROPOSAL,
    ),
    (receiver, (TOLD,), arrived(ABORT, here=AWAY), FaultCode.SECOND_DECISION),
    (
        receiver,
        (TOLD,),
        arrived(replace(COMMIT, document="另一文号"), here=AWAY),
        FaultCode.SECOND_DECISION,
    ),
    (receiver, (), arrived(TERMS, here=AWAY), FaultCode.WRONG_PARTY),
    # To the ministry.
    (ministry, (), arrived(TERMS, THIRD, MINISTRY), FaultCode.WRONG_PARTY),
    (
        ministry,
        (),
        arrived(replace(TERMS, transfer="x1"), HOME, MINISTRY),
        FaultCode.FOREIGN_ID,
    ),
    (ministry, (PROPOSED,), arrived(OTHER, HOME, MINISTRY), FaultCode.OTHER_PROPOSAL),
    (ministry, (PROPOSED,), arrived(WRONG_N, HOME, MINISTRY), FaultCode.OTHER_CREDIT),
    (
        ministry,
        (PROPOSED,),
        arrived(replace(ACCEPT, propose=digest(OTHER)), AWAY, MINISTRY),
        FaultCode.OTHER_PROPOSAL,
    ),
    (
        ministry,
        (PROPOSED,),
        arrived(replace(REJECT, propose=digest(OTHER)), AWAY, MINISTRY),
        FaultCode.OTHER_PROPOSAL,
    ),
    (ministry, (), ACCEPTED, FaultCode.OTHER_PROPOSAL),
    (ministry, (PROPOSED,), arrived(ACCEPT, THIRD, MINISTRY), FaultCode.WRONG_PARTY),
    (ministry, (PROPOSED,), arrived(Cancel(TERMS.transfer), AWAY, MINISTRY), FaultCode.WRONG_PARTY),
    (ministry, (PROPOSED,), arrived(COMMIT, HOME, MINISTRY), FaultCode.WRONG_PARTY),
    (ministry, (PROPOSED,), G_APPLIED, FaultCode.NOT_DECIDED),
    (
        ministry,
        (PROPOSED, ACCEPTED, LOOKED, APPROVE),
        replace(G_APPLIED, sender=frozenset({AWAY})),
        FaultCode.WRONG_PARTY,
    ),
    (
        ministry,
        (PROPOSED, ACCEPTED, LOOKED, APPROVE),
        replace(G_APPLIED, message=replace(G_APPLIED.message, decision=digest(ABORT))),
        FaultCode.SECOND_DECISION,
    ),
    (
        ministry,
        (PROPOSED, ACCEPTED, LOOKED, APPROVE),
        replace(R_APPLIED, message=replace(R_APPLIED.message, area=Area(11_334))),
        FaultCode.OTHER_CREDIT,
    ),
    (ministry, (PROPOSED,), arrived(Status(TERMS.transfer, 1), THIRD), FaultCode.WRONG_PARTY),
    # Steps that do not follow.
    (giver, (), Give(WRONG_N), FaultCode.OTHER_CREDIT),
    (giver, (), Give(replace(TERMS, transfer="x1")), FaultCode.FOREIGN_ID),
    (giver, (GIVE,), GIVE, FaultCode.WRONG_STATE),
    (giver, (), TakeBack(), FaultCode.WRONG_STATE),
    (giver, (GIVE, TakeBack()), TakeBack(), FaultCode.WRONG_STATE),
    (receiver, (), Take(), FaultCode.WRONG_STATE),
    (receiver, (OFFERED, Take()), Take(), FaultCode.WRONG_STATE),
    (receiver, (TOLD,), Decline("no_need"), FaultCode.WRONG_STATE),
    (ministry, (PROPOSED,), APPROVE, FaultCode.NOT_ACCEPTED),
    (ministry, (PROPOSED, ACCEPTED), APPROVE, FaultCode.LOG_UNREAD),
    (ministry, (), APPROVE, FaultCode.WRONG_STATE),
    (ministry, (), Refuse("against_plan"), FaultCode.WRONG_STATE),
    (ministry, (PROPOSED, ACCEPTED), Approve(DOCUMENT, TERMS.valid_until), FaultCode.LAPSED),
]


@pytest.mark.parametrize(("side", "before", "event", "code"), LIES)
def test_a_lie_or_a_step_that_does_not_follow_has_a_name_and_changes_nothing(
    side, before, event, code
):
    state, _ = side(*before)
    after, effects = side(*before, event)
    assert effects == (Fault(code),)
    assert after == state


def test_every_fault_has_a_lie_that_it_names():
    assert {code for *_, code in LIES} == set(FaultCode)
