"""Clearing between provinces: obligations by windows, netting, and the bank's word (R231)."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearing.camt import BankEntry
from app.clearing.rules import (
    AGENT,
    Act,
    ClearingRefusal,
    DisputeReason,
    Movement,
    Netting,
    Statement,
    StatementState,
    Terms,
    by_pair,
    decide_approval,
    decide_window,
    document,
    due_from,
    due_to,
    hash_of,
    obligations,
    total,
)
from app.clearing.rules_bank import (
    Instruction,
    InstructionKind,
    Outcome,
    ResolutionKind,
    Waiting,
    decide_resolution,
    discharge,
    judge,
)
from app.clearing.rules_netting import Debt, net, positions
from app.kernel.units import Fen
from app.ledger.kinds import AccountKind, EntryKind
from app.ledger.rules import Draft, canonical
from app.ledger.rules import judge as judge_entry
from tests.clearing import account_of

A, B, C = "330000", "430000", "500000"
CODES = st.sampled_from([A, B, C, "510000"])
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
E2E = "5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f"

DEBTS = st.dictionaries(
    st.tuples(CODES, CODES).filter(lambda pair: pair[0] != pair[1]),
    st.integers(1, 4).map(Fen),
    max_size=8,
).map(lambda found: [Debt(*pair, amount) for pair, amount in found.items()])


def netted(netting, debts):
    """A whole window netted: pair by pair, or through the agent."""
    if netting is Netting.MULTILATERAL:
        return [net(netting, debts)]
    pairs = {}
    for debt in debts:
        pairs.setdefault(frozenset((debt.debtor, debt.creditor)), []).append(debt)
    return [net(netting, pair) for pair in pairs.values()]


@given(DEBTS, st.sampled_from(list(Netting)))
def test_every_way_of_netting_leaves_each_province_with_what_it_had(debts, netting):
    before = positions(debts)
    assert sum(before.values()) == 0
    payments = [p for one in netted(netting, debts) for p in one.payments]
    after = positions([Debt(p.payer, p.payee, p.amount) for p in payments])
    assert {code: after.get(code, 0) for code in before} == before
    assert after.get(AGENT, 0) == 0
    assert all(payment.amount > 0 for payment in payments)


@given(DEBTS, st.sampled_from(list(Netting)))
def test_after_netting_the_books_say_what_is_still_to_be_paid_and_nothing_else(debts, netting):
    books = {due_to(d.creditor, d.debtor).code: d.amount for d in debts}
    books |= {due_from(d.debtor, d.creditor).code: -d.amount for d in debts}
    payments = []
    for n, one in enumerate(netted(netting, debts)):
        payments += one.payments
        for province, moves in one.moves.items():
            entry = Draft(
                kind=EntryKind.PROVINCIAL_NETTING,
                key=f"k:{n}:{province}",
                province=province,
                subject="1",
                moves=moves,
            )
            assert isinstance(judge_entry(entry, books), list)
            assert {ref.province for m in moves for ref in (m.source, m.target)} == {province}
            for move in moves:
                books[move.source.code] = books.get(move.source.code, 0) - move.amount
                books[move.target.code] = books.get(move.target.code, 0) + move.amount
    due = {due_to(p.payee, p.payer).code: p.amount for p in payments}
    claims = {due_from(p.payer, p.payee).code: -p.amount for p in payments}
    assert {code: held for code, held in books.items() if held} == due | claims


@given(DEBTS)
def test_netting_through_the_agent_makes_one_payment_a_province_at_most(debts):
    payments = net(Netting.MULTILATERAL, debts).payments
    parties = [p.payer if p.payee == AGENT else p.payee for p in payments]
    assert len(parties) == len(set(parties))
    assert all(AGENT in {p.payer, p.payee} for p in payments)


KINDS = ("account_moved_out", "settlement", "provincial_settlement", "provincial_payment")
MOVEMENTS = st.lists(
    st.tuples(CODES, CODES, st.integers(1, 3), st.sampled_from(KINDS)).filter(
        lambda row: row[0] != row[1]
    ),
    max_size=12,
).map(
    lambda rows: [
        Movement(leaf, kind, debtor, creditor, Fen(amount), kind in KINDS[:2])
        for leaf, (debtor, creditor, amount, kind) in enumerate(rows)
    ]
)


@given(MOVEMENTS)
def test_a_direct_settlement_pays_what_stood_before_it_and_a_payment_of_clearing_nothing(moved):
    owed = obligations(moved)
    for one in owed:
        later = [m for m in moved if m.leaf > one.leaf and m.kind == "provincial_settlement"]
        assert (one.debtor, one.creditor) not in {(m.debtor, m.creditor) for m in later}
    assert {o.leaf for o in owed} <= {m.leaf for m in moved if m.arises}
    if not any(m.kind == "provincial_settlement" for m in moved):
        assert [o.leaf for o in owed] == [m.leaf for m in moved if m.arises]


@given(MOVEMENTS, st.integers(0, 12))
def test_what_falls_in_one_window_falls_in_no_other_and_all_of_it_in_one(moved, cut):
    plain = [m for m in moved if m.kind != "provincial_settlement"]
    first = obligations([m for m in plain if m.leaf < cut])
    second = obligations([m for m in plain if m.leaf >= cut])
    assert first + second == obligations(plain)


@given(MOVEMENTS)
def test_a_statement_is_the_same_bytes_whoever_makes_it(moved):
    for pair, owed in by_pair(obligations(moved)).items():
        made = document((1, 0, 12), Netting.GROSS, pair, owed)
        again = json.loads(canonical(made))
        assert hash_of(again) == hash_of(made)
        assert sum(o.amount for o in owed) == sum(total(owed, code) for code in pair)
        assert pair == tuple(sorted(pair))


TERMS = Terms("t", Netting.GROSS, "a", "b")


@pytest.mark.parametrize(
    ("terms", "end", "decided"),
    [
        (None, None, ClearingRefusal.NOT_SWITCHED_ON),
        (TERMS, 21, ClearingRefusal.WINDOW_AHEAD),
        (TERMS, 10, ClearingRefusal.WINDOW_EMPTY),
        (TERMS, 11, 11),
        (TERMS, None, 20),
    ],
)
def test_a_window_begins_where_the_last_ended_and_ends_in_what_is_published(terms, end, decided):
    assert decide_window(terms, 10, end, 20) == decided


STATEMENT = Statement("1-330000-500000", 1, A, C, Fen(2), Fen(0), "aa", StatementState.OPEN)


def act(province, person, reason=None):
    return Act(province, reason, person, NOW)


@pytest.mark.parametrize(
    ("acts", "who", "hash_", "decided"),
    [
        ([], (A, "p"), "aa", False),
        ([], (A, "p"), "bb", ClearingRefusal.STATEMENT_DIFFERS),
        ([act(A, "p")], (A, "q"), "aa", ClearingRefusal.WRONG_STATE),
        ([act(A, "p")], (C, "p"), "aa", ClearingRefusal.SAME_PERSON),
        ([act(A, "p")], (C, "q"), "aa", True),
        ([act(A, "p"), act(A, "p", DisputeReason.OTHER)], (C, "q"), "aa", False),
        ([act(C, "q", DisputeReason.OTHER), act(A, "p")], (C, "q"), "aa", True),
    ],
)
def test_a_statement_is_approved_by_one_person_of_each_province(acts, who, hash_, decided):
    assert decide_approval(STATEMENT, acts, *who, hash_) == decided


# ------------------------------------------------------------------------------ the bank


def instruction(amount=10, confirmed=0, kind=InstructionKind.SETTLEMENT):
    return Instruction(E2E, kind, 1, None, A, C, Fen(amount), Fen(confirmed), "acc-a", "acc-c", NOW)


NUMBERS = {"acc-a": account_of(A)}
REFERENCES = st.sampled_from(["r1", "r2", "r3"])
ENTRIES = st.lists(
    st.builds(
        BankEntry,
        reference=REFERENCES,
        end_to_end=st.sampled_from([E2E, None, "other"]),
        amount=st.integers(1, 6).map(Fen),
        currency=st.sampled_from(["CNY", "CNY", "CNY", "USD"]),
        credit=st.sampled_from([True, True, False]),
        booked=st.sampled_from([True, True, False]),
        reversal=st.sampled_from([False, False, True]),
        debtor_account=st.sampled_from([None, account_of(A), account_of(B)]),
        day=st.none(),
    ),
    max_size=6,
)


@given(ENTRIES, st.integers(1, 10))
def test_never_more_is_confirmed_than_instructed_and_no_entry_is_lost(entries, amount):
    judged = judge(entries, C, {}, {E2E: instruction(amount)}, NUMBERS)
    assert [one.entry for one in judged] == entries
    counted = [j for j in judged if j.outcome in {Outcome.CONFIRMED, Outcome.PARTIAL}]
    assert sum(j.entry.amount for j in counted) <= amount
    left = amount
    for one in counted:
        left -= one.entry.amount
        assert one.remaining == left
        assert (one.outcome is Outcome.CONFIRMED) == (left == 0)
    references = [j.entry.reference for j in counted]
    assert len(references) == len(set(references))


@given(ENTRIES)
def test_a_file_that_is_sent_again_counts_for_nothing(entries):
    first = judge(entries, C, {}, {E2E: instruction()}, NUMBERS)
    silent = {Outcome.REPEATED, Outcome.DEBIT, Outcome.PENDING, Outcome.DUPLICATE_REFERENCE}
    known = {j.entry.reference: j.entry for j in first if j.outcome not in silent}
    again = judge(entries, C, known, {E2E: instruction(amount=1000)}, NUMBERS)
    assert {j.outcome for j in again} <= silent


GOOD = BankEntry(
    reference="r1",
    end_to_end=E2E,
    amount=Fen(10),
    currency="CNY",
    credit=True,
    booked=True,
    reversal=False,
    debtor_account=account_of(A),
    day=None,
)


@pytest.mark.parametrize(
    ("entry", "holder", "outcome"),
    [
        (GOOD, C, Outcome.CONFIRMED),
        (replace(GOOD, amount=Fen(4)), C, Outcome.PARTIAL),
        (replace(GOOD, amount=Fen(11)), C, Outcome.TOO_MUCH),
        (replace(GOOD, end_to_end=None), C, Outcome.UNKNOWN_INSTRUCTION),
        (replace(GOOD, currency="USD"), C, Outcome.WRONG_CURRENCY),
        (replace(GOOD, debtor_account=account_of(B)), C, Outcome.WRONG_DEBTOR),
        (replace(GOOD, debtor_account=None), C, Outcome.CONFIRMED),
        (GOOD, B, Outcome.WRONG_CREDITOR),
        (replace(GOOD, reversal=True), C, Outcome.REVERSAL),
        (replace(GOOD, booked=False), C, Outcome.PENDING),
        # The payer's own statement shows that money left: it proves nothing about the debt.
        (replace(GOOD, credit=False), A, Outcome.DEBIT),
    ],
)
def test_only_a_booked_credit_on_the_payees_account_discharges(entry, holder, outcome):
    (judged,) = judge([entry], holder, {}, {E2E: instruction()}, NUMBERS)
    assert judged.outcome is outcome


def test_one_reference_with_two_amounts_is_kept_for_people():
    judged = judge([replace(GOOD, amount=Fen(4)), GOOD], C, {}, {E2E: instruction()}, NUMBERS)
    assert [j.outcome for j in judged] == [Outcome.PARTIAL, Outcome.DUPLICATE_REFERENCE]


def test_money_discharges_the_debt_in_both_books_and_a_return_none():
    moves = discharge(instruction(), Fen(4))
    assert {code: [(m.source.kind, m.target.kind) for m in ms] for code, ms in moves.items()} == {
        A: [(AccountKind.DUE_TO, AccountKind.BANK)],
        C: [(AccountKind.BANK, AccountKind.DUE_FROM)],
    }
    assert discharge(instruction(kind=InstructionKind.RETURN), Fen(4)) == {}


def waiting(outcome=Outcome.WRONG_DEBTOR, amount=4, currency="CNY", *, resolved=False):
    return Waiting("f", 1, C, "r1", outcome, Fen(amount), currency, account_of(B), resolved)


UNFIT = ClearingRefusal.RESOLUTION_UNFIT


@pytest.mark.parametrize(
    ("entry", "kind", "given_", "return_to", "refusal"),
    [
        (waiting(), ResolutionKind.ASSIGN, instruction(), None, None),
        (waiting(amount=11), ResolutionKind.ASSIGN, instruction(), None, UNFIT),
        (waiting(), ResolutionKind.ASSIGN, None, None, UNFIT),
        (waiting(currency="USD"), ResolutionKind.ASSIGN, instruction(), None, UNFIT),
        (waiting(), ResolutionKind.RETURN, None, B, None),
        (waiting(), ResolutionKind.RETURN, None, None, ClearingRefusal.RETURN_UNKNOWN),
        (waiting(Outcome.DUPLICATE_REFERENCE), ResolutionKind.RETURN, None, B, UNFIT),
        (waiting(Outcome.REVERSAL), ResolutionKind.SET_ASIDE, None, None, None),
        (waiting(), ResolutionKind.SET_ASIDE, instruction(), None, UNFIT),
        (waiting(resolved=True), ResolutionKind.SET_ASIDE, None, None, ClearingRefusal.WRONG_STATE),
        (
            waiting(Outcome.CONFIRMED),
            ResolutionKind.SET_ASIDE,
            None,
            None,
            ClearingRefusal.WRONG_STATE,
        ),
    ],
)
def test_what_waits_is_returned_assigned_or_set_aside(entry, kind, given_, return_to, refusal):
    assert decide_resolution(entry, kind, given_, return_to) is refusal
