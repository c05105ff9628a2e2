"""Three nodes in Chromium: offices answer one another's transfers, and cure what does not agree."""

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
import structlog
from playwright.async_api import expect

from app.platform import logs
from app.replay.client import NODE
from tests.nodes.reconciled import cases, frozen, log_of, owe_alone, run, served
from tests.nodes.three import DOCUMENT, HERE, THERE, three_nodes
from tests.story import THERE_CITY
from tests.web.arena import Arena
from tests.web.browsers import PHONE, axe
from tests.web.people import come

HOUSEHOLDS = [f"h{n}" for n in range(5)]


@dataclass(frozen=True, slots=True)
class Served:
    """A node of this process, at an address that a browser reaches."""

    http: httpx.AsyncClient


@dataclass(frozen=True, slots=True)
class Country:
    """The three nodes, and each one's people."""

    three: object
    here: Arena
    there: Arena
    ministry: Arena


@pytest.fixture(scope="module")
async def country(client, cluster, tmp_path_factory):
    logs.configure(quiet=True)
    async with (
        three_nodes(cluster, tmp_path_factory.mktemp("country"), HOUSEHOLDS) as three,
        AsyncExitStack() as stack,
    ):
        made = []
        for way in (log_of(three, three.here), log_of(three, three.there), served(three.ministry)):
            address = await stack.enter_async_context(way)
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=address))
            made.append(Served(http))
        offices = [
            Arena(node, office.story, []) for node, office in zip(made, three.all, strict=True)
        ]
        yield Country(three, *offices)
    structlog.reset_defaults()


def main(person):
    return person.page.get_by_role("main")


async def do(person, send, confirm="确认办理"):
    """Press the form's button, read the question, and mean it."""
    await person.button(send, main(person).locator("form")).click()
    await person.confirm(confirm)


async def fits(person, axe_source):
    """Nothing that axe objects to, and nothing wider than the screen."""
    assert await axe(person.page, axe_source) == []
    assert not await person.page.evaluate("document.documentElement.scrollWidth > innerWidth")


async def test_offices_answer_transfers_and_each_sees_what_the_others_did(
    country, browsers, axe_source
):
    three = country.three
    ticket = await three.here.story.issue("h0", THERE_CITY)
    giver = await come(browsers, country.here, "province", HERE)
    await giver.look("/province/request")
    await giver.page.get_by_label("复垦票", exact=True).select_option(ticket)
    await giver.page.get_by_label("流转编号").fill("x0")
    await do(giver, "提交申请")
    await giver.link("打开这项流转 x0").click()
    await expect(main(giver)).to_contain_text("已锁定，待决定")
    await expect(giver.button("请求终止")).to_be_visible()
    await three.quiet()

    receiver = await come(browsers, country.there, "province", THERE, width=PHONE, language="en")
    await receiver.look("/province/transfers")
    await receiver.link(f"{HERE}-x0").click()
    await every_amount_is_explained(receiver)
    await fits(receiver, axe_source)
    await do(receiver, "Accept the transfer", "Confirm")
    await expect(main(receiver)).to_contain_text("Waits for the ministry")
    await expect(receiver.button("Accept the transfer")).to_have_count(0)
    await three.quiet()

    ministry = await come(browsers, country.ministry, "ministry", NODE)
    await ministry.look("/province/transfers")
    await ministry.link(f"{HERE}-x0").click()
    await approve_by_the_keys(ministry)
    await fits(ministry, axe_source)
    # Nobody reloads: what the letters bring is seen by itself, at all three.
    await expect(main(ministry)).to_contain_text("两省均已执行")
    for person, state in ((giver, "已转出"), (receiver, "Arrived")):
        await expect(main(person)).to_contain_text(state)
        await expect(main(person)).to_contain_text(DOCUMENT)
        await expect(main(person).locator("form")).to_have_count(0)
    assert [await office.refused() for office in three.all] == [[], [], []]
    await what_is_stopped_is_free_at_home_and_says_why(three, giver, receiver, ministry)
    await fits(giver, axe_source)


async def every_amount_is_explained(receiver):
    """m, the fraction and its document, n and the remainder, money, and until when."""
    page = main(receiver)
    for told in (
        "100.00 m²",
        "500 / 750",
        "2 / 3",
        "5,000,000",
        "6,666",
        "66.66 m²",
        "This node computes the same by itself",
        "5,000.00",
        "bidding makes its price",
        "4 February 2027 at 00:00",
    ):
        await expect(page).to_contain_text(told)
    coefficients = await receiver.every("/v1/coefficients")
    (one,) = [c for c in coefficients if (c["from"], c["to"]) == (HERE, THERE)]
    await expect(page).to_contain_text(one["document"])


