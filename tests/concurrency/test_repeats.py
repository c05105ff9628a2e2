"""One request sent by many at once under one key has one effect and one answer."""

import asyncio

import pytest

from tests.story import PRICE, Request

HOUSEHOLDS = [f"h{n}" for n in range(4)]
BIDDERS = [f"b{n}" for n in range(6)]
REPEATS = 64
KEY_IN_PROGRESS = "idempotency-key-in-progress"


async def hand_in_money(town):
    bidder = town.bidder()
    body = {"id": town.name("bank"), "bidder": bidder, "amount_cny": "12.34"}
    return Request("hand_in_money", body), ("1000012.34", "0.00")


async def bid(town):
    (ticket,) = await town.story.hand_in([town.household()])
    bidder, lot, now = town.bidder(), town.name("l"), await town.now()
    await town.story.list_lot(lot, [ticket], now, now.replace(year=now.year + 1))
    await town.story.register([lot], [bidder])
    body = {"lot": lot, "bidder": bidder, "price_cny": PRICE}
    return Request("bid", body), ("999000.00", "1000.00")


async def register(town):
    request, _ = await bid(town)
    bidder = town.bidder()
    body = {"lot": request.body["lot"], "bidder": bidder}
    return Request("register", body), ("999000.00", "1000.00")


async def pay(town):
    tickets = await town.story.hand_in([town.household(), town.household()])
    bidder = town.bidder()
    lot = await town.sell(bidder, tickets, "40000.01")
    return Request("pay", {"lot": lot, "bidder": bidder}), ("959999.99", "0.00")


@pytest.mark.parametrize("prepare", [hand_in_money, bid, register, pay])
async def test_parallel_repeats_have_one_effect_and_one_answer(town, prepare, tell):
    request, holding = await prepare(town)
    answers = await town.at_once([request] * REPEATS)
    first = [a for a in answers if a.is_success and "Idempotency-Replayed" not in a.headers]
    replayed = [a for a in answers if "Idempotency-Replayed" in a.headers]
    waiting = [a for a in answers if a.status_code == 409]
    assert len(first) == 1
    assert len(first) + len(replayed) + len(waiting) == REPEATS
    assert {a.json()["code"] for a in waiting} <= {KEY_IN_PROGRESS}
    assert {a.headers["Retry-After"] for a in waiting} <= {"1"}
    assert {a.text for a in replayed} <= {first[0].text}

    again = await asyncio.gather(*(town.story.send(request) for _ in waiting))
    assert {(a.status_code, a.text) for a in again} <= {(first[0].status_code, first[0].text)}
    assert all(a.headers["Idempotency-Replayed"] == "true" for a in again)
    assert await town.holding(request.body["bidder"]) == holding
    await town.assert_sound()
    tell(
        f"{REPEATS} parallel repeats of {request.do}: 1 effect, {len(replayed)} replayed,"
        f" {len(waiting)} told to wait and then replayed"
    )
