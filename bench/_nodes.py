"""What the benchmark of transfers needs: nodes as processes, and a market with tickets to send."""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import text

from app import identity, nodes, transparency
from app.cli.replay import first_credential
from app.main import create_app
from app.nodes import Card, NodeRole
from app.platform.db import Database, open_database
from app.platform.migrate import migrate
from app.platform.postgres import PrivateCluster
from app.platform.postgres_process import free_port
from app.platform.settings import ClockKind, Settings
from app.replay import Case, Market, play
from app.replay.case import Step
from app.transparency.notes import vkey

HERE, COUNTY = "500000", "500236"
THERE, CITY = "330000", "330782"
MINISTRY = "ministry"
NAMES = {HERE: "重庆市", THERE: "浙江省"}
AT_ONCE = 8
READY_SECONDS = 60
POLICY = {"cooling_off_days": 0, "notice_days": 0}
TEMPLATE = "bench_template"


@dataclass(slots=True)
class Place:
    """A node: its database, its keys, where it is reached, and its process once it runs."""

    name: str
    role: NodeRole
    settings: Settings
    dsn: str
    db: Database
    process: subprocess.Popen[bytes] | None = None
    market: Market | None = None

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self.settings.port}"

    async def card(self) -> Card:
        """What others are told of it."""
        keys = nodes.load_node_keys(self.settings, self.name)
        log = vkey(transparency.load_keys(self.settings).log)
        async with self.db.read() as reader:
            return (await nodes.own_card(reader, keys, log))[0]

    async def know(self, card: Card) -> None:
        """Take a card, as `hrt node peer add` does."""
        command = nodes.SetPeer(card, None, known=False)

        async def work(tx: object, command: nodes.SetPeer) -> None:
            await nodes.set_peer(tx, command)  # type: ignore[arg-type]
            for code, called in card.provinces:
                await identity.know_province(tx, code, called)  # type: ignore[arg-type]

        await self.db.transact(work, command)

    async def rows(self, query: str, **parameters: object) -> list[object]:
        """Look into its database."""
        async with self.db.read() as reader:
            return list((await reader.run(text(query), parameters)).all())

    async def start(self) -> None:
        """Serve it by a process of its own."""
        settings = self.settings
        environment = {
            "PATH": os.environ["PATH"],
            "HRT_DATABASE_URL": self.dsn,
            "HRT_HOME": str(settings.home),
            "HRT_ORIGIN": settings.origin,
            "HRT_LINK_PORT": str(settings.link_port),
        }
        log = (settings.home / "node.log").open("wb")
        program = "from app.cli import main; main()"
        serve = ["serve", "--port", str(settings.port)]
        command = [sys.executable, "-c", program, *serve]
        self.process = subprocess.Popen(  # noqa: ASYNC220 - `stop` ends it
            command, env=environment, stdout=log, stderr=log
        )
        assert self.market is not None, "it was prepared"
        http = httpx.AsyncClient(base_url=self.url, timeout=60)
        self.market = Market(http, self.market.security_token, self.market._tokens)  # noqa: SLF001
        begun = time.monotonic()
        while time.monotonic() - begun < READY_SECONDS:
            try:
                if (await http.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        raise TimeoutError(f"{self.name} does not start; see {log.name}")

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(READY_SECONDS)


async def create(cluster: PrivateCluster, folder: Path, name: str, role: NodeRole) -> Place:
    """An initialised node with a database of its own; nobody knows it yet."""
    cluster.create_database(f"bench_{name}", template=TEMPLATE)
    dsn = cluster.dsn("hrt_app", f"bench_{name}")
    settings = Settings(
        clock=ClockKind.SIMULATED,
        home=folder / name,
        origin=f"{name}.example/log",
        port=free_port(0),
        link_port=free_port(0),
    )
    db = open_database(settings, dsn)
    async with db.read() as reader:
        now = await nodes.system_now(reader)
    seeds = [secrets.token_bytes(32), secrets.token_bytes(32)]
    key = nodes.make_node_keys(settings, name, seeds, now)
    codes = (name,) if name in NAMES else ()
    own = nodes.Node(name, role, codes, f"https://127.0.0.1:{settings.link_port}")
    named = tuple(NAMES[code] for code in codes)
    url = f"http://127.0.0.1:{settings.port}"
    await db.transact(nodes.initialise, nodes.Initialise(own, named, url, key))
    return Place(name, role, settings, dsn, db)


def template(cluster: PrivateCluster) -> None:
    """A migrated database that others are copied from."""
    cluster.create_database(TEMPLATE)
    migrate(cluster.dsn("hrt_owner", TEMPLATE))


async def furnish(place: Place, case: Case) -> None:
    """Play a case on a clock that stands a moment back, and go over to the real one."""
    app = create_app(place.db, place.settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node") as http,
    ):
        place.market = Market(http, await first_credential(place.db))
        outcome = await play(case, place.market)
        assert all(step["ok"] for step in outcome["steps"]), outcome["steps"]
    place.db = open_database(Settings(pool_size=4), place.dsn)


def case_of(at: datetime, **members: object) -> Case:
    """A case that has only these members."""
    empty = Case("bench", {}, [], [], [], [], [], at, [])
    return replace(empty, **members)  # type: ignore[arg-type]


def giver_case(at: datetime, households: list[str]) -> Case:
    """Households with an issued ticket each, that a city of the other province has approved."""
    steps: list[Step] = []
    for name in households:
        application = {"application": f"a.{name}"}
        costs = {"reclamation_cost_cny": "4000.00", "financing_cost_cny": "1000.00"}
        city = {"city": CITY, "work_years": 5, "income_proof": True, "long_term": True}
        for do, body in (
            ("apply", {"id": f"a.{name}", "household": name, "area_m2": "100.00"}),
            ("village_review", application | {"votes_for": 30}),
            ("township_determine", application),
            ("county_approve", application),
            ("city_approve", application | city),
            (
                "accept_reclamation",
                application | {"accepted_m2": "100.00", "to": "cropland"} | costs,
            ),
            ("issue", application | {"id": f"t.{name}"}),
        ):
            steps.append(Step(len(steps) + 1, at, do, body))
    land = {"cropland_m2": "9000000.00"}
    return case_of(
        at,
        policies={HERE: POLICY},
        regions=[
            {"code": HERE, "name": NAMES[HERE]},
            {"code": COUNTY, "name": "奉节县", "zone": "farm_product"} | land,
            {"code": CITY, "name": "义乌市", "zone": "urbanised"} | land,
        ],
        collectives=[
            {
                "id": "v",
                "name": "一村",
                "county": COUNTY,
                "homestead_m2": "9000000.00",
                "members": 30,
            }
        ],
        households=[{"id": n, "name": n, "collective": "v", "heads": 3} for n in households],
        steps=steps,
    )


def receiver_case(at: datetime) -> Case:
    """A province with a policy."""
    return case_of(at, policies={THERE: POLICY}, regions=[{"code": THERE, "name": NAMES[THERE]}])


def ministry_case(at: datetime, pairs: list[tuple[str, str]]) -> Case:
    """A coefficient for each pair of provinces."""
    days = {"valid_from": "2000-01-01", "valid_to": "2999-12-31"}
    return case_of(
        at,
        coefficients=[
            {"from": giver, "to": taker, "yield_out": 500, "yield_in": 750} | days
            for giver, taker in pairs
        ],
    )


async def before(place: Place) -> datetime:
    """A moment ago."""
    async with place.db.read() as reader:
        return (await nodes.system_now(reader) - timedelta(minutes=2)).replace(microsecond=0)


async def until(holds: Callable[[], Awaitable[bool]], seconds: int = 600) -> None:
    """Wait for what comes by itself."""
    begun = time.monotonic()
    while not await holds():
        if time.monotonic() - begun > seconds:
            raise TimeoutError("it does not come")
        await asyncio.sleep(0.02)
