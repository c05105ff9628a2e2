"""Plots and land sales: who may select, what a sale costs, pays and offsets (R171-R178)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.rules import Region, Zone
from app.kernel.units import Area, Fen
from app.landing.explain import explain_certificate_resale
from app.landing.rules import (
    Holding,
    LandingRefusal,
    Plot,
    Sale,
    SaleBasis,
    SelectPlot,
    SellLand,
    decide_sale,
    decide_selection,
    drafts,
    fee_offset,
    ticket_cost,
)
from app.ledger.explanation import Credited
from app.ledger.kinds import FARMLAND, RIGHT_TO_BUILD
from app.ledger.rules import AccountKind, AccountRef, EntryKind, LedgerRefusal, judge

CITY = Region("330212", "鄞州区", Zone.URBANISED)
ACCOUNT = AccountRef(AccountKind.CERTIFICATE, "l1:b1", "330000")
HOLDING = Holding(ACCOUNT, "b1", "330000", Area(11333), Fen(4_900_000), Area(0))
WISH = SelectPlot("p1", "l1", "b1", "330212", Area(10000), "v2")
PLOT = Plot("p1", "l1", "b1", "330212", Area(10000), "v2")
RESULT = SellLand("p1", "b2", Fen(6_000_000), Fen(3_000_000))
BASIS = SaleBasis(HOLDING, Area(2_000_000), Fen(9_000_000), 50, "330000.1")

small = st.integers(0, 5)
positive = st.integers(1, 5)


def sold(plot=PLOT, command=RESULT, basis=BASIS):
    sale = decide_sale(plot, command, basis)
    assert isinstance(sale, Sale)
    return sale


def test_the_holder_selects_a_plot_within_its_free_area():
    assert decide_selection(WISH, CITY, HOLDING) == PLOT


@pytest.mark.parametrize(
    ("county", "holding", "refusal"),
    [
        (
            Region("330001", "农区", Zone.FARM_PRODUCT),
            HOLDING,
            LandingRefusal.ZONE_NOT_RECEIVING,
        ),
        (
            Region("330002", "山区", Zone.ECOLOGICAL),
            HOLDING,
            LandingRefusal.ZONE_NOT_RECEIVING,
        ),
        (Region("330000", "浙江省", None), HOLDING, LandingRefusal.ZONE_NOT_RECEIVING),
        (Region("330000", "浙江省", None), None, LandingRefusal.ZONE_NOT_RECEIVING),
        (CITY, None, LandingRefusal.CERTIFICATE_INSUFFICIENT),
        (CITY, replace(HOLDING, bidder="b2"), LandingRefusal.CERTIFICATE_INSUFFICIENT),
        (
            CITY,
            replace(HOLDING, province="500000"),
            LandingRefusal.CERTIFICATE_INSUFFICIENT,
        ),
        (
            CITY,
            replace(HOLDING, remaining=Area(9999)),
            LandingRefusal.CERTIFICATE_INSUFFICIENT,
        ),
        (CITY, replace(HOLDING, reserved=Area(1334)), LandingRefusal.CERTIFICATE_INSUFFICIENT),
        (CITY, replace(HOLDING, reserved=Area(1333)), PLOT),
    ],
)
def test_a_selection_is_refused_in_the_order_of_the_checks(county, holding, refusal):
    assert decide_selection(WISH, county, holding) == refusal


@given(remaining=small, reserved=small, area=positive)
def test_a_plot_is_selected_exactly_when_its_area_is_free(remaining, reserved, area):
    holding = replace(HOLDING, remaining=Area(remaining), reserved=Area(reserved))
    decided = decide_selection(replace(WISH, area=Area(area)), CITY, holding)
    assert isinstance(decided, Plot) == (reserved + area <= remaining)


def test_the_published_example_costs_and_offsets_to_the_fen():
    sale = sold()
    assert (sale.ticket_cost, sale.offset, sale.resale) == (4_323_656, 4_323_656, 4_323_656)
    rest = replace(HOLDING, remaining=Area(1333), remaining_cost=Fen(4_900_000 - 4_323_656))
    last = sold(
        replace(PLOT, id="p2", area=Area(1333)),
        SellLand("p2", "b1", Fen(500_000), Fen(300_001)),
        replace(BASIS, holding=rest),
    )
    assert (last.ticket_cost, last.offset, last.resale) == (576_344, 400_000, 0)


SOLD = replace(PLOT, sale=sold())


@pytest.mark.parametrize(
    ("plot", "basis", "refusal"),
    [
        (SOLD, replace(BASIS, cropland=Area(0)), LandingRefusal.WRONG_STATE),
        (
            PLOT,
            replace(BASIS, cropland=Area(9999), winner_cash=Fen(0)),
            LandingRefusal.CROPLAND_INSUFFICIENT,
        ),
        (
            PLOT,
            replace(BASIS, winner_cash=Fen(4_323_655)),
            LandingRefusal.INSUFFICIENT_FUNDS,
        ),
    ],
)
def test_a_sale_is_refused_in_the_order_of_the_checks(plot, basis, refusal):
    assert decide_sale(plot, RESULT, basis) is refusal


def test_the_last_fen_and_the_last_square_centimetre_suffice():
    basis = replace(BASIS, cropland=Area(10000), winner_cash=Fen(4_323_656))
    assert isinstance(decide_sale(PLOT, RESULT, basis), Sale)


def test_a_holder_who_wins_pays_nobody_and_needs_no_cash():
    sale = sold(command=replace(RESULT, winner="b1"), basis=replace(BASIS, winner_cash=Fen(0)))
    assert sale.resale == 0
    assert sale.ticket_cost == 4_323_656


@given(cost=small, areas=st.lists(positive, min_size=1, max_size=5))
def test_plots_that_use_up_a_certificate_use_up_its_cost_to_the_fen(cost, areas):
    holding = replace(HOLDING, remaining=Area(sum(areas)), remaining_cost=Fen(cost))
    total = 0
    for area in areas:
        part = ticket_cost(holding, Area(area))
        assert 0 <= part <= holding.remaining_cost
        assert part * holding.remaining <= holding.remaining_cost * area
        assert (part + 1) * holding.remaining > holding.remaining_cost * area
        total += part
        holding = replace(
            holding,
            remaining=Area(holding.remaining - area),
            remaining_cost=Fen(holding.remaining_cost - part),
        )
    assert total == cost


@given(cost=small, fees=small, share=st.sampled_from([0, 1, 50, 99, 100]))
def test_the_offset_is_within_the_cost_and_the_share_of_the_fees(cost, fees, share):
    offset = fee_offset(Fen(cost), Fen(fees), share)
    assert 0 <= offset <= min(cost, fees)
    assert offset * 100 <= fees * share
    assert offset == cost or (offset + 1) * 100 > fees * share


@given(
    area=positive,
    spare=small,
    cost=small,
    winner=st.sampled_from(["b1", "b2"]),
    collective=st.sampled_from([None, ("v1", "500000"), ("v2", "330000")]),
)
def test_the_entries_of_a_sale_conserve_quota_and_farmland(area, spare, cost, winner, collective):
    name, province = collective or (None, None)
    plot = replace(PLOT, area=Area(area), collective=name)
    holding = replace(HOLDING, remaining=Area(area + spare), remaining_cost=Fen(cost))
    basis = SaleBasis(holding, Area(area), Fen(cost), 100, "330000.1")
    sale = sold(plot, replace(RESULT, winner=winner), basis)
    posted = drafts(plot, sale, basis, province)

    start = {
        ACCOUNT.code: holding.remaining,
        "cropland:330000:330212": area,
        "bidder_cash:000000:b2": cost,
    }
    after = dict(start)
    for draft in posted:
        running = judge(draft, after)
        assert not isinstance(running, LedgerRefusal)
        for posting, (source, target) in zip(draft.moves, running, strict=True):
            after[posting.source.code], after[posting.target.code] = source, target

    def total(balances, kinds, place):
        return sum(
            b for code, b in balances.items() if code.split(":")[:2] in [[k, place] for k in kinds]
        )

    for kinds in (RIGHT_TO_BUILD, FARMLAND):
        assert total(start, kinds, "330000") == total(after, kinds, "330000")
    assert after[ACCOUNT.code] == spare
    assert after["cropland:330000:330212"] == 0
    assert after["construction:330000:330212"] == area
    assert after.get(f"off_site_right:{province}:{name}", 0) == (area if name else 0)
    assert after["bidder_cash:000000:b2"] == cost - sale.resale
    assert after.get("bidder_cash:000000:b1", 0) == sale.resale
    assert sale.resale in {0, sale.ticket_cost}


@pytest.mark.parametrize(("account", "sign"), [("b1", 1), ("b2", -1)])
def test_the_explanation_of_a_resale_adds_up_for_both_sides(account, sign):
    _, resale = drafts(PLOT, sold(), BASIS, "330000")
    credited = Credited(
        1,
        EntryKind.CERTIFICATE_RESALE,
        f"bidder_cash:000000:{account}",
        sign * 4_323_656,
        "p1",
        None,
        resale.facts,
        [(m.source.code, m.target.code, m.amount) for m in resale.moves],
    )
    (line,) = explain_certificate_resale(credited)
    assert line.amount == sign * 4_323_656
    assert line.formula == "floor(49000.00 × 100.00 / 113.33)"
