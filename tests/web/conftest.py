"""Chromium, a demo market, and two on real time; each is made once for the whole run.

- `browsers`: opens pages (`await browsers.open(address, login, width=PHONE, language="en")`). The
  test fails at its end when a page threw or wrote an error to the console, unless it took the line
  out of `browsers.faults`. A picture of every open page is kept when a test fails.
- `demo`: the market of `make run`: `demo.address`, `demo.login("villager")`. Changes stay, so what
  a test needs unchanged it makes itself.
- `arena`: see `tests/web/arena.py`; lots there open and close within seconds.
- `village`: see `tests/web/village.py`; households there have money, or wait for it.

Playwright runs on the loop of the tests (its plugin for pytest would hold a loop of its own).
"""

import subprocess
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.conftest import ROOT, TEMPLATE
from tests.web import arena as arenas
from tests.web import village as villages
from tests.web.browsers import Browsers, Login
from tools.screens import logins, node, walk

FAILED = ROOT / "screenshots" / "failed"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MILLISECONDS = 20_000


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo market and who can sign in to it."""

    address: str
    home: Path

    def login(self, name):
        """What the person of this name types."""
        (found,) = [one for one in logins.read(self.home) if one and one.login == name]
        return Login(found.login, found.password)


@pytest.fixture(scope="session")
def client():
    """The built client; the nodes of these tests serve it."""
    subprocess.run(
        ["sh", ROOT / "tools" / "install_system.sh", "chromium", "fonts-noto-cjk"], check=True
    )
    built = ROOT / "web" / "dist" / "index.html"
    assert built.exists(), "Build the client first: make web"
    return built.parent


@pytest.fixture(scope="session")
async def chromium(client):
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    async with async_playwright() as pilot:
        browser = await pilot.chromium.launch(
            executable_path=walk.chromium(), args=list(walk.FLAGS)
        )
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def axe_source():
    return AXE.read_text(encoding="utf-8")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


_FAILED = pytest.StashKey[bool]()


@pytest.fixture
async def browsers(chromium, request):
    opened = Browsers(chromium, [], [])
    yield opened
    failed = request.node.stash.get(_FAILED, False)
    for n, context in enumerate(opened.contexts):
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        for m, page in enumerate(context.pages if failed else []):
            FAILED.mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=FAILED / f"{request.node.name}-{n}-{m}.png", full_page=True)
        await context.close()
    assert opened.faults == []


@pytest.fixture(scope="session")
def demo(client, tmp_path_factory):
    with node.demo(None, tmp_path_factory.mktemp("none")) as (address, home):
        yield Demo(address, home)


@asynccontextmanager
async def _real_time(name, begin, cluster, tmp_path_factory):
    database = f"{name}_{uuid.uuid4().hex[:8]}"
    cluster.create_database(database, template=TEMPLATE)
    async with AsyncExitStack() as stack:
        stack.callback(cluster.drop_database, database)
        dsn = cluster.dsn("hrt_app", database)
        yield await begin(tmp_path_factory.mktemp(name), dsn, stack.enter_async_context)


@pytest.fixture(scope="session")
async def arena(client, cluster, tmp_path_factory):
    async with _real_time("arena", arenas.begin, cluster, tmp_path_factory) as market:
        yield market


@pytest.fixture(scope="session")
async def village(client, cluster, tmp_path_factory):
    async with _real_time("village", villages.begin, cluster, tmp_path_factory) as market:
        yield market
