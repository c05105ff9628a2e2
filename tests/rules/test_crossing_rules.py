"""What a ticket takes along, who is named how, and what its home reckons of a sale elsewhere."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.rules import Zone
from app.kernel.ids import foreign_province, local_id, reference
from app.kernel.units import decimal
from app.ledger.rules import AccountKind, AccountRef
from app.policy.rules import Coefficient, Party
from app.settlement.rules import Sale, drafts, home_draft, settle
from app.tickets.rules import Ticket, TicketState
from app.transfers import rules_crossing, rules_obligation
from app.transfers.rules_crossing import CrossingRefusal, Goods
from app.transfers.rules_messages import Propose, digest
from app.transfers.rules_obligation import ObligationRefusal
from app.transfers.rules_wire import MalformedError

HOME, AWAY = "500000", "330000"
NOW = datetime(2027, 1, 5, 1, 0, tzinfo=UTC)
COEFFICIENT = Coefficient(
    "k1", HOME, AWAY, 500, 750, date(2027, 1, 1), date(2027, 12, 31), "文号", "a", "b"
)
SPLIT = ((Party.COUNTY, 1), (Party.COLLECTIVE, 14), (Party.VILLAGER, 85))


def goods(**changed):
    return Goods(
        **{
            "application": "a1",
            "household": "h1",
            "collective": "v1",
            "county": "500236",
            "zone": Zone.FARM_PRODUCT,
            "heads": 3,
            "city": "330782",
            "issued_at": NOW,
            "reclamation_cost": 400,
            "financing_cost": 100,
            "coefficient": "k1",
            "policy": "500000.default",
            "split": SPLIT,
            "open": True,
            "affordable_homes": 0,
            "subsidised": (2026,),
            "person": "0" * 64,
        }
        | changed
    )


def terms(area=10000, **changed):
    proposal = Propose(
        transfer=reference(HOME, "x1"),
        giver=HOME,
        receiver=AWAY,
        ticket="t1",
        area=area,
        rate=rules_crossing.rate_of(COEFFICIENT),
        credit=COEFFICIENT.convert(area),
        balance=0,
        valid_until=NOW,
        cargo=goods().to_cargo(),
    )
    return replace(proposal, **changed)


@given(
    costs=st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)),
    weights=st.lists(st.integers(1, 100), min_size=1, max_size=len(Party)),
    years=st.lists(st.integers(2000, 2100), max_size=5, unique=True),
    is_open=st.booleans(),
)
def test_what_a_ticket_takes_along_is_read_as_it_was_packed(costs, weights, years, is_open):
    packed = goods(
        reclamation_cost=costs[0],
        financing_cost=costs[1],
        split=tuple(zip(list(Party)[-len(weights) :], weights, strict=True)),
        subsidised=tuple(sorted(years)),
        open=is_open,
    )
    assert Goods.from_cargo(packed.to_cargo()) == packed


@pytest.mark.parametrize(
    "change",
    [
        {"split": "villager:0"},
        {"split": "villager"},
        {"split": "nobody:1"},
        {"zone": "moon"},
        {"open": 2},
        {"issued_at": "2027-01-05"},
        {"reclamation_cost_cny": "4"},
        {"subsidised": "2026,"},
        {"more": "x"},
    ],
)
def test_cargo_in_any_other_spelling_is_malformed(change):
    members = dict(goods().to_cargo()) | change
    with pytest.raises(MalformedError):
        Goods.from_cargo(tuple(sorted(members.items())))


@pytest.mark.parametrize("missing", sorted(name for name, _ in goods().to_cargo()))
def test_cargo_that_lacks_a_member_is_malformed(missing):
    with pytest.raises(MalformedError):
        Goods.from_cargo(tuple(p for p in goods().to_cargo() if p[0] != missing))


def test_names_among_nodes_lead_back_to_the_node_that_gave_them():
    assert reference(HOME, "h-1") == "500000-h-1"
    assert local_id(HOME, "500000-h-1") == "h-1"
    assert local_id(AWAY, "500000-h-1") is None
    assert foreign_province("500000-h-1") == HOME
    assert [foreign_province(id_) for id_ in ("h1", "500000", "500000-", "00000-h")] == [None] * 4
    assert rules_crossing.local_of(terms()) == "x1"
    arrived = rules_crossing.arrived_ticket(terms(), goods())
    assert (arrived.id, arrived.province) == ("500000-t1/330000", AWAY)
    assert (arrived.household, arrived.application) == ("500000-h1", "500000-a1")
    assert rules_crossing.decide_names(HOME, "t" * 57) is None
    assert rules_crossing.decide_names(HOME, "t" * 58) is CrossingRefusal.ID_TOO_LONG


def test_a_proposal_is_valid_for_thirty_days_and_no_longer_than_its_coefficient():
    whole_year = rules_crossing.last_day(COEFFICIENT, NOW)
    assert NOW + timedelta(days=29) < whole_year <= NOW + timedelta(days=30)
    short = replace(COEFFICIENT, valid_to=date(2027, 1, 6))
    assert rules_crossing.last_day(short, NOW).isoformat() == "2027-01-07T00:00:00+08:00"


def test_a_node_objects_to_what_its_own_table_does_not_give():
    assert rules_crossing.object_to(terms(), COEFFICIENT) is None
    other = CrossingRefusal.OTHER_COEFFICIENT.code
    assert rules_crossing.object_to(terms(), None) == other
    assert rules_crossing.object_to(terms(), replace(COEFFICIENT, yield_out=501)) == other
    assert rules_crossing.object_to(terms(), replace(COEFFICIENT, document="另一文号")) == other
    assert rules_crossing.object_to(terms(), replace(COEFFICIENT, id="k2")) == other
    cut = terms(cargo=terms().cargo[1:])
    assert rules_crossing.object_to(cut, COEFFICIENT) == CrossingRefusal.CARGO_MALFORMED.code
    long = terms(ticket="t" * 58)
    assert rules_crossing.object_to(long, COEFFICIENT) == CrossingRefusal.ID_TOO_LONG.code


def test_a_record_must_say_what_the_message_says_that_rests_on_it():
    said = {"kind": "transfer.requested", "body": {"proposal": digest(terms())}}
    assert rules_crossing.binds(said, terms())
    assert not rules_crossing.binds(said, terms(area=10001))
    assert not rules_crossing.binds(said | {"kind": "crossing.offered"}, terms())
    assert not rules_crossing.binds({}, terms())


# ------------------------------------------------------------------------------- sales elsewhere


def sold_entry(area, price, beside):
    """What the selling province books of a lot with one arrived ticket, and others of its own."""
    proposal = terms(area)
    arrived = rules_crossing.arrived_ticket(proposal, goods())
    own = [
        replace(arrived, id=f"s{n}", home_province=AWAY, area=size, arrival=None)
        for n, size in enumerate(beside)
    ]
    bundle = [arrived, *own]
    lot_area = sum(t.area for t in bundle)
    shares = settle(price, bundle, {t.id: SPLIT for t in bundle})
    sale = Sale("l1", AWAY, "b1", price, lot_area)
    housing = AccountRef(AccountKind.HOUSING, arrived.household, AWAY)
    (draft,) = drafts(sale, shares[0], housing, "p")
    entry = {
        "kind": "entry.settlement",
        "province": AWAY,
        "subject": arrived.id,
        "facts": dict(draft.facts),
        "postings": [[m.source.code, m.target.code, str(m.amount), "0", "0"] for m in draft.moves],
    }
    body = {"lot": "l1", "ticket": arrived.id, "due_cny": decimal(shares[0].due)}
    return proposal, body, entry


def original():
    return Ticket(
        id="t1",
        application="a1",
        household="h1",
        collective="v1",
        county="500236",
        home_province=HOME,
        province=HOME,
        area=10000,
        reclamation_cost=400,
        financing_cost=100,
        issued_at=NOW,
        state=TicketState.TRANSFERRED,
    )


SALES = {
    "area": st.integers(2, 50),
    "beside": st.lists(st.integers(1, 50), max_size=4),
    "each": st.integers(500, 700),
}


@given(**SALES)
def test_the_home_reckons_what_an_honest_seller_has_booked_to_the_fen(area, beside, each):
    # A price that covers the costs of every ticket by its area.
    smallest = min([COEFFICIENT.convert(area), *beside])
    price = each * (COEFFICIENT.convert(area) + sum(beside)) // smallest + each
    proposal, body, entry = sold_entry(area, price, beside)
    stated = rules_obligation.read(body, entry, proposal)
    share = rules_obligation.reckon(stated, rules_obligation.as_sold(original(), proposal), SPLIT)
    assert not isinstance(share, ObligationRefusal)
    housing = AccountRef(AccountKind.HOUSING, "500000-h1", AWAY)
    sale = Sale(stated.lot, AWAY, "", stated.price, stated.lot_area)
    booked = home_draft(sale, share, housing, "p")
    assert sum(m.amount for m in booked.moves) == stated.due == share.due
    assert {m.source.code for m in booked.moves} <= {f"due_from:{HOME}:{AWAY}"}
    assert {m.target.owner for m in booked.moves} <= {"500236", "v1"}


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"share": "100.02"}, ObligationRefusal.DIFFERS),
        ({"ticket_area": "66.67"}, ObligationRefusal.DIFFERS),
        ({"reclamation_cost": "3.99"}, ObligationRefusal.DIFFERS),
        ({"net": "94.99"}, ObligationRefusal.DIFFERS),
        ({"lot_area": "1.00"}, ObligationRefusal.DIFFERS),
        ({"lot": "l2"}, ObligationRefusal.UNFOUNDED),
        ({"price": "a lot"}, ObligationRefusal.UNFOUNDED),
    ],
)
def test_a_figure_that_the_home_does_not_reckon_is_refused(facts, refusal):
    proposal, body, entry = sold_entry(10000, 10000, [])
    entry["facts"] |= facts
    stated = rules_obligation.read(body, entry, proposal)
    if not isinstance(stated, ObligationRefusal):
        sold = rules_obligation.as_sold(original(), proposal)
        stated = rules_obligation.reckon(stated, sold, SPLIT)
    assert stated is refusal


@pytest.mark.parametrize(
    "changed", [{"kind": "entry.payment"}, {"province": HOME}, {"subject": "500000-t2/330000"}]
)
def test_an_entry_that_is_not_the_sale_of_this_ticket_founds_nothing(changed):
    proposal, body, entry = sold_entry(10000, 10000, [])
    assert rules_obligation.read(body, entry | changed, proposal) is ObligationRefusal.UNFOUNDED
