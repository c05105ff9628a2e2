"""A visitor without a login: papers are checked in the visitor's own browser, and lies are seen."""

import re

import httpx
import pytest
from playwright.async_api import expect

from tests.web.browsers import PHONE, axe
from tests.web.people import fen, grouped

PROVEN, NOT_VERIFIED = "已证明：这条记录在公开日志里", "没有通过核验"
KEPT = "History has not been rewritten since your last visit"
REWRITTEN = "History is not what you saw last time"


def settled_ticket(demo):
    rows = httpx.get(f"{demo.address}/v1/tickets", params={"limit": 200}).json()["items"]
    return next(row["id"] for row in rows if row["state"] == "settled")


def birth_of(demo, ticket):
    """Where the record of a ticket's issue stands in the log."""
    records = httpx.get(f"{demo.address}/v1/tickets/{ticket}/records").json()["records"]
    return next(record["entry"] for record in records if record["kind"] == "entry.issue")


def last_byte_of(bundle, index):
    """Where an entry ends in the bundle that holds it."""
    end = 0
    for _ in range(index % 256 + 1):
        end += 2 + int.from_bytes(bundle[end : end + 2], "big")
    return end - 1


async def spoil(page, pattern, change):
    """From now on the node's answers at these addresses are changed on their way."""

    async def answer(route):
        real = await route.fetch()
        await route.fulfill(response=real, body=change(await real.body()))

    await page.route(pattern, answer)


@pytest.fixture
def ticket(demo):
    return settled_ticket(demo)


async def test_a_qr_code_leads_from_a_ticket_to_its_verified_record(
    browsers, demo, ticket, axe_source
):
    page = await browsers.open(demo.address, width=PHONE, page=f"index.html#/check/ticket/{ticket}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(ticket)
    await expect(page.get_by_text(PROVEN)).to_be_visible()
    await expect(page.get_by_text("记录里的面积与本页一致。")).to_be_visible()
    await page.get_by_role("link", name="查看完整记录").click()
    await page.wait_for_url(f"**/check/entry/{birth_of(demo, ticket)}")
    await expect(page.get_by_text(PROVEN)).to_be_visible()
    await expect(page.locator("main li", has_text="成立")).to_have_count(4)
    await expect(page.get_by_text("核发复垦票", exact=True)).to_be_visible()
    assert await axe(page, axe_source) == []


async def test_a_number_on_paper_is_checked_by_keyboard(browsers, demo, ticket):
    page = await browsers.open(demo.address, page="index.html#/check", language="en")
    field = page.get_by_role("textbox", name="Number of the ticket")
    await field.fill("no ticket!")
    await field.press("Enter")
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await field.fill(f"{demo.address}/index.html#/check/ticket/{ticket}")
    await field.press("Enter")
    await expect(page.get_by_text("Proven: this record is in the public log")).to_be_visible()


async def test_a_paper_with_an_unknown_number_is_not_to_be_trusted(browsers, demo):
    page = await browsers.open(demo.address, page="index.html#/check/ticket/forged-1")
    await expect(page.get_by_text("没有这张复垦票")).to_be_visible()
    assert [fault for fault in browsers.faults if "404 (Not Found)" not in fault] == []
    browsers.faults.clear()


async def test_one_changed_byte_of_the_log_is_not_verified_and_not_shown(browsers, demo, ticket):
    index = birth_of(demo, ticket)
    page = await browsers.open(demo.address, page="index.html#/check")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()

    def flip(bundle):
        at = last_byte_of(bundle, index)
        return bundle[:at] + bytes([bundle[at] ^ 1]) + bundle[at + 1 :]

    await spoil(page, "**/log/tile/entries/**", flip)
    await page.goto(f"{demo.address}/index.html#/check/entry/{index}")
    await expect(page.get_by_text(NOT_VERIFIED, exact=True)).to_be_visible()
    await expect(page.locator("main li", has_text="不成立")).to_contain_text(
        "记录的哈希一路算到树根"
    )
    await expect(page.get_by_text("核发复垦票", exact=True)).to_have_count(0)
    await page.goto(f"{demo.address}/index.html#/check/ticket/{ticket}")
    await expect(page.get_by_text(NOT_VERIFIED, exact=True)).to_be_visible()


async def test_a_rewritten_history_is_found_by_who_has_seen_the_log_before(browsers, demo):
    log = "index.html#/log"
    page = await browsers.open(demo.address, page=log, language="en")
    await expect(page.get_by_text("Your first look")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text(KEPT)).to_be_visible()
    # As if this browser had seen another tree of fewer entries, with a root of its own.
    await page.evaluate("""() => {
      const kept = JSON.parse(localStorage.getItem('hrt.log.seen'))
      const [origin, size, root, ...rest] = kept.note.split('\\n')
      const other = (root[0] === 'A' ? 'B' : 'A') + root.slice(1)
      kept.note = [origin, size - 1, other, ...rest].join('\\n')
      localStorage.setItem('hrt.log.seen', JSON.stringify(kept))
    }""")
    await page.reload()
    await expect(page.get_by_text(REWRITTEN)).to_be_visible()
    await page.get_by_role("button", name="Begin anew from the present checkpoint").click()
    await expect(page.get_by_text("Your first look")).to_be_visible()


@pytest.fixture
def settled(demo):
    """A lot that was paid, and what its households got of the price, in fen."""
    with httpx.Client(base_url=demo.address) as http:
        lots = http.get("/v1/lots", params={"limit": 200}).json()["items"]
        lot = next(one for one in lots if one["state"] == "paid")
        payouts = http.get(f"/v1/lots/{lot['id']}/payouts").json()["items"]
    parts = [part for payout in payouts for part in payout["parts"]]
    return lot, sum(fen(p["amount_cny"]) for p in parts if p["party"] == "villager")


async def test_the_price_of_a_settled_lot_is_shared_out_to_the_last_fen(browsers, demo, settled):
    lot, households = settled
    page = await browsers.open(demo.address, width=PHONE, page=f"index.html#/lots/{lot['id']}")
    card = page.locator("section", has=page.get_by_role("heading", name="价款分给了谁"))
    await expect(card.locator("ol > li").first).to_contain_text(grouped(fen(lot["price_cny"])))
    await expect(card.locator(".total")).to_contain_text(grouped(households))


async def test_a_visitor_sees_a_bid_as_it_happens_by_its_paddle_alone(arena, browsers):
    lot = await arena.lot(lasts=60, bidders=("b1",))
    page = await browsers.open(arena.address, width=PHONE, page=f"index.html#/lots/{lot}")
    await expect(page.get_by_text("还没有人报价")).to_be_visible()
    await expect(page.get_by_text("距截止", exact=True)).to_be_visible()
    shown = await arena.read(f"/v1/lots/{lot}")
    bid = {"lot": lot, "bidder": "b1", "price_cny": shown["start_price_cny"]}
    await arena.send("bidder", "b1", "/v1/bids", bid)
    [placed] = (await arena.read(f"/v1/lots/{lot}/bids"))["items"]
    await expect(page.locator("ol[reversed] > li")).to_contain_text(str(placed["paddle"]))
    await expect(page.get_by_text("领先号牌")).to_contain_text(str(placed["paddle"]))
    # Not as a word: a hash may well have these two characters.
    assert not re.search(r"\bb1\b", await page.locator("main").inner_text())
