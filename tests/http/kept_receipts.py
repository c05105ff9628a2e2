"""What tests of receipts share."""

from app import transparency
from app.transparency.notes import parse_vkey
from app.transparency.quorum import parse_policy
from app.transparency.receipt_check import Trust
from tests.http.support import NODE

STATE = "Hrt-Receipt-State"


async def trust_of(node):
    """The keys as the node hands them out."""
    receipts_vkey = (await node.http.get("/log/receipts-vkey")).text.strip()
    policy = parse_policy((await node.http.get("/log/policy")).text)
    return Trust(parse_vkey(receipts_vkey), None, policy)


async def publish(node):
    """Sequence and publish what waits, as a running node does by itself."""
    state = node.app.state
    publishers = await transparency.open_log(node.db, state.settings, state.keys)
    try:
        await transparency.advance(node.db, publishers)
    finally:
        for publisher in publishers:
            await publisher.http.aclose()


async def a_region(node, key=None):
    body = {"code": "500000", "name": "重庆市"}
    return await node.post("system_admin", NODE, "/v1/regions", body, key=key)
