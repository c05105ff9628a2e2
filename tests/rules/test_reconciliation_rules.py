"""Pure rules of reconciliation: honest books agree, whatever is under way between them."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.calendar import SHANGHAI
from app.ledger.rules import AccountRef
from app.reconciliation import rules, rules_borders, rules_mirror, rules_report
from app.reconciliation.rules import Account, Case, CaseKind, Group, GroupKey, Held
from app.reconciliation.rules_borders import Committed, Matter, Quota
from app.transparency.edge import Edge
from app.transparency.merkle import leaf_hash, root_of

A, B = "330000", "500000"
AT = datetime(2026, 11, 22, tzinfo=UTC)

amounts = st.integers(min_value=1, max_value=5)
sides = st.frozensets(st.sampled_from(["giver", "receiver"]))


@st.composite
def transfers(draw):
    """Transfers in both directions: what was committed, and which side's log has its entry."""
    rows = draw(st.lists(st.tuples(st.booleans(), amounts, amounts, amounts, sides, sides)))
    return [
        (
            Committed(f"x{n}", *((A, B) if ahead else (B, A)), m, k, balance, applied & posted),
            posted,
        )
        for n, (ahead, m, k, balance, applied, posted) in enumerate(rows)
    ]


def books_of(history):
    """What two honest logs have of these transfers: flows by direction, balances of accounts."""
    flows = {(A, B): Quota({}, {}, {}), (B, A): Quota({}, {}, {})}
    balances = {rules_borders.conversion(A, B): 0, rules_borders.conversion(B, A): 0}
    for one, posted in history:
        flow = flows[one.giver, one.receiver]
        if "giver" in posted:
            flow.out[one.id] = one.sent
            balances[rules_borders.conversion(one.giver, one.receiver)] += one.sent
        if "receiver" in posted:
            flow.into[one.id] = one.received
            balances[rules_borders.conversion(one.receiver, one.giver)] -= one.received
    return flows, balances


@given(transfers())
def test_honest_books_agree_about_quota_and_what_is_under_way_is_named(history):
    flows, balances = books_of(history)
    committed = [one for one, _ in history]
    found, transit = rules_borders.compare_quota((A, B), flows, committed, balances)
    assert found is None
    assert {one.matter for one in transit} == {
        one.id for one, posted in history if len(posted) == 1
    }


@given(transfers(), st.sampled_from([A, B]), amounts)
def test_quota_that_nobody_committed_is_found_and_made_good_by_as_much(history, book, amount):
    flows, balances = books_of(history)
    code = rules_borders.conversion(book, B if book == A else A)
    flows[A, B].out["bogus"] = amount
    balances[code] += amount
    committed = [one for one, _ in history]
    found, _ = rules_borders.compare_quota((A, B), flows, committed, balances)
    assert found is not None
    assert [row for row in found.rows if row[1] != row[2]] == [
        (code, balances[code] - amount, balances[code])
    ]
    balances[code] -= amount
    assert rules_borders.compare_quota((A, B), flows, committed, balances)[0] is None


@given(transfers().filter(bool))
def test_an_entry_that_a_side_has_reported_and_its_log_lacks_is_found(history):
    flows, balances = books_of(history)
    one, posted = history[0]
    applied = frozenset({"giver", "receiver"})
    committed = [one._replace(applied=applied), *(other for other, _ in history[1:])]
    found, _ = rules_borders.compare_quota((A, B), flows, committed, balances)
    assert (found is None) == (posted == applied)


def test_what_one_transaction_does_on_both_sides_needs_no_decision():
    flows = {(A, B): Quota({"x": 100}, {"x": 66}, {"x": (100, 66)})}
    balances = {rules_borders.conversion(A, B): 100, rules_borders.conversion(B, A): -66}
    assert rules_borders.compare_quota((A, B), flows, [], balances) == (None, [])


OWES, CLAIMS = f"due_to:{A}:{B}", f"due_from:{B}:{A}"
matters = st.dictionaries(st.sampled_from(["sale:l:t1", "sale:l:t2", "net:1", "pay:f:1"]), amounts)


@given(matters, matters, st.integers(-5, 5))
def test_a_debt_is_the_same_in_both_books_but_for_what_is_new_in_one(both, fresh, wrong):
    """Matters of `fresh` that are not in both stand in the debtor's alone, since yesterday."""
    debtor = {m: Matter(a, seen=True) for m, a in both.items()}
    creditor = {m: Matter(-a, seen=True) for m, a in both.items()}
    alone = {m: a for m, a in fresh.items() if m not in both}
    debtor |= {m: Matter(a, seen=False) for m, a in alone.items()}
    balances = {
        OWES: sum(one.amount for one in debtor.values()) + wrong,
        CLAIMS: sum(one.amount for one in creditor.values()),
    }
    found, transit = rules_borders.compare_dues(A, B, (debtor, creditor), balances, {})
    assert {(one.matter, one.amount) for one in transit} == set(alone.items())
    assert (found is None) == (wrong == 0)
    if found is not None:
        rows = {code: wanted - stands for code, wanted, stands in found.rows}
        assert rows == {OWES: -wrong, CLAIMS: -wrong}


