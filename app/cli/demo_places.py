"""The three nodes of `hrt nodes`: who they are, where they listen, and the process of each.

A process does what `hrt serve` does, with a home of its own. It is a fork of one that has imported
the program already, which starts three as fast as one, and ends with the command, however that
ends.
"""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import httpx

from app.cli.demo_people import Row
from app.cli.serving import serve_forever
from app.kernel.ids import NODE
from app.kernel.principal import Role
from app.nodes import NodeRole
from app.platform.postgres_process import LOOPBACK, end_with_this_process, free_port
from app.platform.settings import ClockKind, Settings

HOME, AWAY, MINISTRY = "500000", "330000", "ministry"
HOME_COUNTY, AWAY_CITY = "500236", "330782"
READY = timedelta(seconds=60)
ENDED = timedelta(seconds=20)
LOOK_EVERY = timedelta(milliseconds=50)
LINKS = 10
"""How far the port of a node's link lies behind that of its web client."""
NEXT_PORTS = 100
ATTEMPTS = 10
LOG_TAIL = 2_000
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["app.cli.serving"])


class PlacesError(RuntimeError):
    """The nodes cannot be had; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of the nodes, with the people who sign in there. `provinces` are codes and names."""

    name: str
    zh: str
    en: str
    provinces: tuple[tuple[str, str], ...]
    people: tuple[Row, ...]

    @property
    def role(self) -> NodeRole:
        """A node hosts provinces, or it is the ministry's."""
        return NodeRole.PROVINCE if self.provinces else NodeRole.MINISTRY

    @property
    def database(self) -> str:
        """The name of its database."""
        return f"node_{self.name}"


OVERSEERS: tuple[Row, ...] = (
    ("supervisor", "监督人员 · supervisor", ((Role.SUPERVISOR, NODE),)),
    ("system", "系统管理员 · system administrator", ((Role.SYSTEM_ADMIN, NODE),)),
)
PLACES = (
    Place(
        HOME,
        "重庆市",
        "Chongqing",
        ((HOME, "重庆市"),),
        (
            ("villager", "农户 · household h1", ((Role.VILLAGER, "h1"),)),
            ("clerk", "县局经办 · land bureau of Fengjie", ((Role.COUNTY_CLERK, HOME_COUNTY),)),
            ("province", "省厅 · province of Chongqing", ((Role.PROVINCE, HOME),)),
            ("fund", "基金管理中心 · fund centre", ((Role.FUND_CENTRE, HOME),)),
            *OVERSEERS,
        ),
    ),
    Place(
        AWAY,
        "浙江省",
        "Zhejiang",
        ((AWAY, "浙江省"),),
        (
            ("villager", "同一农户 · the same household", ((Role.VILLAGER, f"{HOME}-h1"),)),
            ("bidder", "竞得企业 · the firm that wins", ((Role.BIDDER, "b2"),)),
            ("exchange", "交易中心 · exchange", ((Role.EXCHANGE, AWAY),)),
            ("province", "省厅 · province of Zhejiang", ((Role.PROVINCE, AWAY),)),
            ("fund", "基金管理中心 · fund centre", ((Role.FUND_CENTRE, AWAY),)),
            *OVERSEERS,
        ),
    ),
    Place(
        MINISTRY,
        "自然资源部",
        "the ministry",
        (),
        (("ministry", "部审批 · the ministry decides", ((Role.MINISTRY, NODE),)), *OVERSEERS),
    ),
)


