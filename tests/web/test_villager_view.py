"""The villager's pages for old eyes, slow networks and screen readers: measured, not looked at."""

import re
from itertools import pairwise

import pytest
from playwright.async_api import expect

from tests.web import elder
from tests.web.browsers import DESKTOP, PHONE
from tests.web.people import Person, come, excuse

PHONE_SCREEN = {"width": 390, "height": 844}
BYTES_MAX = 150_000
BALANCE = ".money .amount.huge"
ELDER = "localStorage.setItem('hrt.view', 'elder')"

# Every page of a household that has money, and rents or rented a home.
PAGES = (
    "/",
    "/progress",
    "/progress/apply",
    "/money",
    "/money/why",
    "/homes",
    "/homes/rental",
    "/homes/requests",
    "/homes/use/rent",
    "/homes/use/public",
    "/homes/use/affordable",
    "/homes/use/commercial",
    "/homes/use/mortgage",
    "/homes/use/cash",
    "/homes/use/refund",
    "/homes/use/resale",
    "/ticket",
    "/ticket/certificate",
)
OUTLINE = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
  .filter((e) => e.getClientRects().length > 0).map((e) => Number(e.tagName[1]))"""
NAMELESS = re.compile(
    r"^\s*- (link|button|textbox|checkbox|radio|combobox|region|navigation|img)(:| \[|$)",
    re.MULTILINE,
)


async def view(me, path):
    """A view with all that it has: nothing loads any more, and what folds is open."""
    await me.look(path)
    await expect(me.page.locator("main .waiting")).to_have_count(0)
    await me.page.wait_for_load_state("networkidle")
    await me.page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")


async def enlarge(page, step):
    await page.locator(f"header .size-{step}").click()
    await expect(page.locator("html")).to_have_attribute("data-text", step)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_keeps_the_rules_for_old_people_at_three_text_sizes(
    language, village, browsers
):
    me = await come(browsers, village, "villager", "h0", width=PHONE, language=language)
    await me.page.evaluate(ELDER)
    await me.page.reload()
    await me.page.locator(BALANCE).wait_for()
    year = me.page.locator("a[href*='/money/year/']").first
    await me.look("/money")
    pages = [*PAGES, (await year.get_attribute("href")).removeprefix("#")]
    faults = []
    for path in pages:
        await view(me, path)
        for step in elder.STEPS:
            await enlarge(me.page, step)
            measured = await me.page.evaluate(elder.MEASURE, elder.wanted(step))
            faults += [f"{path} at step {step}: {fault}" for fault in measured["faults"]]
    assert faults == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("chosen", ["plain", "elder"])
async def test_the_balance_is_the_largest_text_and_on_the_first_screen_at_every_size(
    chosen, language, village, browsers
):
    me = await come(browsers, village, "villager", "h3", width=PHONE, language=language)
    await me.page.set_viewport_size(PHONE_SCREEN)
    if chosen == "elder":
        await me.page.evaluate(ELDER)
        await me.page.reload()
    await me.page.locator(BALANCE).wait_for()
    await me.page.wait_for_load_state("networkidle")
    for step in elder.STEPS:
        await enlarge(me.page, step)
        balance = await me.page.evaluate(elder.BALANCE)
        assert balance["end"] <= PHONE_SCREEN["height"], (step, balance)
        measured = await me.page.evaluate(elder.MEASURE, elder.wanted(step))
        assert balance["size"] >= measured["largest"], (step, balance)


async def test_the_elder_view_is_chosen_before_signing_in_and_stays(village, browsers):
    login = await village.login("villager", "h3")
    page = await browsers.open(village.address, width=PHONE, page="index.html#/sign-in")
    await page.get_by_role("button", name="长辈版").click()
    await page.locator("input[name=username]").fill(login.login)
    await page.locator("input[name=password]").fill(login.password)
    measured = await page.evaluate(elder.MEASURE, elder.wanted("2"))
    assert measured["faults"] == []
    await page.locator("main form button[type=submit]").click()
    await expect(page.locator(BALANCE)).to_contain_text("12,750.00")
    await expect(page.locator("html")).to_have_attribute("data-view", "elder")
    await expect(page.locator("html")).to_have_attribute("data-text", "2")
    await expect(page.get_by_text("要用大字版吗？")).to_have_count(0)


async def test_the_first_page_is_light(village, browsers):
    me = await come(browsers, village, "villager", "h3", width=PHONE)
    wire = await me.page.context.new_cdp_session(me.page)
    sizes = {}
    wire.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    await wire.send("Network.enable")
    await wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await me.page.goto(f"{village.address}/villager.html?anew")
    await me.page.locator(BALANCE).wait_for()
    await me.page.wait_for_load_state("networkidle")
    assert len(sizes) > 5
    assert sum(sizes.values()) <= BYTES_MAX


async def test_a_screen_reader_finds_headings_landmarks_and_names_on_every_page(village, browsers):
    me = await come(browsers, village, "villager", "h1", width=DESKTOP, language="en")
    await me.page.locator(BALANCE).wait_for()
    for path in PAGES:
        await view(me, path)
        outline = await me.page.evaluate(OUTLINE)
        assert outline[0] == 1, (path, outline)
        assert outline.count(1) == 1, (path, outline)
        assert all(b - a <= 1 for a, b in pairwise(outline)), (path, outline)
        heard = await me.page.locator("body").aria_snapshot()
        for landmark in ("banner:", 'navigation "Menu"', "main:", "contentinfo:"):
            assert f"- {landmark}" in heard, (path, landmark)
        assert not NAMELESS.search(heard), (path, heard)


async def test_what_changes_is_read_out(village, browsers):
    """A screen reader hears the outcome while it is typed, what is missing, and what failed."""
    login = await village.login("villager", "h3")
    page = await browsers.open(village.address, login, language="en")
    me = Person(page, village.address)
    await me.link("Use it for a home").click()
    await me.link("Buy an affordable home: calculate").click()
    heading = page.get_by_role("heading", name="Buy an affordable home", level=1)
    await expect(heading).to_be_focused()
    outcome = page.locator("[aria-live=polite]").filter(has_text="What would happen")
    await page.get_by_label("Price of the home (yuan)").fill("20000")
    await expect(outcome).to_contain_text("7,250.00")
    await me.button("Send the request").click()
    missing = page.get_by_role("alert").filter(has_text="Something is missing above.")
    await expect(missing).to_be_visible()
    await page.get_by_label("How you pay the rest").select_option("mortgage")

    async def refuse(route):
        problem = {"code": "account-closed", "title": "账户已关闭。", "title_en": "It is closed."}
        await route.fulfill(status=409, json=problem | {"errors": [], "request_id": "r-1"})

    await page.route("**/v1/redemption-requests", refuse)
    await me.button("Send the request").click()
    await me.confirm("Send the request")
    refused = page.get_by_role("alert").filter(has_text="It is closed.")
    await expect(refused).to_be_visible()
    assert await refused.evaluate("e => e.parentElement === document.activeElement")
    excuse(browsers, "409")
