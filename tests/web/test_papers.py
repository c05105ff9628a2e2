"""Papers in Chromium: a link saves the PDF that the server makes, by the cookie alone."""

from tests.papers.reading import Pdf
from tests.web.browsers import DESKTOP, PHONE


async def saved(page, name):
    """The paper that a link of this name saves, and the name that it is saved under."""
    async with page.expect_download() as told:
        await page.get_by_role("link", name=name, exact=True).click()
    download = await told.value
    return Pdf(await download.path()), download.suggested_filename


async def test_a_villager_saves_ticket_and_statement_in_the_language_of_the_page(demo, browsers):
    page = await browsers.open(
        demo.address, demo.login("villager"), width=PHONE, page="villager.html#/ticket"
    )
    paper, name = await saved(page, "下载 PDF 证明")
    number = paper.metadata["Title"].split()[-1]
    assert name == f"hrt-ticket-{number}.pdf"
    assert "宅基地复垦票" in paper.text
    assert paper.codes() == [f"{demo.address}/index.html#/check/ticket/{number}"]
    await page.goto(f"{demo.address}/villager.html#/money")
    await page.get_by_role("button", name="English").click()
    await page.locator("a[href^='#/money/year/']").first.click()
    paper, name = await saved(page, "Download as PDF")
    year = page.url.rpartition("/")[2]
    assert name == f"hrt-statement-{year}.pdf"
    assert "StatementoftheHousingAccount" in paper.text


async def test_a_bidder_saves_the_confirmation_and_the_certificate(demo, browsers):
    page = await browsers.open(demo.address, demo.login("bidder"), width=DESKTOP)
    lot = await page.evaluate(
        """async () => {
            const { party } = (await (await fetch('/v1/sessions/current')).json())
            const { items } = await (await fetch('/v1/certificates?limit=200')).json()
            return items.find(({ bidder }) => bidder === party).lot
        }"""
    )
    await page.goto(f"{demo.address}/office.html#/bidder/lots/{lot}/result")
    paper, name = await saved(page, "下载成交确认书（PDF）")
    assert name == f"hrt-confirmation-{lot}.pdf"
    assert paper.codes() == [f"{demo.address}/index.html#/check/lot/{lot}"]
    paper, name = await saved(page, "下载指标证书（PDF）")
    assert name == f"hrt-certificate-{lot}.pdf"
