"""Parcels on a map: what is entered is drawn at once, and what it overlaps too; keys do it all."""

import json
import re
import uuid

import httpx
from playwright.async_api import expect

from tests.web.browsers import PHONE, axe
from tests.web.people import excuse

ENTERED = "111.6300,28.1290\n111.6322,28.1290\n111.6322,28.1308\n111.6300,28.1309"
"""Ground of the demo market's household of the ticket t10, and more."""


def a_household(demo):
    """A household of Anhua that has not applied."""
    token = json.loads((demo.home / "demo-logins.json").read_text(encoding="utf-8"))["HUNAN"]
    id_ = f"h-{uuid.uuid4().hex[:8]}"
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": id_}
    body = {"id": id_, "name": "某户", "collective": "anhua-1", "heads": 3}
    answer = httpx.post(f"{demo.address}/v1/households", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return id_


async def test_an_outline_is_drawn_as_it_is_entered_and_so_is_what_it_overlaps(
    demo, browsers, axe_source
):
    household = a_household(demo)
    page = await browsers.open(demo.address, demo.login("clerk"), width=PHONE)
    await page.goto(f"{demo.address}/office.html#/bureau/apply")
    await page.get_by_label("申请编号").fill(f"a.{household}")
    await page.get_by_label("户编号").fill(household)
    await page.get_by_label("宅基地面积（平方米）").fill("44312")
    outline = page.get_by_label("宅基地界址（可不填）")
    await outline.fill("111.63,28.12")
    await expect(page.get_by_text("至少要有三个不同的界址点。")).to_be_visible()
    await outline.fill(ENTERED)
    drawn = page.locator("svg .parcel path")
    await expect(drawn).to_have_count(1)
    await page.get_by_role("button", name="提交申请").click()
    await page.get_by_role("button", name="确认办理").click()
    await expect(page.get_by_role("alert").filter(has_text="与另一宅基地重叠")).to_be_visible()
    await expect(drawn).to_have_count(2)
    await expect(page.locator("svg .parcel.other path")).to_have_count(1)
    assert await axe(page, axe_source) == []
    excuse(browsers, "409")


async def test_a_lots_map_is_moved_zoomed_and_walked_through_by_keyboard(demo, browsers):
    page = await browsers.open(demo.address, demo.login("bidder"))
    await page.goto(f"{demo.address}/office.html#/bidder/lots/hunan-92")
    frame = page.get_by_role("group", name="本标的所含宅基地", description=re.compile("键盘"))
    parcels = frame.locator(".parcel path")
    await expect(parcels).to_have_count(4)
    before = await parcels.first.get_attribute("d")
    await frame.focus()
    for key in ("+", "ArrowRight", "ArrowUp", "-"):
        await page.keyboard.press(key)
        await expect(parcels.first).not_to_have_attribute("d", before)
    await page.keyboard.press("0")
    await expect(parcels.first).to_have_attribute("d", before)
    await page.keyboard.press("Tab")
    await expect(page.locator(":focus")).to_have_attribute("aria-label", re.compile("^1 号 t"))
    await page.keyboard.press("Enter")
    await expect(parcels).to_have_count(4)
    assert await parcels.first.get_attribute("d") != before
