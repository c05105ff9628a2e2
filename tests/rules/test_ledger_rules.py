"""Whatever is posted, nothing is made, nothing is lost, and no floor is broken."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledger.kinds import ASSET, FARMLAND, MOVES, RIGHT_TO_BUILD, UNBOUNDED
from app.ledger.rules import (
    AccountKind,
    AccountRef,
    Asset,
    Draft,
    EntryKind,
    LedgerRefusal,
    Move,
    canonical,
    entry_body,
    judge,
    leaf_hash,
    move,
)

NOW = datetime(2026, 4, 13, 1, 0, tzinfo=UTC)
CASH = [AccountRef(AccountKind.BIDDER_CASH, f"b{n}") for n in range(3)]
BANK = AccountRef(AccountKind.BANK, "escrow")
resales = st.tuples(st.sampled_from(CASH), st.sampled_from(CASH), st.integers(-1, 3)).map(
    lambda m: Move(*m)
)


def draft(kind, *moves, key="k"):
    return Draft(kind=kind, key=key, province="000000", subject="s", moves=moves)


@given(st.lists(resales, max_size=4), st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_an_accepted_entry_conserves_the_total_and_respects_every_floor(moves, held):
    balances = {ref.code: amount for ref, amount in zip(CASH, held, strict=True)}
    running = judge(draft(EntryKind.CERTIFICATE_RESALE, *moves), balances)
    if isinstance(running, LedgerRefusal):
        return
    after = dict(balances)
    for posting, (source, target) in zip(moves, running, strict=True):
        after[posting.source.code] -= posting.amount
        after[posting.target.code] += posting.amount
        assert (after[posting.source.code], after[posting.target.code]) == (source, target)
    assert sum(after.values()) == sum(balances.values())
    assert min(after.values()) >= 0


@given(st.lists(resales, max_size=4), st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_an_entry_is_refused_only_for_what_it_would_break(moves, held):
    balances = {ref.code: amount for ref, amount in zip(CASH, held, strict=True)}
    refusal = judge(draft(EntryKind.CERTIFICATE_RESALE, *moves), balances)
    after = dict(balances)
    for posting in moves:
        after[posting.source.code] -= posting.amount
        after[posting.target.code] += posting.amount
    expected = None
    for posting in moves:
        if posting.amount <= 0:
            expected = LedgerRefusal.AMOUNT_NOT_POSITIVE
            break
        if posting.source == posting.target:
            expected = LedgerRefusal.SAME_ACCOUNT
            break
    if not moves:
        expected = LedgerRefusal.NO_POSTINGS
    elif expected is None and min(after.values()) < 0:
        expected = LedgerRefusal.BELOW_FLOOR
    assert (refusal if isinstance(refusal, LedgerRefusal) else None) is expected


def test_a_move_that_is_not_declared_is_refused():
    pay_the_bank = move(CASH[0], BANK, 1)
    refusal = judge(draft(EntryKind.CASH_IN, *pay_the_bank), {CASH[0].code: 5})
    assert refusal is LedgerRefusal.MOVE_NOT_DECLARED


def test_a_balance_beyond_the_column_is_refused():
    most = 2**63 - 1
    full = {CASH[0].code: most}
    refusal = judge(draft(EntryKind.CASH_IN, *move(BANK, CASH[0], 1)), full)
    assert refusal is LedgerRefusal.OVERFLOW
    too_much = draft(EntryKind.CASH_IN, Move(BANK, CASH[0], most + 1))
    assert judge(too_much, {}) is LedgerRefusal.AMOUNT_NOT_POSITIVE


def test_the_outside_may_be_negative_and_nothing_else():
    assert judge(draft(EntryKind.CASH_IN, *move(BANK, CASH[0], 7)), {}) == [(-7, 7)]
    refusal = judge(draft(EntryKind.CERTIFICATE_RESALE, *move(CASH[0], CASH[1], 1)), {})
    assert refusal is LedgerRefusal.BELOW_FLOOR


def test_nothing_moves_where_the_amount_is_zero():
    assert move(BANK, CASH[0], 0) == ()


@pytest.mark.parametrize("kind", list(EntryKind))
def test_every_declared_move_stays_within_one_asset_and_one_law(kind):
    for source, target in MOVES[kind]:
        assert ASSET[source] is ASSET[target]
        for law in (RIGHT_TO_BUILD, FARMLAND):
            assert (source in law) == (target in law)


def test_every_kind_of_account_has_an_asset_and_every_kind_of_land_a_law():
    assert set(ASSET) == set(AccountKind)
    land = {k for k in AccountKind if ASSET[k] is Asset.M2}
    off_site = {AccountKind.OFF_SITE_GRANTED, AccountKind.OFF_SITE_RIGHT}
    assert land == {*RIGHT_TO_BUILD, *FARMLAND} | off_site
    assert set(AccountKind) >= UNBOUNDED


def test_canonical_bytes_are_sorted_compact_and_keep_chinese_as_it_is():
    assert canonical({"b": [1, "二"], "a": {"z": None, "c": "x"}}) == (
        '{"a":{"c":"x","z":null},"b":[1,"二"]}'.encode()
    )


def test_the_leaf_hash_is_that_of_rfc_6962():
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()


def test_the_record_of_an_entry_says_everything_its_rows_say():
    entry = draft(EntryKind.CASH_IN, *move(BANK, CASH[0], 7), key="cash-in:1")
    body = json.loads(entry_body(entry, "p-1", NOW, [(-7, 7)]))
    assert body["postings"] == [[BANK.code, CASH[0].code, "7", "-7", "7"]]
    assert (body["key"], body["actor"], body["at"]) == (
        "cash-in:1",
        "p-1",
        "2026-04-13T01:00:00.000000Z",
    )
