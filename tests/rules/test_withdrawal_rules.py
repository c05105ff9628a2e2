"""The rules of withdrawal, with values alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.rules import Household, Zone
from app.kernel.units import Area
from app.policy.rules import Parameters, Version
from app.withdrawal.rules import (
    Application,
    ApplicationState,
    Apply,
    ApproveCity,
    CityApproval,
    WithdrawalRefusal,
    decide_application,
    decide_approval,
    decide_city,
    decide_determination,
    decide_review,
    decide_revocation,
    lawful_area,
)
from app.withdrawal.rules_objection import (
    Objection,
    RaiseObjection,
    decide_objection,
    decide_ruling,
)

START = datetime(2026, 1, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
NOTICE_ENDS = START + 37 * DAY
HOUSEHOLD = Household("h1", "向德贵", "v1", "500236", 3, bytes(32))
STATES = list(ApplicationState)


def version(**parameters):
    return Version("500000.1", "500000", START, Parameters(**parameters), "p-1", "p-2")


def application(state=ApplicationState.APPLIED, **changes):
    past_review = state not in {ApplicationState.APPLIED, ApplicationState.REVOKED}
    base = Application(
        id="a1",
        household="h1",
        collective="v1",
        county="500236",
        province="500000",
        area=Area(20000),
        floor_area=None,
        lawful_area=Area(18000),
        co_owners=0,
        state=state,
        applied_at=START,
        cooling_off_ends_at=START + 30 * DAY,
        policy="500000.1",
        notice_ends_at=NOTICE_ENDS if past_review else None,
    )
    return replace(base, **changes)


def applied(zone=Zone.FARM_PRODUCT, *, is_barred=False, co_owners=(), consents=(), **parameters):
    command = Apply("a1", "h1", Area(20000), None, co_owners, consents)
    return decide_application(
        command, HOUSEHOLD, zone, version(**parameters), START, is_barred=is_barred
    )


@pytest.mark.parametrize("zone", [Zone.FARM_PRODUCT, Zone.ECOLOGICAL])
def test_a_household_of_a_sending_zone_may_apply(zone):
    decision = applied(zone)
    assert isinstance(decision, Application)
    assert decision.state is ApplicationState.APPLIED
    assert (decision.household, decision.collective) == ("h1", "v1")
    assert (decision.county, decision.province) == ("500236", "500000")
    assert decision.policy == "500000.1"


@pytest.mark.parametrize("zone", [Zone.URBANISED, None])
def test_nobody_applies_outside_the_sending_zones(zone):
    assert applied(zone) is WithdrawalRefusal.ZONE_NOT_SENDING


def test_the_checks_of_an_application_stand_in_the_written_order():
    co_owners = ("熊朝贵",)
    assert (
        applied(Zone.URBANISED, is_barred=True, co_owners=co_owners)
        is WithdrawalRefusal.ZONE_NOT_SENDING
    )
    assert applied(is_barred=True, co_owners=co_owners) is WithdrawalRefusal.ALREADY_APPLIED
    assert applied(co_owners=co_owners) is WithdrawalRefusal.CONSENT_MISSING


@given(
    co_owners=st.lists(st.sampled_from("甲乙丙"), max_size=4),
    consents=st.lists(st.sampled_from("甲乙丙丁"), max_size=4),
)
def test_an_application_stands_exactly_if_every_co_owner_consents(co_owners, consents):
    decision = applied(co_owners=tuple(co_owners), consents=tuple(consents))
    if all(owner in consents for owner in co_owners):
        assert isinstance(decision, Application)
        assert decision.co_owners == len(co_owners)
    else:
        assert decision is WithdrawalRefusal.CONSENT_MISSING


def test_names_are_in_no_representation_of_a_command_or_an_application():
    command = Apply("a1", "h1", Area(1), None, ("熊朝贵",), ("熊朝贵",))
    assert "熊朝贵" not in repr(command)
    assert "熊朝贵" not in repr(applied(co_owners=("熊朝贵",), consents=("熊朝贵",)))


@given(area=st.integers(1, 4), cap=st.none() | st.integers(0, 4))
def test_the_lawful_area_is_the_area_up_to_the_cap(area, cap):
    lawful = lawful_area(Area(area), None if cap is None else Area(cap))
    assert lawful <= area
    assert lawful in (area, cap)
    assert cap is None or lawful <= cap


@given(state=st.sampled_from(STATES), days=st.integers(0, 3), seconds=st.integers(-1, 1))
def test_revoking_ends_with_the_cooling_off_and_the_state_is_asked_last(state, days, seconds):
    ends_at = START + days * DAY
    before = application(state, cooling_off_ends_at=ends_at)
    decision = decide_revocation(before, ends_at + seconds * SECOND)
    if seconds >= 0:
        assert decision is WithdrawalRefusal.COOLING_OFF_OVER
    elif state is not ApplicationState.APPLIED:
        assert decision is WithdrawalRefusal.NOT_APPLIED
    else:
        assert decision == replace(before, state=ApplicationState.REVOKED)


@given(days=st.integers(0, 3))
def test_the_cooling_off_is_whole_days_of_24_hours(days):
    decision = applied(cooling_off_days=days)
    assert isinstance(decision, Application)
    assert decision.cooling_off_ends_at == START + timedelta(hours=24 * days)


@given(state=st.sampled_from(STATES), seconds=st.integers(-1, 1))
def test_the_village_votes_once_and_not_before_the_cooling_off_is_over(state, seconds):
    before = application(state)
    now = before.cooling_off_ends_at + seconds * SECOND
    decision = decide_review(before, 3, 3, 7, now)
    if seconds < 0:
        assert decision is WithdrawalRefusal.COOLING_OFF
    elif state is not ApplicationState.APPLIED:
        assert decision is WithdrawalRefusal.NOT_APPLIED
    else:
        assert decision == replace(
            before, state=ApplicationState.NOTICED, notice_ends_at=now + 7 * DAY
        )


@given(members=st.integers(0, 7), votes=st.integers(0, 7))
def test_two_thirds_of_all_members_open_the_notice(members, votes):
    before = application()
    now = before.cooling_off_ends_at
    decision = decide_review(before, votes, members, 7, now)
    assert isinstance(decision, Application)
    enough = votes * 3 >= members * 2
    assert decision.state is (ApplicationState.NOTICED if enough else ApplicationState.REJECTED)
    assert decision.notice_ends_at == (now + 7 * DAY if enough else None)


@pytest.mark.parametrize(
    ("votes", "members", "state"),
    [
        (20, 30, ApplicationState.NOTICED),
        (19, 30, ApplicationState.REJECTED),
        (2, 4, ApplicationState.REJECTED),
        (3, 4, ApplicationState.NOTICED),
        (0, 0, ApplicationState.NOTICED),
    ],
)
def test_a_vote_just_short_of_two_thirds_rejects(votes, members, state):
    before = application()
    decision = decide_review(before, votes, members, 7, before.cooling_off_ends_at)
    assert isinstance(decision, Application)
    assert decision.state is state


@given(state=st.sampled_from(STATES), seconds=st.integers(-1, 1))
def test_objections_are_taken_while_the_notice_runs_its_end_excluded(state, seconds):
    now = NOTICE_ENDS + seconds * SECOND
    decision = decide_objection(RaiseObjection("o1", "a1"), application(state), now)
    if state is ApplicationState.NOTICED and seconds < 0:
        assert decision == Objection("o1", "a1", now)
    else:
        assert decision is WithdrawalRefusal.NOTICE_CLOSED


@given(state=st.sampled_from(STATES), upheld=st.booleans())
def test_a_ruling_is_possible_in_any_state_and_rejects_only_what_is_noticed(state, upheld):
    before, objection = application(state), Objection("o1", "a1", START)
    decision = decide_ruling(objection, before, NOTICE_ENDS, upheld=upheld)
    assert isinstance(decision, tuple)
    ruled, after = decision
    assert (ruled.upheld, ruled.ruled_at) == (upheld, NOTICE_ENDS)
    rejects = upheld and state is ApplicationState.NOTICED
    assert after == (replace(before, state=ApplicationState.REJECTED) if rejects else before)


@given(first=st.booleans(), second=st.booleans())
def test_an_objection_is_ruled_on_once(first, second):
    objection = Objection("o1", "a1", START, first, START)
    decision = decide_ruling(
        objection, application(ApplicationState.NOTICED), NOTICE_ENDS, upheld=second
    )
    assert decision is WithdrawalRefusal.ALREADY_RULED


@given(state=st.sampled_from(STATES), seconds=st.integers(-1, 1), is_open=st.booleans())
def test_the_township_determines_after_the_notice_and_every_ruling(state, seconds, is_open):
    before = application(state)
    decision = decide_determination(
        before, NOTICE_ENDS + seconds * SECOND, has_open_objection=is_open
    )
    if state is not ApplicationState.NOTICED:
        assert decision is WithdrawalRefusal.NOT_NOTICED
    elif seconds < 0:
        assert decision is WithdrawalRefusal.NOTICE_OPEN
    elif is_open:
        assert decision is WithdrawalRefusal.OBJECTION_OPEN
    else:
        assert decision == replace(before, state=ApplicationState.DETERMINED)


@pytest.mark.parametrize("state", STATES)
def test_the_county_approves_what_is_determined(state):
    before = application(state)
    decision = decide_approval(before)
    if state is ApplicationState.DETERMINED:
        assert decision == replace(before, state=ApplicationState.APPROVED)
    else:
        assert decision is WithdrawalRefusal.NOT_DETERMINED


@given(
    state=st.sampled_from(STATES),
    zone=st.none() | st.sampled_from(list(Zone)),
    years=st.integers(0, 4),
    proofs=st.tuples(st.booleans(), st.booleans()),
    fixed=st.booleans(),
)
def test_a_city_approves_by_its_criteria_in_the_written_order(state, zone, years, proofs, fixed):
    before = application(state, city="500112" if fixed else None, city_fixed=fixed)
    decision = decide_city(
        ApproveCity("a1", "330106", years, *proofs), before, zone, version(), START
    )
    if state in {ApplicationState.REVOKED, ApplicationState.REJECTED}:
        assert decision is WithdrawalRefusal.ENDED
    elif zone is not Zone.URBANISED:
        assert decision is WithdrawalRefusal.ZONE_NOT_RECEIVING
    elif years < 3 or proofs != (True, True):
        assert decision is WithdrawalRefusal.SETTLEMENT_CRITERIA
    elif fixed:
        assert decision is WithdrawalRefusal.CITY_FIXED
    else:
        assert decision == CityApproval("a1", "330106", years, 3, "500000.1", START)


@given(needed=st.integers(0, 3), years=st.integers(0, 3))
def test_the_years_asked_for_are_those_of_the_policy_given(needed, years):
    decision = decide_city(
        ApproveCity("a1", "500112", years, income_proof=True, long_term=True),
        application(),
        Zone.URBANISED,
        version(min_work_years=needed),
        START,
    )
    if years >= needed:
        assert isinstance(decision, CityApproval)
    else:
        assert decision is WithdrawalRefusal.SETTLEMENT_CRITERIA
