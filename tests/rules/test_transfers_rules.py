"""Between provinces: the steps of a transfer, its conversion, and the netting (R179-R188)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.principal import Principal, Role
from app.kernel.units import Area, Fen, decimal
from app.ledger.explanation import Credited
from app.ledger.rules import Draft, EntryKind, LedgerRefusal, judge
from app.policy.rules import Coefficient
from app.tickets.rules import Ticket, TicketState
from app.transfers.explain import explain_conversion, explain_settlement
from app.transfers.rules import (
    MINISTRY_STAKE,
    Netting,
    RequestOutflow,
    SettleProvinces,
    Transfer,
    TransferRefusal,
    TransferState,
    decide_acceptance,
    decide_approval,
    decide_netting,
    decide_outflow,
    decide_rejection,
    due_from,
    due_to,
    outflow_stake,
    payee_moves,
    payer_moves,
)

HOME, AWAY = "500000", "330000"
TICKET = Ticket(
    id="t1",
    application="a1",
    household="h1",
    collective="v1",
    county="500229",
    home_province=HOME,
    province=HOME,
    area=Area(17000),
    reclamation_cost=Fen(850_000),
    financing_cost=Fen(50_000),
    issued_at=datetime(2026, 3, 3, tzinfo=UTC),
    state=TicketState.ISSUED,
)
WISH = RequestOutflow("x1", "t1", AWAY)
REQUESTED = Transfer("x1", "t1", HOME, AWAY, TransferState.REQUESTED, Area(17000))
ACCEPTED = replace(REQUESTED, state=TransferState.ACCEPTED)
APPROVED = replace(REQUESTED, state=TransferState.APPROVED)
REJECTED = replace(REQUESTED, state=TransferState.REJECTED)
COEFFICIENT = Coefficient(
    "k1", HOME, AWAY, 500, 750, date(2026, 1, 1), date(2027, 12, 31), "号", "m-1", "m-2"
)

small = st.integers(0, 4)
positive = st.integers(1, 4)


def test_an_issued_ticket_with_a_city_of_the_receiving_province_may_flow_out():
    assert decide_outflow(TICKET, "330212", WISH) == REQUESTED


@pytest.mark.parametrize("state", [s for s in TicketState if s is not TicketState.ISSUED])
def test_a_ticket_that_is_not_issued_is_in_the_wrong_state_whatever_its_city(state):
    ticket = replace(TICKET, state=state)
    assert decide_outflow(ticket, None, WISH) is TransferRefusal.TICKET_WRONG_STATE


@pytest.mark.parametrize(
    ("city", "to"),
    [(None, AWAY), ("500112", AWAY), ("440113", AWAY), ("500112", HOME), (None, HOME)],
)
def test_an_outflow_needs_a_city_of_a_province_other_than_home(city, to):
    command = replace(WISH, to=to)
    assert decide_outflow(TICKET, city, command) is TransferRefusal.CITY_APPROVAL_MISSING


@pytest.mark.parametrize(
    ("transfer", "acceptance", "approval", "rejection"),
    [
        (REQUESTED, None, TransferRefusal.NOT_ACCEPTED_BY_RECEIVER, None),
        (ACCEPTED, TransferRefusal.WRONG_STATE, (COEFFICIENT, 11333), None),
        (
            APPROVED,
            TransferRefusal.WRONG_STATE,
            TransferRefusal.WRONG_STATE,
            TransferRefusal.WRONG_STATE,
        ),
        (
            REJECTED,
            TransferRefusal.WRONG_STATE,
            TransferRefusal.WRONG_STATE,
            TransferRefusal.WRONG_STATE,
        ),
    ],
)
def test_what_may_become_of_a_transfer_in_each_state(transfer, acceptance, approval, rejection):
    assert decide_acceptance(transfer) is acceptance
    assert decide_approval(transfer, COEFFICIENT) == approval
    assert decide_rejection(transfer) is rejection


def test_the_state_of_a_transfer_is_looked_at_before_its_coefficient():
    assert decide_approval(REJECTED, None) is TransferRefusal.WRONG_STATE
    assert decide_approval(REQUESTED, None) is TransferRefusal.NOT_ACCEPTED_BY_RECEIVER
    assert decide_approval(ACCEPTED, None) is TransferRefusal.NO_COEFFICIENT


@given(sent=positive, yield_out=positive, yield_in=positive)
def test_the_converted_area_is_the_floor_and_never_nothing(sent, yield_out, yield_in):
    coefficient = replace(COEFFICIENT, yield_out=yield_out, yield_in=yield_in)
    decided = decide_approval(replace(ACCEPTED, sent=Area(sent)), coefficient)
    if sent * yield_out < yield_in:
        assert decided is TransferRefusal.NO_COEFFICIENT
    else:
        assert not isinstance(decided, TransferRefusal)
        received = decided[1]
        assert received * yield_in <= sent * yield_out < (received + 1) * yield_in


@pytest.mark.parametrize(
    ("role", "party", "concerned"),
    [
        (Role.VILLAGER, "h1", True),
        (Role.VILLAGER, "h2", False),
        (Role.COUNTY_CLERK, "500229", True),
        (Role.OPERATOR, HOME, True),
        (Role.PROVINCE, AWAY, False),
    ],
)
def test_an_outflow_concerns_the_household_and_its_home(role, party, concerned):
    arrived = replace(TICKET, province=AWAY)
    assert Principal("c", "p", role, party).concerns(outflow_stake(arrived)) is concerned


@pytest.mark.parametrize("role", [Role.PROVINCE, Role.OPERATOR])
@pytest.mark.parametrize("party", [HOME, AWAY])
def test_no_province_may_act_for_the_ministry(role, party):
    assert not Principal("c", "p", role, party).concerns(MINISTRY_STAKE)
    assert Principal("c", "p", Role.MINISTRY, "000000").concerns(MINISTRY_STAKE)


@given(a_owes=small, b_owes=small)
def test_the_one_that_owes_more_pays_and_a_where_both_owe_the_same(a_owes, b_owes):
    netting = decide_netting(SettleProvinces(HOME, AWAY), Fen(a_owes), Fen(b_owes))
    if a_owes == b_owes == 0:
        assert netting is TransferRefusal.NOTHING_DUE
        return
    assert isinstance(netting, Netting)
    assert netting.payer == (HOME if a_owes >= b_owes else AWAY)
    assert {netting.payer, netting.payee} == {HOME, AWAY}
    assert netting.paid == abs(a_owes - b_owes)
    assert netting.netted == min(a_owes, b_owes)


@given(owes=small)
def test_a_province_owes_itself_nothing(owes):
    refused = decide_netting(SettleProvinces(HOME, HOME), Fen(owes), Fen(owes))
    assert refused is TransferRefusal.NOTHING_DUE


def settlement_drafts(netting):
    facts = {
        "payer": netting.payer,
        "payee": netting.payee,
        "payer_owes_cny": decimal(netting.payer_owes),
        "payee_owes_cny": decimal(netting.payee_owes),
        "netted_cny": decimal(netting.netted),
        "paid_cny": decimal(netting.paid),
    }
    return [
        Draft(
            kind=EntryKind.PROVINCIAL_SETTLEMENT,
            key=province,
            province=province,
            subject="s",
            moves=moves,
            facts=facts,
        )
        for province, moves in (
            (netting.payer, payer_moves(netting)),
            (netting.payee, payee_moves(netting)),
        )
    ]


@given(a_owes=small, b_owes=small)
def test_after_a_settlement_nothing_is_due_in_either_province_s_books(a_owes, b_owes):
    netting = decide_netting(SettleProvinces(HOME, AWAY), Fen(a_owes), Fen(b_owes))
    if isinstance(netting, TransferRefusal):
        return
    due = {
        due_to(AWAY, HOME).code: a_owes,
        due_from(HOME, AWAY).code: -a_owes,
        due_to(HOME, AWAY).code: b_owes,
        due_from(AWAY, HOME).code: -b_owes,
    }
    balances = dict(due)
    for draft in settlement_drafts(netting):
        assert all(
            account.province == draft.province
            for posting in draft.moves
            for account in (posting.source, posting.target)
        )
        running = judge(draft, balances)
        assert not isinstance(running, LedgerRefusal)
        for posting, (source, target) in zip(draft.moves, running, strict=True):
            balances[posting.source.code], balances[posting.target.code] = source, target
    assert all(balances[code] == 0 for code in due)
    assert balances.get(f"bank:{netting.payer}:interprovincial", 0) == netting.paid
    assert balances.get(f"bank:{netting.payee}:interprovincial", 0) == -netting.paid


@given(a_owes=small, b_owes=small)
def test_the_explanation_of_a_settlement_adds_up_for_every_account(a_owes, b_owes):
    netting = decide_netting(SettleProvinces(HOME, AWAY), Fen(a_owes), Fen(b_owes))
    if isinstance(netting, TransferRefusal):
        return
    for draft in settlement_drafts(netting):
        changes: dict[str, int] = {}
        for posting in draft.moves:
            for account, delta in (
                (posting.source, -posting.amount),
                (posting.target, posting.amount),
            ):
                changes[account.code] = changes.get(account.code, 0) + delta
        postings = [(m.source.code, m.target.code, m.amount) for m in draft.moves]
        for account, change in changes.items():
            lines = explain_settlement(
                Credited(1, draft.kind, account, change, "s", None, draft.facts, postings)
            )
            assert sum(line.amount for line in lines) == change


def test_the_explanation_of_a_conversion_shows_the_yields():
    facts = {"document": "号", "sent_m2": "170.00", "yield_out": 500, "yield_in": 750}
    (line,) = explain_conversion(
        Credited(
            1, EntryKind.CONVERSION_IN, "ticket:330000:t1/330000", 11333, "x1", None, facts, []
        )
    )
    assert line.amount == 11333
    assert line.formula == "floor(170.00 × 500 / 750)"
