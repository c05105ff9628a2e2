"""Bureaus in Chromium: a homestead becomes a ticket from desk to desk, each person in a browser."""

import re
from dataclasses import dataclass

from playwright.async_api import expect

from app.replay.client import NODE
from tests.story import CITY, COUNTY
from tests.web.browsers import DESKTOP, PHONE, axe
from tests.web.people import Person, come, excuse

STEPS = 12
ZH_SEND, EN_SEND = "确认办理", "Confirm"
RECORDS = (
    "提出申请",
    "村民会议表决",
    "乡镇核定",
    "县级批准",
    "城市同意落户",
    "复垦验收",
    "核发复垦票",
    "交票",
)


@dataclass(slots=True)
class Desk:
    """An official, who takes matters from the list of what can be done now."""

    me: Person
    confirm: str

    async def take(self, application):
        """Open the matter that waits for this desk."""
        rows = self.me.page.get_by_role("row").filter(has_text=application)
        await rows.get_by_role("link", name=application, exact=True).click()

    async def do(self, send):
        """Press the form's button, and mean it."""
        await self.me.button(send, self.me.page.locator("main form")).click()
        await self.me.confirm(self.confirm)
        await expect(self.me.page.locator("dialog[open]")).to_have_count(0)

    async def shows(self, *texts):
        for text in texts:
            await expect(self.me.page.get_by_role("main")).to_contain_text(text)


async def desk(browsers, market, role, party, **how):
    """An official at the desk, in Chinese if not said otherwise."""
    confirm = EN_SEND if how.get("language") == "en" else ZH_SEND
    return Desk(await come(browsers, market, role, party, **how), confirm)


async def test_a_homestead_goes_from_desk_to_desk_until_its_ticket_is_handed_in(village, browsers):
    clerk = await desk(browsers, village, "county_clerk", COUNTY)
    await the_window_applies(clerk)
    await the_village_votes(await desk(browsers, village, "collective", "v1", width=PHONE))
    township = await desk(browsers, village, "township", "v1", width=PHONE, language="en")
    await township.take("a.h9")
    await township.do("Determine")
    await township.shows("Determined", "Done.")

    await another_person_approves(village, browsers, clerk)
    await the_city_takes_the_household_in(await desk(browsers, village, "city", CITY))
    other = await desk(browsers, village, "county_clerk", COUNTY, other=".b")
    await another_clerk_accepts_and_issues(other)
    await the_villager_hands_it_in(await come(browsers, village, "villager", "h9", width=PHONE))
    await the_dossier_tells_it_all(clerk.me)
    excuse(browsers, "409")


async def the_window_applies(clerk):
    """A co-owner without consent stops it; with all of them it is sent."""
    page = clerk.me.page
    await clerk.me.link("代农户申请").click()
    await page.get_by_label("申请编号").fill("a.h9")
    await page.get_by_label("户编号").fill("h9")
    await page.get_by_label("宅基地面积（平方米）").fill("100")
    await page.get_by_label("共有人姓名").fill("谭远福\n卢开秀")
    await clerk.me.button("提交申请").click()
    await expect(page.get_by_text("缺一人同意，不能申请。")).to_be_visible()
    await page.get_by_label("以上共有人均已书面同意").check()
    await clerk.do("提交申请")
    await clerk.me.link("打开案卷").click()
    await clerk.shows("村民会议表决", "村集体经济组织", "由其他部门办理", "2 人")


async def the_village_votes(collective):
    page = collective.me.page
    await expect(page.get_by_role("button", name="现在可办")).to_have_text(re.compile("^1"))
    await collective.take("a.h9")
    await page.get_by_label("同意人数").fill("31")
    await collective.me.button("登记表决结果").click()
    await expect(page.get_by_text("请填写 0 至 30 之间的整数。")).to_be_visible()
    await page.get_by_label("同意人数").fill("20")
    await collective.do("登记表决结果")
    await collective.shows("已办理。", "公示中", "乡镇核定")


async def another_person_approves(village, browsers, clerk):
    """The clerk is offered no approval; the approver, who is another person, is."""
    await clerk.me.page.reload()
    await clerk.shows("县级批准", "县级审批", "由其他部门办理")
    await expect(clerk.me.button("批准")).to_have_count(0)
    approver = await desk(browsers, village, "county_approver", COUNTY, language="en")
    await approver.take("a.h9")
    await approver.do("Approve")
    await approver.shows("Done.", "Acceptance of the land")


