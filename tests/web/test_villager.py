"""Villagers in Chromium: from the balance to its reason to a home, and their rights on the way."""

import re

import pytest
from playwright.async_api import expect

from app.transparency.notes import parse_vkey
from app.transparency.proofs import parse_proof
from tests.story import HERE, VILLAGERS_SHARE
from tests.web.browsers import DESKTOP, PHONE
from tests.web.people import Person, come, fen, grouped

ZH = {
    "menu": "菜单",
    "home": "首页",
    "money": "收支",
    "homes": "住房",
    "why": "为什么是这么多钱",
    "public": "买下租住的公租房",
    "price": "房子总价（元）",
    "gap": "差的钱怎么补",
    "account pays": "账户支付",
    "left": "账户还剩",
    "owned": "归您的面积",
    "rented": "继续租的面积",
    "charge": "以后每月房租",
    "rental area": "房屋面积（平方米）",
    "rental charge": "每月扣房租",
    "do": "提交申请",
    "done": "申请已提交，等基金中心决定。",
    "progress": "看申请进度",
    "waits": "基金管理中心审批，进行中",
    "by": "最晚",
    "approved": "已批准，同时办好",
    "bought": "付房款",
    "contract": "买公租房",
}
EN = {
    "menu": "Menu",
    "home": "Home",
    "money": "Money",
    "homes": "Homes",
    "why": "Why this amount",
    "public": "Buy the public home you rent",
    "price": "Price of the home (yuan)",
    "gap": "How you pay the rest",
    "account pays": "Paid from the account",
    "left": "Left in the account",
    "owned": "Yours",
    "rented": "Still rented",
    "charge": "Rent each month from then on",
    "rental area": "Area of the home (m²)",
    "rental charge": "Rent each month",
    "do": "Send the request",
    "done": "Sent. The fund centre decides.",
    "progress": "See how far they are",
    "waits": "The fund centre decides，now",
    "by": "By",
    "approved": "Approved, and done at once",
    "bought": "Paid for a home",
    "contract": "Public home bought",
}
OTHER = {"zh": "en", "en": "zh"}
APPROVE = {"zh": ("批准并办理", "确认办理"), "en": ("Approve and do it", "Confirm")}
BALANCE = ".money .amount.huge"

# The rental of the village: 59.50 m² at 12.33 yuan, charged three times in seventy days.
LEFT = "10549.08"
# 40,000.00 for 59.50 m²: 10,549.08 of it pays 15.69 m², so that 43.81 m² cost 540.18 a month.
BOUGHT = {"account pays": LEFT, "left": "0.00", "owned": "15.69", "rented": "43.81"}
NEW_CHARGE = "540.18"


@pytest.mark.parametrize(
    ("household", "width", "language", "say"),
    [("h0", PHONE, "zh", ZH), ("h1", DESKTOP, "en", EN)],
    ids=["on a phone in Chinese", "on a desktop in English"],
)
async def test_a_villager_goes_from_the_balance_to_its_reason_to_a_part_of_a_home(
    household, width, language, say, village, browsers
):
    me = await come(browsers, village, "villager", household, width=width, language=language)
    account = await me.read(f"/v1/housing-accounts/{household}")
    assert account["balance_cny"] == LEFT
    await expect(me.page.locator(BALANCE)).to_contain_text(grouped(fen(LEFT)))

    await me.link(say["why"]).click()
    await the_reason_is_told_step_by_step(me, account["ledger_account"], language)

    await tab(me, say, "homes")
    await me.page.get_by_role("link", name=re.compile(f"^{say['public']}")).click()
    await the_purchase_is_shown_before_it_is_done(me, account, say)
    await me.button(say["do"]).click()
    await expect(me.page.get_by_role("dialog")).to_contain_text(grouped(fen(LEFT)))
    assert me.sent == []
    await me.confirm(say["do"])
    await expect(me.page.get_by_role("status").filter(has_text=say["done"])).to_be_visible()
    assert me.sent == ["/v1/redemption-requests"]
    assert await me.read(f"/v1/housing-accounts/{household}") == account

    await me.link(say["progress"]).click()
    present = me.page.locator("main li[aria-current=step]")
    await expect(present).to_contain_text(say["waits"])
    await expect(present).to_contain_text(say["by"])
    fund = await come(browsers, village, "fund_centre", HERE, language=OTHER[language])
    await the_fund_centre_approves(fund, household, APPROVE[OTHER[language]])
    await me.page.reload()
    await expect(me.page.locator("main ol li").last).to_contain_text(say["approved"])

    await the_home_is_bought_in_part(me, say)
    after = await me.read(f"/v1/housing-accounts/{household}")
    assert (after["balance_cny"], after["housing_paid_cny"]) == (
        "0.00",
        str_of(fen(account["housing_paid_cny"]) + fen(LEFT)),
    )


