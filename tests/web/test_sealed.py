"""Sealed lots in Chromium against a real node: from the key to the opening, and the receipt."""

import asyncio
import os
import re

import pytest

from app.cli.custodian import make_key
from app.replay.client import NODE
from tests.nodes import HRT
from tests.web.browsers import PHONE

CUSTODIANS = ("ministry", "audit", "notary", "seller", "exchange")
OPENED_BY = ("audit", "seller", "exchange")
THRESHOLD = 3
PRICE, RIVAL = "23456.78", "22000.00"
CAPITALS = "贰万叁仟肆佰伍拾陆元柒角捌分"
CLOSES_AFTER_SECONDS = 40
OPENED_WITHIN_MILLISECONDS = 90_000


@pytest.fixture(scope="session")
async def custodians(arena, tmp_path_factory):
    """Five custodians are registered; answers with the folder of their keys."""
    for id_ in CUSTODIANS:
        body = {"id": id_, "name": f"{id_}处"}
        await arena.send("security_admin", NODE, "/v1/custodians", body)
    return tmp_path_factory.mktemp("custodians")


async def sealed_lot(arena, folder, lasts=CLOSES_AFTER_SECONDS):
    """A lot sealed to the custodians, who made their keys for it as `hrt custodian key` does."""
    id_ = arena.next_id()
    keys = [
        {"custodian": custodian, "public_key": make_key(folder / custodian, id_)}
        for custodian in CUSTODIANS
    ]
    terms = {"mode": "sealed", "sealing": "lqx-seal/1", "increment_cny": None}
    more = {"custodians": keys, "threshold": THRESHOLD, "opening_days": 2}
    return await arena.lot(id_=id_, lasts=lasts, **terms, **more)


async def saved(page, press, folder):
    """The file that the page hands over when something is pressed."""
    async with page.expect_download() as waiting:
        await press()
    download = await waiting.value
    file = folder / download.suggested_filename
    await download.save_as(file)
    return file


