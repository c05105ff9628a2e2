"""Why a lot was frozen is kept, and shown to everybody while it is."""

import json
from datetime import timedelta

import pytest

from tests.conftest import START
from tests.http.support import assert_problem, pointers, shown_by_feed
from tests.story import HERE, Story, a_market

EXCHANGE = ("exchange", HERE)
REASON = "系统故障,正在核查"


@pytest.fixture(scope="module")
async def open_lot(shared):
    """A node on which lot `l1` is open."""
    story = await Story.begin(shared.market, a_market(START, ["h0"], ["b1"]))
    tickets = await story.hand_in(["h0"])
    opens = START + timedelta(days=1)
    await story.list_lot("l1", tickets, opens, opens + timedelta(days=1))
    await story.clock(opens)
    return shared


async def said(node):
    rows = await node.owner.fetch(
        "SELECT kind, body FROM record WHERE kind IN ('lot.frozen', 'lot.resumed') ORDER BY id"
    )
    return [(row["kind"], json.loads(bytes(row["body"]))["body"].get("reason")) for row in rows]


async def test_the_reason_is_shown_while_the_lot_is_frozen(open_lot):
    node = open_lot
    frozen = await node.post(*EXCHANGE, "/v1/freezes", {"lot": "l1", "reason": REASON})
    assert frozen.status_code == 201, frozen.text
    assert frozen.json()["receipt"]
    for answer in (frozen, await node.http.get("/v1/lots/l1")):
        assert answer.json()["freeze_reason"] == REASON
    snapshot = (await shown_by_feed(node, "l1")).json()
    assert snapshot["lot"]["freeze_reason"] == REASON

    resumed = await node.post(*EXCHANGE, "/v1/resumptions", {"lot": "l1", "reason": "已修复"})
    assert resumed.json()["freeze_reason"] is None
    again = await node.post(*EXCHANGE, "/v1/freezes", {"lot": "l1"})
    assert again.json()["freeze_reason"] is None
    await node.post(*EXCHANGE, "/v1/resumptions", {"lot": "l1"})
    assert await said(node) == [
        ("lot.frozen", REASON),
        ("lot.resumed", "已修复"),
        ("lot.frozen", None),
        ("lot.resumed", None),
    ]


@pytest.mark.parametrize(
    "reason", ["", "x" * 201, "两\n行", "电话 138 0013 8000", "证件 43092319700101123X"]
)
async def test_a_reason_is_one_line_and_names_no_number_of_a_person(open_lot, reason):
    answer = await open_lot.post(*EXCHANGE, "/v1/freezes", {"lot": "l1", "reason": reason})
    assert pointers(assert_problem(answer, 422, "invalid-request")) == ["/reason"]
