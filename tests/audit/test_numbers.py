"""A number that is changed in any record is found, or it is one that is said for the first time.

Said for the first time: nothing in the log before it determines it, so any value from which the
same follows is as good as another. Only outside the log, by its tree, its witnesses and by
receipts, can such a change be found. The list is closed, and the reference of records marks it.
"""

import copy
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.audit.stream import audit_records
from tests.audit.forgery import encoded

FIRST_SAID = {
    # measured, counted or declared at home
    ("collective.registered", "members"),
    ("household.registered", "heads"),
    ("application.applied", "area_m2"),
    ("application.applied", "floor_m2"),
    ("application.applied", "co_owners"),
    ("application.reviewed", "votes_for"),
    ("application.city_approved", "work_years"),
    ("entry.reclamation", "reclamation_cost_cny"),
    ("entry.reclamation", "financing_cost_cny"),
    # set by those who may set them
    ("policy.proposed", "parameters"),
    ("coefficient.proposed", "yield_out"),
    ("coefficient.proposed", "yield_in"),
    # asked or offered
    ("bid.placed", "price_cny"),
    ("bid.refused", "price_cny"),
    ("bid.refused", "paddle"),
    ("contract.signed", "price"),
    ("contract.signed", "loan_asked"),
    ("contract.signed", "land_fee"),
    ("contract.signed", "fee_paid"),
    ("rental.begun", "area"),
    ("rental.begun", "rent_per_m2"),
    ("rental.begun", "subsidy_per_m2"),
    ("rental.charged", "rent_per_m2"),
    ("land_income.booked", "amount"),
    ("entry.land_income", "amount"),
    ("plot.selected", "area_m2"),
    ("entry.land_sale", "new_land_fee_cny"),
    ("entry.land_sale", "reclamation_fee_cny"),
    # the database's own running numbers, which may have gaps
    ("land_income.booked", "income"),
    ("provinces.settled", "number"),
}
AMOUNT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]{2}")
WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")


def numbers(value, path=()):
    """Every number in a record: whole ones, decimal strings, and the texts of postings."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from numbers(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from numbers(member, (*path, index))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path
    elif isinstance(value, str):
        in_posting = "postings" in path and WHOLE.fullmatch(value)
        if in_posting or AMOUNT.fullmatch(value):
            yield path


def changed(record, path, by):
    """The record with one number moved; None where it would leave its form."""
    record = copy.deepcopy(record)
    place = record
    for name in path[:-1]:
        place = place[name]
    before = place[path[-1]]
    if isinstance(before, int):
        place[path[-1]] = before + by
    elif AMOUNT.fullmatch(before):
        after = int(before.replace(".", "")) + by
        place[path[-1]] = f"{after // 100}.{after % 100:02d}" if after >= 0 else None
    else:
        place[path[-1]] = str(int(before) + by)
    return record if place[path[-1]] is not None else None


@pytest.fixture(scope="session")
def places(logs):
    """Where numbers stand, in every record of every log."""
    return [
        (name, index, path)
        for name, leaves in sorted(logs.items())
        for index, leaf in enumerate(leaves)
        for path in numbers(json.loads(leaf))
    ]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    anywhere=st.randoms(use_true_random=True),
    by=st.sampled_from((1, -1, 100, -100, 10_000, 1_000_000)),
)
def test_a_changed_number_is_found_or_was_said_for_the_first_time(logs, places, anywhere, by):
    # The places are known only once the markets were played, so none of them can be drawn above.
    name, index, path = anywhere.choice(places)
    leaves = logs[name]
    record = json.loads(leaves[index])
    forged = changed(record, path, by)
    if forged is None:
        return
    report = audit_records([*leaves[:index], encoded(forged), *leaves[index + 1 :]])
    if report.clean:
        assert path[0] in {"body", "facts"}
        assert (record["kind"], path[1]) in FIRST_SAID, (record, path, by)
    else:
        first = report.first
        assert first is not None
        assert first.index >= index or first.rule in {"result", "incomplete"}, first.line()
