"""What officers of several nodes do until the money is there."""

import asyncio

from app.replay.client import NODE
from tests.clearing import account_of, bank_file, evidence


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


async def sign(three, statement, *offices, wait=True):
    """Officers of provinces sign at their own nodes."""
    body = {"statement": statement["id"], "hash": statement["hash"]}
    for office in offices or (three.here, three.there):
        await office.must("province", office.node.name, "/v1/statement-approvals", body)
    if wait:
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
