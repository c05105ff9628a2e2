"""Debts between provinces of different nodes, without nodes: stated, told, compared, netted."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearing.rules import (
    Act,
    ClearingRefusal,
    DisputeReason,
    Netting,
    StatementState,
    decide_dispute,
    hash_of,
    statement_of,
)
from app.clearing.rules_between import MalformedError
from app.clearing.rules_letters import (
    ActTold,
    Due,
    Part,
    is_act,
    own_payments,
    read_act,
    read_due,
    read_part,
)
from app.clearing.rules_netting import Debt, net
from app.clearing.rules_stated import (
    Agreed,
    Stated,
    StatedKind,
    StatedSide,
    by_pair,
    document,
    is_stated_in,
    object_to,
    read_document,
    rests_on,
)
from app.kernel.units import Fen

A, B, C, AGENT = "330000", "500000", "510000", "000000"
CODES = (A, B, C)
ID = "0" * 32
amounts = st.integers(1, 5).map(Fen)
pairs = st.permutations(CODES).map(lambda codes: tuple(codes[:2]))


@st.composite
def debts(draw):
    """At most one debt from one to another."""
    found = draw(st.dictionaries(pairs, amounts, min_size=1))
    return [Debt(debtor, creditor, amount) for (debtor, creditor), amount in found.items()]


@st.composite
def told(draw):
    """A statement of a pair, and what an honest node of one of them has stated."""
    matters = draw(
        st.lists(
            st.tuples(st.sampled_from("xyz"), st.sampled_from(StatedKind)), unique=True, min_size=1
        )
    )
    owed = []
    for leaf, (name, kind) in enumerate(matters):
        debtor, creditor = draw(st.sampled_from([(A, B), (B, A)]))
        owed.append(
            Agreed(
                transfer=f"{B}-{name}",
                kind=kind,
                debtor=debtor,
                creditor=creditor,
                amount=draw(amounts),
                leaf=leaf,
            )
        )
    found = read_document(document((1, 0, 9), Netting.GROSS, (A, B), owed))
    own = draw(st.sampled_from((A, B)))
    return found, own, [stated(one, own) for one in owed]


def stated(one, own):
    side = StatedSide.DEBTOR if one.debtor == own else StatedSide.CREDITOR
    return Stated(
        transfer=one.transfer,
        kind=one.kind,
        side=side,
        debtor=one.debtor,
        creditor=one.creditor,
        amount=one.amount,
    )


@given(debts(), st.sampled_from(CODES))
def test_each_node_nets_its_own_part_from_its_own_statements_alone(debts, own):
    everything = net(Netting.MULTILATERAL, debts)
    mine = net(Netting.MULTILATERAL, [d for d in debts if own in {d.debtor, d.creditor}])
    assert mine.moves.get(own) == everything.moves.get(own)

    def of(netted):
        return {p for p in netted.payments if own in {p.payer, p.payee}}

    assert of(mine) == of(everything)


@given(told())
def test_what_the_own_books_say_is_not_disputed(case):
    found, own, books = case
    assert object_to(found, books, {own}, ()) is None


@given(told(), st.data())
def test_another_amount_a_missing_debt_and_a_second_statement_are_each_named(case, data):
    found, own, books = case
    place = data.draw(st.integers(0, len(books) - 1))
    one = books[place]
    other = [*books[:place], replace(one, amount=Fen(one.amount + 1)), *books[place + 1 :]]
    assert object_to(found, other, {own}, ()) is DisputeReason.AMOUNT_DIFFERS
    missing = [*books[:place], *books[place + 1 :]]
    assert object_to(found, missing, {own}, ()) is DisputeReason.OBLIGATION_NOT_OURS
    turned = [replace(o, debtor=o.creditor, creditor=o.debtor) for o in books]
    assert object_to(found, turned, {own}, ()) is DisputeReason.OBLIGATION_NOT_OURS
    before = {(one.transfer, one.kind)}
    assert object_to(found, books, {own}, before) is DisputeReason.PAID_ALREADY
    twice = replace(found, owed=(*found.owed, found.owed[place]))
    assert object_to(twice, books, {own}, ()) is DisputeReason.PAID_ALREADY


@given(told(), st.data())
def test_a_statement_is_read_whole_or_not_at_all(case, data):
    found, _, _ = case
    changed = dict(found.document)
    member = data.draw(st.sampled_from(sorted(changed)))
    value = changed.pop(member)
    with pytest.raises(MalformedError):
        read_document(changed)
    with pytest.raises(MalformedError):
        read_document(found.document | {"more": 1})
    for wrong in (None, [], f"{value}0", -1):
        if wrong != value:
            with pytest.raises(MalformedError):
                read_document(changed | {member: wrong})


@given(told())
def test_a_statement_is_of_the_window_whose_record_names_its_hash(case):
    found, _, _ = case
    doc = found.document
    hash_ = hash_of(doc)
    row = [A, B, doc["a_owes_cny"], doc["b_owes_cny"], hash_]
    body = {"first": 0, "end": 9, "netting": "gross", "statements": [row]}
    record = {"kind": "settlement_window.closed", "subject": "1", "body": body}
    assert is_stated_in(found, hash_, record)
    for wrong in (
        record | {"subject": "2"},
        record | {"kind": "payments.due"},
        record | {"body": body | {"end": 8}},
        record | {"body": body | {"netting": "bilateral"}},
        record | {"body": body | {"statements": [[*row[:4], "0" * 64]]}},
        {},
    ):
        assert not is_stated_in(found, hash_, wrong)


@given(st.lists(st.tuples(pairs, amounts), min_size=1))
def test_agreements_are_stated_pair_by_pair_and_none_is_lost(rows):
    owed = [
        Agreed(transfer=f"{B}-x{n}", kind=StatedKind.SALE, debtor=d, creditor=c, amount=a, leaf=n)
        for n, ((d, c), a) in enumerate(rows)
    ]
    found = by_pair(owed)
    assert sorted((one for of in found.values() for one in of), key=lambda o: o.leaf) == owed
    assert all(
        {o.debtor, o.creditor} == set(pair) and pair[0] < pair[1]
        for pair, of in found.items()
        for o in of
    )


ENTRY = {
    "kind": "entry.account_moved_out",
    "province": B,
    "subject": "h1",
    "facts": {"transfer": "x1"},
    "postings": [[f"housing:{B}:h1", f"due_to:{B}:{A}", "300", "0", "300"]],
}
ACCOUNT = Stated(
    transfer=f"{B}-x1",
    kind=StatedKind.ACCOUNT,
    side=StatedSide.DEBTOR,
    debtor=B,
    creditor=A,
    amount=Fen(300),
)


def test_a_debt_rests_on_the_entry_that_makes_it_and_on_no_other():
    ticket = f"{B}-t1/{A}"
    assert rests_on(ACCOUNT, ENTRY, ticket)
    sale = replace(ACCOUNT, kind=StatedKind.SALE, side=StatedSide.CREDITOR, debtor=A, creditor=B)
    booked = {
        "kind": "entry.settlement_home",
        "province": B,
        "subject": ticket,
        "facts": {},
        "postings": [
            [f"due_from:{B}:{A}", f"county:{B}:500236", "100", "-100", "100"],
            [f"due_from:{B}:{A}", f"collective:{B}:v1", "200", "-300", "200"],
        ],
    }
    assert rests_on(sale, booked, ticket)
    assert not rests_on(sale, booked | {"subject": f"{B}-t2/{A}"}, ticket)
    for wrong in (
        ENTRY | {"kind": "entry.account_moved_in"},
        ENTRY | {"province": A},
        ENTRY | {"facts": {"transfer": "x2"}},
        ENTRY | {"postings": []},
        ENTRY | {"postings": [[f"housing:{B}:h1", f"due_to:{B}:{C}", "300", "0", "300"]]},
        {},
    ):
        assert not rests_on(ACCOUNT, wrong, ticket)
    assert not rests_on(replace(ACCOUNT, amount=Fen(301)), ENTRY, ticket)


def test_each_body_has_one_spelling():
    act = ActTold(f"1-{A}-{B}", A, "0" * 64, DisputeReason.OTHER)
    due = Due("1", 1, None, (A, B), ((ID, A, AGENT, Fen(5)),))
    part = Part(ID, 1, "f1", 1, "0" * 64, Fen(5), Fen(0))
    assert Stated.from_body(ACCOUNT.to_body()) == ACCOUNT
    assert read_act(act.statement, act.to_body(), approves=False) == act
    assert read_due("1", due.to_body()) == due
    assert read_part(ID, 1, part.to_body()) == part
    for read, body in (
        (Stated.from_body, ACCOUNT.to_body()),
        (lambda found: read_act(act.statement, found, approves=False), act.to_body()),
        (lambda found: read_due("1", found), due.to_body()),
        (lambda found: read_part(ID, 1, found), part.to_body()),
    ):
        for member in body:
            with pytest.raises(MalformedError):
                read({name: value for name, value in body.items() if name != member})
        with pytest.raises(MalformedError):
            read(dict(body) | {"more": 1})
    with pytest.raises(MalformedError):
        read_due(f"1-{A}-{B}", due.to_body())
    with pytest.raises(MalformedError):
        read_due("1", due.to_body() | {"payments": [[ID, A, AGENT, "0.05"]] * 2})
    assert own_payments(due, {A}) == [(ID, A, AGENT, Fen(5))]
    assert own_payments(due, {B}) == []


def test_an_act_is_what_its_record_says():
    told = ActTold(f"1-{A}-{B}", A, "0" * 64, None)
    record = {
        "kind": "settlement_statement.approved",
        "province": A,
        "subject": told.statement,
        "body": {"hash": told.hash},
    }
    assert is_act(told, record)
    assert not is_act(replace(told, reason=DisputeReason.OTHER), record)
    assert not is_act(told, record | {"province": B})
    assert not is_act(told, record | {"body": {"hash": "1" * 64}})


def test_an_approval_that_was_told_cannot_be_disputed_any_more():
    owed = [
        Agreed(transfer=f"{B}-x", kind=StatedKind.SALE, debtor=A, creditor=B, amount=Fen(1), leaf=0)
    ]
    found = statement_of(document((1, 0, 9), Netting.GROSS, (A, B), owed), between_nodes=True)
    at = datetime(2026, 11, 22, tzinfo=UTC)
    signed = [Act(A, None, "p", at)]
    assert found.state is StatementState.OPEN
    assert decide_dispute(found, signed, A) is None
    received = replace(found, received=True)
    assert decide_dispute(received, signed, A) is ClearingRefusal.WRONG_STATE
    assert decide_dispute(received, signed, B) is None
