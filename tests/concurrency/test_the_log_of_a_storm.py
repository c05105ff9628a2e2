"""Two nodes write one log at once, and each record still follows from those before it."""

import random

from app.audit import audit_records
from tests.audit.conftest import leaves_of
from tests.concurrency.test_storm import BIDDERS, HOUSEHOLDS, SEED, prepare, storm
from tests.story import Request

__all__ = ["BIDDERS", "HOUSEHOLDS"]


async def test_the_log_of_a_storm_breaks_no_rule(town):
    requests = [
        Request(do, body) for do, body in storm(*await prepare(town), random.Random(SEED + 1))
    ]
    random.Random(SEED + 1).shuffle(requests)
    await town.at_once(requests)
    leaves = await leaves_of(town.db)
    report = audit_records(leaves)
    assert report.clean, [finding.line() for finding in report.kept[:5]]
    assert report.records == len(leaves) > 1_000
