"""A served node on a simulated clock, whose log other served nodes witness."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import text

from app import transparency
from app.cli.replay import first_credential
from app.cli.serving import served
from app.platform.db import Database
from app.platform.postgres import PrivateCluster
from app.platform.settings import ClockKind, Settings
from app.replay import Market
from app.transparency.keys import Keys, load_keys
from app.transparency.notes import Verifier, vkey
from tests.conftest import TEMPLATE

SECONDS_MAX = 60


@dataclass(frozen=True)
class Witnessed:
    """The node, and the keys that all of them keep to themselves."""

    url: str
    db: Database
    market: Market
    policy: Path
    """In force: every witness must have cosigned."""
    keys: Keys
    witnesses: tuple[Keys, ...]

    @property
    def vkey(self) -> str:
        return vkey(self.keys.log)

    async def published(self) -> int:
        """Wait until the log shows every record that there is; answers with its size."""
        for _ in range(SECONDS_MAX * 10):
            async with self.db.read() as reader:
                records = (await reader.run(text("SELECT count(*) FROM record"))).scalar_one()
            shown = (await self.market.http.get("/log/checkpoint")).text.split("\n")[1]
            if int(shown) == records:
                return records
            await asyncio.sleep(0.1)
        raise AssertionError(f"the log shows {shown} of {records} records")


@asynccontextmanager
async def witnessed_node(
    cluster: PrivateCluster, folder: Path, witnesses: int
) -> AsyncIterator[Witnessed]:
    """Serve a node and its witnesses, each on a database of its own, for the length of a block."""
    names = [f"w{n}_{uuid.uuid4().hex[:8]}" for n in range(witnesses + 1)]
    for name in names:
        cluster.create_database(name, template=TEMPLATE)
    policy = folder / "witnesses.policy"
    settings = _settings(folder, "market.example/log", log_policy_file=policy)
    log = Verifier.of(load_keys(settings).log)
    async with AsyncExitStack() as stack:
        lines, keys = [], []
        for n, name in enumerate(names[1:]):
            own = _settings(folder, f"witness{n}.example/log")
            url, db = await stack.enter_async_context(served(own, cluster.dsn("hrt_app", name)))
            await db.transact(_add, log)
            keys.append(load_keys(own))
            lines.append(f"witness w{n} {vkey(keys[-1].witness)} {url}/witness")
        members = " ".join(f"w{n}" for n in range(witnesses))
        lines = [f"log {vkey(log)}", *lines, f"group all-of-them all {members}"]
        policy.write_text("\n".join([*lines, "quorum all-of-them", ""]), encoding="utf-8")
        url, db = await stack.enter_async_context(
            served(settings, cluster.dsn("hrt_app", names[0]))
        )
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=60))
        market = Market(http, await first_credential(db))
        yield Witnessed(url, db, market, policy, load_keys(settings), tuple(keys))
    for name in names:
        cluster.drop_database(name)


async def _add(tx, log):
    await transparency.witness_log(tx, log.name, log)


def _settings(folder, origin, **more):
    return Settings(
        clock=ClockKind.SIMULATED,
        require_durable=False,
        pool_size=8,
        home=folder / origin.partition(".")[0],
        origin=origin,
        **more,
    )
