"""The rules of holds, with values alone: while one stands nothing goes on, and who ends it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.auction.refusals import AuctionRefusal
from app.auction.rules import Mode
from app.auction.rules_notice import ListLot, decide_bundle
from app.identity.rules import Zone
from app.kernel.principal import Role
from app.kernel.units import Area, Fen
from app.policy.rules import Parameters, Version
from app.tickets.rules import (
    AcceptReclamation,
    IssueTicket,
    LandUse,
    Ticket,
    TicketState,
    decide_acceptance,
    decide_hand_in,
    decide_issue,
)
from app.transfers.rules import RequestOutflow, Transfer, decide_outflow
from app.withdrawal.rules import (
    Application,
    ApplicationState,
    ApproveCity,
    HoldOutcome,
    HoldReason,
    WithdrawalRefusal,
    decide_approval,
    decide_city,
    decide_determination,
    decide_review,
    decide_revocation,
)
from app.withdrawal.rules_hold import (
    SAYERS,
    Hold,
    HoldRefusal,
    PlaceHold,
    decide_hold,
    decide_release,
)
from app.withdrawal.rules_objection import Objection, decide_ruling

START = datetime(2026, 1, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
VERSION = Version("500000.1", "500000", START, Parameters(), "p-1", "p-2")
HOLD = Hold("s1", "a1", HoldReason.NOT_ASKED, START)
PLACE = PlaceHold("s1", "a1", HoldReason.NOT_ASKED)

states = st.sampled_from(list(ApplicationState))
running = st.sampled_from([s for s in ApplicationState if not s.is_ended])
ticket_states = st.sampled_from(list(TicketState))
instants = st.integers(-2, 80).map(lambda days: START + days * DAY)
cities = st.sampled_from([None, "500112", "330106"])


def application(state, **changes):
    base = Application(
        id="a1",
        household="h1",
        collective="v1",
        county="500236",
        province="500000",
        area=Area(3),
        floor_area=None,
        lawful_area=Area(3),
        co_owners=0,
        state=state,
        applied_at=START,
        cooling_off_ends_at=START + 30 * DAY,
        policy="500000.1",
        notice_ends_at=START + 37 * DAY,
    )
    return replace(base, **changes)


def ticket(state):
    return Ticket(
        id="t1",
        application="a1",
        household="h1",
        collective="v1",
        county="500236",
        home_province="500000",
        province="500000",
        area=Area(3),
        reclamation_cost=Fen(2),
        financing_cost=Fen(1),
        issued_at=START,
        state=state,
    )


def listing():
    return ListLot(
        id="l1",
        province="500000",
        tickets=("t1",),
        mode=Mode.ASCENDING,
        start_price=Fen(100),
        reserve_price=None,
        increment=Fen(1),
        deposit=Fen(1),
        opens_at=START,
        closes_at=START + DAY,
        draw_seed=None,
    )


@given(state=running, now=instants, city=cities, of_ticket=ticket_states, votes=st.integers(0, 3))
def test_while_a_hold_stands_every_step_onward_is_refused_as_held(
    state, now, city, of_ticket, votes
):
    held = application(state, hold="s1", city=city)
    accept = AcceptReclamation("a1", Area(1), LandUse.CROPLAND, Fen(0), Fen(0))
    settle = ApproveCity("a1", "500112", 9, income_proof=True, long_term=True)
    issue = IssueTicket("a1", "t1")
    refused = [
        decide_review(held, votes, 3, 7, now),
        decide_determination(held, now, has_open_objection=False),
        decide_approval(held),
        decide_city(settle, held, Zone.URBANISED, VERSION, now),
        decide_acceptance(accept, held, 3, now),
        decide_issue(issue, held, None, now, is_issued=False, ecological_quota=True),
        decide_hand_in(ticket(of_ticket), held),
    ]
    assert {answer.code for answer in refused} == {"held"}
    wish = RequestOutflow("x1", "t1", "330000")
    out = decide_outflow(ticket(of_ticket), city, wish, is_held=True)
    assert not isinstance(out, Transfer)
    assert of_ticket is not TicketState.ISSUED or out.code == "held"
    lot = decide_bundle(listing(), [ticket(of_ticket)], has_held=True)
    assert isinstance(lot, AuctionRefusal)
    assert of_ticket is not TicketState.HANDED_IN or lot is AuctionRefusal.TICKET_HELD


@given(state=states, hold=st.none() | st.just("s0"), beyond=st.booleans(), now=instants)
def test_a_household_holds_what_runs_once_at_a_time_and_before_a_buyer_has_it(
    state, hold, beyond, now
):
    before = application(state, hold=hold, beyond_hold=beyond)
    decision = decide_hold(PLACE, before, now)
    if state.is_ended:
        assert decision is HoldRefusal.ENDED
    elif hold is not None:
        assert decision is HoldRefusal.ALREADY_HELD
    elif beyond:
        assert decision is HoldRefusal.BEYOND
    else:
        assert decision == Hold("s1", "a1", HoldReason.NOT_ASKED, now)
    assert before.may_hold == isinstance(decision, Hold)


@given(state=ticket_states)
def test_a_ticket_is_beyond_a_hold_unless_it_lies_with_its_household_or_unsold(state):
    assert state.is_beyond_hold == (state.value not in {"issued", "handed_in"})


@given(
    outcome=st.sampled_from(list(HoldOutcome)),
    ended=st.none() | st.sampled_from(list(HoldOutcome)),
    state=running,
    role=st.sampled_from(list(Role)),
    same_person=st.booleans(),
)
def test_who_ends_a_hold_and_what_becomes_of_the_application(
    outcome, ended, state, role, same_person
):
    hold = HOLD if ended is None else replace(HOLD, outcome=ended, ended_at=START)
    before = application(state, hold="s1")
    now = START + DAY
    decision = decide_release(outcome, hold, before, role, now, same_person=same_person)
    if ended is not None:
        assert decision is HoldRefusal.ALREADY_ENDED
    elif role not in SAYERS[outcome]:
        assert decision is HoldRefusal.NOT_YOURS
    elif same_person and role is not Role.VILLAGER:
        assert decision is HoldRefusal.SAME_PERSON
    elif outcome is HoldOutcome.WITHDRAWN and state is ApplicationState.ACCEPTED:
        assert decision is HoldRefusal.LAND_RECLAIMED
    else:
        after = ApplicationState.REVOKED if outcome is HoldOutcome.WITHDRAWN else state
        assert decision == (
            replace(hold, outcome=outcome, ended_at=now),
            replace(before, hold=None, state=after),
        )


def test_a_household_never_hears_itself_and_the_county_takes_nothing_back():
    assert SAYERS[HoldOutcome.TAKEN_BACK] == {Role.VILLAGER, Role.OPERATOR}
    for outcome in HoldOutcome:
        heard = SAYERS[outcome] == {Role.COUNTY_APPROVER, Role.OPERATOR}
        assert heard == outcome.is_hearing
    assert not SAYERS[HoldOutcome.LAPSED]


@given(now=instants)
def test_taking_the_application_back_ends_its_hold(now):
    before = application(ApplicationState.APPLIED, hold="s1")
    decision = decide_revocation(before, now)
    if isinstance(decision, Application):
        assert (decision.state, decision.hold) == (ApplicationState.REVOKED, None)
    else:
        assert decision is WithdrawalRefusal.COOLING_OFF_OVER


@given(upheld=st.booleans())
def test_an_objection_is_ruled_on_in_spite_of_a_hold_which_ends_with_the_application(upheld):
    before = application(ApplicationState.NOTICED, hold="s1")
    _, after = decide_ruling(Objection("o1", "a1", START), before, START + DAY, upheld=upheld)
    assert (after.hold is None) == after.state.is_ended == upheld
