"""Messages between nodes: one spelling for each value, and one digest for each message."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.units import Area, Fen
from app.policy.rules import Coefficient
from app.transfers.rules_messages import (
    KINDS,
    Accept,
    Applied,
    Cancel,
    Decision,
    Offer,
    Outcome,
    Propose,
    Reason,
    Reject,
    Side,
    Status,
    acceptance,
    digest,
    read_message,
    revision,
)
from app.transfers.rules_wire import AREA_MAX, MalformedError, Rate, pack

TEXTS = st.text("ab号-1", min_size=1, max_size=4)
AREAS = st.integers(1, 5) | st.just(AREA_MAX)
DIGESTS = st.sampled_from(["0" * 64, "af" * 32])
RATES = st.builds(Rate, st.integers(1, 4), st.integers(1, 4), TEXTS)
CARGO = st.dictionaries(TEXTS, TEXTS | st.integers(-2, 2), max_size=3).map(pack)
PROPOSALS = st.builds(
    Propose,
    transfer=st.just("500000-x1"),
    giver=st.just("500000"),
    receiver=st.sampled_from(["330000", "110000"]),
    ticket=TEXTS,
    area=AREAS.map(Area),
    rate=RATES,
    credit=AREAS.map(Area),
    balance=st.integers(0, 3).map(Fen),
    valid_until=st.integers(0, 3).map(lambda n: datetime(2026, 1, 1, 1, 2, 3, n, UTC)),
    cargo=CARGO,
)
MESSAGES = st.one_of(
    PROPOSALS,
    st.builds(Offer, PROPOSALS),
    st.builds(Accept, TEXTS, DIGESTS, AREAS.map(Area)),
    st.builds(Reject, TEXTS, DIGESTS, st.integers(0, 2).map(Area), TEXTS),
    st.builds(Cancel, TEXTS),
    st.builds(
        Decision,
        transfer=st.just("500000-x1"),
        outcome=st.sampled_from(Outcome),
        reason=st.sampled_from(Reason),
        terms=st.none() | PROPOSALS,
        accept=st.none() | DIGESTS,
        document=st.none() | TEXTS,
        code=st.none() | TEXTS,
    ),
    st.builds(Applied, TEXTS, st.sampled_from(Side), DIGESTS, st.integers(0, 2).map(Area)),
    st.builds(Status, TEXTS, st.integers(1, 3), st.none() | TEXTS, st.none() | DIGESTS),
)
TERMS = Propose(
    transfer="500000-x1",
    giver="500000",
    receiver="330000",
    ticket="t1",
    area=Area(17_000),
    rate=Rate(500, 750, "自然资办函〔2026〕7号"),
    credit=Area(11_333),
    balance=Fen(12_345),
    valid_until=datetime(2026, 4, 1, tzinfo=UTC),
    cargo=(("heads", 4), ("household", "h1")),
)


@given(MESSAGES)
def test_a_message_is_read_as_it_was_written(message):
    body = json.loads(json.dumps(message.to_body()))
    assert read_message(message.type, message.transfer, body) == message


@given(MESSAGES, MESSAGES)
def test_two_messages_have_one_digest_only_if_they_are_the_same(one, other):
    assert (digest(one) == digest(other)) == (one == other and type(one) is type(other))


@given(MESSAGES, st.data())
def test_a_body_without_a_member_or_with_one_too_many_is_malformed(message, data):
    body = dict(message.to_body())
    left_out = data.draw(st.sampled_from(sorted(body)))
    short = {name: value for name, value in body.items() if name != left_out}
    for wrong in (short, body | {"more": 1}):
        with pytest.raises(MalformedError):
            read_message(message.type, message.transfer, wrong)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("area_m2", "170"),
        ("area_m2", 170),
        ("area_m2", "0.00"),
        ("area_m2", "-1.00"),
        ("credit_m2", "0113.33"),
        ("credit_m2", None),
        ("balance_cny", "1.5"),
        ("from", "500100"),
        ("to", "500000"),
        ("to", 330000),
        ("ticket", ""),
        ("ticket", "t" * 201),
        ("valid_until", "2026-04-01T08:00:00Z"),
        ("valid_until", "2026-04-01T00:00:00+00:00"),
        ("valid_until", "2026-04-01T08:00:00"),
        ("valid_until", "tomorrow"),
        ("coefficient", {"yield_out": 500, "yield_in": 0, "document": "号"}),
        ("coefficient", {"yield_out": 500, "yield_in": True, "document": "号"}),
        ("coefficient", {"yield_out": 500, "yield_in": 750}),
        ("coefficient", [500, 750]),
        ("cargo", {"heads": 4.5}),
        ("cargo", {"heads": True}),
        ("cargo", {"heads": None}),
        ("cargo", []),
        ("transfer", "500000-x2"),
    ],
)
def test_a_proposal_in_any_other_form_is_malformed(member, value):
    with pytest.raises(MalformedError):
        read_message(Propose.type, TERMS.transfer, dict(TERMS.to_body()) | {member: value})


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("propose_hash", "0" * 64),
        ("propose_hash", None),
        ("propose", None),
        ("outcome", "maybe"),
        ("reason", "why not"),
        ("accept_hash", "A" * 64),
        ("document", ""),
    ],
)
def test_a_decision_that_contradicts_itself_is_malformed(member, value):
    decision = Decision(TERMS.transfer, Outcome.ABORT, Reason.REFUSED, TERMS)
    with pytest.raises(MalformedError):
        read_message(Decision.type, TERMS.transfer, dict(decision.to_body()) | {member: value})


def test_what_is_no_message_of_a_transfer_is_malformed():
    for kind, body in (("pay.confirm", {}), (Cancel.type, None), (Cancel.type, ["transfer"])):
        with pytest.raises(MalformedError):
            read_message(kind, "500000-x1", body)


def test_the_wire_names_areas_and_money_in_two_places():
    body = TERMS.to_body()
    assert (body["area_m2"], body["credit_m2"], body["balance_cny"]) == (
        "170.00",
        "113.33",
        "123.45",
    )
    assert body["valid_until"] == "2026-04-01T08:00:00+08:00"


def test_every_member_of_a_proposal_is_bound_by_its_digest():
    others = {
        "transfer": "500000-x2",
        "giver": "430000",
        "receiver": "110000",
        "ticket": "t2",
        "area": Area(1),
        "rate": Rate(1, 1, "x"),
        "credit": Area(1),
        "balance": Fen(0),
        "valid_until": TERMS.valid_until + timedelta(seconds=1),
        "cargo": (),
    }
    assert set(others) == {field.name for field in fields(Propose)}
    digests = {digest(replace(TERMS, **{name: value})) for name, value in others.items()}
    assert len(digests | {digest(TERMS)}) == len(others) + 1


@given(st.integers(1, 9), st.integers(1, 9), AREAS)
def test_n_is_the_n_of_the_coefficient_that_policy_keeps(out, into, area):
    day = datetime(2026, 1, 1, tzinfo=UTC).date()
    kept = Coefficient("k1", "500000", "330000", out, into, day, day, "号", "m-1", "m-2")
    assert Rate(out, into, "号").convert(Area(area)) == kept.convert(Area(area))
    terms = replace(TERMS, area=Area(area), rate=Rate(out, into, "号"))
    n = kept.convert(Area(area))
    assert replace(terms, credit=n).converts == (0 < n <= AREA_MAX)
    assert not replace(terms, credit=Area(n + 1)).converts
    assert acceptance(terms).credit == n


def test_questions_are_numbered_each_side_reports_and_all_else_is_said_once():
    assert revision(Status("500000-x1", 7)) == 7
    assert {revision(m) for m in (TERMS, Offer(TERMS), Cancel("500000-x1"))} == {1}
    reports = [Applied("500000-x1", side, "00" * 32, Area(1)) for side in Side]
    assert {report.side: revision(report) for report in reports} == {
        Side.GIVER: 1,
        Side.RECEIVER: 2,
        Side.MINISTRY: 1,
    }
    assert len(KINDS) == 8