@pytest.mark.parametrize(
    ("applied", "balance", "agrees"),
    [
        (frozenset(), 70, True),
        (frozenset({"giver"}), 70, True),
        # the receiver has reported that it took the account in, and its book does not say so
        (frozenset({"giver", "receiver"}), 70, False),
        # another balance than was decided
        (frozenset({"giver"}), 71, False),
    ],
)
def test_an_account_is_under_way_as_long_as_its_transfer_is(applied, balance, agrees):
    committed = {"x": Committed("x", A, B, 100, 66, 70, applied)}
    debtor = {"move:x": Matter(balance, seen=True)}
    found, transit = rules_borders.compare_dues(A, B, (debtor, {}), {OWES: balance}, committed)
    assert (found is None) == agrees
    assert bool(transit) == agrees


def test_what_the_last_round_saw_already_is_under_way_no_longer():
    debtor = {"sale:l:t1": Matter(70, seen=True)}
    found, transit = rules_borders.compare_dues(A, B, (debtor, {}), {OWES: 70}, {})
    assert (found is not None, transit) == (True, [])


codes = st.sampled_from(["ticket:500000:t1", "ticket:500000:t2", f"due_to:500000:{A}"])


@given(st.dictionaries(codes, amounts), st.dictionaries(codes, st.tuples(amounts, amounts)))
def test_accounts_differ_where_either_figure_does(mirror, tables):
    answered = {code: Account(*both) for code, both in tables.items()}
    found = rules.compare_accounts(answered, mirror)
    for code in mirror.keys() | tables.keys():
        both = tables.get(code, (0, 0))
        same = both == (mirror.get(code, 0), mirror.get(code, 0))
        assert same == (code not in {one.code for one in found})
    assert found == sorted(found)


totals = st.dictionaries(
    st.builds(GroupKey, st.sampled_from([A, B]), st.sampled_from(["ticket", "bank"]), st.just("")),
    st.builds(Group, st.integers(-9, 9), st.sampled_from(["0" * 64, "1" * 64])),
)


@given(totals, totals)
def test_totals_say_the_same_after_they_were_sent_and_differ_where_anything_does(one, other):
    pages = rules.pages_of(rules.rows_of(one))
    assert rules.read_rows([row for page in pages for row in page]) == one
    assert rules.compare(one, one) == []
    assert bool(rules.compare(one, other)) == (one != other)
    assert (rules.digest_of(1, 2, one) == rules.digest_of(1, 2, other)) == (one == other)


@given(st.lists(st.binary(max_size=3), max_size=40), st.integers(0, 40))
def test_the_tree_goes_on_from_where_it_was_kept(entries, cut):
    first = Edge()
    for entry in entries[:cut]:
        first.append(entry)
    edge = Edge(first.size, first.roots)
    for entry in entries[cut:]:
        edge.append(entry)
    assert (edge.size, edge.root()) == (len(entries), root_of([leaf_hash(e) for e in entries]))


def entry(kind, key, province, facts, *postings):
    rows = [[source, target, str(amount), "0", "0"] for source, target, amount in postings]
    return json.dumps(
        {
            "kind": f"entry.{kind}",
            "key": key,
            "province": province,
            "subject": "x1",
            "facts": facts,
            "postings": rows,
        }
    ).encode()


RATE = {"sent_m2": "1.00", "received_m2": "0.66", "yield_out": 2, "yield_in": 3, "document": "d"}


def test_a_payment_is_the_same_matter_to_payer_and_payee():
    facts = {"reference": "0" * 64}
    paid = entry("provincial_payment", f"provincial-payment:i:1:{A}", A, facts, (OWES, "b", 1))
    came = entry("provincial_payment", f"provincial-payment:f:9:{B}", B, facts, ("b", CLAIMS, 1))
    one, other = (rules_mirror.matter_of(json.loads(leaf)) for leaf in (paid, came))
    assert one == other == f"payment:x1:{'0' * 64}"


def test_a_mirror_adds_up_what_entries_do_and_names_transfers_as_all_nodes_do():
    effects = rules_mirror.Effects()
    ticket, border = f"ticket:{A}:t1", f"conversion:{A}:{B}"
    moved = {"transfer": "x1", "from": A, "to": B, "balance": "0.70", "decision": "0" * 64}
    entries = [
        b'{"kind":"lot.listed"}',
        entry("conversion_out", "k1", A, RATE | {"decision": "0" * 64}, (ticket, border, 100)),
        entry("account_moved_out", "k2", A, moved, (f"housing:{A}:h", OWES, 70)),
        entry("settlement_home", "settle-home:l:t9", A, {}, (f"due_from:{A}:{B}", "county:1:c", 5)),
        entry("provincial_netting", f"provincial-netting:7:{A}", A, {}, (OWES, CLAIMS, 7)),
    ]
    # A correction is in the balance, and is under way nowhere.
    entries.append(entry("correction", "correction:f", A, {}, (OWES, f"housing:{A}:h", 3)))
    entries[3] = entries[3].replace(b"county:1:c", f"county:{A}:c".encode())
    rules_mirror.add_all(effects, 0, entries)
    assert effects.accounts[border] == -effects.accounts[ticket] == 100
    assert effects.accounts[OWES] == 60
    (crossed,) = effects.crossed
    assert (crossed.side, crossed.id, crossed.giver, crossed.receiver) == ("out", f"{A}-x1", A, B)
    assert (crossed.sent, crossed.received, crossed.leaf) == (100, 66, 1)
    assert {(code, matter): due.amount for (code, matter), due in effects.dues.items()} == {
        (OWES, f"move:{A}-x1"): 70,
        (f"due_from:{A}:{B}", "sale:l:t9"): -5,
        (OWES, "provincial-netting:7"): -7,
        (CLAIMS, "provincial-netting:7"): 7,
    }


