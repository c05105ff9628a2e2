"""Evidence in Chromium: filed by an office, held against the log, kept by the household."""

import re

from playwright.async_api import expect

from tests import scans
from tests.web.browsers import PHONE
from tests.web.people import Person, excuse

PAINTED = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(4, 4, 1, 1)
  return [canvas.width, canvas.height, ...data]
}"""
BROWN = (120, 90, 60)


def file(name, content):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def test_evidence_goes_from_the_clerk_into_the_log_and_to_the_household(
    demo, browsers, axe_source
):
    page = await browsers.open(demo.address, demo.login("clerk"))
    clerk = Person(page, demo.address)
    application = await under_notice_with_evidence(clerk)
    await clerk.look(f"/bureau/dossiers/{application}")
    section = page.locator("section[aria-labelledby=dossier-evidence]")
    await expect(section).to_contain_text("按当前环节还缺")
    await expect(section).to_contain_text("已被第 2 份替换")
    await the_clerk_files_a_photo(clerk, section, application)
    await the_clerk_holds_files_against_the_log(clerk, section)
    await page.evaluate(axe_source)
    found = await page.evaluate("axe.run('[aria-labelledby=dossier-evidence]')")
    assert found["violations"] == []
    await the_household_keeps_what_is_on_file(demo, browsers)
    excuse(browsers, "409")


async def under_notice_with_evidence(clerk):
    """The application of the demo whose form was replaced, and whose file lacks something."""
    for application in await clerk.every("/v1/applications"):
        if application["state"] == "noticed":
            archive = await clerk.read(f"/v1/applications/{application['id']}/evidence")
            if archive["items"]:
                return application["id"]
    raise AssertionError("there is none")


async def the_clerk_files_a_photo(clerk, section, application):
    """A PDF is no photo; the same photo is taken once; its name stays here."""
    form = section.locator("form")
    picker = form.locator("input[type=file]")
    await form.get_by_label("材料种类").select_option("photo_before")
    await picker.set_input_files(file("a.html", b"<html>"))
    await expect(form).to_contain_text("文件内容不是 PDF、JPEG 或 PNG。")
    await picker.set_input_files(file("b.png", scans.pdf()))
    await expect(form).to_contain_text("照片须为 JPEG 或 PNG。")
    await picker.set_input_files(file("向德贵.jpg", scans.png(BROWN, 40)))
    await expect(form).to_contain_text("PNG")
    async with clerk.page.expect_request("**/v1/evidence") as sent:
        await clerk.button("提交材料", form).click()
        await clerk.confirm("确认办理")
    assert "向德贵" not in (await sent.value).post_data
    await expect(section.get_by_role("row")).to_have_count(4)
    await expect(section.get_by_role("row").last).to_contain_text("复垦前照片")
    await picker.set_input_files(file("again.png", scans.png(BROWN, 40)))
    await clerk.button("提交材料", form).click()
    await clerk.confirm("确认办理")
    await expect(form).to_contain_text("同一张照片已作为材料提交")
    archive = await clerk.read(f"/v1/applications/{application}/evidence")
    assert [item["kind"] for item in archive["items"]][-1] == "photo_before"


async def the_clerk_holds_files_against_the_log(clerk, section):
    await section.get_by_role("button", name="查看与核对 第 3 份").click()
    card = section.get_by_role("article")
    await expect(card).to_contain_text("系统中的内容与承诺值一致。")
    canvas = card.locator("canvas")
    await expect(canvas).to_be_visible()
    await clerk.page.wait_for_function("document.querySelector('canvas')?.width === 40")
    assert await canvas.evaluate(PAINTED) == [40, 40, *BROWN, 255]
    # Its place in the log comes within seconds, and the page asks for it by itself.
    await expect(section.get_by_role("row").last.get_by_role("link")).to_have_count(2)
    picker = card.locator("input[type=file]")
    await picker.set_input_files(file("mine", scans.png(BROWN, 40)))
    await expect(card).to_contain_text("一致：您手中的文件就是日志所记的那一份。")
    await expect(card).to_contain_text(re.compile(r"日志第 \d+ 条，共 \d+ 条"))
    await picker.set_input_files(file("other", scans.png(BROWN, 41)))
    await expect(card).to_contain_text("不一致：这不是所记的那份文件。")


async def the_household_keeps_what_is_on_file(demo, browsers):
    page = await browsers.open(
        demo.address,
        demo.login("villager"),
        width=PHONE,
        language="en",
        page="villager.html#/progress",
    )
    card = page.locator("section[aria-labelledby=evidence]")
    await expect(card.get_by_role("listitem")).to_have_count(7)
    async with page.expect_download() as kept:
        await card.get_by_role("link", name="Keep Photo after reclamation").click()
    found = await kept.value
    assert re.fullmatch(r"e\d+\.png", found.suggested_filename)
    assert (await found.path()).read_bytes().startswith(b"\x89PNG")
