"""The room's clock is the server's, however wrong the device's; it stands while a lot is frozen."""

import asyncio
import re
from datetime import datetime

from playwright.async_api import expect

from tests.story import HERE, PRICE
from tests.web.bidding import AT_A_DESK, ON_A_PHONE, a_bidder, a_firm, prices

WRONG_MINUTES = 3
LASTS_SECONDS = 900
TICK_MILLISECONDS = 100
LATE_MILLISECONDS = 150
"""By how much a busy machine may be late to draw the tick that is latest least."""
TICKS = 20
REASON = "竞价系统核验"

WRONG_CLOCK = """(() => {
  const Right = Date, by = %d
  globalThis.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(Right.now() + by) }
    static now() { return Right.now() + by }
  }
})()"""

NEXT_TICK = """() => new Promise((resolve) => {
  const face = document.querySelector('[role=timer]')
  const watch = new MutationObserver(async () => {
    watch.disconnect()
    const seen = performance.now()
    const [text, region] = [face.textContent.trim(), face.closest('section').textContent]
    const sent = performance.now()
    const { now } = await (await fetch('/v1/clock')).json()
    resolve({ text, region, now, sent: sent - seen, received: performance.now() - seen })
  })
  watch.observe(face, { characterData: true, childList: true, subtree: true })
})"""


def milliseconds(instant):
    return round(datetime.fromisoformat(instant).timestamp() * 1000)


def face_of(text):
    """Seconds that a countdown shows."""
    seconds = 0
    for part in text.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds


async def agrees(me, closes):
    """Watch the countdown tick until one tick was drawn in time; none may be ahead of its bound."""
    for _ in range(TICKS):
        tick = await me.page.evaluate(NEXT_TICK)
        shown = face_of(tick["text"]) * 1000
        (bound,) = re.findall(r"([0-9.]+) (?:s at the most|秒)", tick["region"])
        error = float(bound) * 1000
        # The answer was made somewhere between the two, so the truth lies between these.
        least, most = (
            closes - milliseconds(tick["now"]) + tick[end] for end in ("sent", "received")
        )
        assert least <= shown + error, tick
        if most >= shown - error - TICK_MILLISECONDS - LATE_MILLISECONDS:
            return
    raise AssertionError(f"the countdown is behind: {tick}, {least} to {most} ms are left")


async def test_with_a_device_three_minutes_wrong_the_countdown_agrees_within_its_error(
    arena, browsers
):
    both = await asyncio.gather(
        a_bidder(browsers, arena, **ON_A_PHONE), a_bidder(browsers, arena, **AT_A_DESK)
    )
    lot = await arena.lot(lasts=LASTS_SECONDS, opens_in=1, bidders=[one.firm for one in both])
    closes = milliseconds((await arena.read(f"/v1/lots/{lot}"))["closes_at"])

    async def judge(me, minutes):
        by = minutes * 60_000
        right = await me.page.evaluate("Date.now()")
        await me.page.context.add_init_script(WRONG_CLOCK % by)
        await me.page.reload()
        assert abs(await me.page.evaluate("Date.now()") - right - by) < abs(by) / 2
        await me.enter(lot)
        await expect(me.one_tap).to_be_enabled()
        await agrees(me, closes)

    await asyncio.gather(judge(both[0], WRONG_MINUTES), judge(both[1], -WRONG_MINUTES))
    await both[0].bid()
    await both[1].hears_of(PRICE)
    await both[1].bid()
    await both[0].stands(both[0].words.outbid)


async def test_a_frozen_lot_stands_still_in_the_room_and_goes_on_when_it_is_resumed(
    arena, browsers
):
    me = await a_bidder(browsers, arena, **ON_A_PHONE)
    rival = await a_firm(arena)
    lot = await arena.lot(lasts=LASTS_SECONDS, opens_in=1, bidders=[me.firm, rival])
    await me.enter(lot)
    await me.bid()
    await me.stands(me.words.leading)
    await arena.story.must("bid", lot=lot, bidder=rival, price_cny="20100.00")
    await me.stands(me.words.outbid)
    await me.ask()

    before = await arena.send("exchange", HERE, "/v1/freezes", {"lot": lot, "reason": REASON})
    asked = me.page.get_by_role("dialog").get_by_text("竞价已暂停，恢复后再报。")
    await expect(asked).to_be_visible()
    await me.confirm(me.words.send)
    await me.confirm(me.words.cancel)
    await expect(me.page.get_by_text(f"原因：{REASON}")).to_be_visible()
    await expect(me.one_tap).to_be_disabled()
    clock = me.shown(me.words.clock)
    await expect(clock.get_by_text("已暂停，剩余时间停在")).to_be_visible()
    stood = await clock.get_by_role("timer").inner_text()
    await me.page.get_by_text("委托最高价").click()
    await expect(me.page.get_by_label("最高价（元）")).to_have_count(0)
    await me.page.reload()
    await expect(clock.get_by_role("timer")).to_have_text(stood)

    after = await arena.send("exchange", HERE, "/v1/resumptions", {"lot": lot, "reason": REASON})
    await expect(me.one_tap).to_be_enabled()
    assert await me.close_shown() == after["closes_at"] > before["closes_at"]
    left = face_of(await clock.get_by_role("timer").inner_text())
    assert left <= face_of(stood)
    await me.bid()
    await me.stands(me.words.leading)
    assert await prices(arena, lot) == [PRICE, "20100.00", "20200.00"]
