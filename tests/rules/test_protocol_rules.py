"""Transfers between nodes: what each machine answers to a lie, to a repetition, and to silence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.kernel.units import Area
from app.transfers import rules_giver, rules_ministry, rules_receiver
from app.transfers.rules_giver import GiverPhase
from app.transfers.rules_messages import (
    Accept,
    Cancel,
    Decision,
    Offer,
    Outcome,
    Reason,
    Reject,
    Side,
    Status,
    digest,
)
from app.transfers.rules_ministry import MinistryPhase
from app.transfers.rules_protocol import (
    ANSWER_TERM,
    APPLY_ALARM,
    MINISTRY,
    Alarm,
    AlarmCode,
    Close,
    Credit,
    Debit,
    Decide,
    Decline,
    Fault,
    FaultCode,
    Lock,
    Refuse,
    Release,
    Replayed,
    Send,
    Take,
    TakeBack,
    Tick,
)
from app.transfers.rules_receiver import ReceiverPhase
from app.transfers.rules_wire import AREA_MAX, Rate
from tests.rules.protocol_examples import (
    ABORT,
    ACCEPT,
    ACCEPTED,
    APPROVE,
    AWAY,
    CANCELLED,
    COMMIT,
    G_APPLIED,
    GIVE,
    HOME,
    LOOKED,
    NOW,
    OFFERED,
    PROPOSED,
    R_APPLIED,
    REJECT,
    REJECTED,
    TERMS,
    TOLD,
    TOMBSTONE,
    WRONG_N,
    arrived,
    giver,
    ministry,
    receiver,
    sent,
    through,
)


def test_a_transfer_that_all_agree_to_is_debited_by_m_and_credited_by_n():
    locked, effects = giver(GIVE)
    assert effects == (Lock(TERMS), Send(Side.MINISTRY, TERMS))
    offered, effects = ministry(PROPOSED)
    assert effects == (Send(Side.RECEIVER, Offer(TERMS)),)
    waiting, effects = receiver(OFFERED)
    assert (waiting.phase, effects) == (ReceiverPhase.OFFERED, ())
    accepted, effects = rules_receiver.decide(waiting, Take())
    assert effects == (Send(Side.MINISTRY, ACCEPT),)
    committed, effects = through(rules_ministry.decide, offered, ACCEPTED, LOOKED, APPROVE)
    assert effects == (Decide(COMMIT), Send(Side.GIVER, COMMIT), Send(Side.RECEIVER, COMMIT))
    debited, effects = rules_giver.decide(locked, arrived(COMMIT))
    assert effects == (
        Debit(TERMS, TERMS.area, TERMS.balance),
        Send(Side.MINISTRY, G_APPLIED.message),
    )
    credited, effects = rules_receiver.decide(accepted, TOLD)
    assert effects == (
        Credit(TERMS, TERMS.credit, TERMS.balance),
        Send(Side.MINISTRY, R_APPLIED.message),
    )
    done, _ = through(rules_ministry.decide, committed, R_APPLIED, G_APPLIED)
    assert (debited.phase, done.phase, credited.phase) == (
        GiverPhase.DEBITED,
        MinistryPhase.DONE,
        ReceiverPhase.CREDITED,
    )


@pytest.mark.parametrize(
    ("event", "reason", "code"),
    [
        (REJECTED, Reason.REJECTED, "no_need"),
        (CANCELLED, Reason.CANCELLED, None),
        (Refuse("against_plan"), Reason.REFUSED, "against_plan"),
        (Tick(NOW + ANSWER_TERM), Reason.RECEIVER_SILENT, None),
        (
            arrived(replace(ACCEPT, credit=Area(11_334)), AWAY, MINISTRY),
            Reason.CREDIT_DIFFERS,
            None,
        ),
    ],
)
def test_whatever_ends_an_offer_ends_it_by_one_decision_that_both_are_told(event, reason, code):
    state, effects = ministry(PROPOSED, event)
    decision = Decision(TERMS.transfer, Outcome.ABORT, reason, TERMS, code=code)
    assert state.phase is MinistryPhase.ABORTED
    assert effects == (Decide(decision), Send(Side.GIVER, decision), Send(Side.RECEIVER, decision))
    _, released = giver(GIVE, arrived(decision))
    assert released[0] == Release(TERMS)
    _, closed = receiver(OFFERED, arrived(decision, here=AWAY))
    assert closed[0] == Close()


@pytest.mark.parametrize(
    ("terms", "now", "objection", "reason", "code"),
    [
        (WRONG_N, NOW, None, Reason.CREDIT_DIFFERS, None),
        (replace(TERMS, credit=Area(0)), NOW, None, Reason.CREDIT_DIFFERS, None),
        (TERMS, NOW, "coefficient-differs", Reason.OBJECTED, "coefficient-differs"),
        (TERMS, TERMS.valid_until, None, Reason.OBJECTED, "lapsed"),
    ],
)
def test_what_the_ministry_objects_to_is_never_offered(terms, now, objection, reason, code):
    state, effects = ministry(arrived(terms, HOME, MINISTRY, now, objection))
    assert state.phase is MinistryPhase.ABORTED
    assert [to for to, _ in sent(effects)] == [Side.GIVER]
    assert (state.decision.reason, state.decision.code) == (reason, code)


def test_a_cancellation_before_the_proposal_is_a_tombstone_that_absorbs_it():
    state, effects = ministry(CANCELLED)
    assert effects == (Decide(TOMBSTONE), Send(Side.GIVER, TOMBSTONE))
    assert rules_ministry.decide(state, PROPOSED) == (state, ())
    freed, effects = giver(GIVE, TakeBack(), arrived(TOMBSTONE))
    assert (freed.phase, effects[0]) == (GiverPhase.RELEASED, Release(TERMS))


def test_taking_back_frees_nothing_before_the_ministry_aborts():
    state, effects = giver(GIVE, TakeBack())
    assert state.phase is GiverPhase.LOCKED
    assert effects == (Send(Side.MINISTRY, Cancel(TERMS.transfer)),)
    too_late, effects = rules_giver.decide(state, arrived(COMMIT))
    assert too_late.phase is GiverPhase.DEBITED
    assert isinstance(effects[0], Debit)


def test_no_time_that_passes_moves_a_giver():
    state, effects = giver(GIVE, Tick(NOW + timedelta(days=10_000)))
    assert state.phase is GiverPhase.LOCKED
    assert effects == (Fault(FaultCode.WRONG_STATE),)


def test_of_two_decisions_the_first_stands():
    committed, _ = ministry(PROPOSED, ACCEPTED, LOOKED, APPROVE)
    for event in (CANCELLED, REJECTED, ACCEPTED, PROPOSED, Tick(TERMS.valid_until)):
        after, effects = rules_ministry.decide(committed, event)
        assert after.decision == COMMIT
        assert not any(isinstance(effect, Decide | Send) for effect in effects)
    aborted, _ = ministry(PROPOSED, ACCEPTED, CANCELLED)
    assert rules_ministry.decide(aborted, APPROVE) == (aborted, (Fault(FaultCode.WRONG_STATE),))


def test_a_receiver_may_decline_what_it_accepted_and_is_credited_if_the_commit_was_first():
    declined, effects = receiver(OFFERED, Take(), Decline("no_need"))
    assert effects == (Send(Side.MINISTRY, REJECT),)
    credited, effects = rules_receiver.decide(declined, TOLD)
    assert credited.phase is ReceiverPhase.CREDITED
    assert Alarm(AlarmCode.UNASKED_COMMIT) not in effects


@pytest.mark.parametrize("before", [(), (OFFERED,), (OFFERED, Decline("no_need"))])
def test_a_commit_that_the_receiver_did_not_accept_is_credited_and_alarms(before):
    state, effects = receiver(*before, TOLD)
    assert state.phase is ReceiverPhase.CREDITED
    assert effects[0] == Credit(TERMS, TERMS.credit, TERMS.balance)
    assert effects[-1] == Alarm(AlarmCode.UNASKED_COMMIT)


def test_an_offer_with_another_n_is_rejected_at_once_with_the_receivers_own():
    state, effects = receiver(arrived(Offer(WRONG_N), here=AWAY))
    assert state.phase is ReceiverPhase.REJECTED
    reject = Reject(TERMS.transfer, digest(WRONG_N), Area(11_333), "credit-differs")
    assert effects == (Send(Side.MINISTRY, reject),)


def test_an_n_beyond_the_wire_is_rejected_with_one_that_can_be_written():
    huge = replace(TERMS, area=Area(AREA_MAX), rate=Rate(9, 1, "x"), credit=Area(AREA_MAX))
    _, effects = receiver(arrived(Offer(huge), here=AWAY))
    assert effects[0].message.credit == AREA_MAX


def test_an_offer_to_which_the_receivers_books_object_is_rejected_at_once():
    state, effects = receiver(arrived(Offer(TERMS), here=AWAY, objection="city-withdrew"))
    assert state.phase is ReceiverPhase.REJECTED
    assert effects[0].message.code == "city-withdrew"


@pytest.mark.parametrize(
    ("side", "before", "again"),
    [
        (giver, (GIVE, arrived(COMMIT)), (arrived(COMMIT), Replayed(COMMIT), Replayed(TERMS))),
        (giver, (GIVE, arrived(ABORT)), (arrived(ABORT), Replayed(TERMS))),
        (giver, (Replayed(TOMBSTONE),), (arrived(TOMBSTONE), Replayed(TERMS))),
        (receiver, (OFFERED,), (OFFERED,)),
        (receiver, (OFFERED, Take()), (OFFERED,)),
        (receiver, (TOLD,), (TOLD, OFFERED, Replayed(COMMIT))),
        (receiver, (arrived(ABORT, here=AWAY),), (arrived(ABORT, here=AWAY), OFFERED)),
        (ministry, (PROPOSED,), (PROPOSED,)),
        (ministry, (PROPOSED, ACCEPTED), (ACCEPTED, PROPOSED)),
        (
            ministry,
            (PROPOSED, ACCEPTED, LOOKED, APPROVE, R_APPLIED),
            (R_APPLIED, ACCEPTED, CANCELLED),
        ),
        (ministry, (CANCELLED,), (CANCELLED, PROPOSED)),
    ],
)
def test_what_is_repeated_or_late_has_no_effect(side, before, again):
    state, _ = side(*before)
    for event in again:
        assert side(*before, event) == (state, ())


def test_an_offer_that_comes_after_its_abort_opens_nothing():
    closed, _ = receiver(arrived(ABORT, here=AWAY))
    assert rules_receiver.decide(closed, OFFERED) == (closed, ())


def test_a_restored_giver_locks_and_proposes_again_what_its_log_says():
    state, effects = giver(Replayed(TERMS))
    assert state.phase is GiverPhase.LOCKED
    assert effects == (Lock(TERMS), Send(Side.MINISTRY, TERMS))


def test_a_restored_giver_keeps_an_abort_of_what_it_has_forgotten():
    state, effects = giver(Replayed(TOMBSTONE))
    assert state.phase is GiverPhase.RELEASED
    assert not any(isinstance(effect, Release) for effect in effects)
    assert rules_giver.decide(state, GIVE) == (state, (Fault(FaultCode.WRONG_STATE),))


def test_a_restored_receiver_is_credited_from_the_ministrys_log_alone():
    state, effects = receiver(Replayed(COMMIT))
    assert state.phase is ReceiverPhase.CREDITED
    assert effects[0] == Credit(TERMS, TERMS.credit, TERMS.balance)


def test_silence_ends_by_a_decision_that_says_whose_it_was():
    answer_by = NOW + ANSWER_TERM
    waits, effects = ministry(PROPOSED, Tick(answer_by - timedelta(seconds=1)))
    assert (waits.phase, effects) == (MinistryPhase.OFFERED, ())
    late, _ = ministry(PROPOSED, Tick(answer_by))
    assert late.decision.reason is Reason.RECEIVER_SILENT
    waits, effects = ministry(PROPOSED, ACCEPTED, Tick(answer_by))
    assert (waits.phase, effects) == (MinistryPhase.ACCEPTED, ())
    late, _ = ministry(PROPOSED, ACCEPTED, Tick(TERMS.valid_until))
    assert late.decision.reason is Reason.MINISTRY_SILENT


def test_an_answer_is_due_no_later_than_the_proposal_ends():
    soon = replace(TERMS, valid_until=NOW + timedelta(hours=2))
    state, _ = ministry(arrived(soon, HOME, MINISTRY))
    assert state.answer_by == soon.valid_until


def test_a_commit_that_is_not_applied_alarms_once():
    committed = (PROPOSED, ACCEPTED, LOOKED, APPROVE, R_APPLIED)
    state, effects = ministry(*committed, Tick(NOW + APPLY_ALARM))
    assert effects == (Alarm(AlarmCode.UNAPPLIED),)
    assert rules_ministry.decide(state, Tick(NOW + 2 * APPLY_ALARM)) == (state, ())
    soon, effects = ministry(*committed, Tick(NOW + APPLY_ALARM - timedelta(seconds=1)))
    assert (soon.alarmed, effects) == (False, ())
    done, _ = ministry(*committed, G_APPLIED)
    assert rules_ministry.decide(done, Tick(NOW + APPLY_ALARM)) == (done, ())


def test_a_question_is_answered_with_phase_and_decision():
    question = Status(TERMS.transfer, 3)
    _, effects = giver(GIVE, arrived(question))
    assert sent(effects) == [(Side.MINISTRY, replace(question, state="locked"))]
    _, effects = receiver(TOLD, arrived(question, here=AWAY))
    answer = replace(question, state="credited", decision=digest(COMMIT))
    assert sent(effects) == [(Side.MINISTRY, answer)]
    committed = (PROPOSED, ACCEPTED, LOOKED, APPROVE)
    for province, side in ((HOME, Side.GIVER), (AWAY, Side.RECEIVER)):
        _, effects = ministry(*committed, arrived(question, province, MINISTRY))
        answer = replace(question, state="committed", decision=digest(COMMIT))
        assert effects == (Send(side, answer), Send(side, COMMIT, again=question.number))
        _, effects = ministry(*committed, arrived(answer, province, MINISTRY))
        assert effects == ()


def test_everybody_who_has_the_proposal_knows_its_acceptance():
    assert Accept(TERMS.transfer, digest(TERMS), TERMS.credit) == ACCEPT
