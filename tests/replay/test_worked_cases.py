"""The worked cases end to the fen as they must, also through the command line."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from app.replay import differences, load_case, parse_case, play

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(
    path
    for folder in (ROOT / "cases", ROOT.parent / "shared" / "cases")
    for path in folder.glob("*.yaml")
    if path.with_suffix(".expected.json").exists()
)


def test_the_project_keeps_cases_of_its_own():
    assert len(list((ROOT / "cases").glob("*.expected.json"))) >= 5


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
async def test_a_worked_case_ends_as_it_must(path, market):
    expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    assert list(differences(await play(load_case(path), market), expected)) == []


def hrt(*arguments):
    return subprocess.run(
        [Path(sys.executable).with_name("hrt"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_writes_the_outcome_and_finds_no_difference(tmp_path):
    case = ROOT / "cases" / "a-one-household.yaml"
    expected = case.with_suffix(".expected.json")
    outcome = tmp_path / "out.json"
    played = hrt("replay", case, "--json", outcome)
    assert played.returncode == 0, played.stderr
    assert json.loads(outcome.read_text()) == json.loads(expected.read_text())
    assert hrt("replay", "--check", case, expected).returncode == 0


def test_the_command_prints_each_difference_and_fails(tmp_path):
    case = ROOT / "cases" / "a-one-household.yaml"
    wrong = json.loads(case.with_suffix(".expected.json").read_text())
    wrong["bidders"]["b1"]["cash_cny"] = "38000.01"
    del wrong["parties"]["collective:v1"]
    expected = tmp_path / "wrong.json"
    expected.write_text(json.dumps(wrong))
    checked = hrt("replay", "--check", case, expected)
    assert checked.returncode == 1
    assert checked.stdout.splitlines() == [
        "bidders.b1.cash_cny: expected '38000.01', got '38000.00'",
        "parties.collective:v1: not expected, got '7500.00'",
    ]


async def test_a_case_of_400_steps_takes_seconds(market, tell):
    """A figure for the reader: nothing is asserted about time but that it was played."""
    steps = [
        {
            "at": "2026-01-05T09:00:00+08:00",
            "do": "apply",
            "id": f"a{n}",
            "household": f"h{n}",
            "area_m2": "100.00",
        }
        for n in range(400)
    ]
    case = {
        "case": "long",
        "regions": [
            {"code": "500000", "name": "重庆市"},
            {"code": "500236", "name": "奉节县", "zone": "farm_product"},
        ],
        "collectives": [{"id": "v1", "name": "一村", "county": "500236", "members": 3}],
        "households": [
            {"id": f"h{n}", "name": "某", "collective": "v1", "heads": 1} for n in range(400)
        ],
        "steps": steps,
    }
    started = time.monotonic()
    outcome = await play(parse_case(yaml.safe_dump(case, allow_unicode=True)), market)
    seconds = time.monotonic() - started
    assert len(outcome["applications"]) == 400
    tell(f"400 steps, 400 households registered and as many logins: {seconds:.1f} s")
