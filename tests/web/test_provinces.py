"""Provinces in Chromium: a ticket is asked for, accepted and approved, and the debt is paid."""

import re

from playwright.async_api import expect

from tests.story import HERE, THERE
from tests.web.browsers import DESKTOP, PHONE, axe
from tests.web.people import Person, come, excuse, fen, grouped

HUNAN, HENAN, NODE = "430000", "410000", "000000"
WAITING = "16,000.07"
CONVERTED = "19,200.08"
SUPERVISED = (
    "/supervisor/objections",
    "/province/transfers/x3",
    "/province/positions",
    "/province/policies",
)


async def official(browsers, demo, login, page="", **how):
    shown = await browsers.open(demo.address, demo.login(login), page=page, **how)
    return Person(shown, demo.address)


async def act_for(person, role, party):
    """Change the role in the header; the books are then read anew for the other party."""
    page, switched = person.page, []
    page.on("response", lambda one: switched.append(one) if "/switch" in one.url else None)
    # Not the books of the role before, which may still be on their way.
    async with page.expect_response(lambda one: "/conservation" in one.url and bool(switched)):
        await page.locator("header select").select_option(f"{role} {party}")


def main(person):
    return person.page.get_by_role("main")


async def do(person, send, confirm):
    """Press the form's button, read the question, and mean it."""
    await person.button(send, main(person).locator("form")).click()
    await person.confirm(confirm)


async def test_a_ticket_goes_to_another_province_and_the_debt_is_settled(demo, browsers):
    hunan = await official(browsers, demo, "province")
    await hunan.look("/province/request")
    await the_quote_stands_before_anything_is_sent(hunan)
    await do(hunan, "提交申请", "确认办理")
    await expect(main(hunan)).to_contain_text("打开这项流转 x9")

    henan = await official(browsers, demo, "ministry", width=PHONE, language="en")
    await act_for(henan, "province", HENAN)
    await henan.look("/province/transfers/x9")
    await expect(main(henan)).to_contain_text(CONVERTED)
    await do(henan, "Accept the transfer", "Confirm")
    await expect(main(henan)).to_contain_text("Accepted by the receiver")
    await expect(henan.button("Accept the transfer")).to_have_count(0)

    # Whoever signs in again acts as they did last.
    ministry = await official(browsers, demo, "ministry", width=PHONE)
    await act_for(ministry, "ministry", NODE)
    await ministry.look("/province/transfers/x9")
    await expect(main(ministry)).to_contain_text("900 / 750")
    await do(ministry, "批准", "确认办理")
    await expect(main(ministry)).to_contain_text("已按批准当日的系数折算")
    (moved,) = [t for t in await ministry.every("/v1/transfers") if t["id"] == "x9"]
    assert (moved["state"], moved["received_m2"]) == ("approved", "19200.08")

    await the_debt_is_paid(hunan)


async def the_quote_stands_before_anything_is_sent(hunan):
    choice = hunan.page.get_by_label("复垦票", exact=True)
    ticket = choice.locator("option").filter(has_text=WAITING)
    await choice.select_option(await ticket.get_attribute("value"))
    for step in ("1,600,007", "× 900 = 1,440,006,300", "÷ 750 = 1,920,008", "300 / 750", CONVERTED):
        await expect(main(hunan)).to_contain_text(step)
    await hunan.button("提交申请").click()
    await expect(main(hunan)).to_contain_text("编号格式不对")
    await hunan.page.get_by_label("流转编号").fill("x9")
    assert "/v1/transfers" not in hunan.sent


async def the_debt_is_paid(hunan):
    """Hunan owes the balances that went along; afterwards nothing, and a statement stands."""
    (due,) = await hunan.every("/v1/positions")
    assert (due["debtor"], due["creditor"]) == (HUNAN, HENAN)
    await hunan.look("/province/positions")
    amount = f"{due['amount_cny'].split('.')[0][:-3]},{due['amount_cny'][-6:]}"
    await expect(main(hunan)).to_contain_text(amount)
    await do(hunan, "结算", "确认办理")
    await expect(main(hunan)).to_contain_text("目前各省之间没有应付款项")
    assert await hunan.every("/v1/positions") == []
    await hunan.link("查看这份结算单").click()
    await expect(main(hunan)).to_contain_text(amount)
    await expect(main(hunan)).to_contain_text("元整")
    await hunan.page.emulate_media(media="print")
    await expect(hunan.page.get_by_text("付款方（盖章）")).to_be_visible()
    await expect(hunan.button("打印")).to_be_hidden()


