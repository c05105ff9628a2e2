"""What the benchmarks share: a private PostgreSQL, and the floor that figures are divided by."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from app.platform.db import Database, open_database
from app.platform.migrate import migrate
from app.platform.postgres import PrivateCluster
from app.platform.settings import Settings

DATABASE = "bench"
SETTINGS = Settings(pool_size=10)


@contextmanager
def migrated() -> Iterator[tuple[str, str]]:
    """A durable private database for one run: addresses of the application and of the owner."""
    with tempfile.TemporaryDirectory(prefix="hrt-bench-") as folder:
        cluster = PrivateCluster(Path(folder))
        with cluster:
            cluster.create_database(DATABASE)
            migrate(cluster.dsn("hrt_owner", DATABASE))
            yield cluster.dsn("hrt_app", DATABASE), cluster.dsn("hrt_owner", DATABASE)
        cluster.destroy()


def database(dsn: str) -> Database:
    """The application's own way to the database."""
    return open_database(SETTINGS, dsn)


async def per_second(work: Callable[[int], Awaitable[int]], runs: int) -> float:
    """The median rate over runs, after one that warms up; `work(n)` answers how many it did."""
    rates = []
    for n in range(runs + 1):
        started = time.perf_counter()
        done = await work(n)
        rates.append(done / (time.perf_counter() - started))
    return statistics.median(rates[1:])


class Floor:
    """A plain multi-row insert of the same rows into an unindexed table, durable as the ledger."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    @classmethod
    async def open(cls, owner_dsn: str) -> "Floor":
        """Create the table."""
        connection = await asyncpg.connect(owner_dsn)
        await connection.execute("""
            CREATE TABLE floor (entry bigint, position int, source bigint, target bigint,
                amount bigint, source_balance bigint, target_balance bigint,
                kind text, key text, province text, subject text, actor text, at timestamptz,
                policy text, body bytea, leaf_hash bytea)
        """)
        return cls(connection)

    async def insert(self, count: int) -> int:
        """One transaction with `count` rows as wide as a record, an entry and a posting."""
        body, leaf = b"x" * 360, b"x" * 32
        await self.connection.execute(
            """
            INSERT INTO floor SELECT n, 0, n, n, n, n, n, 'cash_in', 'key:' || n, '000000',
                'bidder', 'actor', now(), NULL, $2::bytea, $3::bytea
            FROM unnest($1::bigint[]) AS n
            """,
            list(range(count)),
            body,
            leaf,
        )
        return count

    async def close(self) -> None:
        """Close its connection."""
        await self.connection.close()


def run(main: Callable[[str, str], Awaitable[None]]) -> None:
    """Run a benchmark on a fresh database."""
    with migrated() as (dsn, owner_dsn):
        asyncio.run(main(dsn, owner_dsn))  # type: ignore[arg-type]
