"""A bid whose answer is lost, a refresh, another tab, a double click: it is made once."""

import asyncio
from contextlib import suppress

from playwright.async_api import Error, expect

from tests.story import PRICE
from tests.web.bidding import AT_A_DESK, ON_A_PHONE, a_bidder, a_firm, prices
from tests.web.people import excuse, fen, grouped

SECOND, THIRD = "20100.00", "20200.00"
LASTS_SECONDS = 900
TAKEN = f"报价 {grouped(fen(PRICE))} 元已受理。"
PATIENCE_MILLISECONDS = 60_000
"""The page itself tries four times before it says that it does not know."""


class Loss:
    """Lets bids reach the node and holds their answers back, until they are lost."""

    def __init__(self, page):
        self._page = page
        self._lost = asyncio.Event()
        self._over = False
        self.reached = asyncio.Event()

    async def begin(self):
        await self._page.route("**/v1/bids", self._lose)
        return self

    async def _lose(self, route):
        with suppress(Error):
            if self._over:
                await route.continue_()
                return
            await route.fetch()
            self.reached.set()
            await self._lost.wait()
            await route.abort()

    def end(self):
        """The line is whole again for what is sent from now on.

        The route stays: were it taken away, the browser would send what is held back once more.
        """
        self._over = True

    def give_up(self):
        """The answers that were held back are lost for good."""
        self._lost.set()


async def a_seat(browsers, arena, **how):
    """A bidder in the room of an open lot of its own, with a rival; answers with all three."""
    me = await a_bidder(browsers, arena, **how)
    rival = await a_firm(arena)
    lot = await arena.lot(lasts=LASTS_SECONDS, opens_in=1, bidders=[me.firm, rival])
    await me.enter(lot)
    return me, rival, lot


async def test_the_page_finds_out_by_itself_what_became_of_a_bid_after_a_refresh(arena, browsers):
    me, _rival, lot = await a_seat(browsers, arena, **ON_A_PHONE)
    loss = await Loss(me.page).begin()
    await me.bid()
    await loss.reached.wait()
    loss.end()
    await me.page.reload()
    loss.give_up()
    await expect(me.page.get_by_text(TAKEN)).to_be_visible()
    await me.stands(me.words.leading)
    assert await prices(arena, lot) == [PRICE]
    await expect(me.page.get_by_text("还没有收到答复")).to_have_count(0)
    excuse(browsers, "net::ERR_")


async def test_another_tab_finds_out_and_neither_tab_makes_a_second_bid(arena, browsers):
    me, rival, lot = await a_seat(browsers, arena, **ON_A_PHONE)
    loss = await Loss(me.page).begin()
    await me.bid()
    await loss.reached.wait()
    tab = await browsers.another_tab(me.page, me.page.url)
    await expect(tab.get_by_text(TAKEN)).to_be_visible()
    loss.end()
    loss.give_up()
    await expect(me.page.get_by_text(TAKEN)).to_be_visible()
    assert await prices(arena, lot) == [PRICE]

    await arena.story.must("bid", lot=lot, bidder=rival, price_cny=SECOND)
    await me.stands(me.words.outbid)
    send = [one.get_by_role("dialog").get_by_role("button") for one in (me.page, tab)]
    for page in (me.page, tab):
        await page.get_by_role("button", name=me.words.one_tap).click()
    await asyncio.gather(*(one.filter(has_text=me.words.send).dblclick() for one in send))
    await me.stands(me.words.leading)
    # Whatever the second tab may have sent is answered before its button is free again.
    busy = tab.get_by_text("正在办理……")
    await expect(busy).to_have_count(0)
    assert await prices(arena, lot) == [PRICE, SECOND, THIRD]
    excuse(browsers, "net::ERR_", "409 (Conflict)")


async def test_of_a_bid_that_never_arrived_the_page_says_so_and_sends_it_when_told_to(
    arena, browsers
):
    me, _rival, lot = await a_seat(browsers, arena, **AT_A_DESK)
    await me.page.route("**/v1/bids", lambda route: route.abort())
    await me.bid()
    unknown = me.page.get_by_text("The server has not received this bid.")
    await expect(unknown).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    assert await prices(arena, lot) == []
    await me.page.unroute("**/v1/bids")
    await me.button("Send it now").click()
    await expect(
        me.page.get_by_text(f"Your bid of ¥{grouped(fen(PRICE))} was taken.")
    ).to_be_visible()
    await me.stands(me.words.leading)
    assert await prices(arena, lot) == [PRICE]
    excuse(browsers, "net::ERR_", "404 (Not Found)")
