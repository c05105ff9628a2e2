"""Browsers of people: each in a context of its own, with the size and language of its owner."""

import re
from dataclasses import dataclass

PHONE, DESKTOP = 390, 1280
HEIGHT = 900
EXPECTED = ("401 (Unauthorized)",)
"""Being signed out is asked for and answered so; the console reports it as a fault."""


@dataclass(frozen=True, slots=True)
class Login:
    """What somebody types to sign in."""

    login: str
    password: str


@dataclass
class Browsers:
    """Opens pages; what goes wrong in any of them is kept in `faults`."""

    chromium: object
    contexts: list
    faults: list[str]

    async def open(self, address, login=None, *, width=DESKTOP, language="zh", page="", **context):
        """A page of a person of their own, signed in where a login is given.

        `page` is the page to look at then, as `office.html#/bidder/lots`; without one it is where
        the sign-in leads. Further arguments go to the context of the browser.
        """
        own = await self.chromium.new_context(
            viewport={"width": width, "height": HEIGHT}, timezone_id="Asia/Shanghai", **context
        )
        self.contexts.append(own)
        await own.add_init_script(f"localStorage.setItem('hrt.language', '{language}')")
        shown = await own.new_page()
        self._listen(shown)
        if login is not None:
            await sign_in(shown, address, login)
        if page or login is None:
            await shown.goto(f"{address}/{page}")
        return shown

    async def another_tab(self, page, url):
        """A second page of the same person."""
        tab = await page.context.new_page()
        self._listen(tab)
        await tab.goto(url)
        return tab

    def _listen(self, page):
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._hear)

    def _hear(self, message):
        if message.type == "error" and not any(text in message.text for text in EXPECTED):
            self.faults.append(f"{message.location['url']}: {message.text}")


async def sign_in(page, address, login):
    """Sign in by the page itself; it leads to where the person's role begins."""
    await page.goto(f"{address}/index.html#/sign-in")
    await page.locator("input[name=username]").fill(login.login)
    await page.locator("input[name=password]").fill(login.password)
    await page.locator("main form button[type=submit]").click()
    await page.wait_for_url(re.compile(r"/(villager|office)\.html"))
    # Where the role lands is decided when the page knows the session: nobody leaves before.
    await page.locator("main h1").first.wait_for()


async def axe(page, source):
    """What axe finds on the page as it is shown: a line for each violation."""
    await page.evaluate(source)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url}: {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
