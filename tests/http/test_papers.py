"""Papers over HTTP: for whom the figures are shown as JSON, for nobody else."""

import asyncio

import pytest

from app import transparency
from app.papers.render import PRESS, WAITING_MAX
from app.replay import load_case, play
from tests.http.people import hire
from tests.http.support import CASES, NODE, assert_problem
from tests.papers.reading import Pdf

BY_B1 = ("/v1/lots/l1/confirmation", "/v1/certificates/l1/paper")
BY_H1 = ("/v1/tickets/t1/paper", "/v1/households/h1/statements/2026/paper")


@pytest.fixture(scope="module")
async def market(shared):
    """A household whose ticket was sold to b1 and paid, and a neighbour; the log shows it all."""
    await play(load_case(CASES / "a-one-household.yaml"), shared.market)
    for path, body in (
        ("/v1/regions", {"code": "330000", "name": "浙江省"}),
        ("/v1/households", {"id": "h2", "name": "陈淑芬", "collective": "v1", "heads": 1}),
    ):
        answer = await shared.post("system_admin", NODE, path, body)
        assert answer.status_code == 201, answer.text
    settings, keys = shared.app.state.settings, shared.app.state.keys
    publishers = await transparency.open_log(shared.db, settings, keys)
    await transparency.advance(shared.db, publishers)
    await publishers[0].http.aclose()
    return shared


