"""Bidders in the room: firms of their own, and what they see and press there in both languages."""

import uuid
from dataclasses import dataclass, field

from playwright.async_api import expect

from tests.story import HERE
from tests.web.browsers import DESKTOP, PHONE
from tests.web.people import Person, fen, grouped

AT_ONCE_MILLISECONDS = 3000
"""What is to be seen the moment it happens, on a machine that has much else to do."""

SECONDS_LEFT = """most => {
  const face = document.querySelector('[role=timer]')
  if (!face) return false
  const parts = face.textContent.trim().split(':').map(Number)
  return parts.reduce((whole, part) => whole * 60 + part, 0) <= most
}"""


@dataclass(frozen=True, slots=True)
class Words:
    """What the room says."""

    one_tap: str
    send: str
    cancel: str
    price: str
    clock: str
    bids: str
    leading: str
    outbid: str
    no_bid: str
    unsure: str
    stale: str
    extended: str
    over: str
    result: str
    keep: str


ZH = Words(
    one_tap="按最低可报价出价",
    send="确认，提交报价",
    cancel="取消",
    price="当前价",
    clock="距截止",
    bids="报价记录",
    leading="您领先",
    outbid="您已被超过",
    no_bid="您还没有报价",
    unsure="正在核实是否领先",
    stale="连接中断，您看到的可能已经过时。",
    extended="已延时，新的截止时间",
    over="竞价已结束",
    result="查看结果",
    keep="下载回执",
)
EN = Words(
    one_tap="Bid the least permitted price",
    send="Confirm and bid",
    cancel="Cancel",
    price="Present price",
    clock="Until the close",
    bids="Bids",
    leading="You lead",
    outbid="You were outbid",
    no_bid="You have not bid",
    unsure="Making sure who leads",
    stale="The connection is lost; what you see may be old.",
    extended="Extended: now closes at",
    over="Bidding is over",
    result="See the result",
    keep="Download",
)


@dataclass
class Bidder(Person):
    """Somebody of a firm, before the bidding room."""

    firm: str = ""
    words: Words = field(default=ZH)

    async def enter(self, lot):
        """Go to the room of a lot."""
        await self.look(f"/bidder/lots/{lot}/room")

    def shown(self, name):
        """A part of the room by its name."""
        return self.page.get_by_role("region", name=name, exact=True)

    @property
    def one_tap(self):
        """The button that offers the least permitted price."""
        return self.page.get_by_role("button", name=self.words.one_tap)

    async def ask(self):
        """Press the button for the permitted bid; the page then asks."""
        await self.one_tap.click(timeout=30_000)

    async def bid(self):
        """Bid the least permitted price, and mean it."""
        await self.ask()
        await self.confirm(self.words.send)

    async def stands(self, how):
        """Be told at once how the own bid stands."""
        sign = self.shown(self.words.price).get_by_text(how)
        await expect(sign).to_be_visible(timeout=AT_ONCE_MILLISECONDS)

    async def hears_of(self, price):
        """Be told at once of a bid at this price."""
        bids = self.shown(self.words.bids)
        await expect(bids).to_contain_text(grouped(fen(price)), timeout=AT_ONCE_MILLISECONDS)

    async def left(self, most):
        """Wait until the countdown shows no more than so many seconds."""
        await self.page.wait_for_function(SECONDS_LEFT, arg=most, timeout=90_000)

    async def close_shown(self):
        """The close as the clock of the room names it."""
        return await self.shown(self.words.clock).locator("time").get_attribute("datetime")

    async def bids_shown(self):
        """The numbers and prices of the bids in the room, oldest first."""
        rows = self.shown(self.words.bids).get_by_role("listitem")
        found = await rows.evaluate_all(
            """rows => rows.map(row => [
              Number(row.querySelector('.nth').lastChild.textContent),
              row.querySelector('.price .amount').textContent.match(/[0-9,]+[.][0-9]{2}/)[0],
            ])"""
        )
        return [(number, price.replace(",", "")) for number, price in reversed(found)]


async def a_firm(arena, cash="500000.00"):
    """A bidder of its own with cash; answers with its id."""
    firm = f"f{uuid.uuid4().hex[:6]}"
    office = ("exchange", HERE)
    await arena.send(*office, "/v1/bidders", {"id": firm, "name": f"公司 {firm}"})
    deposit = {"id": f"cash.{firm}", "bidder": firm, "amount_cny": cash}
    await arena.send(*office, "/v1/cash-deposits", deposit)
    arena.story.world.bidders.add(firm)
    return firm


async def a_bidder(browsers, arena, firm=None, *, role="bidder", address=None, **how):
    """Somebody of a firm, its own if none is named, signed in where their role begins."""
    firm = firm or await a_firm(arena)
    login = await arena.login(role, firm)
    address = address or arena.address
    page = await browsers.open(address, login, **how)
    return Bidder(page, address, firm=firm, words=EN if how.get("language") == "en" else ZH)


ON_A_PHONE = {"width": PHONE, "language": "zh"}
AT_A_DESK = {"width": DESKTOP, "language": "en"}


async def prices(arena, lot):
    """The prices of the bids that the API says were taken, in order."""
    return [bid["price_cny"] for bid in (await arena.read(f"/v1/lots/{lot}/bids"))["items"]]
