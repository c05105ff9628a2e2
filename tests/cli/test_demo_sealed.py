"""The sealed lots of the demo market: what a newcomer finds, and what the README does with it."""

import asyncio
import re

import httpx
import pytest
import structlog
from typer.testing import CliRunner

from app.cli import app as command_line
from app.cli import demo
from app.cli.demo_sealed import CUSTODIANS, custodians_folder, forget_custodians
from app.cli.serving import served
from app.platform.settings import Settings


async def hrt(*words, **environment):
    """The command line in a thread of its own, while a node of this process answers it."""
    return await asyncio.to_thread(
        CliRunner().invoke, command_line, [str(word) for word in words], env=environment
    )


@pytest.fixture
async def node(dsn, tmp_path):
    """The demo market on real time: its address, and its settings."""
    settings = Settings(require_durable=False, pool_size=5, home=tmp_path / "home")
    settings.home.mkdir()
    await demo._load(settings, dsn)
    async with served(settings, dsn) as (url, _):
        yield url, settings
    structlog.reset_defaults()


async def test_three_custodians_of_the_demo_open_the_lot_that_waits_and_no_other(node, tmp_path):
    url, settings = node
    folder, policy = custodians_folder(settings), tmp_path / "log.policy"
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {file.name for file in files} == {"hunan-98.key", "hunan-99.key", "token"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}

    async with httpx.AsyncClient(base_url=url) as http:

        async def lot(id_):
            return (await http.get(f"/v1/lots/{id_}")).json()

        async def release(custodian, id_):
            own = folder / custodian
            words = ("custodian", "release", url, "--lot", id_, "--folder", own)
            token = (own / "token").read_text()
            return await hrt(*words, "--policy", policy, "--unwitnessed", HRT_TOKEN=token)

        policy.write_text((await http.get("/log/policy")).text)
        assert ((await lot("hunan-98"))["state"], (await lot("hunan-99"))["state"]) == (
            "closed",
            "open",
        )
        refused = await release("notary", "hunan-99")
        assert (refused.exit_code, "nothing of a close" in refused.stderr) == (1, True)
        states = []
        for id_, _ in CUSTODIANS[:3]:
            done = await release(id_, "hunan-98")
            states.append(re.search(r"State (\w+)", done.stdout).group(1))
        assert states == ["closed", "closed", "sold"]
        sold = await lot("hunan-98")
        assert (sold["winner"], sold["price_cny"]) == ("b3", "36406000.00")

    audit = await hrt("audit", url)
    assert (audit.exit_code, "records agree" in audit.stdout) == (0, True)
    forget_custodians(settings)
    assert not folder.exists()