async def the_fund_centre_approves(fund, household, say):
    """Where its pages begin it sees what would be left, step by step, and then does it."""
    await expect(fund.page.get_by_role("table").get_by_role("row")).to_have_count(2)
    await fund.page.get_by_role("button", name=household).click()
    total = fund.page.locator("ol.steps li")
    await expect(total).to_have_count(3)
    await expect(total.nth(0)).to_contain_text(grouped(fen(LEFT)))
    await expect(total.nth(1)).to_contain_text("R159")
    await expect(total.nth(2)).to_contain_text("0.00")
    for figure in (BOUGHT["owned"], BOUGHT["rented"], NEW_CHARGE):
        await expect(fund.page.get_by_role("main")).to_contain_text(figure)
    approve, confirm = say
    await fund.button(approve).click()
    await fund.confirm(confirm)
    await expect(fund.page.get_by_role("table")).to_have_count(0)
    assert fund.sent[-1] == "/v1/redemption-approvals"


async def tab(me, say, name):
    menu = me.page.get_by_role("navigation", name=say["menu"])
    await menu.get_by_role("link", name=say[name], exact=True).click()


def str_of(hundredths):
    return grouped(hundredths).replace(",", "")


async def the_reason_is_told_step_by_step(me, code, language):
    """Every step shows what the API says of it, and how far the sum has come."""
    moved = f"/v1/ledger/accounts/{code}/movements"
    (sale,) = [one for one in await me.every(moved) if one["kind"] == "settlement"]
    explained = await me.read(f"{moved}/{sale['entry']}/explanation")
    assert explained["amount"] == sale["amount"] == VILLAGERS_SHARE
    steps = me.page.locator("ol.steps > li")
    await expect(steps).to_have_count(len(explained["lines"]) + 1)
    so_far = 0
    for n, line in enumerate(explained["lines"]):
        step, amount = steps.nth(n), fen(line["amount"])
        so_far += amount
        await expect(step).to_contain_text(line[language])
        if amount:
            await expect(step).to_contain_text(grouped(amount))
        if amount and n:
            await expect(step).to_contain_text(grouped(so_far))
        await step.locator("summary").click()
        await expect(step.get_by_text(line["formula"], exact=True)).to_be_visible()
        await expect(step).to_contain_text(line["rule"])
    assert so_far == fen(VILLAGERS_SHARE)
    await expect(steps.last).to_contain_text(grouped(so_far))


async def the_purchase_is_shown_before_it_is_done(me, account, say):
    await me.page.get_by_label(say["price"]).fill("40000")
    await me.page.get_by_label(say["gap"]).select_option("rent_rest")
    outcome = me.page.locator(".outcome")
    assert await outcome.get_attribute("aria-live") == "polite"
    for name, figure in (BOUGHT | {"charge": NEW_CHARGE}).items():
        await expect(me.fact(say[name], outcome)).to_contain_text(grouped(fen(figure)))
    assert await me.read(f"/v1/housing-accounts/{account['household']}") == account
    assert me.sent == []


