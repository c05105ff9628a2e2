"""A durable server: what is acknowledged must be on the disk."""

import pytest
import structlog

from app.platform import logs
from app.platform.db import open_database
from app.platform.migrate import migrate
from app.platform.postgres import PrivateCluster
from app.platform.settings import ClockKind, Settings
from tests.conftest import TEMPLATE


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with PrivateCluster(tmp_path_factory.mktemp("durable")) as cluster:
        cluster.create_database(TEMPLATE)
        migrate(cluster.dsn("hrt_owner", TEMPLATE))
        yield cluster


@pytest.fixture(autouse=True)
def quiet():
    """Thousands of requests prepare these tests: a line for each would take longer than they."""
    logs.configure(quiet=True)
    yield
    structlog.reset_defaults()


@pytest.fixture
async def real_db(dsn):
    """The database on real time, for what the API does not show."""
    db = open_database(Settings(clock=ClockKind.SYSTEM, pool_size=2), dsn)
    yield db
    await db.close()


@pytest.fixture
async def now(real_db):
    """The real present, in whole seconds as all instants on the wire."""
    async with real_db.read() as reader:
        return (await reader.now()).replace(microsecond=0)
