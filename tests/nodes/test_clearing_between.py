"""What provinces of different nodes owe each other: stated, agreed, signed, paid by the bank."""

import asyncio
import json
from dataclasses import replace

import pytest
import structlog

from app.clearing.take_confirmed import take_confirmed
from app.kernel.refusal import Rejected
from app.kernel.units import decimal, hundredths
from app.nodes import Received
from app.platform import logs
from app.replay.client import NODE
from app.transfers.take_stated import take_stated
from app.clearing.rules_between import BetweenRefusal
from tests.clearing import Line, account_of, bank_file, evidence, register_account, switch_on
from tests.nodes.three import HERE, START, THERE, again, sell, three_nodes, whole
from tests.story import COLLECTIVES_SHARE, COSTS, COUNTY, THERE_CITY

HOUSEHOLDS = [f"h{n}" for n in range(6)]
DUE = hundredths(COSTS) + hundredths(COLLECTIVES_SHARE)


@pytest.fixture(scope="module", autouse=True)
def quiet():
    logs.configure(quiet=True)
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
async def three(cluster, tmp_path_factory):
    async with three_nodes(cluster, tmp_path_factory.mktemp("three"), HOUSEHOLDS) as three:
        for office, province in ((three.here, HERE), (three.there, THERE)):
            await register_account(office.market, province)
        await register_account(three.ministry.market, NODE)
        yield three


async def published(three):
    """All that the ministry's log has is published."""
    for _ in range(400):
        waiting = await three.ministry.one("SELECT count(*) FROM tlog_pending")
        size = await three.ministry.one("SELECT max(size) FROM tlog_checkpoint")
        if not waiting and size == await three.ministry.one("SELECT count(*) FROM record"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the log is not published")


async def close(three, terms):
    """The ministry closes a window; answers with the ids of its statements."""
    await published(three)
    window = await three.ministry.must("ministry", NODE, "/v1/settlement-windows", {"terms": terms})
    await three.quiet()
    found = await three.ministry.market.list("/v1/settlement-statements")
    return [one for one in found if one["window"] == window["number"]]


async def sign(three, statement, *offices):
    """Officers of provinces sign at their own nodes."""
    body = {"statement": statement["id"], "hash": statement["hash"]}
    for office in offices or (three.here, three.there):
        await office.must("province", office.node.name, "/v1/statement-approvals", body)
    await three.quiet()


async def instructions(office):
    return await office.market.list("/v1/payment-instructions")


async def file_of(office, path):
    """The file of an instruction, as an officer of the payer fetches it."""
    token = await office.market.token("province", office.node.name)
    answer = await office.market.http.get(path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def take(office, id_, *lines):
    """The bank's file of an office's own account; answers with the outcomes."""
    holder = NODE if office.node.name == "ministry" else office.node.name
    role = "ministry" if holder == NODE else "fund_centre"
    body = evidence(id_, bank_file(account_of(holder), *lines))
    answer = await office.must(role, holder, "/v1/bank-evidence", body)
    return [one["outcome"] for one in answer["entries"]]


async def owed(three):
    """What stands in the accounts between provinces, at both nodes."""
    rows = []
    for office in (three.here, three.there):
        rows += await office.rows(
            "SELECT code, balance FROM ledger_account"
            " WHERE kind IN ('due_to', 'due_from') AND balance <> 0"
        )
    return {row.code: row.balance for row in rows}


async def test_a_debt_between_nodes_is_agreed_signed_paid_in_parts_and_gone(three):
    story = three.here.story
    await story.must("land_income", county=COUNTY, amount_cny="1000.00")
    ticket = await story.issue("h0", THERE_CITY)
    await story.must("subsidise", household="h0")
    await story.must("outflow", id="x0", ticket=ticket, to=THERE)
    await three.quiet()
    assert "code" not in await three.accept("x0")
    assert "code" not in await three.approve("x0")
    await sell(three, [f"{HERE}-{ticket}/{THERE}"], "l0")
    assert [await office.refused() for office in three.all] == [[], [], []]
    stated = await three.ministry.market.list("/v1/stated-obligations")
    assert [(one["kind"], one["debtor"], one["debtor_cny"], one["state"]) for one in stated] == [
        ("account", HERE, "300.00", "agreed"),
        ("sale", THERE, decimal(DUE), "agreed"),
    ]

    await switch_on(three.ministry.market)
    await three.quiet()
    (statement,) = await close(three, "terms")
    assert (statement["a_owes_cny"], statement["b_owes_cny"]) == (decimal(DUE), "300.00")
    for office in (three.here, three.there):
        (own,) = await office.market.list("/v1/settlement-statements")
        assert own == statement
    await sign(three, statement, three.here)
    assert await instructions(three.here) == []
    await sign(three, statement, three.there)
    assert [await office.refused() for office in three.all] == [[], [], []]

    for office in three.all:
        made = await instructions(office)
        assert {(one["payer"], one["payee"], one["amount_cny"]) for one in made} == {
            (THERE, HERE, decimal(DUE)),
            (HERE, THERE, "300.00"),
        }
    sale = next(one for one in made if one["payer"] == THERE)
    back = next(one for one in made if one["payer"] == HERE)
    path = f"/v1/payment-instructions/{sale['id']}/file"
    pain = await file_of(three.there, path)
    assert account_of(HERE) in pain
    assert account_of(THERE) in pain
    for office in three.all:
        records = await office.rows("SELECT body FROM record")
        assert not any(account_of(HERE).encode() in bytes(row.body) for row in records)
        letters = await office.rows("SELECT note FROM inbox")
        assert not any(account_of(HERE) in row.note for row in letters)

    lines = (
        Line("r1", sale["id"], DUE - 1000, account_of(THERE)),
        Line("r0", sale["id"], 500, "elsewhere1"),
        Line("r2", sale["id"], 1001, account_of(THERE)),
    )
    assert await take(three.here, "f1", *lines) == ["partial", "wrong-debtor", "too-much"]
    await three.quiet()
    assert await owed(three) == {
        f"due_to:{THERE}:{HERE}": 1000,
        f"due_from:{HERE}:{THERE}": -1000,
        f"due_to:{HERE}:{THERE}": 30000,
        f"due_from:{THERE}:{HERE}": -30000,
    }
    assert await take(three.here, "f2", Line("r1", sale["id"], DUE - 1000)) == ["repeated"]
    assert await take(three.here, "f3", Line("r3", sale["id"], 1000)) == ["confirmed"]
    assert await take(three.there, "f1", Line("s1", back["id"], 30000)) == ["confirmed"]
    await three.quiet()
    assert await owed(three) == {}
    for office in three.all:
        assert {one["state"] for one in await instructions(office)} == {"confirmed"}
    assert [await office.refused() for office in three.all] == [[], [], []]
    await whole(three)
