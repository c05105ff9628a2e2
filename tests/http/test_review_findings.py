"""What a review found once, and must not come back."""

import pytest
import yaml
from sqlalchemy import text

from app.replay import load_case, parse_case, play
from app.replay.client import refused
from tests.conftest import ROOT

CASE = ROOT / "cases" / "b-sealed-tie.yaml"
OTHER_SPLIT = {"split": [["county", 99], ["villager", 1]]}


async def propose(market, id_, province, parameters, **also):
    body = {
        "id": id_,
        "province": province,
        "valid_from": "2099-01-01T00:00:00+08:00",
        "parameters": parameters,
    }
    return await market.send("province", province, "/v1/policies", body | also)


async def test_no_proposal_can_take_the_name_of_a_provinces_defaults(market):
    await play(load_case(CASE), market)
    answer = await propose(market, "500000.default", "500000", OTHER_SPLIT)
    assert refused(answer) == "invalid-request"
    assert [e["pointer"] for e in answer["errors"]] == ["/id"]


async def test_a_policy_that_nobody_approved_has_no_effect(market, db):
    await play(load_case(CASE), market)
    proposal = {"valid_from": "2026-03-20T09:00:00+08:00"}
    answer = await propose(market, "500000.own", "500000", OTHER_SPLIT, **proposal)
    assert refused(answer) is None
    same_person = await market.send(
        "province", "500000", "/v1/policy-approvals", {"policy": "500000.own"}
    )
    assert refused(same_person) == "same-person"
    async with db.read() as reader:
        in_force = await reader.run(
            text("SELECT id FROM policy_version WHERE approved_by IS NOT NULL")
        )
        assert [row.id for row in in_force] == ["500000.case"]


async def test_a_policy_is_not_approved_for_a_time_that_has_passed(market):
    await play(load_case(CASE), market)
    await propose(market, "p1", "500000", {}, valid_from="2026-01-01T00:00:00+08:00")
    answer = await market.send(
        "province", "500000", "/v1/policy-approvals", {"policy": "p1"}, person="b"
    )
    assert refused(answer) == "policy-retroactive"


async def test_cash_is_booked_by_an_exchange_alone_and_a_reference_once(market):
    await play(load_case(CASE), market)
    body = {"id": "bank-1", "bidder": "b1", "amount_cny": "5.00"}
    for role, party in (("system_admin", "000000"), ("fund_centre", "500000"), ("bidder", "b1")):
        answer = await market.send(role, party, "/v1/cash-deposits", body)
        assert refused(answer) == "forbidden"
    assert refused(await market.send("exchange", "500000", "/v1/cash-deposits", body)) is None
    assert refused(await market.send("exchange", "500000", "/v1/cash-deposits", body)) == "id-taken"


async def housing_page(market, role, party, **query):
    token = await market.token(role, party)
    answer = await market.http.get(
        "/v1/housing-accounts", params=query, headers={"Authorization": f"Bearer {token}"}
    )
    return answer.status_code, answer.json()


async def test_a_page_of_accounts_names_no_household_that_is_not_the_callers(market):
    await play(load_case(CASE), market)
    assert await housing_page(market, "bidder", "b1", limit=1) == (200, {"items": [], "next": None})
    _, own = await housing_page(market, "villager", "h2", limit=1)
    assert [a["household"] for a in own["items"]] == ["h2"]
    assert own["next"] is None
    _, village = await housing_page(market, "collective", "v1", limit=2)
    assert [a["household"] for a in village["items"]] == ["h1", "h2"]
    assert village["next"] is not None


async def test_an_account_that_moved_is_listed_by_both_provinces(market):
    await play(load_case(ROOT / "cases" / "d-two-provinces.yaml"), market)
    for province in ("500000", "330000"):
        _, page = await housing_page(market, "fund_centre", province)
        assert [a["household"] for a in page["items"]] == ["h1"]


