"""`hrt nodes`: two provinces and the ministry as three nodes, and a transfer that plays itself.

The first time three databases are made, the nodes are named and take each other's cards, as
`hrt node` does it, and the story is played on simulated clocks up to the present. From then on the
nodes run on real time, now and each time that the command is given again.
"""

import asyncio
import fcntl
import shutil
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import typer

from app import identity, nodes
from app.cli.credential import issue
from app.cli.database import fail
from app.cli.demo_crossing import LENGTH, play
from app.cli.demo_desk import Desk, Scene
from app.cli.demo_people import admit_through, greeting_lines, keep_people, people_file
from app.cli.demo_places import PLACES, PlacesError, Stand, choose_ports, running
from app.cli.peering import card_of, name_node, take_card
from app.kernel.calendar import local_date
from app.kernel.ids import NODE
from app.kernel.principal import Role
from app.platform import jobs
from app.platform.db import Database, open_database
from app.platform.migrate import migrate
from app.platform.postgres import ClusterError, PrivateCluster
from app.platform.settings import ClockKind, Settings
from app.replay import Market

FOLDER = "nodes"
TOLD = "told"
FOREVER = datetime(8999, 1, 1, tzinfo=UTC)

Port = Annotated[
    int, typer.Option(envvar="HRT_NODES_PORT", help="Web clients on PORT+1, +2, +3, links behind.")
]
Pause = Annotated[int, typer.Option(min=0, help="Seconds between the steps of the story.")]
Anew = Annotated[bool, typer.Option("--anew", help="Delete what there is, and begin anew.")]


