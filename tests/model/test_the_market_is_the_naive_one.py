"""The whole product, over HTTP, against the naive market: the same answers, the same outcome."""

import pytest
import yaml

from app.audit.stream import audit_records
from app.replay import differences, parse_case, play, play_steps, read_outcome
from tests.audit.conftest import leaves_of

from .naive_market import NaiveMarket
from .naive_market import play as naive_play
from .random_cases import random_case

AFTER_EVERY_STEP = range(1000, 1004)
AT_THE_END = range(2000, 2014)


def written(case):
    """The case as the file that a person would write."""
    return parse_case(yaml.safe_dump(case, allow_unicode=True, sort_keys=False))


@pytest.mark.parametrize("seed", AFTER_EVERY_STEP)
async def test_after_every_step_everybody_holds_what_the_naive_market_says(seed, market):
    raw = random_case(seed, 60)
    naive = NaiveMarket(raw)
    async for step, code in play_steps(written(raw), market):
        assert code == naive.step(raw["steps"][step.n - 1]), f"step {step.n}: {step.do}"
        got = await read_outcome("", [], market)
        wanted = naive.outcome() | {"case": "", "steps": []}
        assert list(differences(got, wanted)) == [], f"after step {step.n}: {step.do}"


@pytest.mark.parametrize("seed", AT_THE_END)
async def test_a_random_case_ends_as_in_the_naive_market_and_its_log_breaks_no_rule(
    seed, market, db
):
    raw = random_case(seed, 130)
    assert list(differences(await play(written(raw), market), naive_play(raw))) == []
    report = audit_records(await leaves_of(db))
    assert report.clean, [finding.line() for finding in report.kept[:5]]
    assert report.records > 130
