"""The node's clock: everybody reads it, a real one is nobody's to move, and none runs backwards."""

from datetime import UTC, datetime, timedelta

import pytest

from app.platform.settings import ClockKind, Settings
from tests.http.support import NODE, assert_problem, open_node

ADMIN = ("system_admin", NODE)


@pytest.fixture
async def real(cluster, database):
    settings = Settings(clock=ClockKind.SYSTEM, require_durable=False, pool_size=5)
    node = await open_node(cluster, database, settings)
    yield node
    await node.close()


async def test_a_real_clock_cannot_be_moved(real):
    await real.market.token(*ADMIN)
    state = await real.state()
    for to in (
        "1970-01-02T00:00:00+08:00",
        "2026-01-01T00:00:00+08:00",
        "8999-01-01T00:00:00+08:00",
    ):
        assert_problem(await real.post(*ADMIN, "/v1/clock", {"to": to}), 409, "clock-is-real")
    assert await real.state() == state
    shown = (await real.http.get("/v1/clock")).json()
    assert shown["kind"] == "system"
    now = await real.owner.fetchval("SELECT clock_timestamp()")
    assert abs(datetime.fromisoformat(shown["now"]) - now) < timedelta(seconds=10)


async def test_a_simulated_clock_runs_forward_only(node):
    noon = "2026-03-01T12:00:00+08:00"
    assert (await node.post(*ADMIN, "/v1/clock", {"to": noon})).json()["now"] == noon
    state = await node.state()
    for earlier in ("2026-03-01T11:59:59+08:00", "2026-03-01T12:00:00+09:00"):
        answer = await node.post(*ADMIN, "/v1/clock", {"to": earlier})
        assert_problem(answer, 409, "clock-backwards")
    assert await node.state() == state
    # The same instant, spelled in another zone, is not backwards.
    answer = await node.post(*ADMIN, "/v1/clock", {"to": "2026-03-01T04:00:00Z"})
    assert answer.json() == {"now": noon, "kind": "simulated"}
    assert (await node.http.get("/v1/clock")).json() == {"now": noon, "kind": "simulated"}


async def test_a_simulated_clock_that_was_never_set_is_no_crash(node):
    await node.owner.execute("DELETE FROM simulated_clock")
    answer = await node.http.get("/v1/clock")
    assert answer.status_code == 200
    assert datetime.fromisoformat(answer.json()["now"]) == datetime(1970, 1, 1, tzinfo=UTC)
