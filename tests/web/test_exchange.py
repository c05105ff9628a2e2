"""Exchange and fund centre in Chromium: a lot is bundled and listed, frozen and resumed; money."""

import re
import time
from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from tests.story import CITY, COUNTY, HERE
from tests.web.browsers import DESKTOP, PHONE
from tests.web.people import come, excuse, fen, grouped

BEIJING = timedelta(hours=8)
REASON = "竞价系统核验"
POOL = "subsidy_pool:"


def in_days(days):
    """Noon in Beijing in so many days, as a field for date and time takes it."""
    at = datetime.fromtimestamp(time.time(), tz=UTC) + BEIJING + timedelta(days=days)
    return f"{at:%Y-%m-%d}T12:00"


async def test_tickets_are_bundled_on_the_board_listed_and_given_notice_of_anew(village, browsers):
    me = await come(browsers, village, "exchange", HERE)
    await the_board_shows_area_floor_and_shares(me)
    await me.page.get_by_label("标的编号").fill("board-1")
    await me.page.get_by_label("加价幅度（元）").fill("100")
    await me.page.get_by_label("保证金（元）").fill("1000")
    await me.page.get_by_label("开始竞价（北京时间）").fill(in_days(-1))
    await me.page.get_by_label("截止（北京时间）").fill(in_days(2))
    await me.button("核对条款").click()
    faults = me.page.get_by_role("alert").filter(has_text="公告期不足，请推迟开始时间。")
    await expect(faults).to_be_visible()
    await me.page.get_by_label("开始竞价（北京时间）").fill(in_days(1))
    await me.button("核对条款").click()

    await expect(me.page.get_by_role("heading", name="核对发布")).to_be_visible()
    assert me.sent == []
    await me.button("发布公告").click()
    await me.confirm("确认发布")
    await me.link("查看标的").click()
    heading = me.page.get_by_role("heading", name="标的 board-1", level=1)
    await expect(heading).to_be_visible()
    await expect(me.fact("公告")).to_have_text("第 1 次公告")
    listed = await me.read("/v1/lots/board-1")
    assert (listed["state"], listed["area_m2"], listed["start_price_cny"]) == (
        "listed",
        "200.00",
        "40000.00",
    )
    await a_new_notice_changes_the_deposit(me)


async def the_board_shows_area_floor_and_shares(me):
    """Two tickets of 100 m² that cost 5,000 each; at 40,000 the villagers get 85 % of 30,000."""
    await me.page.get_by_label("t.h6").check()
    await me.page.get_by_label("t.h7").check()
    sums = me.page.get_by_role("region", name="合计面积")
    for text in ("已选 2 张", "200.00 ㎡", "10,000.00"):
        await expect(sums).to_contain_text(text)
    await me.button("下一步：定价").click()
    await me.page.get_by_label("起始价（元）", exact=True).fill("9999.99")
    await me.button("核对条款").click()
    below = me.page.get_by_role("alert").filter(has_text="起始价低于成本线。")
    await expect(below).to_be_visible()
    await expect(me.page.get_by_text("低于成本线，不能成交。")).to_be_visible()
    await me.page.get_by_label("起始价（元）", exact=True).fill("40000")
    shares = me.page.get_by_role("list", name="试算分配").get_by_role("listitem")
    await expect(shares.filter(has_text="农户")).to_contain_text("25,500.00")
    await expect(shares.filter(has_text="集体")).to_contain_text("4,500.00")


async def a_new_notice_changes_the_deposit(me):
    await me.page.locator("summary", has_text="重新公告").click()
    await me.page.get_by_label("保证金（元）").fill("2000")
    await me.button("核对条款").click()
    await expect(me.page.get_by_role("dialog")).to_contain_text("2,000.00")
    await me.confirm("发布新公告")
    await expect(me.fact("公告")).to_have_text("第 2 次公告")
    await expect(me.fact("保证金").first).to_contain_text("2,000.00")
    assert (await me.read("/v1/lots/board-1/notice"))["number"] == 2


async def test_an_open_lot_is_frozen_with_its_reason_and_resumed(village, browsers):
    lot = await village.lot(lasts=3600, opens_in=0)
    me = await come(browsers, village, "exchange", HERE, width=PHONE)
    await me.look("/exchange/lots")
    await me.page.get_by_role("row").filter(has_text=lot).get_by_role("link", name=lot).click()
    before = await me.read(f"/v1/lots/{lot}")
    await me.button("暂停竞价").click()
    await expect(me.page.get_by_text("请写明原因。")).to_be_visible()
    await me.page.get_by_label("暂停原因").fill(REASON)
    await me.button("暂停竞价").click()
    await expect(me.page.get_by_role("dialog")).to_contain_text(REASON)
    await me.confirm("确认暂停")
    await expect(me.page.locator("h1 + *").get_by_text("已暂停")).to_be_visible()
    frozen = await me.read(f"/v1/lots/{lot}")
    assert (frozen["state"], frozen["freeze_reason"]) == ("frozen", REASON)
    await expect(me.page.get_by_role("main")).to_contain_text(f"暂停原因：{REASON}")

    await me.button("恢复竞价").click()
    await me.confirm("确认恢复")
    await expect(me.page.locator("h1 + *").get_by_text("竞价中")).to_be_visible()
    after = await me.read(f"/v1/lots/{lot}")
    assert after["state"] == "open"
    assert after["closes_at"] > before["closes_at"]


