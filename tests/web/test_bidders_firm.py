"""A maximum that nobody else sees, what all lots may cost, devices, viewers, and other firms."""

import asyncio
from contextlib import suppress

from playwright.async_api import Error, expect

from app.replay.client import NODE
from tests.story import PRICE
from tests.web.bidding import AT_A_DESK, ON_A_PHONE, a_bidder, a_firm, prices
from tests.web.browsers import PHONE
from tests.web.people import excuse

MAXIMUM, LIMIT = "23456.00", "40000.00"
LASTS_SECONDS = 900
OVER_BOTH = "43,456.00"


class Overheard:
    """Everything that a page is told, but for its stream of events."""

    def __init__(self, page):
        self._answers = []
        page.on("response", self._keep)

    def _keep(self, answer):
        self._answers.append(answer)

    async def texts(self):
        found = []
        for answer in self._answers:
            if "/v1/" in answer.url and not answer.url.partition("?")[0].endswith("/feed"):
                # What the browser itself did not wait for has no text any more.
                with suppress(Error):
                    found.append(await answer.text())
        return found


async def test_a_maximum_bids_for_its_holder_and_is_never_shown_to_the_rival(arena, browsers):
    holder, rival = await asyncio.gather(
        a_bidder(browsers, arena, **ON_A_PHONE), a_bidder(browsers, arena, **AT_A_DESK)
    )
    heard = Overheard(rival.page)
    lot = await arena.lot(lasts=LASTS_SECONDS, opens_in=1, bidders=[holder.firm, rival.firm])
    other = await arena.lot(lasts=LASTS_SECONDS, opens_in=1, bidders=[holder.firm])
    await asyncio.gather(holder.enter(lot), rival.enter(lot))
    await rival.bid()
    await rival.stands(rival.words.leading)
    await holder.page.get_by_text("委托最高价").click()
    await holder.page.get_by_label("最高价（元）").fill(MAXIMUM)
    await holder.button("设定委托").click()
    await holder.confirm("设定委托")
    await expect(holder.page.get_by_text("委托已设定。")).to_be_visible()
    await asyncio.gather(holder.stands(holder.words.leading), rival.stands(rival.words.outbid))
    await rival.bid()
    await expect(holder.page.get_by_text("委托出价")).to_have_count(2)
    await asyncio.gather(holder.stands(holder.words.leading), rival.stands(rival.words.outbid))
    assert await prices(arena, lot) == [PRICE, "20100.00", "20200.00", "20300.00"]

    await arena.story.must("bid", lot=other, bidder=holder.firm, price_cny=PRICE)
    await all_lots_together(holder)
    texts = [await rival.page.content(), *await heard.texts()]
    assert any(lot in text for text in texts)
    for spelt in ("23456", "23,456"):
        assert not [text for text in texts if spelt in text]


async def all_lots_together(me):
    """What both lots may cost at the most, and a warning above the limit that one sets oneself."""
    await me.look("/bidder/mine")
    sums = {
        "现在截止须付": "40,300.00",
        "最多须付": OVER_BOTH,
        "已冻结保证金": "2,000.00",
    }
    for name, amount in sums.items():
        card = me.page.locator("section.card").filter(
            has=me.page.get_by_role("heading", name=name, exact=True)
        )
        await expect(card).to_contain_text(amount)
    await me.page.get_by_label("我的总上限（元）").fill(LIMIT)
    await expect(me.page.get_by_text("最多须付已超过您设的总上限。")).to_be_visible()


async def test_a_device_that_one_ends_from_another_is_signed_out(arena, browsers):
    phone = await a_bidder(browsers, arena, **ON_A_PHONE)
    desk = await a_bidder(browsers, arena, phone.firm, **AT_A_DESK)
    await desk.look("/bidder/money")
    await phone.look("/bidder/sessions")
    # The session in which the password was chosen is no browser's.
    ends = phone.page.get_by_role("button", name="结束 Chrome")
    await expect(ends).to_have_count(1)
    await ends.click()
    await phone.confirm("结束")
    await expect(phone.page.get_by_text("已结束。")).to_be_visible()
    await expect(ends).to_have_count(0)
    await desk.page.get_by_role("link", name="My lots").first.click()
    await expect(desk.page.get_by_text("You are signed out. Sign in again.")).to_be_visible()


async def test_who_may_only_look_sees_the_room_live_and_cannot_bid(arena, browsers):
    firm, rival = await asyncio.gather(a_firm(arena), a_firm(arena))
    viewer = await a_bidder(browsers, arena, firm, role="bidder_viewer", width=PHONE)
    lot = await arena.lot(lasts=LASTS_SECONDS, opens_in=1, bidders=[firm, rival])
    await viewer.enter(lot)
    await expect(viewer.page.get_by_text("您是只读身份，可以观看，不能报价。")).to_be_visible()
    await expect(viewer.page.get_by_text(viewer.words.clock, exact=True)).to_be_visible()
    body = {"lot": lot, "bidder": firm, "price_cny": PRICE}
    refused = await arena.story.market.send("bidder_viewer", firm, "/v1/bids", body)
    assert refused["code"] == "forbidden"
    await arena.story.must("bid", lot=lot, bidder=firm, price_cny=PRICE)
    await viewer.stands(viewer.words.leading)
    await arena.story.must("bid", lot=lot, bidder=rival, price_cny="20100.00")
    await viewer.stands(viewer.words.outbid)
    await expect(viewer.one_tap).to_have_count(0)
    await expect(viewer.page.get_by_text("委托最高价")).to_have_count(0)


async def test_who_acts_for_two_firms_bids_for_the_one_that_the_header_names(arena, browsers):
    first, second = await asyncio.gather(a_firm(arena), a_firm(arena))
    await arena.login("bidder", first)
    credential = {"person": f"bidder.{first}", "role": "bidder", "party": second}
    await arena.send("security_admin", NODE, "/v1/credentials", credential)
    lot = await arena.lot(lasts=LASTS_SECONDS, opens_in=1, bidders=[first, second])
    me = await a_bidder(browsers, arena, first, **ON_A_PHONE)
    who = me.page.get_by_label("切换身份")
    await expect(who).to_have_value(f"bidder {first}")
    await me.enter(lot)
    await me.bid()
    await me.stands(me.words.leading)
    await who.select_option(f"bidder {second}")
    await expect(me.page.get_by_role("heading", level=1)).not_to_contain_text("竞价室")
    await me.enter(lot)
    await me.stands(me.words.no_bid)
    (mine,) = await me.every("/v1/registrations")
    paddle = me.shown(me.words.price).get_by_text("您的号牌")
    await expect(paddle).to_contain_text(str(mine["paddle"]))
    await me.bid()
    await me.stands(me.words.leading)
    assert await prices(arena, lot) == [PRICE, "20100.00"]
    excuse(browsers, "net::ERR_ABORTED")
