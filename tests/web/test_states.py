"""Every page of every role says in words that it loads, failed, is offline or empty; and goes on.

A loop over the menus: the API is made to answer in each of these ways, whatever a page asks it.
"""

import json
from dataclasses import dataclass, field
from itertools import chain

import pytest
from playwright.async_api import expect

from app.replay.client import NODE
from tests.story import CITY, COUNTY, HERE
from tests.web.people import Person, excuse

# One person who may act for all of these: administrators are nobody else besides.
ROLES = {
    "village and county": (
        ("villager", "h3"),
        ("collective", "v1"),
        ("township", "v1"),
        ("county_clerk", COUNTY),
        ("county_approver", COUNTY),
        ("operator", HERE),
    ),
    "market and city": (
        ("exchange", HERE),
        ("fund_centre", HERE),
        ("bidder", "b0"),
        ("bidder_viewer", "b0"),
        ("city", CITY),
    ),
    "oversight": (("province", HERE), ("ministry", NODE), ("supervisor", NODE)),
}
# What the frame asks for beside the page's own data.
FRAME = ("/v1/sessions", "/v1/clock", "/v1/time")
PROBLEM = {
    "type": "/v1/problems/unavailable",
    "title": "服务暂时不可用，请稍后再试。",
    "title_en": "Not available now. Try again later.",
    "status": 503,
    "code": "unavailable",
    "errors": [],
    "request_id": "r-1",
}
AGAIN = "重试"


@dataclass
class Api:
    """How the API answers the pages from now on, and whether the page has asked it."""

    how: str = "well"
    asked: bool = False
    held: list = field(default_factory=list)

    async def answer(self, route):
        if any(part in route.request.url for part in FRAME) or route.request.method != "GET":
            return await route.fallback()
        self.asked = True
        return await getattr(self, self.how)(route)

    async def well(self, route):
        await route.fallback()

    async def offline(self, route):
        await route.abort()

    async def broken(self, route):
        await route.fulfill(status=503, json=PROBLEM, content_type="application/problem+json")

    async def slow(self, route):
        self.held.append(route)

    async def empty(self, route):
        """As it would answer if it had nothing to list; but a bidder is in the register."""
        answer = await route.fetch()
        body = await answer.text()
        is_list = answer.headers["content-type"] == "application/json" and '"items"' in body
        if is_list and "/v1/bidders" not in route.request.url:
            body = json.dumps({"items": [], "next": None})
        await route.fulfill(response=answer, body=body)

    async def let_go(self):
        """What was held is not answered any more."""
        while self.held:
            await self.held.pop().abort()


@pytest.fixture(scope="module")
async def everybody(village):
    """The login of one person with all these roles."""
    person = {"person": "everybody"}
    for role, party in chain.from_iterable(ROLES.values()):
        body = person | {"role": role, "party": party}
        await village.send("security_admin", NODE, "/v1/credentials", body)
    once = await village.send("security_admin", NODE, "/v1/logins", person | {"login": "everybody"})
    return await village.choose("everybody", once["password"])


@pytest.mark.parametrize("roles", ROLES.values(), ids=ROLES.keys())
async def test_every_page_of_a_menu_says_how_it_stands_with_its_data(
    roles, village, everybody, browsers
):
    page = await browsers.open(village.address, everybody)
    me, api = Person(page, village.address), Api()
    await page.route("**/v1/**", api.answer)
    seen = set()
    for role, party in roles:
        await act(page, role, party)
        await all_say(me, api, await menu(page), seen)
    excuse(browsers, "ERR_FAILED", "503")


async def test_the_public_pages_say_how_they_stand_with_their_data(village, browsers):
    page = await browsers.open(village.address, page="index.html")
    me, api = Person(page, village.address), Api()
    await page.locator("main h1").wait_for()
    await page.route("**/v1/**", api.answer)
    await all_say(me, api, await menu(page), set())
    excuse(browsers, "ERR_FAILED", "503")


async def act(page, role, party):
    """Change the role in the header; its first page takes the place of what was shown."""
    acting = page.locator("header select")
    await page.locator("main h1").evaluate("h1 => { h1.dataset.left = '' }")
    if await acting.input_value() != f"{role} {party}":
        await acting.select_option(f"{role} {party}")
        await page.locator("main h1:not([data-left])").wait_for()


async def menu(page):
    """The paths of the role's menu, more than one."""
    links = await page.locator("nav a[href*='#/']").all()
    hrefs = [await link.get_attribute("href") for link in links]
    paths = [href.partition("#")[2] for href in hrefs]
    assert len(set(paths)) == len(paths) > 1
    return paths


async def all_say(me, api, paths, seen):
    """Each page in every state; one that is seen in another role needs but show its data."""
    asking = []
    for elsewhere, path in zip([paths[-1], *paths], paths, strict=False):
        if path not in seen and await says_all(me, api, elsewhere, path):
            asking.append(path)
        api.how = "well"
        await me.look(elsewhere)
        await me.look(path)
        await shows_no_fault(me, path)
    assert asking or seen
    seen.update(paths)


async def shows_no_fault(me, path):
    main = me.page.get_by_role("main")
    await expect(main.locator(".waiting"), path).to_have_count(0)
    await expect(main.get_by_role("button", name=AGAIN, exact=True), path).to_have_count(0)


async def says_all(me, api, elsewhere, path):
    """Whether the page asks for data at all; if so it says each state in words."""

    async def come(how):
        api.how = "well"
        await api.let_go()
        await me.look(elsewhere)
        api.how, api.asked = how, False
        await me.look(path)

    await come("offline")
    if not api.asked:
        return False
    main = me.page.get_by_role("main")
    offline = main.get_by_role("alert").filter(has_text="没有连上服务器").first
    await expect(offline, path).to_be_visible()
    await says_broken(api, main, path)
    await come("slow")
    loading = main.get_by_role("status").filter(has_text="正在读取").first
    await expect(loading, path).to_be_visible()
    await come("empty")
    await shows_no_fault(me, path)
    for table in await main.get_by_role("table").all():
        assert await table.get_by_role("row").count() > 1, f"{path} shows a table of nothing"
    return True


async def says_broken(api, main, path):
    """Trying again meets a fault that is told, and then goes well."""
    again = main.get_by_role("button", name=AGAIN, exact=True)
    api.how = "broken"
    await again.first.click()
    told = main.get_by_role("alert").filter(has_text=PROBLEM["title"]).first
    await expect(told, path).to_be_visible()
    api.how = "well"
    await again.evaluate_all("buttons => buttons.forEach((button) => button.click())")
    await expect(main.get_by_role("alert"), path).to_have_count(0)
