"""An ascending lot for tests of maximum bids, and what of them is refused."""

from tests.sealed import EXCHANGE, OPENS, listing, market, move

BIDDERS = ("b1", "b2", "b3")
TERMS = {
    "mode": "ascending",
    "increment_cny": "1000.00",
    "reserve_price_cny": None,
    "sealing": None,
    "custodians": None,
    "opening_days": None,
}


async def list_and_register(node):
    """From 140,000 in steps of 1,000, not open yet; all three bidders are registered."""
    await market(node)
    answer = await node.post(*EXCHANGE, "/v1/lots", listing(**TERMS))
    assert answer.status_code == 201, answer.text
    for bidder in BIDDERS:
        body = {"lot": "l1", "bidder": bidder}
        answer = await node.post("bidder", bidder, "/v1/registrations", body)
        assert answer.status_code == 201, answer.text


async def leave(node, bidder, amount, lot="l1"):
    """Leave a maximum, or with no amount withdraw it."""
    body = {"lot": lot, "bidder": bidder, "maximum_cny": amount}
    return await node.post("bidder", bidder, "/v1/maximum-bids", body)


async def refused_in_every_way(node):
    """What only maxima, and questions about one's own requests, are refused with."""
    await list_and_register(node)
    await move(node, OPENS)
    await leave(node, "b1", "150000.00")
    await leave(node, "b1", "139999.99")
    await leave(node, "b2", None)
    await node.get("bidder", "b1", "/v1/outcomes/never-sent")
