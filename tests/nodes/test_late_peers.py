"""A peer that comes late, or hosts a province more, hears what the ministry had decided before."""

from contextlib import AsyncExitStack
from dataclasses import replace

from app import nodes
from app.cli.peering import take_card
from app.platform.settings import ClockKind
from app.replay.client import NODE
from tests.clearing import switch_on
from tests.nodes.linked import linked
from tests.nodes.three import HERE, MINISTRY, opened

ALWAYS = {"valid_from": "2020-01-01", "valid_to": "2099-12-31"}
ENDED = {"valid_from": "2020-01-01", "valid_to": "2020-12-31"}
COEFFICIENTS = (("k1", "410000", ALWAYS), ("k2", "420000", ALWAYS), ("k3", "430000", ENDED))


async def test_the_ministry_tells_each_peer_once_what_concerns_its_provinces(cluster, tmp_path):
    async with AsyncExitStack() as stack:

        async def made(name, role):
            node = linked(cluster, tmp_path, name, role, clock=ClockKind.SIMULATED)
            return await stack.enter_async_context(node)

        node = await made(MINISTRY, nodes.NodeRole.MINISTRY)
        ministry = await opened(stack, node, runs=False)
        for code in (HERE, *(to for _, to, _ in COEFFICIENTS)):
            region = {"code": code, "name": code}
            assert "receipt" in await ministry.send("system_admin", NODE, "/v1/regions", region)
        for id_, to, days in COEFFICIENTS:
            body = {"id": id_, "from": HERE, "to": to, "yield_out": 1, "yield_in": 1}
            body |= days | {"document": "文号"}
            await ministry.must("ministry", NODE, "/v1/coefficients", body)
            approval = {"coefficient": id_}
            await ministry.must("ministry", NODE, "/v1/coefficient-approvals", approval, "b")

        await switch_on(ministry.market, hold_until_paid=True)

        peer = await made("410000", nodes.NodeRole.PROVINCE)
        provinces = (("410000", "河南省"), ("430000", "湖南省"))
        card = replace(await peer.card(), provinces=provinces)
        sent = "SELECT transfer FROM outbox WHERE type = 'coefficient.set' ORDER BY seq"

        async def take(card, *, known):
            await node.db.transact(take_card, nodes.SetPeer(card, None, known))
            return [row.transfer for row in await node.rows(sent)]

        assert await take(card, known=False) == ["k1"]
        assert await take(card, known=True) == ["k1"]
        wider = replace(card, provinces=(*provinces, ("420000", "湖北省")))
        assert await take(wider, known=True) == ["k1", "k2"]
        terms = await node.rows("SELECT transfer, text FROM outbox WHERE type = 'pay.terms'")
        assert [row.transfer for row in terms] == ["terms"]
        assert '"hold_until_paid":true' in terms[0].text


async def test_a_node_that_is_not_the_ministrys_tells_nobody(cluster, tmp_path):
    async with (
        linked(cluster, tmp_path, HERE) as here,
        linked(cluster, tmp_path, "410000") as there,
    ):
        await here.know(there)
        assert await here.backlog() == 0
