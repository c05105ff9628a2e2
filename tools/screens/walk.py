"""Walks through the client as one person at one width, and has every page looked at."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState

from tools.screens.logins import Login

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HEIGHT = 900
AT_REST = """() => document.querySelector('main h1') !== null
  && document.querySelector('.spinner, .drawing') === null"""
"""The page has its heading, and nothing of it is on its way any more."""
SETTLED_MILLISECONDS = 250
PUBLIC = ("index.html", "index.html#/sign-in", "receipt.html", "seal.html")
MENU_LINKS = "nav a[href]"
FIRST_LINKS = "main a[href*='#/']"
EXPECTED = ("401 (Unauthorized)",)
"""Being signed out is asked for and answered so; the console reports it as a fault."""


def chromium() -> str:
    """Where the distribution's browser is; ends the program with a sentence when it is missing."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("There is no Chromium. On Debian or Ubuntu: sudo apt-get install chromium")


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where a walk begins: the pages, the name of the person, the cookies of the session."""

    name: str
    pages: tuple[str, ...]
    state: StorageState | None


def enter(browser: Browser, address: str, person: Login | None) -> Entrance:
    """Sign in by the page itself, once; None stays outside."""
    if person is None:
        return Entrance("public", PUBLIC, None)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/index.html#/sign-in")
    page.locator("input[name=username]").fill(person.login)
    page.locator("input[name=password]").fill(person.password)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/(villager|office)\.html"))
    found = Entrance(person.login, (page.url.removeprefix(f"{address}/"),), context.storage_state())
    context.close()
    return found


@dataclass
class Walker:
    """One browser at one width; each person gets a context of their own."""

    browser: Browser
    address: str
    width: int
    language: str
    look: Callable[[Page, str], None]
    """Is given every page once, when it has come to rest, and a name for it."""
    faults: list[str] = field(default_factory=list)

    def visit(self, entrance: Entrance) -> list[str]:
        """Go to every page that this person finds; answers with what was wrong on the way."""
        context = self.browser.new_context(
            viewport={"width": self.width, "height": HEIGHT},
            timezone_id="Asia/Shanghai",
            storage_state=entrance.state,
        )
        context.add_init_script(f"localStorage.setItem('hrt.language', '{self.language}')")
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        seen: set[str] = set()
        for url in entrance.pages:
            self._walk(page, url, entrance.name, seen)
        context.close()
        return self.faults

    def _walk(self, page: Page, url: str, name: str, seen: set[str]) -> None:
        self._take(page, url, name, seen)
        menu = self._links(page, MENU_LINKS)
        for link in menu:
            self._take(page, link, name, seen)
            # The first of each kind: of a hundred lots one is enough.
            for deeper in self._links(page, FIRST_LINKS):
                if _kind(deeper) not in seen and deeper not in menu:
                    self._take(page, deeper, name, seen)

    def _links(self, page: Page, selector: str) -> list[str]:
        found = page.eval_on_selector_all(selector, "links => links.map(link => link.href)")
        own = [link.removeprefix(f"{self.address}/") for link in found]
        return [link for link in dict.fromkeys(own) if ".html#/" in link]

    def _open(self, page: Page, url: str) -> None:
        page.goto(f"{self.address}/{url}")
        page.wait_for_function(AT_REST)
        page.wait_for_timeout(SETTLED_MILLISECONDS)
        page.wait_for_function(AT_REST)

    def _take(self, page: Page, url: str, name: str, seen: set[str]) -> None:
        if _kind(url) in seen:
            return
        self._open(page, url)
        seen.update((_kind(url), _kind(page.url.removeprefix(f"{self.address}/"))))
        spelt = re.sub(r"[^a-z0-9]+", "-", url.replace(".html", "").lower()).strip("-")
        named = f"{name}-{spelt}-{self.width}{'' if self.language == 'zh' else '-en'}"
        self.look(page, named)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.faults.append(f"{named}: wider than the screen")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in EXPECTED):
            self.faults.append(f"{message.location['url']}: {message.text}")


def _kind(url: str) -> str:
    """Pages that differ in an id alone are of one kind: the parts of the path but the last."""
    page, _, path = url.partition("#")
    parts = path.split("?")[0].strip("/").split("/")
    return f"{page}#{'/'.join(parts[:2])}/{len(parts)}"
