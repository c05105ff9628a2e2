"""`GET /v1/links`: how the links to other nodes stand, for those who look after them."""

import pytest

from app.replay.client import NODE
from tests.nodes import two_tongues


@pytest.mark.parametrize("role", ["system_admin", "supervisor", "ministry"])
async def test_a_link_is_shown_with_what_is_wrong_with_it(market, db, role):
    await two_tongues.tell(db)
    (link,) = await market.list("/v1/links", role)
    assert link["peer"] == two_tongues.LIAR
    assert link["provinces"] == [two_tongues.LIAR]
    assert (link["received"], link["backlog"], link["overdue"]) == (1, 0, False)
    assert (link["quarantined"], link["equivocations"]) == (1, 1)


async def test_a_node_that_was_never_initialised_has_no_links(market):
    assert await market.list("/v1/links") == []


async def test_others_do_not_see_them(market):
    token = await market.token("security_admin", NODE)
    answer = await market.http.get("/v1/links", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["code"] == "forbidden"
