"""The oracle is itself checked: against the worked cases, and by the laws on random ones."""

import copy
import json
from pathlib import Path

import pytest

from .naive_laws import broken_laws
from .naive_loader import dump_case, load_case
from .naive_market import NaiveMarket, play
from .random_cases import random_case

ROOT = Path(__file__).resolve().parents[2]
WORKED = sorted(
    path
    for folder in (ROOT / "cases", ROOT.parent / "shared" / "cases")
    for path in folder.glob("*.yaml")
    if path.with_suffix(".expected.json").exists()
)
SEEDS = range(30)


@pytest.mark.parametrize("path", WORKED, ids=lambda path: path.stem)
def test_a_worked_case_ends_as_it_must(path):
    expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    assert play(load_case(path)) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_laws_hold_after_every_step(seed):
    case = random_case(seed, 80)
    market, taken = NaiveMarket(case), []
    for step in case["steps"]:
        if market.step(step) is None:
            taken.append(step)
        assert broken_laws(case, market, taken) == []
    if "until" in case:
        market.run_until(case["until"])
    assert broken_laws(case, market, taken) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_refused_step_changes_nothing(seed):
    case = random_case(seed, 80)
    market = NaiveMarket(case)
    for step in case["steps"]:
        market.run_until(step["at"])
        before = without_answers(market)
        if market.step(step) is not None:
            assert without_answers(market) == before


def without_answers(market):
    """The whole state as a value; amounts of zero are as good as none."""
    state = copy.deepcopy(vars(market))
    del state["answers"]
    for key in ("parties", "positions", "money_in", "money_out"):
        state[key] = {name: amount for name, amount in state[key].items() if amount}
    return state


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_case_is_the_same_when_it_is_drawn_or_read_again(seed, tmp_path):
    case = random_case(seed, 40)
    dump_case(case, tmp_path / "case.yaml")
    assert random_case(seed, 40) == case
    assert play(load_case(tmp_path / "case.yaml")) == play(case)


def test_equal_positions_settle_with_nothing_and_the_first_named_pays():
    regions = [{"code": "500000", "name": "重庆市"}, {"code": "330000", "name": "浙江省"}]
    market = NaiveMarket({"case": "equal", "regions": regions})
    market.positions["500000", "330000"] = 7
    market.positions["330000", "500000"] = 7
    at = "2026-01-05T09:00:00+08:00"
    step = {"at": at, "do": "settle_provinces", "a": "330000", "b": "500000"}
    assert market.step(step) is None
    assert market.step(step) == "nothing-due"
    settled = {"payer": "330000", "payee": "500000", "amount_cny": "0.00"}
    assert market.outcome()["provincial_settlements"] == [settled]
    assert market.outcome()["positions"] == {}


def test_random_cases_are_mostly_taken_and_reach_deep_states():
    outcomes = [play(random_case(seed, 120)) for seed in range(12)]
    answers = [step for outcome in outcomes for step in outcome["steps"]]
    refused = sum(not step["ok"] for step in answers)
    assert 0.15 < refused / len(answers) < 0.35
    lots = {lot["state"] for outcome in outcomes for lot in outcome["lots"].values()}
    assert {"paid", "unsold", "defaulted"} <= lots
    kinds = {one["kind"] for outcome in outcomes for one in outcome["contracts"]}
    assert {"affordable_purchase", "public_purchase", "mortgage_offset"} <= kinds
    assert any(outcome["plots"] for outcome in outcomes)
    assert any(outcome["transfers"] for outcome in outcomes)
