"""A firm of two persons, `a` and `b`, with a bid limit, on the lot of the maximum bids."""

from app.audit import audit_records
from tests.http import maxima
from tests.http.support import NODE
from tests.sealed import OPENS, move

LIMIT = "150000.00"
OVER = "150000.01"
LIMITS = {
    "set": "/v1/bid-limits",
    "approve": "/v1/bid-limit-approvals",
    "withdraw": "/v1/bid-limit-withdrawals",
}
PROPOSALS = {
    "propose": "/v1/bid-proposals",
    "approve": "/v1/bid-proposal-approvals",
    "withdraw": "/v1/bid-proposal-withdrawals",
}


async def limit(node, person, what, id_, *amount, firm="b1"):
    """Set a limit to an amount, or decide a change of it."""
    body = {"id": id_, "limit_cny": amount[0]} if what == "set" else {"limit": id_}
    return await node.post("bidder", firm, LIMITS[what], body, person=person)


async def propose(node, person, id_, price, *, kind="bid", lot="l1", firm="b1", **more):
    body = {"id": id_, "lot": lot, "kind": kind, "price_cny": price} | more
    return await node.post("bidder", firm, PROPOSALS["propose"], body, person=person)


async def decide(node, person, what, id_, *, firm="b1", key=None):
    """Approve a proposal, or withdraw it."""
    body = {"proposal": id_}
    return await node.post("bidder", firm, PROPOSALS[what], body, person=person, key=key)


async def bid(node, person, price, *, firm="b1"):
    body = {"lot": "l1", "bidder": firm, "price_cny": price}
    return await node.post("bidder", firm, "/v1/bids", body, person=person)


async def must(sent):
    answer = await sent
    assert answer.status_code == 201, answer.text
    return answer.json()


async def bids_of(node):
    return [(b["price_cny"], b["by"]) for b in await node.market.list("/v1/lots/l1/bids")]


async def proposals(node, firm="b1", role="bidder", **asked):
    answer = await node.get(role, firm, "/v1/bid-proposals", **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def in_force(node):
    return (await node.get("bidder", "b1", "/v1/bid-limits/current")).json()


async def faults(node):
    rows = await node.owner.fetch("SELECT body FROM record ORDER BY id")
    report = audit_records([bytes(row[0]) for row in rows])
    return [f for f in report.kept if f.rule not in {"incomplete", "overdue"}]


async def set_by_two(node, id_, amount, firm="b1"):
    for answer in (
        await limit(node, "a", "set", id_, amount, firm=firm),
        await limit(node, "b", "approve", id_, firm=firm),
    ):
        assert answer.status_code == 201, answer.text
    return answer.json()


async def with_a_limit(node):
    """The lot is not open yet; b1 bids above 150,000.00 with two persons."""
    await maxima.list_and_register(node)
    await set_by_two(node, "x1", LIMIT)


async def revoked(node, person, firm="b1"):
    """A person no longer acts for the firm."""
    await node.market.token("bidder", firm, person)
    credential = await node.owner.fetchval(
        "SELECT id FROM credential WHERE person = $1", f"bidder.{firm}.{person}"
    )
    path, body = "/v1/credential-revocations", {"credential": credential}
    answer = await node.post("security_admin", NODE, path, body)
    assert answer.status_code == 201, answer.text


async def refused_in_every_way(node):
    """What only a firm's limits and proposals are refused with."""
    await with_a_limit(node)
    await move(node, OPENS)
    await bid(node, "a", OVER)
    await propose(node, "a", "p1", OVER)
    await decide(node, "a", "approve", "p1")
    await limit(node, "b", "set", "x2", LIMIT)
    await revoked(node, "a")
    await decide(node, "b", "approve", "p1")
    await decide(node, "b", "withdraw", "p1")
    await decide(node, "b", "withdraw", "p1")
