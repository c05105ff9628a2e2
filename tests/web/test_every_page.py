"""Every page that anybody finds: nothing that axe objects to, nothing wider than the screen.

The walk is that of the pictures (`make screens`): the menus, and one link deeper.
"""

import asyncio

import pytest
from playwright.sync_api import sync_playwright

from app.cli.demo_people import PEOPLE
from tests.web.browsers import DESKTOP, PHONE
from tools.screens import logins, walk

VISITOR = "a visitor"
WALKS = ((PHONE, "zh", ("1", "3")), (DESKTOP, "en", ("2",)))
"""Widths, languages and text sizes."""

AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations'], iframes: false})
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`))
}"""


class Inspector:
    """Sets each text size and asks axe; `found` is what it objected to."""

    def __init__(self, sizes, source):
        self.sizes = sizes
        self.source = source
        self.pages = 0
        self.found = []

    def look(self, page, name):
        self.pages += 1
        page.evaluate(self.source)
        for size in self.sizes:
            page.evaluate("size => document.documentElement.dataset.text = size", size)
            self.found += [f"{name}, text {size}: {fault}" for fault in page.evaluate(AXE)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                self.found.append(f"{name}, text {size}: wider than the screen")


def inspect(demo, person, source):
    """Walk as this person, in a browser of this thread; answers with pages and faults."""
    with sync_playwright() as pilot:
        browser = pilot.chromium.launch(executable_path=walk.chromium(), args=list(walk.FLAGS))
        entrance = walk.enter(browser, demo.address, person)
        pages, faults = 0, []
        for width, language, sizes in WALKS:
            inspector = Inspector(sizes, source)
            walker = walk.Walker(browser, demo.address, width, language, inspector.look)
            faults += walker.visit(entrance) + inspector.found
            pages += inspector.pages
        browser.close()
    return pages, faults


@pytest.mark.timeout(300)
@pytest.mark.parametrize("who", [VISITOR, *(login for login, _, _ in PEOPLE)])
async def test_every_page_is_for_everybody(demo, axe_source, who):
    people = {one.login if one else VISITOR: one for one in logins.read(demo.home)}
    pages, faults = await asyncio.to_thread(inspect, demo, people[who], axe_source)
    assert faults == []
    assert pages >= len(WALKS)