async def test_a_coefficient_is_proposed_by_one_person_and_approved_by_another(village, browsers):
    """Of the ministry; who proposed it is told that another one has to approve."""
    first = await come(browsers, village, "ministry", NODE, language="en")
    await first.look("/province/coefficients")
    for label, text in (
        ("Number", "k-web"),
        ("Yield of the sender", "900"),
        ("Yield of the receiver", "750"),
        ("First day", "3001-01-01"),
        ("Last day", "3001-12-31"),
        ("Document", "自然资函〔3001〕1 号"),
    ):
        await first.page.get_by_label(label, exact=True).fill(text)
    for label, province in (("From", HERE), ("To", THERE)):
        await first.page.get_by_label(label, exact=True).select_option(province)
    await do(first, "Propose", "Confirm")
    await expect(main(first)).to_contain_text("You proposed it; another person has to approve.")
    await expect(first.button("Approve")).to_have_count(0)

    second = await come(browsers, village, "ministry", NODE, other="2", width=PHONE)
    await second.look("/province/coefficients")
    await expect(main(second)).to_contain_text("120.00 m²")
    await second.button("批准").click()
    await second.confirm("确认办理")
    await expect(second.button("批准")).to_have_count(0)
    (made,) = [one for one in await second.every("/v1/coefficients") if one["id"] == "k-web"]
    people = (made["proposed_by"], made["approved_by"])
    assert people == (f"ministry.{NODE}", f"ministry.{NODE}2")


async def test_a_supervisor_sees_everything_and_can_write_nothing(demo, browsers):
    supervisor = await official(browsers, demo, "supervisor", width=DESKTOP, language="en")
    for path in SUPERVISED:
        await supervisor.look(path)
        await expect(
            supervisor.page.get_by_role("table").or_(main(supervisor)).first
        ).to_be_visible()
        await supervisor.page.wait_for_load_state("networkidle")
        assert await main(supervisor).locator("button[type=submit]").count() == 0, path
    csrf = (await supervisor.read("/v1/sessions/current"))["csrf"]
    for path, body in (
        ("/v1/transfer-acceptances", {"transfer": "x2"}),
        ("/v1/provincial-settlements", {"a": HUNAN, "b": HENAN}),
        ("/v1/freezes", {"lot": "hunan-92"}),
    ):
        answer = await supervisor.page.request.post(
            demo.address + path,
            data=body,
            headers={
                "X-CSRF-Token": csrf,
                "Idempotency-Key": f"supervisor {path}".replace(" ", ""),
            },
        )
        assert (answer.status, (await answer.json())["code"]) == (403, "forbidden")
    assert [path for path in supervisor.sent if not path.startswith("/v1/sessions")] == []
    await supervisor.look("/province/books")
    await expect(main(supervisor).get_by_text(re.compile("Both sides agree")).first).to_be_visible()
    excuse(browsers, "403 (Forbidden)")


async def test_the_ministry_asks_which_surplus_could_fill_which_gap(demo, browsers, axe_source):
    ministry = await official(
        browsers, demo, "ministry", page="office.html#/province/matching", width=PHONE
    )
    page = main(ministry)
    await page.get_by_label("各村自留").fill("1")
    await ministry.button("求解").click()
    await expect(page.get_by_role("heading", name="跨省折算")).to_be_visible()
    await expect(page).to_contain_text("这是建议，不是指令")
    await expect(page).to_contain_text("已证明最优")
    told = await ministry.read("/v1/matching?retained_percent=1")
    for flow in told["flows"]:
        await expect(page).to_contain_text(grouped(fen(flow["received_m2"])))
    (conversion,) = told["conversions"]
    await expect(page).to_contain_text(conversion["coefficient"]["document"])
    await expect(page.locator("svg").first).to_be_visible()
    assert not await ministry.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert await axe(ministry.page, axe_source) == []
    await ministry.page.emulate_media(media="print")
    await expect(ministry.button("求解")).to_be_hidden()
    assert ministry.sent == []
