"""The normal way back: a base backup and the streamed log, when the database's machine is gone."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest

from app.cli.replay import first_credential
from app.platform.db import open_database
from app.platform.migrate import migrate
from app.platform.postgres import PrivateCluster, find_binaries
from app.platform.postgres_process import is_alive
from app.platform.settings import ClockKind, Settings
from app.replay import Market
from app.replay.client import NODE
from tests.nodes import Node

HERE = "500000"
DATABASE = "newest"
AT_ONCE = 6


@asynccontextmanager
async def streaming(cluster, wal):
    """As the manual says: no commit is answered that has not come to the archive."""
    dsn = cluster.dsn("postgres", "postgres")
    address = f"{dsn}?application_name=archive"
    command = [_binary("pg_receivewal"), "--synchronous", "-D", wal, "-d", address]
    with subprocess.Popen(command) as process:  # noqa: ASYNC220
        try:
            await follows(dsn)
            yield
        finally:
            process.terminate()


async def follows(dsn):
    connection = await asyncpg.connect(dsn)
    await connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'archive'")
    await connection.execute("SELECT pg_reload_conf()")
    standing = "SELECT sync_state FROM pg_stat_replication WHERE application_name = 'archive'"
    async with asyncio.timeout(30):
        while await connection.fetchval(standing) != "sync":  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    await connection.close()


def lose(cluster):
    """`kill -9` of the server, and its disk is gone."""
    pid = cluster._server()
    os.kill(pid, signal.SIGKILL)
    while is_alive(pid):
        pass
    shutil.rmtree(cluster._data)


def restore(cluster, base, wal):
    """The base, and all that was streamed since."""
    for last in wal.glob("*.partial"):
        last.rename(last.with_suffix(""))
    shutil.copytree(base, cluster._data)
    with (cluster._data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write(f'restore_command = \'cp "{wal}/%f" "%p"\'\n')
        settings.write("synchronous_standby_names = ''\n")
    (cluster._data / "recovery.signal").touch()
    cluster.start()


class Clients:
    """They register bidders one after the other until nobody answers any more."""

    def __init__(self, market):
        self.market = market
        self.acknowledged = set()
        self.tasks = [asyncio.create_task(self.register(n)) for n in range(AT_ONCE)]

    async def register(self, number):
        for n in range(10_000):
            id_ = f"b{number}-{n}"
            try:
                body = {"id": id_, "name": id_}
                answer = await self.market.send("exchange", HERE, "/v1/bidders", body)
            except httpx.HTTPError:
                return
            if "code" in answer:
                return
            self.acknowledged.add(id_)

    async def have(self, count):
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(60):
            while len(self.acknowledged) < wanted:  # noqa: ASYNC110 - what clients count
                await asyncio.sleep(0.01)


@pytest.fixture
def lost_cluster(tmp_path):
    """A durable server of its own, whose disk will be gone."""
    cluster = PrivateCluster(tmp_path / "pg")
    with cluster:
        cluster.create_database(DATABASE)
        migrate(cluster.dsn("hrt_owner", DATABASE))
        yield cluster
    cluster.destroy()


async def prepared(dsn):
    db = open_database(Settings(clock=ClockKind.SIMULATED), dsn)
    token = await first_credential(db)
    await db.close()
    return token


async def test_base_and_streamed_log_bring_back_all_that_was_acknowledged(
    lost_cluster, tmp_path, tell
):
    cluster, base, wal = lost_cluster, tmp_path / "base", tmp_path / "wal"
    wal.mkdir()
    dsn = cluster.dsn("hrt_app", DATABASE)
    token = await prepared(dsn)
    address = cluster.dsn("postgres", "postgres")
    backup = ["--wal-method=none", "--checkpoint=fast", "-D", base, "-d", address]
    async with Node(tmp_path / "node", dsn, pool_size=8, log_poll_milliseconds=50) as node:
        await node.start()
        market = Market(node.http, token)
        await market.send("system_admin", NODE, "/v1/regions", {"code": HERE, "name": "重庆市"})
        async with streaming(cluster, wal):
            await asyncio.to_thread(subprocess.run, [_binary("pg_basebackup"), *backup], check=True)
            clients = Clients(market)
            await clients.have(60)
            await asyncio.to_thread(lose, cluster)
            await asyncio.gather(*clients.tasks)
        await asyncio.to_thread(node.kill)

        begun = time.monotonic()
        await asyncio.to_thread(restore, cluster, base, wal)
        seconds = time.monotonic() - begun
        node.use(cluster.dsn("hrt_app", DATABASE))
        await node.start()
        stands = {one["id"] for one in await market.list("/v1/bidders")}
        assert clients.acknowledged <= stands
        await asyncio.to_thread(node.stop)
        status, said = await node.run("verify")
        assert (status, "balances agree, records agree" in said) == (0, True), said
    tell(f"{len(stands)} registered, none lost; restored in {seconds:.1f} s")


def _binary(name):
    return find_binaries() / name