async def the_home_is_bought_in_part(me, say):
    await tab(me, say, "home")
    await expect(me.page.locator(BALANCE)).to_contain_text("0.00")
    await tab(me, say, "money")
    newest = me.page.locator("ol.moves li").first
    for text in (say["bought"], f"−¥{grouped(fen(LEFT))}", "¥0.00"):
        await expect(newest).to_contain_text(text)
    await tab(me, say, "homes")
    row = me.page.get_by_role("row").filter(has_text=say["contract"])
    for figure in ("40,000.00", grouped(fen(LEFT)), grouped(4_000_000 - fen(LEFT))):
        await expect(row).to_contain_text(figure)
    await me.look("/homes/rental")
    await expect(me.fact(say["rental area"])).to_contain_text(BOUGHT["rented"])
    await expect(me.fact(say["rental charge"])).to_contain_text(NEW_CHARGE)


async def test_a_home_is_asked_for_and_taken_back_by_the_keyboard_alone(village, browsers):
    login = await village.login("villager", "h2")
    page = await browsers.open(village.address, language="en", page="index.html#/sign-in")
    me = Person(page, village.address)
    await page.locator("input[name=username]").wait_for()
    await me.press("Skip to content")
    await me.type_into("Name", login.login)
    await me.type_into("Password", login.password)
    await me.press("Sign in")
    await page.locator(BALANCE).wait_for()

    await me.press("Use it for a home")
    await expect(page.get_by_role("heading", name="Use it for a home", level=1)).to_be_focused()
    await me.press("Rent a public home: calculate")
    heading = page.get_by_role("heading", name="Rent a public home", level=1)
    await expect(heading).to_be_focused()
    await me.type_into("Area of the home (m²)", "40")
    await me.type_into("Rent per m² and month (yuan)", "9.50")
    await expect(me.fact("Rent each month")).to_contain_text("380.00")
    await me.press("Send the request")
    dialog = page.get_by_role("dialog", name="Send the request")
    await expect(dialog).to_contain_text("380.00")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(me.button("Send the request")).to_be_focused()
    await page.keyboard.press("Enter")
    await me.press("Send the request")
    await expect(page.get_by_role("status").filter(has_text="Sent.")).to_be_visible()
    assert me.sent[-1:] == ["/v1/redemption-requests"]
    assert await me.every("/v1/rentals") == []
    await me.press("See how far they are")
    await me.press("Take the request back")
    await me.press("Take the request back")
    await expect(page.get_by_role("status").filter(has_text="is taken back.")).to_be_visible()
    (asked,) = await me.every("/v1/redemption-requests")
    assert (asked["kind"], asked["state"]) == ("public_rental", "withdrawn")
    assert asked["terms"]["area_m2"] == "40.00"


async def test_the_payment_clock_says_who_holds_the_money_and_until_when(village, browsers):
    me = await come(browsers, village, "villager", "h4", width=PHONE)
    await expect(me.page.locator(".money")).to_contain_text(
        re.compile(r"买方付款，由买方办理，还剩 5\d 天。")
    )
    await me.link("钱到哪一步了").click()
    steps = me.page.locator("main ol").first.locator("> li")
    await expect(steps).to_have_count(12)
    present = me.page.locator("main li[aria-current=step]")
    await expect(present).to_have_count(1)
    for text in ("买方付款，进行中", "由买方办理", "最晚"):
        await expect(present).to_contain_text(text)
    await expect(steps.filter(has_text="，已完成")).to_have_count(10)
    await expect(steps.last).to_contain_text("由基金管理中心办理")


async def test_a_statement_adds_up_and_says_where_it_can_be_checked(village, browsers):
    me = await come(browsers, village, "villager", "h3", width=PHONE)
    await me.link("看每一笔进出").click()
    year = me.page.locator("a[href*='/money/year/']").last
    of = (await year.get_attribute("href")).rpartition("/")[2]
    await year.click()
    told = await me.read(f"/v1/households/h3/statements/{of}")
    assert told["paid_in_cny"] == VILLAGERS_SHARE
    for name, key in (("年初余额", "opening"), ("全年收入", "paid_in"), ("全年支出", "paid_out")):
        await expect(me.fact(name)).to_contain_text(grouped(fen(told[f"{key}_cny"])))
    await expect(me.fact("年末余额")).to_contain_text("壹万贰仟柒佰伍拾元整")
    (line,) = told["lines"]
    await expect(me.page.get_by_role("row").last).to_contain_text("复垦票卖出所得")
    address = f"{village.address}/index.html#/check/entry/{line['log_entry']}"
    await expect(me.link(address)).to_be_visible()
    await me.page.emulate_media(media="print")
    await expect(me.page.locator("header button").first).to_be_hidden()
    await expect(me.fact("年末余额")).to_be_visible()