async def the_city_takes_the_household_in(city):
    """It knows the application by its number alone; who falls short of the criteria is refused."""
    page = city.me.page
    await page.get_by_label("申请编号").first.fill("a.h9")
    await page.get_by_label("在本市工作年限").fill("5")
    await page.get_by_label("已提供收入证明").check()
    await city.do("同意落户")
    refused = page.get_by_role("alert").filter(has_text="未满足落户条件")
    await expect(refused).to_be_visible()
    await page.get_by_label("愿意长期居住").check()
    await city.do("同意落户")
    await city.shows("已办理。")


async def another_clerk_accepts_and_issues(clerk):
    """Who applied for the household may not accept its land."""
    page = clerk.me.page
    await clerk.take("a.h9")
    await page.get_by_label("复垦成本（元）").fill("4000")
    await page.get_by_label("融资成本（元）").fill("1000")
    await page.get_by_label("验收面积（平方米）").fill("100.01")
    await clerk.me.button("验收").click()
    await expect(page.locator("form .error")).to_have_text("✗ 超过合法可补偿面积。")
    await page.get_by_label("验收面积（平方米）").fill("100")
    await clerk.do("验收")
    await page.get_by_label("复垦票编号").fill("t.h9")
    await clerk.do("核发")
    await clerk.shows("交到本省交易中心", "4,000.00", "1,000.00")


async def the_villager_hands_it_in(villager):
    await villager.link("看我的票").click()
    await villager.button("把票交到交易中心").click()
    await expect(villager.page.get_by_role("dialog")).to_contain_text("落户城市就不能再改")
    await villager.confirm("把票交到交易中心")
    done = villager.page.get_by_role("status").filter(has_text="票已经交到交易中心。")
    await expect(done).to_be_visible()
    await expect(villager.fact("现在")).to_contain_text("已交票")


async def the_dossier_tells_it_all(clerk):
    """Timeline, figures, and every record with its place in the public log."""
    page = clerk.page
    await page.reload()
    timeline = page.get_by_role("region", name="办理进度").locator("ol > li")
    await expect(timeline).to_have_count(STEPS)
    await expect(timeline.filter(has_text="，已完成")).to_have_count(8)
    await expect(timeline.filter(has_text="打包挂牌，进行中")).to_have_count(1)
    records = page.get_by_role("region", name="全部记录").get_by_role("row")
    dossier = await clerk.read("/v1/households/h9/dossier")
    await expect(records).to_have_count(1 + len(dossier["events"]))
    for n, words in enumerate(RECORDS, 1):
        await expect(records.nth(n)).to_contain_text(words)
    entry = dossier["events"][0]["entry"]
    proof = records.nth(1).get_by_role("link", name=str(entry), exact=True)
    answer = await page.request.get(clerk.address + await proof.get_attribute("href"))
    assert (await answer.text()).startswith("c2sp.org/tlog-proof@v1")
    await expect(page.get_by_role("main")).not_to_contain_text("谭远福")


async def test_an_objection_is_booked_ruled_on_and_only_then_the_township_determines(
    village, browsers
):
    collective = await desk(browsers, village, "collective", "w0", width=PHONE)
    await collective.me.page.get_by_role("link", name="退出公示").click()
    notices = collective.me.page.get_by_role("row").filter(has_text="a.g2")
    await expect(notices).to_contain_text("公示中 · 还有")
    await collective.take("a.g2")
    await collective.do("登记异议")
    await collective.shows("已办理。", "Y-a.g2-1", "待裁定")

    township = await desk(browsers, village, "township", "w0")
    await the_desk_sorts_its_work(township)
    await rule_against(township, "a.g2", "Y-a.g2-1")
    await township.shows("尚未到可办时间")

    await township.me.look("/bureau/work")
    await rule_against(township, "a.g3", "o.g3")
    await township.do("核定")
    await township.shows("已核定")
    assert (await township.me.read("/v1/applications/a.g3"))["state"] == "determined"