async def test_payments_that_are_due_and_defaults_stand_first_and_cash_is_booked(village, browsers):
    me = await come(browsers, village, "exchange", HERE, width=DESKTOP, language="en")
    await me.link("Payments and defaults").click()
    rows = me.page.get_by_role("region", name="Payments and defaults").get_by_role("row")
    for n, (lot, standing) in enumerate((("due", "Due"), ("late", "Defaulted"), ("sold", "Paid"))):
        await expect(rows.nth(n + 1)).to_contain_text(lot)
        await expect(rows.nth(n + 1)).to_contain_text(standing)
    await expect(rows.nth(1)).to_contain_text(re.compile(r"in 5\d days"))
    sums = me.page.get_by_role("list", name="Sums").get_by_role("listitem")
    for n, amount in enumerate(("0.00", "20,000.00", "20,000.00", "100,000.00")):
        await expect(sums.nth(n)).to_contain_text(f"¥{amount}")

    bidders = me.page.get_by_role("region", name="Cash of bidders").get_by_role("row")
    await expect(bidders.filter(has_text="b1")).to_contain_text("1,000,000.00")
    await me.page.get_by_label("Bidder", exact=True).select_option("b1")
    await me.page.get_by_label("Number of the bank’s entry").fill("bank-1")
    await me.page.get_by_label("Amount (yuan)").fill("5000.25")
    await me.button("Book it").click()
    await me.confirm("Confirm")
    await expect(bidders.filter(has_text="b1")).to_contain_text("1,005,000.25")

    await me.page.get_by_label("Number of the bank’s entry").fill("bank-1")
    await me.page.get_by_label("Amount (yuan)").fill("5000.25")
    await me.button("Book it").click()
    await me.confirm("Confirm")
    refused = me.page.get_by_role("alert").filter(has_text="This was not done")
    await expect(refused).to_be_visible()
    await expect(bidders.filter(has_text="b1")).to_contain_text("1,005,000.25")
    excuse(browsers, "409")


async def in_the_pool(fund):
    """What the province has for subsidies, in fen."""
    parties = await fund.every("/v1/ledger/parties")
    return sum(fen(one["balance_cny"]) for one in parties if one["party"].startswith(POOL))


async def test_land_income_fills_the_pool_from_which_a_subsidy_is_paid(village, browsers):
    fund = await come(browsers, village, "fund_centre", HERE, language="en")
    pool = await in_the_pool(fund)
    clerk = await come(browsers, village, "county_clerk", COUNTY)
    await clerk.link("土地收入与落地").click()
    await clerk.page.get_by_label("土地收入（元）").fill("1000.99")
    await clerk.button("登记收入").click()
    await expect(clerk.page.get_by_role("dialog")).to_contain_text("1,000.99")
    await clerk.confirm("确认办理")
    await expect(clerk.page.get_by_text("已办理。", exact=True)).to_be_visible()

    assert await in_the_pool(fund) == pool + fen("1000.99"), "all of the county's land income"
    before = await fund.read("/v1/housing-accounts/h10")
    await fund.link("Subsidies").click()
    balance = fund.page.get_by_text("Balance of the pool")
    await expect(balance).to_contain_text(grouped(pool + fen("1000.99")))
    await fund.page.get_by_label("Household", exact=True).fill("h10")
    await fund.button("Read the household").click()
    form = fund.page.get_by_role("form", name="Pay this year’s subsidy")
    await expect(fund.fact("Amount", form)).to_contain_text("300.00")
    await fund.button("Pay").click()
    await fund.confirm("Confirm")
    await expect(balance).to_contain_text(grouped(pool + fen("700.99")))
    await fund.link("Funds").click()
    account = await fund.read("/v1/housing-accounts/h10")
    assert (before["subsidy_cny"], account["subsidy_cny"]) == ("0.00", "300.00")
    row = fund.page.get_by_role("region", name="Housing accounts").get_by_role("row")
    await expect(row.filter(has_text="h10")).to_contain_text("300.00")
    bought = {"household": "h10", "price_cny": "1000.00", "surplus": "keep"}
    await village.send("villager", "h10", "/v1/affordable-purchases", bought)
    await fund.page.reload()
    uses = fund.page.get_by_role("region", name="Redemptions").get_by_role("row")
    await expect(uses.nth(1)).to_contain_text("Affordable home")
    await expect(uses.nth(1)).to_contain_text("1,000.00")


async def test_a_city_reports_to_whom_a_plots_land_was_sold(village, browsers):
    """Whose certificate it is; the fees are offset in full."""
    city = await come(browsers, village, "city", CITY)
    await city.link("土地收入与落地").click()
    await city.page.get_by_role("button", name="选择 p0").click()
    await city.page.get_by_label("新增建设用地费（元）").fill("3000")
    await city.page.get_by_label("耕地开垦费（元）").fill("1500")
    await city.button("登记出让结果").click()
    await city.confirm("确认办理")
    sold = city.page.get_by_role("region", name="已出让").get_by_role("row")
    await expect(sold.filter(has_text="p0")).to_contain_text("4,500.00")
    (plot,) = await city.every("/v1/plots")
    assert (plot["winner"], plot["offset_cny"]) == ("b0", "4500.00")
