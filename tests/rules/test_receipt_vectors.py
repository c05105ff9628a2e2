"""The browser's checker and ours judge the same files; this holds ours to the vectors."""

import pytest

from app.transparency.notes import parse_vkey
from app.transparency.quorum import parse_policy
from app.transparency.receipt_check import ReceiptError, Trust, check_receipt
from tests.vectors import hrt_receipt_1 as vectors

DOCUMENT = vectors.document()
TRUST = Trust(parse_vkey(DOCUMENT["receipts"]), None, parse_policy(DOCUMENT["policy"]))


def test_the_vectors_are_those_that_this_code_gives():
    assert vectors.FILE.read_text(encoding="utf-8") == vectors.text(), (
        "write them anew: python -m tests.vectors.hrt_receipt_1"
    )


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: case["name"])
def test_a_receipt_fails_at_the_step_that_the_vectors_name(case):
    try:
        check_receipt(case["file"], TRUST)
        failed = None
    except ReceiptError as error:
        failed = error.step.name.lower()
    assert failed == case["fails"]