async def the_desk_sorts_its_work(township):
    """What can be done now by stage; what waits, by its date."""
    page = township.me.page
    await expect(page.get_by_role("row").filter(has_text="裁定异议")).not_to_have_count(0)
    await page.get_by_label("环节").select_option("ruling")
    await expect(page.get_by_role("row").filter(has_text="a.g3")).to_have_count(1)
    await page.get_by_label("环节").select_option("county_approval")
    await expect(page.get_by_text("现在没有需要您办理的事项。")).to_be_visible()
    await page.get_by_label("环节").select_option("")


async def rule_against(township, application, objection):
    """While it waits for the ruling, no determination is offered."""
    page = township.me.page
    await township.take(application)
    await expect(page.get_by_role("heading", name="裁定异议")).to_be_visible()
    await expect(township.me.button("核定")).to_have_count(0)
    await expect(page.get_by_text("须先裁定全部异议，且公示期满。")).to_be_visible()
    await page.get_by_label("异议不成立").check()
    await township.do("作出裁定")
    objections = page.get_by_role("region", name="异议", exact=True)
    row = objections.get_by_role("row").filter(has_text=objection)
    await expect(row).to_contain_text("不成立")


async def test_the_work_of_a_desk_is_not_that_of_another(village, browsers):
    """Each desk is shown its own tasks; the others' stand with who holds them."""
    clerk = await desk(browsers, village, "county_clerk", COUNTY, width=DESKTOP, language="en")
    page = clerk.me.page
    await page.get_by_role("button", name="Finished").click()
    sold = page.get_by_role("row").filter(has_text="a.h0")
    await expect(sold).to_contain_text("Land accepted")
    await clerk.take("a.h0")
    await clerk.shows("Nothing is to be done in this dossier.", "Sale and shares", "12,750.00")
    tasks = page.locator("main form:not([aria-labelledby=dossier-evidence] form)")
    await expect(tasks).to_have_count(0)


async def test_who_did_not_agree_stops_it_and_another_person_hears_it(
    village, browsers, axe_source
):
    me = await come(browsers, village, "villager", "h8", width=PHONE)
    await me.link("我没有同意").click()
    await the_villager_says_so(me)
    await me.page.evaluate("document.documentElement.dataset.text = '3'")
    assert await axe(me.page, axe_source) == []

    approver = await desk(browsers, village, "county_approver", COUNTY, other=".b", language="en")
    held = approver.me.page.get_by_role("row").nth(1)
    for text in ("a.h8", "Hear “I did not agree”", "Held"):
        await expect(held).to_contain_text(text)
    await approver.take("a.h8")
    await approver.shows("Nobody asked me", "The land is reclaimed, so it cannot be withdrawn.")
    await expect(approver.me.page.get_by_label("withdraw the application")).to_have_count(0)
    assert await axe(approver.me.page, axe_source) == []
    await approver.me.page.get_by_label("The household agrees: it goes on").check()
    await approver.do("End the hold")
    await approver.shows("Done.", "Heard: it goes on")

    await me.page.reload()
    over = me.page.get_by_role("region", name="以前的停办")
    await expect(over).to_contain_text("听取后继续办")
    await expect(me.button("我没有同意")).to_be_visible()
    reports = await come(browsers, village, "supervisor", NODE)
    await reports.look("/supervisor/holds")
    row = reports.page.get_by_role("row").filter(has_text="a.h8")
    await expect(row).to_contain_text("听取后继续办")


async def the_villager_says_so(me):
    """Not by accident: a reason, and the question whether it is meant; then the clock stands."""
    await me.button("我没有同意").click()
    await expect(me.page.get_by_role("alert").filter(has_text="请先选一个原因。")).to_be_visible()
    await me.page.get_by_label("没有问过我").check()
    await me.button("我没有同意").click()
    await expect(me.page.get_by_role("dialog")).to_contain_text("您的申请会立刻停下")
    await me.confirm("我没有同意")
    done = me.page.get_by_role("status").filter(has_text="已经停下，等县里听您说。")
    await expect(done).to_be_visible()
    stands = me.page.get_by_role("region", name="您说没有同意")
    for text in ("已停办", "正等县级审批部门听取", "没有问过我", "票不会卖"):
        await expect(stands).to_contain_text(text)
