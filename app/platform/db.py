"""One command is one transaction, and the answer leaves only after COMMIT.

`transact` opens the transaction, runs the command, commits, and then returns. PostgreSQL may ask
for the whole to be run again (serialisation failure, deadlock, a unique key that another
transaction took meanwhile), so a command does nothing but SQL. This is the only module that
commits.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import CursorResult, Executable, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.kernel.principal import Principal
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.settings import ClockKind, Settings, sqlalchemy_url

C = TypeVar("C")
R = TypeVar("R")

# Serialisation failure, deadlock, and a unique or exclusive key taken between our check and our
# insert: run again, and the check sees the row.
RETRYABLE_SQLSTATES = frozenset({"40001", "40P01", "23505", "23P01"})
FOREIGN_KEY_VIOLATION = "23503"
ATTEMPTS_MAX = 8
BACKOFF_SECONDS = (0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)

_SYSTEM_NOW = text("SELECT clock_timestamp()")
# A simulated clock that nobody has set yet stands at the beginning of 1970.
_SIMULATED_NOW = text("SELECT coalesce((SELECT instant FROM simulated_clock), 'epoch')")


class Reader:
    """A connection that may read: what query endpoints and the reading half of commands get."""

    def __init__(self, connection: AsyncConnection, clock: ClockKind) -> None:
        self.connection = connection
        self.clock = clock
        self._now: datetime | None = None

    async def run(
        self,
        statement: Executable,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Execute one statement."""
        return await self.connection.execute(statement, parameters)

    async def now(self) -> datetime:
        """The one instant of this transaction, read when first asked for.

        A command whose outcome depends on the order of arrivals asks after it has taken its
        locks: the instant then lies inside the critical section, so a later holder of the lock
        never sees an earlier time.
        """
        if self._now is None:
            simulated = self.clock is ClockKind.SIMULATED
            row = await self.connection.execute(_SIMULATED_NOW if simulated else _SYSTEM_NOW)
            instant = row.scalar_one()
            assert isinstance(instant, datetime)
            self._now = instant.astimezone(UTC)
        return self._now


class Written(NamedTuple):
    """A record that a transaction has appended."""

    id: int
    kind: str
    body: bytes


class Tx(Reader):
    """An open transaction that may write, on behalf of `principal` (None: the node's own jobs).

    `records` are those appended in it so far, in order. Each attempt of a command begins with none.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        clock: ClockKind,
        principal: Principal | None = None,
        at: datetime | None = None,
    ) -> None:
        super().__init__(connection, clock)
        self.principal = principal
        self.records: list[Written] = []
        self._now = at

    @property
    def actor(self) -> str:
        """Who is named in records: the credential's person, or the node itself."""
        return self.principal.person if self.principal is not None else "node"

    @property
    def by(self) -> Principal:
        """The principal of a command that always has one."""
        if self.principal is None:
            raise Rejected(CommonRefusal.UNAUTHENTICATED)
        return self.principal

    def at(self, instant: datetime) -> "Tx":
        """The same transaction for what the node itself does, at the instant when it fell due.

        Its records are not the command's: no receipt binds one of them.
        """
        return Tx(self.connection, self.clock, None, instant)


@dataclass(slots=True)
class Database:
    """The node's one PostgreSQL, as the application's role."""

    engine: AsyncEngine
    clock: ClockKind
    _readers: AsyncEngine = field(init=False)

    def __post_init__(self) -> None:
        self._readers = self.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def transact(
        self,
        work: Callable[[Tx, C], Awaitable[R]],
        command: C,
        *,
        principal: Principal | None = None,
        at: datetime | None = None,
    ) -> R:
        """Run `work(tx, command)` in one transaction; the whole again when PostgreSQL asks.

        A `Rejected` rolls back and is passed on. After `ATTEMPTS_MAX` failures it is `BUSY`:
        nothing was changed.
        """
        for attempt in range(ATTEMPTS_MAX):
            try:
                async with self.engine.begin() as connection:
                    return await work(Tx(connection, self.clock, principal, at), command)
            except DBAPIError as error:
                sqlstate = getattr(error.orig, "sqlstate", None)
                if sqlstate == FOREIGN_KEY_VIOLATION:
                    raise Rejected(CommonRefusal.NOT_FOUND) from error
                if sqlstate not in RETRYABLE_SQLSTATES:
                    raise
            if attempt < len(BACKOFF_SECONDS):
                await asyncio.sleep(BACKOFF_SECONDS[attempt])
        raise Rejected(CommonRefusal.BUSY)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A READ ONLY transaction with one snapshot for everything read in it."""
        async with self._readers.connect() as connection:
            yield Reader(connection, self.clock)

    async def close(self) -> None:
        """Return every connection."""
        await self.engine.dispose()


def open_database(settings: Settings, dsn: str) -> Database:
    """Connect lazily; the pool is bounded and a request waits at most 30 s for its turn."""
    engine = create_async_engine(
        sqlalchemy_url(dsn),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=30,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # an error's text may be logged, and names are among them
        connect_args={"server_settings": {"application_name": "hrt", "jit": "off"}},
    )
    return Database(engine, settings.clock)