@dataclass(frozen=True, slots=True)
class Stand:
    """A node on this machine: its folder, its ports and the address of its database."""

    place: Place
    home: Path
    port: int
    dsn: str

    @property
    def url(self) -> str:
        """Where its API and its web client are."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def link_url(self) -> str:
        """Where other nodes reach it."""
        return f"https://{LOOPBACK}:{self.port + LINKS}"

    @property
    def log(self) -> Path:
        """What its process has written."""
        return self.home / "serve.log"

    def settings(self, clock: ClockKind) -> Settings:
        """Its settings, here and in its process."""
        return Settings(
            home=self.home,
            port=self.port,
            link_port=self.port + LINKS,
            clock=clock,
            origin=f"{self.place.name}.demo/log",
            pool_size=8,
            log_poll_milliseconds=100,
            link_poll_milliseconds=100,
        )


def choose_ports(first: int) -> tuple[int, list[int]]:
    """Where to listen: `first` + 1, 2, 3 and ten behind, or a hundred later where one is taken.

    Answers with the first port of the range, and with the ports that were taken before it.
    """
    taken: list[int] = []
    for at in range(first, first + ATTEMPTS * NEXT_PORTS, NEXT_PORTS):
        ports = [at + n + beyond for beyond in (0, LINKS) for n in range(1, len(PLACES) + 1)]
        busy = [port for port in ports if free_port(port) != port]
        if not busy:
            return at, taken
        taken += busy
    raise PlacesError(f"These ports are taken: {_listed(taken)}. Name others with --port.")


def _listed(ports: Sequence[int]) -> str:
    return ", ".join(map(str, ports))


@asynccontextmanager
async def running(stands: Sequence[Stand], clock: ClockKind) -> AsyncIterator["Processes"]:
    """The nodes, each in its process, for the length of a block; inside it all of them serve."""
    processes = Processes([_Process(stand) for stand in stands])
    try:
        for process in processes.all:
            process.start(clock)
        await processes.ready()
        yield processes
    finally:
        await asyncio.gather(*(process.end() for process in processes.all))


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes that were started together."""

    all: "list[_Process]"

    async def ready(self) -> None:
        """Wait until every node answers. Raises `PlacesError`."""
        try:
            async with asyncio.timeout(READY.total_seconds()), httpx.AsyncClient() as http:
                for process in self.all:
                    while not await process.answers(http):  # noqa: ASYNC110 - not in this process
                        await asyncio.sleep(LOOK_EVERY.total_seconds())
        except TimeoutError:
            seconds = READY // timedelta(seconds=1)
            raise PlacesError(f"A node does not answer after {seconds} s.") from None

    async def stay(self) -> None:
        """Wait until one of them ends. Raises `PlacesError`, with what it wrote last."""
        while True:
            for process in self.all:
                process.look()
            await asyncio.sleep(LOOK_EVERY.total_seconds() * 10)


class _Process:
    """The process of one node."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self._running: ForkServerProcess | None = None
        self._guard: int | None = None

    def start(self, clock: ClockKind) -> None:
        """Start it."""
        what = (self.stand.settings(clock), self.stand.dsn, self.stand.log)
        self._running = SERVER.Process(target=_serve, args=what)
        self._running.start()
        pid = self._running.pid
        assert pid is not None, "it was started"
        self._numbered.write_text(f"{pid}\n", encoding="ascii")
        self._guard = end_with_this_process(pid, self._numbered)

    @property
    def _numbered(self) -> Path:
        return self.stand.home / "serve.pid"

    def look(self) -> None:
        """Raise `PlacesError` where it has ended."""
        assert self._running is not None, "it was started"
        if self._running.exitcode is not None:
            wrote = self.stand.log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]
            raise PlacesError(f"The node of {self.stand.place.en} has ended:\n{wrote}")

    async def answers(self, http: httpx.AsyncClient) -> bool:
        """Whether it is ready."""
        self.look()
        try:
            return (await http.get(f"{self.stand.url}/readyz")).is_success
        except httpx.TransportError:
            return False

    async def end(self) -> None:
        """End it in order; by force where that takes too long."""
        if self._running is None:
            return
        self._running.terminate()
        await asyncio.to_thread(self._running.join, ENDED.total_seconds())
        if self._running.exitcode is None:
            self._running.kill()
            self._running.join()
        # Without its number the guard ends nobody.
        self._numbered.unlink(missing_ok=True)
        if self._guard is not None:
            os.close(self._guard)
        self._running = self._guard = None


def _serve(settings: Settings, dsn: str, log: Path) -> None:
    """In the process of a node: its output goes to a file, and Ctrl-C in the terminal elsewhere."""
    os.setsid()
    with log.open("wb") as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(file.fileno(), stream.fileno())
    serve_forever(settings, dsn)
