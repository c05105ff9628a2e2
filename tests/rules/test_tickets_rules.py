"""The rules of reclamation and the ticket, with values alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.units import Area, Fen
from app.tickets.rules import (
    Acceptance,
    AcceptReclamation,
    IssueTicket,
    LandUse,
    Ticket,
    TicketRefusal,
    TicketState,
    accepted_account,
    decide_acceptance,
    decide_hand_in,
    decide_issue,
    ticket_account,
)
from app.withdrawal.rules import Application, ApplicationState

START = datetime(2026, 1, 5, 1, tzinfo=UTC)
NOW = START + timedelta(days=90)
STATES = list(ApplicationState)


def application(state=ApplicationState.APPROVED, lawful=3, **changes):
    base = Application(
        id="a1",
        household="h1",
        collective="v1",
        county="500236",
        province="500000",
        area=Area(4),
        floor_area=None,
        lawful_area=Area(lawful),
        co_owners=0,
        state=state,
        applied_at=START,
        cooling_off_ends_at=START,
        policy="500000.1",
        notice_ends_at=START,
    )
    return replace(base, **changes)


def acceptance(to=LandUse.CROPLAND):
    return Acceptance("a1", Area(3), to, Fen(900), Fen(60), NOW)


def ticket(**changes):
    base = Ticket(
        id="t1",
        application="a1",
        household="h1",
        collective="v1",
        county="500236",
        home_province="500000",
        province="500000",
        area=Area(3),
        reclamation_cost=Fen(900),
        financing_cost=Fen(60),
        issued_at=NOW,
        state=TicketState.ISSUED,
    )
    return replace(base, **changes)


@given(
    state=st.sampled_from(STATES),
    accepted=st.integers(1, 4),
    lawful=st.integers(0, 4),
    homestead=st.integers(0, 4),
    to=st.sampled_from(list(LandUse)),
)
def test_no_more_is_accepted_than_is_lawful_and_in_stock(state, accepted, lawful, homestead, to):
    command = AcceptReclamation("a1", Area(accepted), to, Fen(900), Fen(0))
    decision = decide_acceptance(command, application(state, lawful), homestead, NOW)
    if state is not ApplicationState.APPROVED:
        assert decision is TicketRefusal.NOT_APPROVED
    elif accepted > lawful:
        assert decision is TicketRefusal.EXCEEDS_LAWFUL_AREA
    elif accepted > homestead:
        assert decision is TicketRefusal.COLLECTIVE_STOCK_INSUFFICIENT
    else:
        assert decision == Acceptance("a1", Area(accepted), to, Fen(900), Fen(0), NOW)


@given(
    is_issued=st.booleans(),
    state=st.sampled_from(STATES),
    to=st.sampled_from(list(LandUse)),
    quota=st.booleans(),
)
def test_a_ticket_is_issued_once_after_acceptance_and_where_there_is_quota(
    is_issued, state, to, quota
):
    accepted = acceptance(to) if state is ApplicationState.ACCEPTED else None
    decision = decide_issue(
        IssueTicket("a1", "t1"),
        application(state),
        accepted,
        NOW,
        is_issued=is_issued,
        ecological_quota=quota,
    )
    if is_issued:
        assert decision is TicketRefusal.ALREADY_ISSUED
    elif state is not ApplicationState.ACCEPTED:
        assert decision is TicketRefusal.NOT_ACCEPTED
    elif to in {LandUse.FOREST, LandUse.GRASS} and not quota:
        assert decision is TicketRefusal.NO_QUOTA_FOR_ECOLOGICAL
    else:
        assert decision == ticket()


@given(
    state=st.sampled_from(list(TicketState)),
    city=st.sampled_from([None, "500112", "330106"]),
    province=st.sampled_from(["500000", "330000"]),
)
def test_a_ticket_is_handed_in_where_its_city_lies(state, city, province):
    decision = decide_hand_in(ticket(state=state, province=province), application(city=city))
    if state is not TicketState.ISSUED:
        assert decision is TicketRefusal.NOT_ISSUED
    elif city is None or city[:2] != province[:2]:
        assert decision is TicketRefusal.CITY_APPROVAL_MISSING
    else:
        assert decision is None


@given(reclamation=st.integers(0, 3), financing=st.integers(0, 3))
def test_the_costs_of_a_ticket_are_both_costs(reclamation, financing):
    costs = ticket(reclamation_cost=Fen(reclamation), financing_cost=Fen(financing)).costs
    assert costs == reclamation + financing


@pytest.mark.parametrize(
    ("to", "is_ecological"),
    [(LandUse.CROPLAND, False), (LandUse.FOREST, True), (LandUse.GRASS, True)],
)
def test_forest_and_grass_are_ecological_land(to, is_ecological):
    assert to.is_ecological is is_ecological


def test_quota_stands_in_the_books_of_the_province_it_is_in():
    assert accepted_account(application()).code == "accepted:500000:a1"
    assert ticket_account(ticket()).code == "ticket:500000:t1"
    arrived = ticket(id="t1/330000", province="330000")
    assert ticket_account(arrived).code == "ticket:330000:t1/330000"


def test_a_ticket_concerns_the_province_it_stands_in():
    arrived = ticket(id="t1/330000", province="330000")
    assert (arrived.stake.province, arrived.stake.county) == ("330000", "500236")
    assert (arrived.stake.household, arrived.stake.collective) == ("h1", "v1")
