"""A household's dossier and statements: complete, provable, and for whom they concern alone."""

from itertools import pairwise

import pytest

from app.replay import load_case, play
from tests.conftest import ROOT

CASES = ("a-one-household", "b-sealed-tie", "c-default-relist", "d-two-provinces", "e-refusals")


async def ask(market, path, role="supervisor", party="000000"):
    token = await market.token(role, party)
    return await market.http.get(path, headers={"Authorization": f"Bearer {token}"})


async def told(market, path):
    answer = await ask(market, path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("case", CASES)
async def test_statements_end_at_the_balance_of_the_account(case, market):
    await play(load_case(ROOT / "cases" / f"{case}.yaml"), market)
    for account in await market.list("/v1/housing-accounts"):
        years = [
            await told(market, f"/v1/households/{account['household']}/statements/{year}")
            for year in range(2025, 2040)
        ]
        for before, after in pairwise(years):
            assert after["opening_cny"] == before["closing_cny"]
        assert years[0]["opening_cny"] == "0.00"
        assert years[-1]["closing_cny"] == account["balance_cny"]


@pytest.mark.parametrize("case", CASES)
async def test_a_dossier_names_what_belongs_to_the_household(case, market):
    await play(load_case(ROOT / "cases" / f"{case}.yaml"), market)
    for application in await market.list("/v1/applications"):
        dossier = await told(market, f"/v1/households/{application['household']}/dossier")
        kinds = [event["kind"] for event in dossier["events"]]
        assert kinds[0] == "application.applied"
        assert [event["at"] for event in dossier["events"]] == sorted(
            event["at"] for event in dossier["events"]
        )
        if dossier["ticket"] is None:
            assert dossier["lots"] == []
            continue
        assert "entry.issue" in kinds
        assert (dossier["ticket"] == dossier["original_ticket"]) == (
            "entry.conversion_out" not in kinds
        )
        ticket = await told(market, f"/v1/tickets/{dossier['ticket']}")
        assert (ticket["state"] == "settled") == ("entry.settlement" in kinds)
        assert bool(dossier["lots"]) == ("lot.listed" in kinds)


async def test_a_dossier_is_hidden_from_whom_it_does_not_concern(market):
    await play(load_case(ROOT / "cases" / "b-sealed-tie.yaml"), market)
    for path in ("/v1/households/h1/dossier", "/v1/households/h1/statements/2026"):
        assert (await ask(market, path, "villager", "h1")).status_code == 200
        assert (await ask(market, path, "villager", "h2")).status_code == 404
        assert (await ask(market, path, "county_clerk", "500106")).status_code == 404
        assert (await ask(market, path, "bidder", "b1")).status_code == 403
    assert (await ask(market, "/v1/households/nobody/dossier")).status_code == 404
    assert (await ask(market, "/v1/households/h1/statements/1999")).status_code == 422