async def test_a_ticket_is_proven_in_the_villagers_own_browser(village, browsers, tmp_path):
    me = await come(browsers, village, "villager", "h3", width=PHONE)
    await me.link("看我的票").click()
    await expect(me.fact("票号")).to_have_text("t.h3")
    await me.button("核发复垦票，当场验证").click()
    proven = me.page.get_by_role("status").filter(has_text="属实。它是公开日志第")
    await expect(proven).to_be_visible()
    dossier = await me.read("/v1/households/h3/dossier")
    (issue,) = [one for one in dossier["events"] if one["kind"] == "entry.issue"]
    await expect(proven).to_contain_text(f"第 {issue['entry']} 号")

    async with me.page.expect_download() as waiting:
        await me.button("保存证明文件").click()
    download = await waiting.value
    await download.save_as(tmp_path / "proof")
    proof = parse_proof((tmp_path / "proof").read_text(encoding="utf-8"))
    await proven.locator("summary").click()
    record = await proven.locator("pre").text_content()
    vkey = parse_vkey((await village.node.http.get("/log/vkey")).text.strip())
    proof.verify(record.encode(), vkey)
    assert proof.index == issue["entry"]

    await me.link("复垦票证明（可打印）").click()
    await expect(me.link(f"{village.address}/index.html#/check/ticket/t.h3")).to_be_visible()


async def test_an_application_is_taken_back_in_the_cooling_off_days_and_made_again(
    village, browsers
):
    me = await come(browsers, village, "villager", "g0", width=PHONE)
    await me.link("看全部步骤").click()
    await expect(me.page.locator("main li[aria-current=step]")).to_contain_text("冷静期，进行中")
    await me.button("撤回申请").click()
    await expect(me.page.get_by_role("dialog")).to_contain_text("宅基地还是您家的")
    await me.confirm("撤回申请")
    await expect(me.page.get_by_role("status").filter(has_text="申请已经撤回。")).to_be_visible()
    assert (await me.read("/v1/applications/a.g0"))["state"] == "revoked"

    await me.link("申请退出宅基地").click()
    await me.page.get_by_label("宅基地面积（平方米）").fill("180")
    await me.button("再加一位").click()
    await me.page.get_by_label("第 1 位共有人姓名").fill("谭远福")
    await me.button("提交申请").click()
    missing = me.page.get_by_role("alert").filter(has_text="共有人都要写姓名并同意")
    await expect(missing).to_be_visible()
    await me.page.get_by_label("本人同意退出").check()
    await me.button("提交申请").click()
    await me.confirm("提交申请")
    await expect(me.page.get_by_role("status").filter(has_text="冷静期开始")).to_be_visible()
    dossier = await me.read("/v1/households/g0/dossier")
    again = await me.read(f"/v1/applications/{dossier['application']}")
    assert (again["state"], again["area_m2"], again["co_owners"]) == ("applied", "180.00", 1)


async def test_who_did_not_agree_holds_the_application_until_it_is_ruled_on(village, browsers):
    me = await come(browsers, village, "villager", "g1", width=PHONE, language="en")
    await me.look("/progress")
    await me.button("I do not agree: object").click()
    await expect(me.page.get_by_role("dialog")).to_contain_text("Before that it cannot decide.")
    await me.confirm("I do not agree: object")
    done = me.page.get_by_role("status").filter(has_text="The objection is on record.")
    await expect(done).to_be_visible()
    section = me.page.get_by_role("region", name="Objections")
    await expect(section).to_contain_text("waits for a ruling")

    township = await come(browsers, village, "township", "w0", language="en")
    await township.look("/bureau/dossiers/a.g1")
    await expect(township.page.get_by_role("heading", name="Rule on an objection")).to_be_visible()
    await expect(township.button("Determine")).to_have_count(0)
    waits = township.page.get_by_text("Every objection has to be ruled on first")
    await expect(waits).to_be_visible()