async def release(arena, folder, custodian, lot):
    """As the custodian does it: `hrt custodian release`, which looks for the close in the log."""
    policy = folder / "log.policy"
    answer = await arena.node.http.get("/log/policy")
    policy.write_text(answer.text, encoding="utf-8")
    token = await arena.story.market.token("custodian", custodian)
    process = await asyncio.create_subprocess_exec(
        *(HRT, "custodian", "release", arena.address, "--lot", lot, "--policy", policy),
        *("--folder", folder / custodian, "--unwitnessed"),
        env={**os.environ, "HRT_TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def register(page, arena, lot, folder):
    """Read the instructions, make the key, register; answers with the key's file."""
    await page.goto(f"{arena.address}/office.html#/bidder/lots/{lot}/register")
    paper = page.get_by_role("region", name="阅读竞买须知")
    await paper.evaluate("box => box.scrollTo(0, box.scrollHeight)")
    await page.get_by_label("我已完整阅读竞买须知").check()
    make = page.get_by_role("button", name="生成密钥并下载备份")
    key = await saved(page, make.click, folder)
    await page.get_by_label("我已把备份文件存放在安全的地方").check()
    await page.get_by_role("button", name="缴纳保证金并报名").click()
    await page.get_by_role("dialog").get_by_role("button", name="缴纳保证金并报名").click()
    await page.get_by_text("报名成功").wait_for()
    return key


async def test_a_price_sealed_in_the_browser_opens_by_three_of_five_keys(
    arena, custodians, browsers, tmp_path
):
    lot = await sealed_lot(arena, custodians)
    sent = []
    page = await browsers.open(arena.address, await arena.login("bidder", "b6"))
    page.on("request", lambda request: sent.append((request.url, request.post_data or "")))
    rival = await browsers.open(arena.address, await arena.login("bidder", "b7"), width=PHONE)
    folders = [tmp_path / "b6", tmp_path / "b7"]
    for folder in folders:
        folder.mkdir()
    keys = await asyncio.gather(
        register(page, arena, lot, folders[0]), register(rival, arena, lot, folders[1])
    )
    await asyncio.gather(
        bid_in_the_office(page, arena, lot, keys[0], folders[0], PRICE),
        bid_by_the_page_alone(rival, arena, lot, keys[1], folders[1]),
    )
    crossed = [text for request in sent for text in request]
    assert not any(spelt in text for text in crossed for spelt in (PRICE, "23,456.78", "2345678"))
    assert "price_cny" not in (await arena.node.http.get(f"/v1/lots/{lot}/opening")).text

    await page.goto(f"{arena.address}/office.html#/bidder/lots/{lot}/result")
    waiting = page.get_by_text("等待保管人公布密钥开标")
    await waiting.wait_for(timeout=OPENED_WITHIN_MILLISECONDS)
    for custodian in OPENED_BY:
        await release(arena, custodians, custodian, lot)
    won = page.get_by_text(CAPITALS)
    await won.first.wait_for(timeout=OPENED_WITHIN_MILLISECONDS)
    opened = page.get_by_role("table", name="开标记录")
    assert await opened.get_by_role("row").count() == 1 + 2

    decided = await arena.read(f"/v1/lots/{lot}")
    assert (decided["winner"], decided["price_cny"]) == ("b6", PRICE)
    prices = {one["price_cny"] for one in (await arena.read(f"/v1/lots/{lot}/opening"))["items"]}
    assert prices == {PRICE, RIVAL}


async def bid_in_the_office(page, arena, lot, key, folder, price):
    """Seal and send as somebody signed in does; the receipt is kept and checked."""
    await page.goto(f"{arena.address}/office.html#/bidder/lots/{lot}/seal")
    await page.locator("input[type=file]").set_input_files(key)
    await page.get_by_label("总价").fill(price)
    await page.get_by_label(re.compile(CAPITALS)).check()
    await page.get_by_role("button", name="加密报价").click()
    secret = page.get_by_role("button", name="下载秘密文件")
    await saved(page, secret.click, folder)
    await page.get_by_label("我已保存秘密文件").check()
    await page.get_by_role("button", name="提交密封报价").click()
    await page.get_by_text("交易所已收到密封报价").wait_for()
    keep = page.get_by_role("button", name="下载回执")
    receipt = await saved(page, keep.click, folder)
    await check_receipt(page, arena, receipt)


async def check_receipt(page, arena, receipt):
    """First it is a promise; then its proof is fetched under the same id. A changed one fails."""
    await page.goto(f"{arena.address}/receipt.html")
    await page.get_by_role("button", name="从本站读取公钥").click()
    await page.get_by_text("日志签名").wait_for()
    text = receipt.read_text(encoding="utf-8")
    pasted = page.get_by_label("或者把回执的全文粘贴在这里")
    await pasted.fill(text.replace("bid", "bad", 1))
    await page.get_by_role("heading", name="回执不成立").wait_for()
    await page.locator("input[type=file]").first.set_input_files(receipt)
    await page.get_by_role("button", name="取回最新证明").click()
    proven = page.get_by_role("heading", name="回执成立，记录已在日志中")
    await proven.wait_for()


async def bid_by_the_page_alone(page, arena, lot, key, folder):
    """The page that works without signing in: seals offline, sends with a program's credential."""
    await page.goto(f"{arena.address}/seal.html?lot={lot}")
    await page.get_by_role("button", name="读取公告").click()
    await page.get_by_label("竞买人编号").fill("b7")
    await page.get_by_label("已经报名：选择签名密钥文件").set_input_files(key)
    await page.get_by_label("总价").fill(RIVAL)
    await page.locator("#confirmed").check()
    await page.context.set_offline(True)
    await page.get_by_role("button", name="封标").click()
    heading = page.locator("#step-sealed")
    await heading.wait_for()
    await saved(page, page.get_by_role("button", name="下载秘密文件").click, folder)
    await page.context.set_offline(False)
    await page.locator("#token").fill(await arena.story.market.token("bidder", "b7"))
    await page.get_by_role("button", name="提交给交易所").click()
    await page.locator(".banner.tone-good").wait_for()