async def approve_by_the_keys(ministry):
    """Without a document number nothing is sent; with one, by Tab and Enter alone."""
    await ministry.button("批准").click()
    await expect(main(ministry)).to_contain_text("请填写批准文号")
    assert ministry.sent == []
    await ministry.page.locator("h1").click()
    await ministry.type_into("批准文号", DOCUMENT)
    await ministry.press("批准")
    await ministry.press("确认办理")


async def what_is_stopped_is_free_at_home_and_says_why(three, giver, receiver, ministry):
    """By the receiver, by the ministry, or by the giver itself."""
    for household in ("h1", "h2", "h3"):
        await three.leave(household, f"x{household[1]}")
    # The address of a transfer within a node leads on to what other nodes share in.
    await giver.look("/province/transfers/x1")
    await giver.page.wait_for_url(re.compile(f"/province/crossings/{HERE}-x1$"))
    await stop(receiver, "x1", ("Reason", "No need for quota at present", "Decline", "Confirm"))
    await expect(main(giver)).to_contain_text("未成，已解锁")
    await expect(main(giver)).to_contain_text("接收省份不同意")
    await expect(main(giver)).to_contain_text("目前没有用地需求")

    await stop(ministry, "x2", ("理由", "不符合国家统筹安排", "不批准", "确认办理"))
    await giver.look(f"/province/crossings/{HERE}-x3")
    await do(giver, "请求终止")
    await expect(main(giver)).to_contain_text("转出省份请求终止")
    await giver.look(f"/province/crossings/{HERE}-x2")
    await expect(main(giver)).to_contain_text("不符合国家统筹安排")
    states = await three.here.rows("SELECT state FROM ticket WHERE household IN ('h1', 'h2', 'h3')")
    assert {row.state for row in states} == {"issued"}


async def stop(person, name, words):
    label, reason, send, confirm = words
    await person.look(f"/province/crossings/{HERE}-{name}")
    await person.page.get_by_label(label, exact=True).select_option(reason)
    await do(person, send, confirm)
    await expect(person.button(send)).to_have_count(0)


async def test_two_people_correct_a_debt_and_the_next_round_frees_it(country, browsers, axe_source):
    three = country.three
    debt, housing = await owe_alone(three.here, "h4")
    assert (await run(three))["outcome"] == "differs"
    (case,) = await cases(three.here)
    first = await come(browsers, country.here, "province", HERE)
    await first.look("/national/cases")
    await expect(main(first)).to_contain_text("冻结中")
    # What the other book says is filled in: out of the debt, and how much.
    amount = first.page.get_by_label("金额（元）")
    await expect(amount).to_have_value("70.00")
    await first.page.get_by_label("对方账户").fill(housing.code)
    await fits(first, axe_source)
    await do_not(first, "提出更正", "请填写。")
    await first.page.get_by_label("文号").fill("渝规资函〔2027〕88号")
    # A debt to be stated anew is named by its transfer, and must be one that was stated.
    stated_anew = first.page.get_by_label("重新陈述的应付款")
    await stated_anew.fill("x9")
    await do_not(first, "提出更正", "流转编号以转出省份代码开头")
    await stated_anew.fill(f"{THERE}-x9")
    await do(first, "提出更正")
    await expect(main(first)).to_contain_text("本省没有向部级节点陈述过这笔应付款")
    (expected,) = browsers.faults
    assert "/v1/corrections: " in expected
    assert "409" in expected
    browsers.faults.clear()
    await stated_anew.fill("")
    await do(first, "提出更正")
    await expect(main(first)).to_contain_text("您提出的更正，须由另一人批准")
    await expect(first.button("批准更正")).to_have_count(0)

    second = await come(browsers, country.here, "province", HERE, other="2", width=PHONE)
    await second.look("/national/cases")
    await expect(main(second)).to_contain_text(f"{debt.code} → {housing.code}：70.00")
    await fits(second, axe_source)
    await do(second, "批准更正")
    await expect(main(second)).to_contain_text("已记账，复核相符后解冻")
    # What is booked is counted: the same cure is not offered twice.
    await expect(second.page.get_by_label("金额（元）")).to_have_value("0.00")
    assert await frozen(three.here) == [debt.code]

    ministry = await come(browsers, country.ministry, "ministry", NODE)
    await ministry.look("/national/rounds")
    await do(ministry, "发起对账")
    await expect(main(ministry).get_by_role("row").nth(1)).to_contain_text("✓ 相符")
    await three.quiet()
    await expect(main(second)).to_contain_text("复核相符，已解冻")
    await expect(second.page.locator("form")).to_have_count(0)
    assert await frozen(three.here) == []
    (shown,) = await second.every("/v1/reconciliation-cases")
    assert (shown["id"], shown["closed_at"] is None) == (case["id"], False)


async def do_not(person, send, fault):
    """The form says what is missing, and asks nothing."""
    await person.button(send, main(person).locator("form")).click()
    await expect(main(person)).to_contain_text(fault)
    await expect(person.page.get_by_role("dialog")).to_be_hidden()