def run(port: Port = 8100, pause: Pause = 0, *, anew: Anew = False) -> None:
    """Run two provinces and the ministry as three nodes; the first time, play a transfer."""
    settings = Settings()
    if settings.database_url is not None:
        fail("HRT_DATABASE_URL is set. These nodes have databases of their own: unset it.")
    folder = folder_of(settings)
    cluster = PrivateCluster(folder / "pg")
    try:
        with _alone(folder):
            if anew:
                _empty(folder)
            with cluster:
                stands = _prepare(folder, cluster, port)
                asyncio.run(_main(folder, stands, pause))
    except (ClusterError, PlacesError) as error:
        fail(str(error), 1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("已停止,数据保留。 Stopped; the data is kept.")


def folder_of(settings: Settings) -> Path:
    """Where the three nodes and their databases are."""
    return settings.home.absolute() / FOLDER


def forget(settings: Settings) -> None:
    """Delete the three nodes with everything in them. Raises `PlacesError` while they run."""
    folder = folder_of(settings)
    if folder.exists():
        with _alone(folder):
            _empty(folder)
        shutil.rmtree(folder)


def _empty(folder: Path) -> None:
    (folder / TOLD).unlink(missing_ok=True)
    PrivateCluster(folder / "pg").destroy()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One run at a time: a second would take the nodes' links to ports of its own."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PlacesError(f"They run already, from {folder}. End that run first.") from None
        yield


def _prepare(folder: Path, cluster: PrivateCluster, port: int) -> list[Stand]:
    """Ports, and databases with the schema of now. A story that broke off begins anew."""
    first, taken = choose_ports(port)
    if taken:
        busy = ", ".join(map(str, taken))
        typer.echo(f"端口 {busy} 已被占用,改用 {first} 之后的端口。 Taken: {busy}; using {first}+.")
    told = (folder / TOLD).exists()
    if not told:
        typer.echo("正在建立三个节点 · Making three nodes …")
    stands = []
    for n, place in enumerate(PLACES, 1):
        home = folder / place.name
        if not told:
            cluster.drop_database(place.database)
            shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The second and the third are copies of the first, which is empty then.
        template = None if told or n == 1 else PLACES[0].database
        cluster.create_database(place.database, template=template)
        if template is None:
            migrate(cluster.dsn("hrt_owner", place.database))
        dsn = cluster.dsn("hrt_app", place.database)
        stands.append(Stand(place, home, first + n, dsn))
    return stands


async def _main(folder: Path, stands: Sequence[Stand], pause: int) -> None:
    """Until Ctrl-C, or until a node ends."""
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    told = (folder / TOLD).exists()
    async with _databases(stands) as opened:
        begin = await _begin(opened, named=told)
        await _acquaint(opened)
        if not told:
            async with running(stands, ClockKind.SIMULATED):
                await _tell(opened, begin, pause)
        async with running(stands, ClockKind.SYSTEM) as processes:
            await asyncio.gather(*(_admit(node) for node in opened))
            (folder / TOLD).touch()
            typer.echo(_greeting(stands))
            await processes.stay()


@dataclass(frozen=True, slots=True)
class _Opened:
    """A node with its database, for what is not asked over HTTP: setting it up."""

    stand: Stand
    db: Database
    settings: Settings


@asynccontextmanager
async def _databases(stands: Sequence[Stand]) -> AsyncIterator[list[_Opened]]:
    async with AsyncExitStack() as stack:
        opened = []
        for stand in stands:
            settings = stand.settings(ClockKind.SYSTEM)
            db = open_database(settings.model_copy(update={"pool_size": 1}), stand.dsn)
            stack.push_async_callback(db.close)
            opened.append(_Opened(stand, db, settings))
        yield opened


async def _begin(opened: Sequence[_Opened], *, named: bool) -> datetime:
    """Name the nodes, on clocks that stand where the story begins; or note where they are now."""
    async with opened[0].db.read() as reader:
        begin = (await reader.now()).replace(microsecond=0) - LENGTH - timedelta(seconds=1)
    for one in opened:
        stand, place = one.stand, one.stand.place
        if named:
            await one.db.transact(nodes.move_node, (stand.link_url, stand.url))
            continue
        simulated = _on_its_clock(one)
        await simulated.transact(jobs.set_clock, begin)
        codes = tuple(code for code, _ in place.provinces)
        names = tuple(called for _, called in place.provinces)
        node = nodes.Node(place.name, place.role, codes, stand.link_url)
        await name_node(simulated, one.settings, node, names, stand.url)
        await simulated.close()
    return begin


def _on_its_clock(one: _Opened) -> Database:
    """The database of a node on its simulated clock."""
    settings = one.stand.settings(ClockKind.SIMULATED).model_copy(update={"pool_size": 1})
    return open_database(settings, one.stand.dsn)


async def _acquaint(opened: Sequence[_Opened]) -> None:
    """Every node takes the card of every other, as its operator would."""
    cards = [(await card_of(one.db, one.settings))[0] for one in opened]
    for one in opened:
        async with one.db.read() as reader:
            known = {peer.name for peer in await nodes.peers(reader)}
        for card in cards:
            if card.name != one.stand.place.name:
                command = nodes.SetPeer(card, None, card.name in known)
                await one.db.transact(take_card, command)


async def _tell(opened: Sequence[_Opened], begin: datetime, pause: int) -> None:
    """Play the story; each step is a paragraph with the date, in both languages."""
    number = 0
    async with AsyncExitStack() as stack:
        desks = []
        for one in opened:
            admin = identity.IssueCredential("demo.story", Role.SECURITY_ADMIN, NODE, FOREVER)
            http = httpx.AsyncClient(base_url=one.stand.url, timeout=60)
            await stack.enter_async_context(http)
            desks.append(Desk(one.stand, Market(http, await issue(one.db, admin))))

        async def tell(zh: str, en: str, *look: str) -> None:
            nonlocal number
            number += 1
            lines = [f"{number:>3}  {local_date(scene.now)}  {zh}", en, *look]
            typer.echo("\n                 ".join(lines) + "\n")
            await asyncio.sleep(pause)

        home, away, ministry = desks
        scene = Scene(home, away, ministry, begin, tell)
        _introduce(opened)
        await play(scene)


def _introduce(opened: Sequence[_Opened]) -> None:
    typer.echo(
        "\n三个节点已启动,各有数据库、密钥和网页,以双向 TLS 互通。时钟是模拟的,数月在几秒内走完。"
        "\nThree nodes run, each with a database, keys and a web client of its own, and write to"
        " each other over mutual TLS. Their clocks are simulated: months go by in seconds.\n"
    )
    for one in opened:
        stand = one.stand
        typer.echo(f"  {stand.url}/   {stand.place.zh} · {stand.place.en}   ({stand.link_url})")
    typer.echo("")


async def _admit(one: _Opened) -> None:
    """Logins for the people of a node, unless they have them."""
    if not people_file(one.settings).exists():
        people = await admit_through(one.stand.url, one.db, one.stand.place.people)
        keep_people(one.settings, people)


def _greeting(stands: Sequence[Stand]) -> str:
    lines = ["三个节点现在使用真实时间。 The three nodes run on real time now. Sign in:"]
    for stand in stands:
        lines += ["", f"  {stand.place.zh} · {stand.place.en}   {stand.url}/", ""]
        lines += greeting_lines(stand.settings(ClockKind.SYSTEM))
    lines += [
        "",
        "  Ctrl-C 停止,数据保留;再次运行接着用;--anew 重新开始。",
        "  Ctrl-C stops and keeps the data; the next run goes on with it; --anew begins anew.",
    ]
    return "\n".join(lines)