async def test_the_ministry_reads_no_household(market):
    await play(load_case(CASE), market)
    token = await market.token("ministry", "000000")
    for path in ("/v1/households/h1", "/v1/housing-accounts", "/v1/contracts"):
        answer = await market.http.get(path, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_the_answer_to_a_sealed_bid_does_not_count_the_others(market):
    raw = yaml.safe_load(CASE.read_text(encoding="utf-8"))
    while raw["steps"][-1]["do"] != "register":
        raw["steps"].pop()
    await play(parse_case(yaml.safe_dump(raw, allow_unicode=True)), market)
    for bidder in ("b1", "b2", "b1"):
        body = {"lot": "l1", "bidder": bidder, "price_cny": "150000.00"}
        answer = await market.send("bidder", bidder, "/v1/bids", body)
        assert answer["number"] is None
    lot = (await market.http.get("/v1/lots/l1")).json()
    assert lot["current_price_cny"] is None
    assert (await market.http.get("/v1/lots/l1/bids")).json()["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "role"),
    [
        ("/v1/regions", {"code": "000000", "name": "某省"}, "system_admin"),
        ("/v1/credentials", {"person": "node", "role": "supervisor", "party": "000000"}, None),
    ],
)
async def test_nobody_can_be_called_as_the_node_is(market, path, body, role):
    if role is None:
        headers = {"Authorization": f"Bearer {market.security_token}", "Idempotency-Key": "k"}
        answer = (await market.http.post(path, json=body, headers=headers)).json()
    else:
        answer = await market.send(role, "000000", path, body)
    assert refused(answer) == "invalid-request"


async def test_coefficients_stand_between_provinces_and_answer_by_the_names_they_were_sent(market):
    await play(load_case(ROOT / "cases" / "d-two-provinces.yaml"), market)
    body = {
        "id": "k9",
        "from": "330000",
        "to": "500000",
        "yield_out": 750,
        "yield_in": 500,
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "document": "x",
    }
    county = await market.send("ministry", "000000", "/v1/coefficients", body | {"from": "330212"})
    assert refused(county) == "not-found"
    number = body | {"valid_from": 20260101}
    day = await market.send("ministry", "000000", "/v1/coefficients", number)
    assert refused(day) == "invalid-request"
    kept = await market.send("ministry", "000000", "/v1/coefficients", body)
    assert (kept["from"], kept["to"]) == ("330000", "500000")
    overlap = await market.send("ministry", "000000", "/v1/coefficients", body | {"id": "k10"})
    assert refused(overlap) == "coefficient-overlap"


async def test_cash_freed_by_a_close_that_is_due_can_be_used_before_any_job_has_run(market, db):
    """The clock is moved without its jobs, as when a node's jobs are late."""
    raw = yaml.safe_load(CASE.read_text(encoding="utf-8"))
    raw["bidders"][2]["cash_cny"] = "20000.00"
    listed = next(step for step in raw["steps"] if step["do"] == "list")
    first = listed | {"tickets": ["t1"], "start_price_cny": "60000.00"}
    second = listed | {"id": "l2", "tickets": ["t2"], "closes_at": "2026-03-20T17:00:00+08:00"}
    at = {"at": "2026-03-05T09:00:00+08:00"}
    steps = [step for step in raw["steps"] if step["at"] < listed["at"]]
    steps += [first, second, at | {"do": "register", "lot": "l1", "bidder": "b3"}]
    raw["steps"] = steps
    await play(parse_case(yaml.safe_dump(raw, allow_unicode=True)), market)
    registration = {"lot": "l2", "bidder": "b3"}
    early = await market.send("bidder", "b3", "/v1/registrations", registration)
    assert refused(early) == "insufficient-funds"
    async with db.engine.begin() as connection:
        await connection.execute(
            text("UPDATE simulated_clock SET instant = '2026-03-12T00:00:00+08:00'")
        )
    assert refused(await market.send("bidder", "b3", "/v1/registrations", registration)) is None
    assert (await market.http.get("/v1/lots/l1")).json()["state"] == "unsold"


async def test_a_long_draw_seed_and_many_years_of_work_are_taken(market):
    raw = yaml.safe_load(CASE.read_text(encoding="utf-8"))
    for step in raw["steps"]:
        if step["do"] == "list":
            step["draw_seed"] = "种" * 3000
        if step["do"] == "city_approve":
            step["work_years"] = 3_000_000_000
    outcome = await play(parse_case(yaml.safe_dump(raw, allow_unicode=True)), market)
    assert [step["n"] for step in outcome["steps"] if not step["ok"]] == [33]
