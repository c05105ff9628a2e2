"""What anybody may ask: where a ticket stands in the log, public notices, the market in sums."""

import json

import pytest

from app.replay import load_case, parse_case, play
from tests.http.kept_receipts import publish
from tests.http.support import CASES, NODE


async def told(market, path, status=200):
    answer = await market.http.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


async def log_entry(market, index):
    """An entry of a short log, as its bundle holds it."""
    size = int((await market.http.get("/log/checkpoint")).text.split("\n")[1])
    width = f".p/{size}" if size < 256 else ""
    bundle = (await market.http.get(f"/log/tile/entries/000{width}")).content
    at = 0
    for _ in range(index):
        at += 2 + int.from_bytes(bundle[at : at + 2], "big")
    length = int.from_bytes(bundle[at : at + 2], "big")
    return json.loads(bundle[at + 2 : at + 2 + length])


async def test_a_tickets_records_are_those_of_the_log(node):
    market = node.market
    # Without the five years of rent that follow.
    text = (CASES / "a-one-household.yaml").read_text(encoding="utf-8")
    text = text[: text.index("do: rent_public")].rpartition("\n")[0]
    await play(parse_case(text.replace("2031-04-01", "2026-05-01")), market)
    await publish(node)
    found = await told(market, "/v1/tickets/t1/records")
    assert (found["original"], found["ticket"], found["lots"]) == ("t1", "t1", ["l1"])
    kinds = [record["kind"] for record in found["records"]]
    assert kinds[:2] == ["entry.issue", "ticket.handed_in"]
    assert {"lot.closed", "lot.paid", "entry.settlement"} <= set(kinds)
    for record in found["records"]:
        entry = await log_entry(market, record["entry"])
        assert (entry["kind"], entry["subject"]) == (record["kind"], record["subject"])


async def test_a_ticket_is_followed_into_another_province(market):
    await play(load_case(CASES / "d-two-provinces.yaml"), market)
    moved = next(t["id"] for t in await market.list("/v1/tickets") if "/" in t["id"])
    original = moved.partition("/")[0]
    found = await told(market, f"/v1/tickets/{moved}/records")
    assert found == await told(market, f"/v1/tickets/{original}/records")
    assert (found["original"], found["ticket"]) == (original, moved)
    assert {"entry.issue", "entry.conversion_in"} <= {one["kind"] for one in found["records"]}


async def test_no_household_and_no_application_is_named(market):
    await play(load_case(CASES / "b-sealed-tie.yaml"), market)
    for kind in ("tickets", "lots"):
        for thing in await market.list(f"/v1/{kind}"):
            found = await told(market, f"/v1/{kind}/{thing['id']}/records")
            assert found["records"]
            assert not any(one["kind"].startswith("application") for one in found["records"])
            assert "household" not in json.dumps(found)
    await told(market, "/v1/tickets/nothing/records", 404)
    await told(market, "/v1/lots/nothing/records", 404)


async def test_an_application_is_noticed_while_its_notice_runs(market):
    text = (CASES / "a-one-household.yaml").read_text(encoding="utf-8")
    text = text[: text.index("do: township_determine")].rpartition("\n")[0]
    await play(parse_case(text.replace("2031-04-01", "2026-02-05")), market)
    [shown] = (await told(market, "/v1/public-notices"))["items"]
    [application] = await market.list("/v1/applications")
    assert shown["application"] == application["id"]
    assert shown["notice_ends_at"] == application["notice_ends_at"]
    assert not {"household", "co_owners"} & set(shown)
    await market.send("system_admin", NODE, "/v1/clock", {"to": shown["notice_ends_at"]})
    assert (await told(market, "/v1/public-notices"))["items"] == []


@pytest.mark.parametrize("case", ["c-default-relist"])
async def test_the_figures_are_the_sums_of_the_lists(case, market):
    await play(load_case(CASES / f"{case}.yaml"), market)
    figures = await told(market, "/v1/figures")
    originals = [t for t in await market.list("/v1/tickets") if "/" not in t["id"]]
    sold = [lot for lot in await market.list("/v1/lots") if lot["state"] in {"sold", "paid"}]
    assert figures["tickets_issued"] == len(originals)
    assert figures["lots_sold"] == len(sold)
    for name, rows, field in (
        ("area_issued_m2", originals, "area_m2"),
        ("area_sold_m2", sold, "area_m2"),
        ("price_sold_cny", sold, "price_cny"),
    ):
        cents = sum(int(row[field].replace(".", "")) for row in rows)
        assert int(figures[name].replace(".", "")) == cents
