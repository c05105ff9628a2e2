"""The file that the client's calculators are compared with says what the market decides."""

from tests.vectors import housing_uses


def test_the_vectors_of_housing_uses_are_what_the_rules_decide():
    assert housing_uses.FILE.read_text(encoding="utf-8") == housing_uses.text()


def test_the_vectors_hold_every_kind_of_outcome():
    drawn = housing_uses.vectors()
    assert {case.get("refused") for case in drawn["commercial"]} == {None, "loan-over-cap"}
    for use in ("affordable", "public"):
        assert {case["gap"] == "0.00" for case in drawn[use]} == {True, False}
    assert {case["owned"] == case["area"] for case in drawn["public"]} == {True, False}
    assert {case["charge"] == "0.00" for case in drawn["rent"]} == {True, False}
