"""A debt between nodes that is stated anew: by corrections alone, in whatever order they come."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.clearing import netting_of
from app.clearing.rules import Netting
from app.clearing.rules_between import MalformedError
from app.clearing.rules_netting import net
from app.clearing.rules_restated import (
    RestateRefusal,
    Said,
    decide_restatement,
    fits,
    of_side,
    standing,
    why_of,
)
from app.clearing.rules_stated import Stated, StatedKind, StatedSide, facts_of, rests_on
from app.kernel.units import Fen
from app.ledger.rules import AccountKind, AccountRef, move

A, B, C = "330000", "500000", "510000"
AT = datetime(2026, 11, 22, tzinfo=UTC)
SALE = Stated(
    transfer=f"{B}-x1",
    kind=StatedKind.SALE,
    side=StatedSide.DEBTOR,
    debtor=A,
    creditor=B,
    amount=Fen(5),
)
CLAIM = replace(SALE, side=StatedSide.CREDITOR)
DEBT = AccountRef(AccountKind.DUE_TO, B, A)
OWED = AccountRef(AccountKind.DUE_FROM, A, B)
OTHER = AccountRef(AccountKind.DUE_TO, C, A)
BANK = AccountRef(AccountKind.BANK, "correction", A)


def corrected(stated, by):
    """What a correction makes of it that raises the debt by so much, or lowers it."""
    due = DEBT if stated.side is StatedSide.DEBTOR else OWED
    raises = (by > 0) == (stated.side is StatedSide.DEBTOR)
    moves = move(BANK, due, abs(by)) if raises else move(due, BANK, abs(by))
    return decide_restatement(stated, moves, agreed=False), moves


@st.composite
def histories(draw):
    """What a side has stated, each by an entry of its own, in the order in which it came."""
    stated = draw(st.sampled_from([SALE, CLAIM]))
    history = [stated]
    for by in draw(st.lists(st.integers(-4, 4).filter(bool), max_size=3)):
        found, _ = corrected(history[-1], by)
        if isinstance(found, Stated):
            history.append(found)
    said = [Said(one, f"{n:064}", AT) for n, one in enumerate(history)]
    return said, draw(st.permutations(said))


@given(histories())
def test_whatever_the_order_of_arrival_a_debt_comes_to_its_last_statement(history):
    said, arriving = history
    come = []
    for one in arriving:
        assert fits(come, one.stated)
        come = of_side([*come, one], one.stated.side)
        assert (standing(come) is None) == (len(come) < come[-1].stated.number)
    assert standing(come) == said[-1].stated


@given(histories(), st.integers(-2, 2))
def test_every_amount_is_its_entry_and_the_corrections_that_name_it(history, off):
    said, _ = history
    steps = [one.stated.amount - one.stated.before for one in said]
    assert [one.stated.amount for one in said] == list(accumulate(steps))
    assert all(one.stated.amount >= 0 for one in said)
    assert len({one.stated.revision for one in said}) == len(said)
    for one in said[1:]:
        wrong = replace(one.stated, before=Fen(one.stated.before + off))
        others = [other for other in said if other is not one]
        assert fits(others, wrong) is (off == 0)


def test_no_two_statements_of_a_transfer_share_the_number_of_their_letters():
    revisions = [
        replace(SALE, kind=kind, side=side, number=number).revision
        for kind in StatedKind
        for side in StatedSide
        for number in range(1, 4)
    ]
    assert sorted(revisions) == list(range(1, 13))


@pytest.mark.parametrize(
    ("last", "moves", "agreed", "refusal"),
    [
        (None, move(DEBT, BANK, 1), False, RestateRefusal.NOT_STATED),
        (
            replace(SALE, kind=StatedKind.ACCOUNT),
            move(DEBT, BANK, 1),
            False,
            RestateRefusal.BALANCE_COMMITTED,
        ),
        (SALE, move(OTHER, BANK, 1), True, RestateRefusal.NOT_TOUCHED),
        (SALE, move(OWED, BANK, 1), False, RestateRefusal.NOT_TOUCHED),
        (SALE, move(DEBT, BANK, 6), True, RestateRefusal.AGREED),
        (SALE, move(DEBT, BANK, 6), False, RestateRefusal.BELOW_ZERO),
    ],
)
def test_a_correction_names_only_a_debt_that_it_changes_and_that_is_open(
    last, moves, agreed, refusal
):
    assert decide_restatement(last, moves, agreed=agreed) is refusal


def test_a_debt_may_become_nothing_and_something_again():
    nothing, _ = corrected(SALE, -5)
    assert (nothing.number, nothing.before, nothing.amount) == (2, 5, 0)
    again, _ = corrected(nothing, 3)
    assert (again.number, again.before, again.amount) == (3, 0, 3)
    assert Stated.from_body(nothing.to_body()) == nothing
    with pytest.raises(MalformedError):
        Stated.from_body(SALE.to_body() | {"amount_cny": "0.00"})
    for netting in Netting:
        assert net(netting, []).payments == ()
        assert netting_of(netting.value, []) == ({}, [])


@pytest.mark.parametrize("stated", [SALE, CLAIM])
@pytest.mark.parametrize("by", [-2, 3])
def test_a_debt_stated_anew_rests_on_the_correction_that_says_so(stated, by):
    new, ((source, target, amount),) = corrected_row(stated, by)
    record = {
        "kind": "entry.correction",
        "province": stated.province,
        "subject": "fix-1",
        "facts": {"case": "c", "reason": "wrong_amount", "document": "d"} | facts_of(new),
        "postings": [[source, target, amount, "0", "0"]],
    }
    assert rests_on(new, record, "any ticket")
    assert why_of(record).correction == "fix-1"
    assert Stated.from_body(new.to_body()) == new
    facts = record["facts"]
    for wrong in (
        record | {"province": C},
        record | {"kind": "entry.settlement"},
        record | {"postings": [[source, target, "9", "0", "0"]]},
        record | {"postings": []},
        *(
            record | {"facts": {k: v for k, v in facts.items() if k != name}}
            for name in facts_of(new)
        ),
        record | {"facts": facts | {"number": 3}},
        record | {"facts": facts | {"before_cny": "0.01"}},
        record | {"facts": facts | {"transfer": f"{B}-x2"}},
    ):
        assert not rests_on(new, wrong, "any ticket"), wrong
    assert not rests_on(replace(new, number=3), record, "any ticket")
    for change in ({"number": 1}, {"number": 0}, {"before_cny": "-1.00"}, {"more": 1}):
        with pytest.raises(MalformedError):
            Stated.from_body(new.to_body() | change)


def corrected_row(stated, by):
    """The statement anew, and the posting of the correction."""
    new, ((moved),) = corrected(stated, by)
    return new, [(moved.source.code, moved.target.code, str(moved.amount))]