@pytest.mark.parametrize("leaf", [b"{}", b"[]", b"?", b'{"kind":"entry.issue","postings":[["a"]]}'])
def test_an_entry_that_cannot_be_followed_ends_the_mirror(leaf):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever says that it is no entry
        rules_mirror.add_all(rules_mirror.Effects(), 0, [leaf])


CASE = Case(
    id="c",
    round=1,
    kind=CaseKind.TABLES,
    subject="cq",
    accounts=(("cq", "ticket:500000:t1"), ("cq", "ticket:500000:t2")),
    found={},
    opened_at=AT,
)


def test_a_case_is_cured_only_when_no_account_of_it_differs():
    def still(case, held=frozenset(), pairs=frozenset()):
        return rules.still_differs(case, {"cq": frozenset(held)} if held else {}, pairs)

    assert still(CASE, {"ticket:500000:t2"})
    assert not still(CASE, {"ticket:500000:t3"})
    assert not still(CASE)
    dues = replace(CASE, kind=CaseKind.DUES, subject=f"{A}>{B}")
    assert still(dues, pairs={f"dues {A}>{B}"})
    assert not still(dues, pairs={f"dues {B}>{A}", f"conversion {A}>{B}"})
    assert rules.still_differs(replace(CASE, accounts=()), {"cq": frozenset()}, ())


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        (f"due_to:{A}:{B}", f"housing:{A}:h", None),
        (f"due_to:{A}:{B}", f"bank:{B}:x", None),
        (f"county:{A}:c", f"housing:{A}:h", "correction-beside-the-case"),
        (f"due_to:{A}:{B}", f"ticket:{A}:t", "correction-of-other-value"),
        (f"ticket:{A}:t", f"conversion:{A}:{B}", None),
        (f"ticket:{A}:t", f"ticket:{B}:t", "correction-of-other-value"),
        (f"ticket:{A}:t", f"cropland:{A}:c", "correction-of-other-value"),
        (f"ticket:{A}:t", f"ticket:{A}:t", "correction-of-other-value"),
    ],
)
def test_a_correction_moves_value_of_one_kind_to_or_from_what_is_frozen(source, target, code):
    frozen = [f"due_to:{A}:{B}", f"ticket:{A}:t"]
    refusal = rules.decide_correction(CASE, frozen, AccountRef.of(source), AccountRef.of(target))
    assert (None if refusal is None else refusal.code) == code


def test_the_latest_night_is_half_past_midnight_in_beijing():
    for hour, minute, day in ((0, 29, 21), (0, 30, 22), (23, 59, 22)):
        now = datetime(2026, 11, 22, hour, minute, tzinfo=SHANGHAI)
        night = rules.last_night(now)
        assert night == datetime(2026, 11, day, 0, 30, tzinfo=SHANGHAI)


def test_a_book_that_made_quota_from_nothing_does_not_balance():
    kinds = {"ticket": 300}
    flows = {
        (A, "issue", "accepted", "ticket"): 400,
        (A, "conversion_out", "ticket", "conversion"): 100,
    }
    assert rules_report.province_row(A, "a", flows, kinds).balances
    assert not rules_report.province_row(A, "a", flows, {"ticket": 301}).balances
    corrected = flows | {(A, "correction", "conversion", "ticket"): 1}
    assert rules_report.province_row(A, "a", corrected, {"ticket": 301}).balances


def crossed(side, id_, **more):
    facts = {"giver": A, "receiver": B, "sent": 100, "received": 66, "yield_out": 2, "yield_in": 3}
    return rules_mirror.Crossed(side=side, id=id_, document="d", leaf=0, **(facts | more))


def test_what_crossed_is_told_with_its_exact_fraction_and_what_is_under_way():
    entries = [
        crossed("out", "x"),
        crossed("in", "x"),
        crossed("out", "y", sent=50, received=33),
        # its departure is in a log that is mirrored no further yet
        crossed("in", "z", sent=10, received=6),
    ]
    (row,) = rules_report.conversion_rows(entries)
    assert (row.sent, row.received, row.in_transit) == (150, 72, 40)
    assert (str(row.coefficient), str(row.rounded)) == ("2/3", "4/3")


def test_held_names_what_the_log_and_both_tables_say():
    (one,) = rules.compare_accounts({"bank:000000:x": Account(5, 6)}, {"bank:000000:x": 5})
    assert one == Held("bank:000000:x", 5, 5, 6)
