"""A file that is malformed is refused as a whole; a step that is malformed is a step refused."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from app.replay import CaseError, load_case, parse_case, play
from tests.http.support import CASES, ROOT

AT = '"2026-01-05T09:00:00+08:00"'
WHOLE = """
case: whole
policy: {min_work_years: 3}
policies: {"500000": {notice_days: 7}}
regions:
  - {code: "500000", name: 重庆市}
  - {code: "500236", name: 奉节县, zone: farm_product, cropland_m2: "9000.00"}
  - {code: "340000", name: 安徽省}
collectives: [{id: v1, name: 某村, county: "500236", homestead_m2: "5000.00", members: 3}]
households: [{id: h1, name: 某户, collective: v1, heads: 3}]
bidders: [{id: b1, name: 某公司, cash_cny: "100.00"}]
coefficients:
  - {from: "500000", to: "340000", yield_out: 1, yield_in: 2,
     valid_from: 2026-01-01, valid_to: 2026-12-31}
until: 2026-02-01T00:00:00+08:00
steps:
  - {at: 2026-01-05T09:00:00+08:00, do: apply, id: a1, household: h1, area_m2: "1.00"}
  - {at: "2026-01-05T09:00:00+08:00", do: revoke, application: a1}
"""


def changed(old, new):
    """The whole case with one text of it replaced."""
    assert WHOLE.count(old) == 1, old
    return WHOLE.replace(old, new)


# what the file says, and what the message names
MALFORMED = {
    "an empty file": ("", "the file"),
    "only a comment": ("# nothing\n", "the file"),
    "a list": ("- case: x\n", "the file"),
    "a text": ("case", "the file"),
    "broken YAML": (changed("case: whole", "case: [whole"), "broken YAML"),
    "a tab": (changed("case: whole", "\tcase: whole"), "broken YAML"),
    "two documents": (WHOLE + "---\ncase: second\n", "broken YAML"),
    "an object of Python": (
        changed("case: whole", "case: !!python/object/apply:os.getcwd []"),
        "broken YAML",
    ),
    "an anchor inside itself": (changed("min_work_years: 3", "x: &x [*x]"), "broken YAML"),
    "very deep": ("case: " + "[" * 5000, "broken YAML"),
    "a key twice": (changed("case: whole", "case: whole\ncase: again"), "line 3"),
    "a key twice in a step": (changed("do: revoke,", "do: revoke, do: apply,"), "line 18"),
    "a key twice deep down": (changed("{notice_days: 7}", "{a: 7, a: 7}"), "line 4"),
    "no name": (changed("case: whole", "policy_: {}").replace("policy_: {}\n", ""), "'case'"),
    "a name that is null": (changed("case: whole", "case:"), "'case'"),
    "a name that is a number": (changed("case: whole", "case: 7"), "case"),
    "an unknown top key": (changed("case: whole", "case: whole\nparties: []"), "'parties'"),
    "a policy that is a list": (changed("{min_work_years: 3}", "[]"), "policy"),
    "an unknown policy key": (changed("min_work_years", "min_years"), "'min_years'"),
    "an unknown policy key of a province": (
        changed("{notice_days: 7}", "{notices: 7}"),
        "policies.500000",
    ),
    "a policy of an unknown province": (changed('{"500000": {', '{"330000": {'), "policies"),
    "a policy of a county": (changed('{"500000": {', '{"500236": {'), "policies"),
    "a policy by a number": (changed('{"500000": {', "{500000: {"), "policies"),
    "bidders as a map": (
        changed("bidders: [{", "bidders: {b1: {").replace("}]\ncoeff", "}}\ncoeff"),
        "bidders",
    ),
    "a thing that is a text": (changed("bidders: [{", "bidders: [b0, {"), "bidders[1]"),
    "a county without its province": (changed('code: "340000"', 'code: "330106"'), "regions[3]"),
    "a region without a code": (changed('code: "340000", ', ""), "regions[3]"),
    "a code that is a number": (changed('code: "340000"', "code: 340000"), "regions[3].code"),
    "a county without a zone": (changed("zone: farm_product, ", ""), "regions[2].zone"),
    "an unknown zone": (changed("farm_product", "urban"), "regions[2].zone"),
    "land as a float": (changed('"9000.00"', "9000.00"), "regions[2].cropland_m2"),
    "a region twice": (changed('code: "340000"', 'code: "500236", zone: ecological'), "regions[3]"),
    "an unknown field of a region": (changed("cropland_m2", "forest_m2"), "'forest_m2'"),
    "a collective of an unknown county": (changed('county: "500236"', 'county: "500237"'),
                                          "collectives[1].county"),
    "a collective of a province": (changed('county: "500236"', 'county: "500000"'),
                                   "collectives[1].county"),
    "members below zero": (changed("members: 3", "members: -1"), "collectives[1].members"),
    "members as a text": (changed("members: 3", 'members: "3"'), "collectives[1].members"),
    "members as a boolean": (changed("members: 3", "members: true"), "collectives[1].members"),
    "no members": (changed(", members: 3", ""), "'members'"),
    "homestead as a float": (changed('"5000.00"', "5000.0"), "collectives[1].homestead_m2"),
    "homestead of three places": (changed('"5000.00"', '"5000.000"'), "homestead_m2"),
    "a household of an unknown village": (changed("collective: v1", "collective: v2"),
                                          "households[1].collective"),
    "two households of one id": (
        changed("households: [", "households: [{id: h1, collective: v1, heads: 1}, "),
        "households[2].id",
    ),
    "heads as a float": (changed("heads: 3", "heads: 3.0"), "households[1].heads"),
    "two bidders of one id": (changed("bidders: [", "bidders: [{id: b1}, "), "bidders[2].id"),
    "an id with a slash": (changed("id: b1", "id: b/1"), "bidders[1].id"),
    "an id of 65 letters": (changed("id: b1", "id: " + "b" * 65), "bidders[1].id"),
    "an id that is a number": (changed("id: b1", "id: 1"), "bidders[1].id"),
    "cash as a float": (changed('"100.00"', "100.00"), "bidders[1].cash_cny"),
    "cash below zero": (changed('"100.00"', '"-100.00"'), "bidders[1].cash_cny"),
    "an empty name": (changed("某公司", '""'), "bidders[1].name"),
    "a coefficient from a county": (changed('from: "500000"', 'from: "500236"'),
                                    "coefficients[1].from"),
    "a coefficient of an unknown province": (changed('to: "340000"', 'to: "330000"'),
                                             "coefficients[1].to"),
    "a coefficient without a yield": (changed("yield_out: 1, yield_in", "yield_out"), "'yield_in'"),
    "a day that is none": (changed("valid_to: 2026-12-31", "valid_to: 2026-02-30"), "valid_to"),
    "until before the last step": (changed("2026-02-01", "2026-01-01"), "until"),
    "until without an offset": (changed("2026-02-01T00:00:00+08:00", "2026-02-01T00:00"), "until"),
    "until that is a day": (changed("2026-02-01T00:00:00+08:00", "2026-02-01"), "until"),
    "steps as a map": (WHOLE[: WHOLE.index("steps:")] + "steps: {}\n", "steps"),
    "a step that is a text": (WHOLE + "  - pay\n", "steps[3]"),
    "a step without at": (changed('at: "2026-01-05T09:00:00+08:00", do: revoke', "do: revoke"),
                          "steps[2]"),
    "a step whose at is null": (changed(AT, "null"), "steps[2]"),
    "a step before the one before": (changed(AT, '"2026-01-05T08:59:59+08:00"'),
                                     "steps[2].at"),
    "a step at half a second": (changed(AT, '"2026-01-05T09:00:00.5+08:00"'),
                                "steps[2].at"),
    "a step in the year 9000": (changed(AT, '"9000-01-05T09:00:00+08:00"'),
                                "steps[2].at"),
}  # fmt: skip

# What the service itself judges when the market is set up.
REFUSED_AT_THE_START = {
    "a malformed share": (
        changed("min_work_years: 3", 'subsidy_pool_share: "1.01"'),
        "the policy of",
    ),
    "a share as a float": (changed("min_work_years: 3", "fee_offset_share: 0.5"), "the policy of"),
    "days below zero": (changed("min_work_years: 3", "notice_days: -1"), "the policy of"),
    "a payment term of no days": (changed("min_work_years: 3", "payment_days: 0"), "the policy of"),
    "a count as a text": (changed("min_work_years: 3", 'min_bidders: "1"'), "the policy of"),
    "a flag as a text": (changed("min_work_years: 3", 'ecological_quota: "true"'), "the policy of"),
    "an unknown word": (changed("min_work_years: 3", "sealed_tie: coin"), "the policy of"),
    "a weight of zero": (
        changed("min_work_years: 3", "split: [[county, 0], [villager, 1]]"),
        "the policy of",
    ),
    "a party twice": (
        changed("min_work_years: 3", "split: [[county, 1], [county, 1], [villager, 1]]"),
        "the policy of",
    ),
    "the villager not last": (
        changed("min_work_years: 3", "split: [[villager, 85], [collective, 15]]"),
        "the policy of",
    ),
    "no villager": (changed("min_work_years: 3", "split: [[collective, 15]]"), "the policy of"),
    "an empty split": (changed("min_work_years: 3", "split: []"), "the policy of"),
    "a rate of three places": (
        changed("min_work_years: 3", 'subsidy_rate_cny: "1.000"'),
        "the policy of",
    ),
    "a yield of zero": (changed("yield_in: 2", "yield_in: 0"), "coefficients[1]"),
    "a yield that is a float": (changed("yield_in: 2", "yield_in: 2.0"), "coefficients[1]"),
    "a coefficient that ends before it begins": (
        changed("valid_to: 2026-12-31", "valid_to: 2025-12-31"),
        "coefficients[1]",
    ),
    "overlapping coefficients": (
        changed(
            "valid_to: 2026-12-31}",
            'valid_to: 2026-12-31}\n  - {from: "500000", to: "340000", yield_out: 1, yield_in: 1,'
            " valid_from: 2026-12-31, valid_to: 2027-01-01}",
        ),
        "coefficients[2]",
    ),
    "a province with land": (
        changed('code: "340000"', 'code: "340000", cropland_m2: "1.00"'),
        "340000",
    ),
    "a name with a line break": (changed("某公司", '"a\\nb"'), "bidders[1]"),
}


@pytest.mark.parametrize(("text", "place"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_file_is_refused_with_its_place(text, place):
    with pytest.raises(CaseError) as refused:
        parse_case(text)
    assert place in str(refused.value)


@pytest.mark.parametrize(
    ("text", "place"), REFUSED_AT_THE_START.values(), ids=REFUSED_AT_THE_START.keys()
)
async def test_a_market_that_cannot_be_set_up_is_refused_with_its_place(text, place, node):
    with pytest.raises(CaseError) as refused:
        await play(parse_case(text), node.market)
    assert place in str(refused.value)
    assert await node.owner.fetchval("SELECT count(*) FROM application") == 0


def test_the_whole_case_is_well_formed_and_times_may_be_plain_or_quoted():
    case = parse_case(WHOLE)
    assert case.steps[0].at == case.steps[1].at
    assert case.policies["500000"] == {"min_work_years": 3, "notice_days": 7}
    assert case.policies["340000"] == {"min_work_years": 3}


@pytest.mark.parametrize("key", ["policy", "policies", "coefficients", "until", "bidders"])
def test_a_top_key_that_is_null_counts_as_left_out(key):
    quoted = re.sub(r"(?<![\d\"])\d{4}-\d{2}-\d{2}[^,} \n]*", lambda m: f'"{m[0]}"', WHOLE)
    document = yaml.safe_load(quoted)
    document[key] = None
    with_null = parse_case(yaml.safe_dump(document))
    del document[key]
    assert parse_case(yaml.safe_dump(document)) == with_null


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    for content in (WHOLE.encode("gb18030"), WHOLE.encode("utf-16"), b"case: \xff"):
        (tmp_path / "case.yaml").write_bytes(content)
        with pytest.raises(CaseError, match=r"case\.yaml"):
            load_case(tmp_path / "case.yaml")
    with pytest.raises(CaseError, match="missing"):
        load_case(tmp_path / "missing.yaml")


# Steps are for the service to judge: what is odd in one is refused like any other request.
ODD_STEPS = {
    "do: levitate": "invalid-request",
    "do: 7": "invalid-request",
    "do: [apply]": "invalid-request",
    "do: null": "invalid-request",
    "colour: red": "invalid-request",
    "do: apply, id: a1, household: h1, area_m2: '1.00', colour: red": "invalid-request",
    "do: apply, id: a1, household: h1, area_m2: '1.00', 1: 2": "invalid-request",
    "do: apply, id: a1, household: h1, area_m2: '1.00', yes: no": "invalid-request",
    "do: apply, id: a1, household: h1, area_m2: 1.00": "invalid-amount",
    "do: apply, id: a1, household: h1, area_m2: .nan": "invalid-amount",
    "do: apply, id: a1, household: h1, area_m2: -.inf": "invalid-amount",
    "do: apply, id: a1, household: h1, area_m2: 2026-01-01": "invalid-amount",
    "do: apply, id: a1, household: h1, area_m2: !!binary MS4wMA==": "invalid-amount",
    "do: apply, id: a1, household: h1, area_m2: !!set {'1.00'}": "invalid-amount",
    "do: apply, id: a1, household: h1, area_m2: null": "invalid-request",
    'do: apply, id: "\\ud800", household: h1, area_m2: "1.00"': "invalid-request",
    'do: apply, id: "a\\0", household: h1, area_m2: "1.00"': "invalid-request",
    'do: apply, id: a1, household: "\\ud800", area_m2: "1.00"': "invalid-request",
    "do: apply, id: a/1, household: h1, area_m2: '1.00'": "invalid-request",
    "do: apply, id: {a: 1}, household: [h1], area_m2: '1.00'": "invalid-request",
    "do: apply, id: a1, household: h1, area_m2: '1.00', co_owners: [.nan]": "invalid-request",
    "do: hand_in, ticket: t1/500000/x": "invalid-request",
    "do: hand_in, ticket: t1/500000": "not-found",
    "do: freeze": "invalid-request",
    "do: bid, lot: l1, bidder: b1, price_cny: '0.00'": "invalid-amount",
    "do: settle_provinces, a: '500000', b: '500000'": "nothing-due",
    "do: settle_provinces, a: '500236', b: '500000'": "not-found",
}


async def test_an_odd_step_is_refused_and_not_the_file(node):
    steps = "".join(f"  - {{at: 2026-01-06T09:00:00+08:00, {step}}}\n" for step in ODD_STEPS)
    outcome = await play(parse_case(WHOLE + steps), node.market)
    answers = [step.get("code") for step in outcome["steps"]]
    assert answers == [None, None, *ODD_STEPS.values()]
    assert outcome["applications"] == {"a1": {"state": "revoked"}}


def hrt(*arguments):
    """The command line in a process of its own."""
    environment = os.environ | {"NO_COLOR": "1"}
    return subprocess.run(
        [str(Path(sys.executable).parent / "hrt"), *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (changed("case: whole", "case: whole\ncase: again"), "line 3"),
        REFUSED_AT_THE_START["overlapping coefficients"],
    ],
    ids=["in the file", "at the start"],
)
def test_the_command_ends_with_2_and_writes_no_outcome(text, place, tmp_path):
    (tmp_path / "case.yaml").write_text(text, encoding="utf-8")
    done = hrt("replay", tmp_path / "case.yaml", "--json", tmp_path / "out.json")
    assert done.returncode == 2, done.stderr
    assert place in done.stderr
    assert "case.yaml" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert [p.name for p in tmp_path.iterdir()] == ["case.yaml"]


def test_check_prints_each_difference_and_ends_with_1(tmp_path):
    expected = json.loads((CASES / "a-one-household.expected.json").read_text(encoding="utf-8"))
    expected["bidders"]["b1"]["cash_cny"] = "7.00"
    expected["steps"].append({"n": 999, "ok": True})
    del expected["ledger"]
    (tmp_path / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    done = hrt(
        "replay",
        "--check",
        CASES / "a-one-household.yaml",
        tmp_path / "expected.json",
        "--json",
        tmp_path / "out.json",
    )
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3, lines
    assert any("bidders.b1.cash_cny: expected '7.00'" in line for line in lines)
    assert any("999" in line for line in lines)
    assert any(line.startswith("ledger") for line in lines)
    assert "3 differences" in done.stderr
    played = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert played["ledger"] == {"balanced": True, "log_verified": True}
