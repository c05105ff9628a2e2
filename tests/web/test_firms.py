"""Two people of one firm in two browsers: a limit, a bid that one proposes and the other makes."""

import asyncio
import re
import uuid

from tests.story import HERE
from tests.web.browsers import PHONE, axe

LIMIT, PRICE = "10000.00", "20,000.00"
LASTS_SECONDS = 90


async def a_firm(arena):
    """A bidder of its own with cash: other journeys bid alone."""
    firm = f"f{uuid.uuid4().hex[:6]}"
    office = ("exchange", HERE)
    await arena.send(*office, "/v1/bidders", {"id": firm, "name": "双人公司"})
    cash = {"id": f"cash.{firm}", "bidder": firm, "amount_cny": "500000.00"}
    await arena.send(*office, "/v1/cash-deposits", cash)
    return firm


async def press(page, name, *, within=None):
    await (within or page).get_by_role("button", name=re.compile(name)).click()


async def test_one_person_proposes_and_the_other_bids(arena, browsers, axe_source):
    firm = await a_firm(arena)
    lot = await arena.lot(lasts=LASTS_SECONDS)
    await arena.send("bidder", firm, "/v1/registrations", {"lot": lot, "bidder": firm})
    logins = [await arena.login("bidder", firm, other=other) for other in ("", ".second")]
    first, second = await asyncio.gather(
        browsers.open(arena.address, logins[0]),
        browsers.open(arena.address, logins[1], width=PHONE, language="en"),
    )
    for page in (first, second):
        await page.get_by_role("heading", level=1).wait_for()
        await page.goto(f"{arena.address}/office.html#/bidder/firm")

    await first.get_by_label("新的限额（元）").fill(LIMIT)
    await first.get_by_text("须本企业另一人批准后生效。").wait_for()
    await press(first, "^变更限额$")
    await press(first, "^变更限额$", within=first.get_by_role("dialog"))
    await first.get_by_text("已提议，等另一人批准。").wait_for()
    await press(second, "^Approve the change$", within=second.get_by_role("alert"))
    await second.get_by_text("The limit is in force.").wait_for()

    await first.goto(f"{arena.address}/office.html#/bidder/lots/{lot}/room")
    await press(first, "按最低可报价出价")
    asking = first.get_by_role("dialog")
    await asking.get_by_text("这个价格须两人办理").wait_for()
    await press(first, "提议，等另一人批准", within=asking)
    await first.get_by_text("您的提议在等另一人批准").wait_for()
    assert await first.get_by_role("button", name="批准并报出").count() == 0

    await second.goto(f"{arena.address}/office.html#/bidder/mine")
    waiting = second.get_by_role("alert").filter(has_text="A colleague proposes a bid")
    await waiting.get_by_text(PRICE).first.wait_for()
    await waiting.get_by_text("贰万元整").wait_for()
    found = await axe(first, axe_source) + await axe(second, axe_source)
    assert found == []
    await press(second, "^Approve and bid", within=waiting)
    await press(second, "^Approve and bid$", within=second.get_by_role("dialog"))
    await second.get_by_text(f"The bid of ¥{PRICE} was taken.").wait_for()
    await first.get_by_text("您领先，不需要再加价。").wait_for()
    for gone in ("您的提议在等另一人批准", "已提议。另一人批准之前，还没有报出。"):
        await first.get_by_text(gone).wait_for(state="detached")
    bids = (await arena.read(f"/v1/lots/{lot}/bids"))["items"]
    assert [bid["price_cny"] for bid in bids] == [PRICE.replace(",", "")]
