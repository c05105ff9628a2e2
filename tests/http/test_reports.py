"""Reports add up: each figure is what a plain loop over the records of the ledger gives."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest
import yaml
from sqlalchemy import text

from app.kernel.units import hundredths
from app.replay import load_case, parse_case, play
from app.reports.rules import FlowKind, city_of, flow_kind
from tests.conftest import ROOT
from tests.http.support import NODE
from tests.model.naive_market import NaiveMarket
from tests.model.random_cases import random_case

SEEDS = (2010, 2017)
"""Random cases in which quota goes to another province and onto plots."""
REPORTS = (
    *("conservation", "flows", "surpluses", "gaps", "times", "objections", "holds"),
    "transfers",
)
TWO_PROVINCES = ROOT / "cases" / "d-two-provinces.yaml"
MONEY = {
    *("bank", "bidder_cash", "deposit", "escrow", "county", "township", "village_committee"),
    *("collective", "exchange", "subsidy_pool", "housing", "due_to", "due_from"),
}


async def told(market, name, role="supervisor", party=NODE):
    token = await market.token(role, party)
    rows, cursor = [], None
    while True:
        params = {"limit": 200} | ({} if cursor is None else {"cursor": cursor})
        answer = await market.http.get(
            f"/v1/reports/{name}", params=params, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200, answer.text
        rows += answer.json()["items"]
        cursor = answer.json()["next"]
        if cursor is None:
            return rows


async def records(db):
    """Every record in order, as its bytes say it."""
    async with db.read() as reader:
        rows = await reader.run(text("SELECT body FROM record ORDER BY id"))
        return [json.loads(bytes(row.body)) for row in rows]


def entries(said, kind=None):
    return [
        one for one in said if one["kind"] == f"entry.{kind}" or (kind is None and "key" in one)
    ]


def postings(entry):
    """(kind, book, owner) of source and target, and the amount."""
    for source, target, amount, _, _ in entry["postings"]:
        yield tuple(source.split(":", 2)), tuple(target.split(":", 2)), int(amount)


def balances(said):
    held = Counter()
    for entry in entries(said):
        for source, target, amount in postings(entry):
            held[source] -= amount
            held[target] += amount
    return held


def amounts(row):
    """The amounts of an answer as whole hundredths, by name."""
    return {
        name: hundredths(value) if not value.startswith("-") else -hundredths(value[1:])
        for name, value in row.items()
        if name.endswith(("_m2", "_cny"))
    }


async def random_market(seed, market):
    raw = random_case(seed, 110)
    await play(parse_case(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False)), market)
    naive = NaiveMarket(raw)
    for step in raw["steps"]:
        naive.step(step)
    if raw.get("until") is not None:
        naive.run_until(raw["until"])
    return naive


@pytest.mark.parametrize("seed", SEEDS)
async def test_figures_are_what_a_loop_over_the_records_gives(seed, market, db):
    naive = await random_market(seed, market)
    said = await records(db)
    await assert_books(market, said, naive)
    landed = landed_by_loop(said, naive)
    await assert_flows(market, said, naive, landed)
    await assert_surpluses(market, said, naive, landed)
    await assert_gaps(market, naive, landed)


async def assert_books(market, said, naive):
    held, books = balances(said), await told(market, "conservation")
    provinces = [code for code, one in naive.regions.items() if one["is_province"]]
    assert [book["province"] for book in books] == sorted([NODE, *provinces])
    for book in books:
        own = book["province"]
        quota, money = amounts(book["quota"]), amounts(book["money"])
        of_kind = Counter()
        for (kind, province, _), amount in held.items():
            of_kind[kind] += amount if province == own else 0
        states = Counter()
        for ticket in naive.tickets.values():
            states[ticket["state"]] += ticket["area"] if ticket["province"] == own else 0
        assert quota["waiting_m2"] == states["issued"] + states["handed_in"]
        assert quota["at_auction_m2"] == states["listed"] + states["sold"]
        assert quota["in_transfer_m2"] == states["locked"]
        for kind, name in (("homestead", "homestead_m2"), ("accepted", "accepted_m2")):
            assert quota[name] == of_kind[kind]
        assert quota["certificates_m2"] == of_kind["certificate"]
        assert quota["issued_m2"] + quota["arrived_m2"] == sum(
            quota[f"{name}_m2"]
            for name in ("waiting", "at_auction", "in_transfer", "certificates", "landed", "left")
        )
        land = amounts(book["farmland"])
        assert (land["cropland_m2"], land["ecological_m2"]) == (
            of_kind["cropland"],
            of_kind["ecological"],
        )
        assert land["opening_m2"] + land["made_m2"] == (
            land["taken_m2"] + land["cropland_m2"] + land["ecological_m2"]
        )
        kinds = {row["kind"]: amounts(row)["balance_cny"] for row in book["money"]["held"]}
        assert kinds == {
            kind: amount for kind, amount in of_kind.items() if kind in MONEY - {"bank"} and amount
        }
        crossed = crossings(said, own)
        assert {name: crossed[name] for name in money} == money
        assert money["paid_in_cny"] + money["arrived_cny"] == (
            money["paid_out_cny"] + money["left_cny"] + sum(kinds.values())
        )


def crossings(said, own):
    """Money over the border of the market, and over that of one book."""
    crossed = Counter()
    for entry in entries(said):
        for source, target, amount in postings(entry):
            if source[0] not in MONEY:
                continue
            if source[1] == own and source[0] == "bank":
                crossed["paid_in_cny"] += amount
            elif target[1] == own != source[1]:
                crossed["arrived_cny"] += amount
            if target[1] == own and target[0] == "bank":
                crossed["paid_out_cny"] += amount
            elif source[1] == own != target[1]:
                crossed["left_cny"] += amount
    return crossed


def landed_by_loop(said, naive):
    """(collective, county of the plot, to a village) -> area: hundredth by hundredth in order."""
    filled = defaultdict(list)
    for entry in entries(said, "settlement"):
        for source, target, amount in postings(entry):
            if target[0] == "certificate":
                filled[target].append([source[2], amount])
    for tickets in filled.values():
        tickets.sort()
    landed = Counter()
    for entry in entries(said, "land_sale"):
        moves = list(postings(entry))
        to_village = any(target[0] == "off_site_right" for _, target, _ in moves)
        ((certificate, county, wanted),) = [
            (source, target[2], amount)
            for source, target, amount in moves
            if source[0] == "certificate"
        ]
        while wanted:
            ticket, left = filled[certificate][0]
            taken = min(wanted, left)
            landed[naive_village(naive, ticket), county, to_village] += taken
            wanted -= taken
            if taken == left:
                filled[certificate].pop(0)
            else:
                filled[certificate][0][1] = left - taken
    return landed


def naive_village(naive, ticket):
    return naive.households[naive.tickets[ticket]["household"]]["collective"]


async def assert_flows(market, said, naive, landed):
    wanted = defaultdict(Counter)
    for entry in entries(said, "issue"):
        for _, target, amount in postings(entry):
            county = naive.collectives[naive_village(naive, target[2])]["county"]
            wanted["issued", county, target[1], None].update(left=amount, arrived=amount)
    for entry in entries(said, "conversion_out"):
        for _, target, amount in postings(entry):
            wanted["converted", target[1], target[2], None].update(left=amount)
    for entry in entries(said, "conversion_in"):
        for source, _, amount in postings(entry):
            wanted["converted", source[2], source[1], None].update(arrived=amount)
    for (village, county, to_village), amount in landed.items():
        home = naive.collectives[village]["county"]
        kind = flow_kind(home, county, to_village=to_village).value
        wanted["landed", home, county, kind].update(left=amount, arrived=amount)
    flows = {
        (row["stage"], row["from"], row["to"], row["kind"]): {
            "left": hundredths(row["left_m2"]),
            "arrived": hundredths(row["arrived_m2"]),
        }
        for row in await told(market, "flows")
    }
    assert flows == wanted


async def assert_surpluses(market, said, naive, landed):
    given, sent = Counter(), Counter()
    for entry in entries(said, "reclamation"):
        for source, _, amount in postings(entry):
            given[source[2]] += amount if source[0] == "homestead" else 0
    for entry in entries(said, "conversion_out"):
        for source, _, amount in postings(entry):
            sent[naive_village(naive, source[2])] += amount
    rows = await told(market, "surpluses")
    assert [row["collective"] for row in rows] == sorted(naive.collectives)
    for row in rows:
        village, found = row["collective"], amounts(row)
        one = naive.collectives[village]
        at_home = sum(
            area
            for (v, county, _), area in landed.items()
            if v == village and county[:2] == row["county"][:2]
        )
        assert found["homestead_m2"] == one["homestead"]
        assert found["off_site_right_m2"] == one["off_site_right"]
        assert (found["reclaimed_m2"], found["sent_m2"]) == (given[village], sent[village])
        assert found["landed_m2"] == at_home
        assert found["surplus_m2"] == given[village] - sent[village] - at_home


async def assert_gaps(market, naive, landed):
    rows = await told(market, "gaps")
    counties = {code for code, one in naive.regions.items() if not one["is_province"]}
    assert [row["region"] for row in rows] == sorted(counties)
    for row in rows:
        region, found = row["region"], amounts(row)
        here, there = 0, 0
        for ticket in naive.tickets.values():
            if naive.applications[ticket["application"]]["city"] != region:
                continue
            if ticket["state"] != "transferred":
                in_place = ticket["province"][:2] == region[:2]
                here += ticket["area"] if in_place else 0
                there += 0 if in_place else ticket["area"]
        used = sum(area for (_, county, _), area in landed.items() if county == region)
        assert (found["settled_m2"], found["coming_m2"], found["landed_m2"]) == (here, there, used)
        assert found["gap_m2"] == here - used


@pytest.fixture(scope="module")
async def two_provinces(shared):
    """A node on which a ticket of Chongqing went to Zhejiang, was sold and landed there."""
    await play(load_case(TWO_PROVINCES), shared.market)
    return shared


async def test_a_province_sees_its_own_figures_and_those_with_it(two_provinces):
    market = two_provinces.market
    whole = {name: await told(market, name) for name in REPORTS}
    for name in REPORTS:
        assert await told(market, name, "ministry") == whole[name]
    own = {name: await told(market, name, "province", "330000") for name in REPORTS}
    assert [book["province"] for book in own["conservation"]] == ["330000"]
    assert own["conservation"] == [b for b in whole["conservation"] if b["province"] == "330000"]
    assert own["flows"] == [
        flow for flow in whole["flows"] if "33" in {flow["from"][:2], flow["to"][:2]}
    ]
    assert len(own["flows"]) < len(whole["flows"])
    assert own["gaps"] == [row for row in whole["gaps"] if row["region"][:2] == "33"]
    assert own["surpluses"] == [row for row in whole["surpluses"] if row["county"][:2] == "33"]
    assert own["times"] == [row for row in whole["times"] if row["province"] == "330000"]
    assert own["transfers"] == whole["transfers"]


async def test_the_steps_of_a_transfer_stand_with_their_instants(two_provinces):
    (history,) = [h for h in await told(two_provinces.market, "transfers") if h["transfer"] == "x1"]
    kinds = [step["kind"] for step in history["steps"]]
    assert kinds == ["transfer.requested", "transfer.accepted", "transfer.approved"]
    assert [s["at"] for s in history["steps"]] == sorted(s["at"] for s in history["steps"])


async def test_times_run_from_the_hammer_to_the_last_account(two_provinces):
    market, said = two_provinces.market, await records(two_provinces.db)
    for row in await told(market, "times"):
        of_lot = {one["kind"]: one["at"] for one in said if one["subject"] == row["lot"]}
        sold = of_lot.get("lot.decided", of_lot["lot.closed"])
        assert sold[:19] == utc(row["sold_at"])
        assert of_lot["lot.paid"][:19] == utc(row["paid_at"])
        assert row["seconds"] >= 0
    assert {row["lot"] for row in await told(market, "times")} == {
        lot["id"] for lot in await market.list("/v1/lots") if lot["state"] == "paid"
    }


def utc(instant):
    return datetime.fromisoformat(instant).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def test_counties_lie_in_the_city_that_their_code_says():
    assert city_of("430923") == "430900"
    assert city_of("500236") == city_of("500112") == "500000"
    assert city_of("429004") == "429004"
    assert flow_kind("430923", "430981", to_village=True) is FlowKind.OWN_VILLAGE
    assert flow_kind("430923", "430104", to_village=True) is FlowKind.OTHER_VILLAGE
    assert flow_kind("430923", "430104", to_village=False) is FlowKind.OTHER_CITY
    assert flow_kind("500236", "500112", to_village=False) is FlowKind.OWN_CITY


async def test_a_rejection_keeps_its_reason_from_the_list(node):
    case = yaml.safe_load(TWO_PROVINCES.read_text(encoding="utf-8"))
    steps = case["steps"]
    until = next(n for n, step in enumerate(steps) if step["do"] == "accept_transfer")
    case |= {"steps": steps[:until]}
    case.pop("until", None)
    await play(parse_case(yaml.safe_dump(case, allow_unicode=True, sort_keys=False)), node.market)
    body = {"transfer": "x1", "by": "receiver", "reason": "because"}
    refused = await node.post("province", "330000", "/v1/transfer-rejections", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")
    body["reason"] = "no_need"
    assert (await node.post("province", "330000", "/v1/transfer-rejections", body)).is_success
    (history,) = await told(node.market, "transfers")
    last = history["steps"][-1]
    assert (last["kind"], last["by"], last["reason"]) == (
        "transfer.rejected",
        "receiver",
        "no_need",
    )
