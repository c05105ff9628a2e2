"""A proposal over HTTP: exact from the books, seen by whom they concern, and it orders nothing."""

import asyncio

import pytest
import yaml

from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import hundredths
from app.matching import process
from app.replay import parse_case, play
from tests.http.support import CASES, NODE, assert_problem, pointers

HOME, AWAY = "500000", "330000"
MINISTRY = ("ministry", NODE)
TASK = {"grain": 1, "supply": [7, 0], "demand": [0, 9], "pairs": [[0, 1, 2, 3]]}


@pytest.fixture(scope="module")
async def asked_for(shared):
    """A household of Chongqing has a city in Zhejiang, which has not accepted its ticket yet."""
    case = yaml.safe_load((CASES / "d-two-provinces.yaml").read_text(encoding="utf-8"))
    steps = case["steps"]
    until = next(n for n, step in enumerate(steps) if step["do"] == "accept_transfer")
    case |= {"steps": steps[:until]}
    case.pop("until", None)
    await play(parse_case(yaml.safe_dump(case, allow_unicode=True, sort_keys=False)), shared.market)
    return shared


async def proposed(node, role, party, **asked):
    answer = await node.get(role, party, "/v1/matching", **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def area(text):
    return hundredths(text)


async def test_people_on_their_way_are_a_gap_that_their_own_village_fills(asked_for):
    before = await asked_for.state()
    told = await proposed(asked_for, *MINISTRY)
    rows = (await asked_for.get(*MINISTRY, "/v1/reports/surpluses")).json()["items"]
    surpluses = {
        row["collective"]: row["surplus_m2"] for row in rows if row["surplus_m2"] != "0.00"
    }
    assert {one["collective"]: one["surplus_m2"] for one in told["supplies"]} == surpluses
    (gap,) = [one for one in told["demands"] if one["coming"]]
    ((coming,), (flow,), (conversion,)) = gap["coming"], told["flows"], told["conversions"]
    out, into = (coming["coefficient"][name] for name in ("yield_out", "yield_in"))
    assert area(coming["received_m2"]) == area(coming["sent_m2"]) * out // into > 0
    assert (flow["kind"], flow["standing"], flow["to"]) == ("other_city", HOME, gap["place"])
    assert flow["received_m2"] == conversion["received_m2"] == gap["received_m2"]
    assert flow["document"] == conversion["coefficient"]["document"] != ""
    assert area(conversion["received_m2"]) == area(conversion["sent_m2"]) * out // into
    assert gap["open_m2"] == "0.00"
    assert told["proven"]
    # Nothing was written, and the same question has the same answer.
    after = await asked_for.state()
    assert {table for table in after if after[table] != before[table]} <= {
        "credential",
        "record",
        "tlog_pending",
        "idempotency",
    }
    assert await proposed(asked_for, *MINISTRY) == told


async def test_what_a_village_keeps_is_not_proposed(asked_for):
    for asked in ({"retained_percent": 100}, {"retained_m2": "9999999.00"}):
        told = await proposed(asked_for, *MINISTRY, **asked)
        assert told["flows"] == []
        assert {one["why"] for one in told["demands"]} == {"no_surplus"}
        assert {one["spare_m2"] for one in told["supplies"]} == {"0.00"}
    village = (await proposed(asked_for, *MINISTRY))["supplies"][0]
    need = f"{village['collective']}:{village['surplus_m2'][:-1]}1"
    told = await proposed(asked_for, *MINISTRY, need=need)
    (gap,) = [one for one in told["demands"] if one["village"]]
    assert (gap["place"], gap["open_m2"], gap["why"]) == (village["collective"], "0.01", "zone")


async def test_a_province_is_shown_its_own_alone(asked_for):
    own = await proposed(asked_for, "province", HOME)
    assert own["provinces"] == [HOME]
    assert {one["county"][:2] for one in [*own["supplies"], *own["demands"]]} == {HOME[:2]}
    assert own == await proposed(asked_for, *MINISTRY, province=HOME)
    for role, party, named in (("province", HOME, AWAY), (*MINISTRY, "990000")):
        answer = await asked_for.get(role, party, "/v1/matching", province=named)
        assert pointers(assert_problem(answer, 404, "not-found")) == ["/query/province"]
    answer = await asked_for.get("province", AWAY, "/v1/matching", need="v1:1.00")
    assert pointers(assert_problem(answer, 404, "not-found")) == ["/query/need"]


async def test_what_is_asked_wrongly_is_named(asked_for):
    for wrong, field in (
        ({"retained_percent": "101"}, "retained_percent"),
        ({"retained_m2": "1"}, "retained_m2"),
        ({"province": "5"}, "province/0"),
        ({"need": "v1"}, "need/0"),
        ({"need": ["v1:1.00", "v1:2.00"]}, "need"),
    ):
        answer = await asked_for.get(*MINISTRY, "/v1/matching", **wrong)
        assert pointers(assert_problem(answer, 422, "invalid-request")) == [f"/query/{field}"]


async def test_more_than_is_told_exactly_is_refused(asked_for):
    answer = await asked_for.get(*MINISTRY, "/v1/matching", need="v1:9999999999999.99")
    assert_problem(answer, 409, "matching-too-large")


async def test_equal_tasks_are_worked_out_once_and_too_many_are_told_to_come_again(monkeypatch):
    desk, runs, go = process.Desk(), [], asyncio.Event()

    async def slow(told):
        runs.append(told)
        await go.wait()
        return {"sent": [0], "covered": [0, 0], "spent": [0, 0]}

    monkeypatch.setattr(process, "_run", slow)
    waiting = [asyncio.create_task(desk.solve(TASK)) for _ in range(process.WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(Rejected) as busy:
        await desk.solve(TASK | {"grain": 2})
    assert busy.value.refusal is CommonRefusal.BUSY
    go.set()
    assert len({id(answer) for answer in await asyncio.gather(*waiting)}) == len(runs) == 1
    for grain in range(2, process.KEPT_MAX + 2):
        await desk.solve(TASK | {"grain": grain})
    assert len(desk.kept) == process.KEPT_MAX


async def test_a_solver_that_fails_or_does_not_end_is_ended(monkeypatch, tmp_path):
    program = tmp_path / "program.py"
    monkeypatch.setattr(process, "PROGRAM", program)
    program.write_text("raise SystemExit('out of order')")
    with pytest.raises(RuntimeError, match="out of order"):
        await process.Desk().solve(TASK)
    monkeypatch.setattr(process, "SECONDS_MAX", 0)
    program.write_text("import time; time.sleep(60)")
    with pytest.raises(Rejected):
        await process.Desk().solve(TASK)
