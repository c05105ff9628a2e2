"""A debt between provinces in Chromium: stated, approved by both, and paid by the bank's word."""

import asyncio

from playwright.async_api import expect

from app.replay.client import NODE
from tests.clearing import Line, account_of, bank_file, register_account, switch_on
from tests.http.kept_receipts import STATE
from tests.story import CITY, HERE, THERE, THERE_CITY
from tests.web.browsers import PHONE, axe
from tests.web.people import come

LEAVING = "h11"
OWED = "300.00"


async def owe(story):
    """A household leaves with its subsidy, which its home owes from then on; it is published."""
    await story.must("land_income", county=CITY, amount_cny="900000.00")
    ticket = await story.issue(LEAVING, THERE_CITY)
    await story.must("subsidise", household=LEAVING)
    await story.must("outflow", id="x.paid", ticket=ticket, to=THERE)
    await story.must("accept_transfer", transfer="x.paid")
    moved = await story.must("approve_transfer", transfer="x.paid")
    for province in (HERE, THERE):
        await register_account(story.market, province)
    await switch_on(story.market)
    receipt = f"/v1/receipts/{moved['receipt']['id']}"
    while (await story.market.http.get(receipt)).headers[STATE] != "proven":  # noqa: ASYNC110
        await asyncio.sleep(0.2)


async def do(person, send, confirm="确认办理"):
    await person.button(send, person.page.get_by_role("main").locator("form")).click()
    await person.confirm(confirm)


async def test_a_debt_is_stated_approved_by_both_and_gone_by_the_banks_file(
    village, browsers, axe_source
):
    await owe(village.story)
    ministry = await come(browsers, village, "ministry", NODE)
    await ministry.look("/clearing/statements")
    await do(ministry, "结账")
    main = ministry.page.get_by_role("main")
    row = main.get_by_role("row").filter(has_text=OWED)
    await expect(row).to_contain_text("待签认")

    there = await come(browsers, village, "fund_centre", THERE, width=PHONE, language="en")
    await there.look("/clearing/statements")
    await there.page.get_by_role("link", name="Open the statement").click()
    await expect(there.page.get_by_role("main")).to_contain_text("An account that moved")
    assert await axe(there.page, axe_source) == []
    await do(there, "Dispute", "Confirm")
    await expect(there.page.get_by_role("main")).to_contain_text("Disputed")
    await do(there, "Approve", "Confirm")
    await expect(there.button("Approve")).to_have_count(0)

    here = await come(browsers, village, "province", HERE)
    await here.look("/clearing/statements")
    await here.page.get_by_role("link", name="打开结算单").click()
    await do(here, "签认")
    await expect(here.page.get_by_role("main")).to_contain_text("双方已签认")
    await here.page.emulate_media(media="print")
    await expect(here.page.get_by_text("甲方（盖章）")).to_be_visible()
    await expect(here.button("打印")).to_be_hidden()
    await here.page.emulate_media(media="screen")
    id_ = await the_file_is_fetched(here)

    await the_bank_says_that_it_came(there, id_, axe_source)
    await ministry.page.reload()
    await expect(main.get_by_role("row").filter(has_text="已到账")).to_contain_text(OWED)
    assert await ministry.every("/v1/positions") == []


async def the_file_is_fetched(payer):
    """The payer downloads its instruction, which the bank takes as it is."""
    await payer.look("/clearing/statements")
    async with payer.page.expect_download() as fetched:
        await payer.link("下载 pain.001").click()
    file = await (await fetched.value).path()
    (one,) = await payer.every("/v1/payment-instructions")
    text = file.read_text(encoding="utf-8")
    assert f">{one['id']}<" in text
    assert f'<InstdAmt Ccy="CNY">{OWED}</InstdAmt>' in text
    return one["id"]


async def the_bank_says_that_it_came(payee, id_, axe_source):
    """The payee sends the bank's file, and sees at once what it brought."""
    await payee.look("/clearing/bank")
    main = payee.page.get_by_role("main")
    content = bank_file(account_of(THERE), Line("r1", id_, 30000, account_of(HERE)))
    await main.locator("input[type=file]").set_input_files(
        {"name": "camt054.xml", "mimeType": "application/xml", "buffer": content}
    )
    await do(payee, "Send", "Confirm")
    await expect(main).to_contain_text("Came in full")
    assert await axe(payee.page, axe_source) == []
