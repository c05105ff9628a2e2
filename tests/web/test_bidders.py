"""Two bidders in two browsers fight for a lot; another goes from the instructions to the paper."""

import asyncio
from pathlib import Path

from playwright.async_api import expect

from app.transparency.receipt_check import check_receipt
from tests.http.kept_receipts import trust_of
from tests.story import DEPOSIT, PRICE
from tests.web.arena import EXTENSION_SECONDS
from tests.web.bidding import (
    AT_A_DESK,
    AT_ONCE_MILLISECONDS,
    ON_A_PHONE,
    a_bidder,
    prices,
)
from tests.web.people import fen, grouped

SECOND, THIRD = "20100.00", "20200.00"


def content_of(path):
    """The bytes of a download."""
    return Path(path).read_bytes()


async def record_of(arena, download):
    """What a saved receipt proves with the node's public keys alone."""
    text = content_of(await download.path()).decode()
    return check_receipt(text, await trust_of(arena.node)).record


async def test_two_bidders_fight_through_an_extension_and_both_see_it_happen_and_end(
    arena, browsers
):
    phone, desk = await asyncio.gather(
        a_bidder(browsers, arena, **ON_A_PHONE), a_bidder(browsers, arena, **AT_A_DESK)
    )
    both = (phone, desk)
    lot = await arena.lot(lasts=8, bidders=[phone.firm, desk.firm])
    await asyncio.gather(*(one.enter(lot) for one in both))
    await phone.bid()
    await asyncio.gather(phone.stands(phone.words.leading), desk.hears_of(PRICE))
    await desk.stands(desk.words.no_bid)
    await desk.bid()
    await asyncio.gather(phone.stands(phone.words.outbid), desk.stands(desk.words.leading))

    await desk.left(EXTENSION_SECONDS - 1)
    before = await desk.close_shown()
    await phone.bid()
    for one in both:
        said = one.shown(one.words.clock).get_by_text(one.words.extended)
        await expect(said).to_be_visible(timeout=AT_ONCE_MILLISECONDS)
    await asyncio.gather(phone.stands(phone.words.leading), desk.stands(desk.words.outbid))
    closes = (await arena.read(f"/v1/lots/{lot}"))["closes_at"]
    assert [await one.close_shown() for one in both] == [closes, closes]
    assert closes > before
    bids = [(1, PRICE), (2, SECOND), (3, THIRD)]
    assert [await one.bids_shown() for one in both] == [bids, bids]
    await keeps_a_receipt(arena, lot, phone, THIRD)
    await keeps_a_receipt(arena, lot, desk, SECOND)
    await both_see_the_end(arena, lot, phone, desk)


async def keeps_a_receipt(arena, lot, one, price):
    """The newest receipt names the lot and the price, signed by the node."""
    async with one.page.expect_download() as saving:
        await one.button(one.words.keep).first.click()
    record = await record_of(arena, await saving.value)
    assert (record["kind"], record["subject"]) == ("bid.placed", lot)
    assert record["body"]["price_cny"] == price


async def both_see_the_end(arena, lot, winner, loser):
    """Nobody answers the last bid: the rooms say so, lead to the result, and the API agrees."""
    for one in (winner, loser):
        await expect(one.page.get_by_text(one.words.over, exact=True)).to_be_visible()
        await one.link(one.words.result).click()
    await expect(winner.page.get_by_text("您竞得此标的")).to_be_visible()
    await expect(winner.page.get_by_text("贰万零贰佰元整").first).to_be_visible()
    await expect(loser.page.get_by_text("You have not won")).to_be_visible()
    await expect(loser.page.get_by_text("given back")).to_be_visible()
    sold = await arena.read(f"/v1/lots/{lot}")
    assert (sold["state"], sold["winner"], sold["price_cny"]) == ("sold", winner.firm, THIRD)
    assert await prices(arena, lot) == [PRICE, SECOND, THIRD]


async def test_from_the_instructions_by_the_room_to_payment_certificate_and_confirmation(
    arena, browsers
):
    me = await a_bidder(browsers, arena, **ON_A_PHONE)
    lot = await arena.lot(lasts=EXTENSION_SECONDS + 2)
    await the_instructions_are_read(me, lot)
    await me.button("缴纳保证金并报名").click()
    await me.confirm("缴纳保证金并报名")
    await expect(me.page.get_by_text("报名成功，保证金已冻结。").first).to_be_visible()
    (mine,) = [one for one in await me.every("/v1/registrations") if one["lot"] == lot]
    await expect(me.page.locator(".paddle")).to_have_text(str(mine["paddle"]))

    await me.link("进入竞价室").click()
    await me.bid()
    await me.stands(me.words.leading)
    await me.link(me.words.result).click(timeout=30_000)
    await expect(me.page.get_by_text("您竞得此标的")).to_be_visible()
    rest = grouped(fen(PRICE) - fen(DEPOSIT))
    await expect(me.fact("还须从可用资金支付")).to_contain_text(rest)
    await me.button("付清价款").click()
    await me.confirm("付清价款")
    await expect(me.page.get_by_text("价款已付清，已取得指标证书。")).to_be_visible()
    await expect(me.page.get_by_role("region", name="指标证书")).to_contain_text("100.00")
    await expect(me.page.get_by_text("已抵价款")).to_be_visible()
    assert (await arena.read(f"/v1/lots/{lot}"))["state"] == "paid"
    await the_confirmation_is_read(me, lot)


async def the_instructions_are_read(me, lot):
    """From the list of lots; nothing can be agreed to before the end was in sight."""
    await me.look("/bidder/mine")
    await me.look("/bidder/lots")
    await me.page.get_by_role("link", name=f"报名 {lot}").click()
    paper = me.page.get_by_role("region", name="阅读竞买须知")
    agree = me.page.get_by_label("我已完整阅读竞买须知并同意遵守。")
    await expect(agree).to_be_disabled()
    await expect(me.button("缴纳保证金并报名")).to_be_disabled()
    await expect(paper).to_contain_text(f"冻结保证金 ¥{grouped(fen(DEPOSIT))}")
    await paper.evaluate("it => it.scrollTo(0, it.scrollHeight)")
    await agree.check()


async def the_confirmation_is_read(me, lot):
    """The paper names lot, winner and price, and can be had as PDF."""
    await me.link("打开成交确认书").click()
    await expect(me.fact("编号")).to_have_text(lot)
    await expect(me.fact("成交价大写")).to_have_text("贰万元整")
    await expect(me.fact("竞得人")).to_contain_text(me.firm)
    async with me.page.expect_download() as saving:
        await me.link("下载成交确认书（PDF）").click()
    assert content_of(await (await saving.value).path()).startswith(b"%PDF")