async def paper(node, role, party, path, **params):
    answer = await node.get(role, party, path, **params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    return Pdf(answer.content)


async def test_the_winner_takes_home_what_the_lot_says(market):
    lot = (await market.http.get("/v1/lots/l1")).json()
    records = (await market.http.get("/v1/lots/l1/records")).json()["records"]
    closed = next(record["entry"] for record in records if record["kind"] == "lot.closed")
    for role, party in (("bidder", "b1"), ("bidder_viewer", "b1"), ("exchange", "500000")):
        pdf = await paper(market, role, party, BY_B1[0])
        for words in (
            "渝北城市建设投资有限公司（b1）",
            "62,000.00元",
            "人民币陆万贰仟元整",
            lot["notice_hash"],
            f"公开日志第{closed}号",
            "已付清",
        ):
            assert words in pdf.text, words
        assert pdf.codes() == ["https://node/index.html#/check/lot/l1"]
    english = await paper(market, "supervisor", NODE, BY_B1[0], language="en")
    assert "ConfirmationofSale" in english.text
    assert f"entry{closed}ofthepubliclog" in english.text
    quota = await paper(market, "bidder", "b1", BY_B1[1])
    assert "180.00平方米" in quota.text


async def test_the_household_takes_home_its_ticket_and_its_year(market):
    answer = await market.get("villager", "h1", "/v1/households/h1/statements/2026")
    year = answer.json()
    pdf = await paper(market, "villager", "h1", BY_H1[1])
    for line in year["lines"]:
        assert f"{int(line['balance_cny'][:-3]):,}" in pdf.text
        assert line["log_entry"] is not None
    assert f"#/check/entry/{year['lines'][-1]['log_entry']}" in pdf.codes()[0]
    size = (await market.http.get("/log/checkpoint")).text.splitlines()[1]
    assert f"检查点：{size}条" in pdf.text
    ticket = await paper(market, "villager", "h1", BY_H1[0], language="en")
    assert "向德贵(h1)" in ticket.text
    assert ticket.codes() == ["https://node/index.html#/check/ticket/t1"]


async def test_a_paper_is_hidden_from_whom_it_does_not_concern(market):
    for path in BY_B1:
        assert_problem(await market.get("bidder", "b2", path), 404, "not-found")
        assert_problem(await market.get("exchange", "330000", path), 404, "not-found")
        assert_problem(await market.get("villager", "h1", path), 403, "forbidden")
    for path in BY_H1:
        assert_problem(await market.get("villager", "h2", path), 404, "not-found")
        assert_problem(await market.get("county_clerk", "500112", path), 404, "not-found")
        assert_problem(await market.get("bidder", "b1", path), 403, "forbidden")
    for path in (*BY_B1, *BY_H1):
        assert_problem(await market.http.get(path), 401, "unauthenticated")
        assert_problem(
            await market.get("supervisor", NODE, path, language="fr"), 422, "invalid-request"
        )
    for path in (
        "/v1/lots/l2/confirmation",
        "/v1/certificates/l2/paper",
        "/v1/tickets/t2/paper",
        "/v1/tickets/t1/330000/paper",
        "/v1/households/h3/statements/2026/paper",
    ):
        assert_problem(await market.get("supervisor", NODE, path), 404, "not-found")


async def test_neither_the_address_nor_the_file_names_anybody(market):
    for role, party, path in (
        *(("bidder", "b1", path) for path in BY_B1),
        *(("villager", "h1", path) for path in BY_H1),
    ):
        answer = await market.get(role, party, path)
        name = answer.headers["content-disposition"].partition("=")[2].strip('"')
        assert name.startswith("hrt-")
        assert name.endswith(".pdf")
        for secret in ("h1", "b1", "v1"):
            assert secret not in name
            assert all(secret not in address for address in Pdf(answer.content).codes())


async def test_the_code_names_the_address_at_which_the_node_was_asked(market):
    token = await market.market.token("villager", "h1")
    for host, pages in (
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("exchange.example", "https://exchange.example"),
    ):
        headers = {"Authorization": f"Bearer {token}", "Host": host}
        answer = await market.http.get(BY_H1[0], headers=headers)
        assert Pdf(answer.content).codes() == [f"{pages}/index.html#/check/ticket/t1"]
    headers = {"Authorization": f"Bearer {token}", "Host": "a b/@evil"}
    assert_problem(await market.http.get(BY_H1[0], headers=headers), 422, "invalid-request")


async def test_a_cookie_opens_a_paper_as_a_link_does(market):
    browser = await hire(market, "xiang", ("villager", "h1"))
    headers = {"Cookie": f"hrt_session={browser.token}"}
    answer = await market.http.get(BY_H1[0], headers=headers)
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")


async def test_one_too_many_is_told_to_come_again(market, monkeypatch):
    monkeypatch.setattr(PRESS, "waiting", WAITING_MAX)
    assert_problem(await market.get("villager", "h1", BY_H1[0]), 503, "busy")
    monkeypatch.undo()
    answers = await asyncio.gather(*(market.get("villager", "h1", BY_H1[0]) for _ in range(8)))
    assert len({answer.content for answer in answers}) == 1, "at one instant of a stopped clock"
    assert PRESS.waiting == 0


async def test_a_lot_that_was_not_sold_or_not_paid_has_no_such_paper(node):
    await play(load_case(CASES / "c-default-relist.yaml"), node.market)
    states = {lot["id"]: lot["state"] for lot in await node.market.list("/v1/lots")}
    assert "defaulted" in states.values()
    for lot, state in states.items():
        answers = [
            await node.get("supervisor", NODE, f"/v1/lots/{lot}/confirmation"),
            await node.get("supervisor", NODE, f"/v1/certificates/{lot}/paper"),
        ]
        expected = {"sold": [200, 404], "paid": [200, 200]}.get(state, [404, 404])
        assert [answer.status_code for answer in answers] == expected, (lot, state)


async def test_a_ticket_that_went_to_another_province_says_so(node):
    await play(load_case(CASES / "d-two-provinces.yaml"), node.market)
    home = await paper(node, "supervisor", NODE, "/v1/tickets/t1/paper")
    assert "现票号为t1/330000" in home.text
    there = await paper(node, "supervisor", NODE, "/v1/tickets/t1/330000/paper")
    assert there.codes() == ["https://node/index.html#/check/ticket/t1/330000"]
    assert "登记中" in there.text, "nothing was sequenced here"
