"""A market on real time with six years behind it, in which households live on their accounts.

In HERE nothing waits, so that a dossier goes from desk to desk at once:
- `h0`, `h1` have money and rent a public home that they may buy by now; others have money;
- the lot of `h4` is sold and its payment is awaited; the winner of `h5` defaulted;
- the holder of the first lot has selected the plot `p0`;
- the tickets of `h6` and `h7` lie handed in, that of `h8` is issued; `h9` and
  `h11` have not applied.

THERE has cooling-off days and a notice:
- `g0` applied yesterday; `g1` and `g2` are under notice; the notice of `g3` is over, and an
  objection to it waits for a ruling.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from app.cli.replay import first_credential
from app.kernel.units import decimal, hundredths
from app.main import create_app
from app.platform.db import open_database
from app.platform.settings import ClockKind, Settings
from app.replay import Market
from tests.nodes import Node
from tests.story import AREA, CITY, POLICY, PRICE, THERE, Story, a_market
from tests.web.arena import Arena

HOUSEHOLDS = [f"h{n}" for n in range(12)] + [f"g{n}" for n in range(4)]
BIDDERS = ["b0", "b1"]
WAITING = POLICY | {"cooling_off_days": 30, "notice_days": 7}
SOLD_AFTER = timedelta(hours=1)
RENTAL = {"rent_per_m2_cny": "18.37", "subsidy_per_m2_cny": "6.04", "area_m2": "59.50"}


@dataclass(frozen=True, slots=True)
class Past:
    """What happened, told by how many days ago it was."""

    story: Story
    now: datetime

    async def come_to(self, days_ago):
        """The clock comes to so many days ago, and does what was due until then."""
        at = self.now - timedelta(days=days_ago)
        await self.story.clock(at)
        return at

    async def sell(self, lot, households, days_ago, *, paid=True):
        """A lot of these households' tickets is listed and sold."""
        opens = await self.come_to(days_ago)
        tickets = await self.story.hand_in(households)
        await self.story.list_lot(lot, tickets, opens, opens + SOLD_AFTER)
        await self.story.register([lot], ["b0"])
        price = decimal(hundredths(PRICE) * len(tickets))
        await self.story.must("bid", lot=lot, bidder="b0", price_cny=price)
        await self.story.clock(opens + SOLD_AFTER)
        if paid:
            await self.story.must("pay", lot=lot, bidder="b0")

    async def apply(self, days_ago, *households):
        """Households apply, and wait."""
        await self.come_to(days_ago)
        for household in households:
            body = {"id": f"a.{household}", "household": household, "area_m2": AREA}
            await self.story.must("apply", **body)

    async def give_notice(self, days_ago, *households):
        """The village agrees, and the public notice begins."""
        await self.come_to(days_ago)
        for household in households:
            await self.story.must("village_review", application=f"a.{household}", votes_for=30)


async def begin(folder, dsn, enter):
    """Play the past, start the node on real time; `enter` keeps it for the length of the run."""
    db = open_database(Settings(pool_size=2), dsn)
    async with db.read() as reader:
        now = (await reader.now()).replace(microsecond=0)
    await db.close()
    case = a_market(datetime(now.year - 6, 1, 5, 1, 0, tzinfo=UTC), HOUSEHOLDS, BIDDERS)
    case.policies[THERE] = WAITING
    settings = Settings(
        clock=ClockKind.SIMULATED, require_durable=False, pool_size=8, home=folder / "past"
    )
    db = open_database(settings, dsn)
    token = await first_credential(db)
    transport = httpx.ASGITransport(create_app(db, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as http:
        story = await Story.begin(Market(http, token), case)
        tickets = await _six_years(Past(story, now))
    await db.close()
    node = await enter(Node(folder, dsn, require_durable="false"))
    await node.start()
    return Arena(node, story.through(node.http), tickets)


async def _six_years(past):
    """All of it, the oldest first; answers with the tickets that lie handed in."""
    story = past.story
    await past.sell("sold", ["h0", "h1", "h2", "h3", "h10"], 6 * 365 - 30)
    await past.sell("late", ["h5"], 100, paid=False)
    await past.come_to(70)
    for household in ("h0", "h1"):
        await story.must("rent_public", id=f"r.{household}", household=household, **RENTAL)
    await past.apply(60, "g3")
    await past.apply(33, "g1", "g2")
    await past.give_notice(25, "g3")
    await past.come_to(24)
    await story.must("object", id="o.g3", application="a.g3")
    await past.sell("due", ["h4"], 3, paid=False)
    await past.give_notice(2, "g1", "g2")
    await past.apply(1, "g0")
    plot = {"lot": "sold", "bidder": "b0", "county": CITY, "area_m2": AREA}
    await story.must("select_plot", id="p0", **plot)
    await story.issue("h8")
    return [*await story.hand_in(["h6", "h7"]), "t.h5"]
