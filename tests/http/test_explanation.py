"""Every amount that anybody was credited can be explained, line by line, to the fen."""

import pytest
import yaml

from app.kernel.units import decimal, hundredths
from app.replay import load_case, parse_case, play
from tests.conftest import ROOT
from tests.model.random_cases import random_case

CASES = ("a-one-household", "c-default-relist", "d-two-provinces")


def fen(text):
    sign = -1 if text.startswith("-") else 1
    return sign * hundredths(text.removeprefix("-"))


async def explain(market, account, entry):
    path = f"/v1/ledger/accounts/{account}/movements/{entry}/explanation"
    return await market.read(path)


async def accounts(market):
    """Every account of money that belongs to somebody."""
    held = [p["account"] for p in await market.list("/v1/ledger/parties")]
    held += [f"bidder_cash:000000:{b['id']}" for b in await market.list("/v1/bidders")]
    return held + [a["ledger_account"] for a in await market.list("/v1/housing-accounts")]


async def check_every_movement(market):
    kinds = set()
    for account in await accounts(market):
        token = await market.token("supervisor", "000000")
        path = f"/v1/ledger/accounts/{account}/movements?limit=200"
        answer = await market.http.get(path, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code == 404:
            continue  # never used: there is nothing to explain
        balance = 0
        for movement in reversed(answer.json()["items"]):
            told = await explain(market, account, movement["entry"])
            assert sum(fen(line["amount"]) for line in told["lines"]) == fen(movement["amount"])
            for line in told["lines"]:
                assert line["zh"]
                assert line["en"]
                assert line["formula"]
                assert line["rule"].startswith("R")
                assert line["entries"] == [movement["entry"]]
                if account.startswith("housing:"):
                    assert "账户 " not in line["zh"], "a villager is told no code of an account"
            balance += fen(movement["amount"])
            assert decimal(balance) == movement["balance"]
            kinds.add(movement["kind"])
    return kinds


@pytest.mark.parametrize("case", CASES)
async def test_every_movement_of_a_worked_case_is_explained(case, market):
    await play(load_case(ROOT / "cases" / f"{case}.yaml"), market)
    assert "settlement" in await check_every_movement(market)


@pytest.mark.parametrize("seed", [7, 11])
async def test_every_movement_of_a_random_case_is_explained(seed, market):
    raw = random_case(seed, 120)
    await play(parse_case(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False)), market)
    assert len(await check_every_movement(market)) >= 5


async def test_a_household_reads_from_the_hammer_price_to_its_fen(market):
    await play(load_case(ROOT / "cases" / "b-sealed-tie.yaml"), market)
    account = "housing:500000:h1"
    (movement,) = (await market.read(f"/v1/ledger/accounts/{account}/movements"))["items"]
    told = await explain(market, account, movement["entry"])
    # 150 000.01 shared by area gives this ticket 51 365.26; less 8 333.50 that is 43 031.76 net,
    # of which 15/100 are the village's.
    assert [(line["amount"], line["rule"]) for line in told["lines"]] == [
        ("150000.01", "R123"),
        ("-98634.75", "R118"),
        ("-8333.50", "R133"),
        ("0.00", "R133"),
        ("0.00", "R133"),
        ("-6454.76", "R134"),
        ("0.00", "R134"),
    ]
    assert told["amount"] == "36577.00"
    assert told["lines"][-1]["formula"] == "43031.76 × 85 ÷ 100 → 36577.00"
    assert {line["policy"] for line in told["lines"]} == {"500000.case"}


async def test_nobody_elses_amounts_are_explained(market):
    await play(load_case(ROOT / "cases" / "b-sealed-tie.yaml"), market)
    path = "/v1/ledger/accounts/housing:500000:h1/movements"
    token = await market.token("villager", "h2")
    answer = await market.http.get(path, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
