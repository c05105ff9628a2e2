"""One private PostgreSQL for the run; a fresh migrated database for each test that asks."""

import gc
import itertools
import os
import uuid
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import httpx
import pytest
from xdist.scheduler import LoadScopeScheduling

from app.cli.replay import first_credential
from app.main import create_app
from app.platform.db import open_database
from app.platform.migrate import migrate
from app.platform.postgres import PrivateCluster
from app.platform.settings import ClockKind, Settings
from app.replay import Market

# Until everything is collected; see `pytest_collection_finish`.
gc.disable()

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "hrt_template"
START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""An instant for tests in which it does not matter which."""
_numbers = itertools.count()

MEASURED = "measured"
TOGETHER = ("audit", "interop", "web")
"""Folders whose tests share what is made once for all of them: one worker does each."""
AUCTIONS = ("test_bid", "test_firms", "test_sealed", "test_the_line")
"""How the files of `web` begin that share a market of auctions, and not what the others share."""
LONGEST = {"web": 0, "crash": 1, "nodes": 2, "concurrency": 3, "http": 4}
"""Folders in the order in which they are begun, before all others."""


class WholeFiles(LoadScopeScheduling):
    """Gives each worker whole files, and whole folders where they belong together."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        path = PurePosixPath(file)
        if path.parent.name == "web" and path.name.startswith(AUCTIONS):
            return "auctions in web"
        return path.parent.name if path.parent.name in TOGETHER else file


def pytest_xdist_make_scheduler(config, log):
    """Divide the tests among workers, where there are several."""
    return WholeFiles(config, log)


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that no worker is left with it at the end."""
    items.sort(key=lambda item: LONGEST.get(item.path.parent.name, len(LONGEST)))


def pytest_collection_finish():
    """What is imported by now stays: nobody need look through it for garbage time and again."""
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter):
    """Say what tests have measured."""
    found = [
        (report.nodeid, line)
        for report in terminalreporter.stats.get("passed", [])
        for name, line in report.user_properties
        if name == MEASURED and report.when == "call"
    ]
    if found:
        terminalreporter.section("measured")
    for nodeid, line in found:
        terminalreporter.write_line(f"{nodeid}\n  {line}")


@pytest.fixture
def tell(record_property):
    """Say a measurement: it stands in the report at the end of the run."""
    return lambda line: record_property(MEASURED, line)


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory):
    """Nodes that are given no home of their own keep their keys here, not in this folder."""
    os.environ["HRT_HOME"] = str(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    # Not durable: no test of this run takes the machine's power away.
    with PrivateCluster(tmp_path_factory.mktemp("pg"), durable=False) as cluster:
        cluster.create_database(TEMPLATE)
        migrate(cluster.dsn("hrt_owner", TEMPLATE))
        yield cluster


@pytest.fixture
def database(cluster):
    """The name of a fresh migrated database."""
    name = f"t{next(_numbers)}_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name, template=TEMPLATE)
    yield name
    cluster.drop_database(name)


@pytest.fixture
def dsn(cluster, database):
    """Its address as the application's role."""
    return cluster.dsn("hrt_app", database)


@pytest.fixture
def owner_dsn(cluster, database):
    """Its address as the role that owns the tables."""
    return cluster.dsn("hrt_owner", database)


@pytest.fixture
def settings(tmp_path):
    return Settings(
        clock=ClockKind.SIMULATED, require_durable=False, pool_size=10, home=tmp_path / "home"
    )


@pytest.fixture
async def db(dsn, settings):
    db = open_database(settings, dsn)
    yield db
    await db.close()


@pytest.fixture
async def market(db, settings):
    """A node with a simulated clock, asked in the process, and who can issue credentials on it."""
    token = await first_credential(db)
    transport = httpx.ASGITransport(create_app(db, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as http:
        yield Market(http, token)
