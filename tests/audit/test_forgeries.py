"""An operator who re-signs a rewritten log is found out at the first record that is wrong."""

import pytest

from app.audit.stream import audit_records
from tests.audit import (
    forgeries_auction,
    forgeries_clearing,
    forgeries_evidence,
    forgeries_holds,
    forgeries_market,
    forgeries_redemptions,
    forgeries_seals,
)
from tests.audit.forgery import Log

FORGERIES = [
    *forgeries_market.FORGERIES,
    *forgeries_auction.FORGERIES,
    *forgeries_seals.FORGERIES,
    *forgeries_evidence.FORGERIES,
    *forgeries_holds.FORGERIES,
    *forgeries_redemptions.FORGERIES,
    *forgeries_clearing.FORGERIES,
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_the_audit_names_the_first_record_that_is_wrong(forgery, logs):
    log = Log.of(logs[forgery.log])
    forgery.change(log)
    report = audit_records(log.leaves())
    first = report.first
    assert first is not None, "nothing was found"
    assert (first.rule, first.index) == (forgery.rule, log.at), first.line()


def test_there_are_enough_ways_to_cheat_and_each_is_told_once():
    names = [forgery.name for forgery in FORGERIES]
    assert len(names) == len(set(names)) >= 40
