"""Two hundred bidders at the same instant on one lot."""

import itertools
import random
import time
from collections import Counter
from datetime import timedelta

import pytest

from app.kernel.units import decimal, hundredths
from tests.concurrency.conftest import code_of
from tests.story import INCREMENT, PRICE, Request

HOUSEHOLDS = ["h0", "h1"]
BIDDERS = [f"b{n:03}" for n in range(200)]


@pytest.fixture(scope="module", autouse=True)
async def credentials(town):
    await town.story.credentials("bidder", BIDDERS)


async def open_lot(town, **terms):
    (ticket,) = await town.story.hand_in([town.household()])
    lot, now = town.name("l"), await town.now()
    await town.story.list_lot(lot, [ticket], now, now + timedelta(hours=1), **terms)
    registered = await town.race("register", [{"lot": lot, "bidder": b} for b in BIDDERS])
    assert registered == {"accepted": len(BIDDERS)}
    return lot


async def bid_at_once(town, lot, prices, tell):
    """Everybody bids; answers with the accepted bids, and how many were refused by which code."""
    bids = [
        Request("bid", {"lot": lot, "bidder": bidder, "price_cny": decimal(price)})
        for bidder, price in zip(BIDDERS, prices, strict=True)
    ]
    begun = time.monotonic()
    answers = await town.at_once(bids)
    seconds = time.monotonic() - begun
    codes = Counter(map(code_of, answers))
    tell(f"{len(BIDDERS)} bids at once in {seconds:.2f} s: {dict(codes)}")
    return [answer.json() for answer in answers if answer.is_success], codes


async def closed(town, lot):
    await town.story.clock(await town.now() + timedelta(hours=1))
    (shown,) = [one for one in await town.story.market.list("/v1/lots") if one["id"] == lot]
    published = await town.story.market.list(f"/v1/lots/{lot}/bids")
    return shown, [(bid["number"], bid["bidder"], bid["price_cny"]) for bid in published]


async def test_each_accepted_bid_is_an_increment_above_the_one_before_it(town, tell):
    lot = await open_lot(town)
    rng = random.Random(200)
    start, step = hundredths(PRICE), hundredths(INCREMENT)
    prices = [start + step * (n + rng.randint(0, 20)) // 2 for n, _ in enumerate(BIDDERS)]
    accepted, codes = await bid_at_once(town, lot, prices, tell)
    accepted.sort(key=lambda bid: bid["number"])
    assert [bid["number"] for bid in accepted] == list(range(1, len(accepted) + 1))
    assert set(codes) <= {"accepted", "bid-below-increment"}
    taken = [hundredths(bid["price_cny"]) for bid in accepted]
    assert all(later >= earlier + step for earlier, later in itertools.pairwise(taken))
    assert max(prices) - taken[-1] < step, "only what is no increment above was refused"

    shown, published = await closed(town, lot)
    assert published == [(b["number"], b["bidder"], b["price_cny"]) for b in accepted]
    assert (shown["winner"], shown["price_cny"]) == published[-1][1:]
    await town.assert_sound()


async def test_every_sealed_bid_is_taken_and_the_earliest_of_the_highest_wins(town, tell):
    lot = await open_lot(town, mode="sealed")
    rng = random.Random(201)
    prices = [hundredths(PRICE) + rng.randint(0, 20) for _ in BIDDERS]
    accepted, codes = await bid_at_once(town, lot, prices, tell)
    assert codes == {"accepted": len(BIDDERS)}
    assert {(bid["number"], bid["price_cny"]) for bid in accepted} == {(None, None)}

    shown, published = await closed(town, lot)
    assert [number for number, _, _ in published] == list(range(1, len(BIDDERS) + 1))
    assert {bidder: hundredths(price) for _, bidder, price in published} == dict(
        zip(BIDDERS, prices, strict=True)
    )
    highest = [bidder for _, bidder, price in published if hundredths(price) == max(prices)]
    assert len(highest) > 1, "there is a tie to decide"
    assert (shown["winner"], hundredths(shown["price_cny"])) == (highest[0], max(prices))
    assert (await town.holding(highest[0]))[1] > (await town.holding(highest[1]))[1]
    await town.assert_sound()
