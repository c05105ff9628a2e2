"""The network is gone for forty seconds of the last minute, while rivals go on bidding."""

import asyncio
import time

import pytest
from playwright.async_api import expect

from tests.story import PRICE
from tests.web.bidding import AT_A_DESK, ON_A_PHONE, a_bidder, a_firm, prices
from tests.web.line import Line
from tests.web.people import excuse

AWAY_SECONDS = 40
LAST_SECONDS = 60
LASTS_SECONDS = 62
AT_ONCE_SECONDS = 3
SILENT_SECONDS = 10
"""Where nothing tells of the cut, one missed heartbeat does."""
MISSED = ["20100.00", "20200.00", "20300.00", "20400.00"]
NEXT = "20500.00"


async def is_left_in_the_dark(me, withdrawn_within):
    """The banner appears, and it is no longer said who leads."""
    begun = time.monotonic()
    banner = me.page.get_by_role("alert").get_by_text(me.words.stale)
    await expect(banner).to_be_visible(timeout=withdrawn_within * 1000)
    sign = me.shown(me.words.price)
    await expect(sign.get_by_text(me.words.unsure)).to_be_visible()
    await expect(sign.get_by_text(me.words.leading, exact=True)).to_have_count(0)
    return time.monotonic() - begun


async def rivals_bid(arena, lot, rivals):
    """Bids that the page is not told of: two rivals in turn."""
    for n, price in enumerate(MISSED):
        await arena.story.must("bid", lot=lot, bidder=rivals[n % 2], price_cny=price)


async def catches_up_and_bids(arena, me, lot):
    """Everything that was missed is there, once and in order; the next bid comes in time."""
    await expect(me.page.get_by_role("alert").get_by_text(me.words.stale)).to_have_count(0)
    await me.stands(me.words.outbid)
    told = list(enumerate([PRICE, *MISSED], start=1))
    assert await me.bids_shown() == told
    await me.bid()
    await me.stands(me.words.leading)
    assert await me.bids_shown() == [*told, (len(told) + 1, NEXT)]
    assert await prices(arena, lot) == [PRICE, *MISSED, NEXT]
    assert (await arena.read(f"/v1/lots/{lot}"))["state"] == "open"


@pytest.mark.timeout(240)
async def test_after_forty_seconds_without_a_line_all_is_told_in_order_and_a_bid_is_in_time(
    arena, browsers, tell
):
    """A phone whose line dies without a word, and a desk whose device knows that it is offline."""
    async with Line.to(arena.address) as line:
        phone, desk = both = await asyncio.gather(
            a_bidder(browsers, arena, address=line.address, **ON_A_PHONE),
            a_bidder(browsers, arena, **AT_A_DESK),
        )
        rivals = await asyncio.gather(a_firm(arena), a_firm(arena))
        lots = await asyncio.gather(
            *(arena.lot(lasts=LASTS_SECONDS, bidders=[one.firm, *rivals]) for one in both)
        )
        for one, lot in zip(both, lots, strict=True):
            await one.enter(lot)
        for one in both:
            await one.bid()
            await one.stands(one.words.leading)
        await asyncio.gather(*(one.left(LAST_SECONDS) for one in both))

        line.cut()
        await desk.page.context.set_offline(True)
        begun = time.monotonic()
        known, silent = await asyncio.gather(
            is_left_in_the_dark(desk, AT_ONCE_SECONDS), is_left_in_the_dark(phone, SILENT_SECONDS)
        )
        tell(f"“you lead” withdrawn after {known:.1f} s offline, {silent:.1f} s in silence")
        await asyncio.gather(*(rivals_bid(arena, lot, rivals) for lot in lots))
        await asyncio.sleep(AWAY_SECONDS - (time.monotonic() - begun))
        for one in both:
            assert await one.shown(one.words.price).get_by_text(one.words.unsure).is_visible()

        line.mend()
        await desk.page.context.set_offline(False)
        await asyncio.gather(
            *(catches_up_and_bids(arena, one, lot) for one, lot in zip(both, lots, strict=True))
        )
        for one in both:
            await one.page.close()
    excuse(browsers, "net::ERR_")
