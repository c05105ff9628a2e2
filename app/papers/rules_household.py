"""The papers of a household: its ticket, and a year of its housing account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.dossiers.rules import MOVED, Line, Statement
from app.identity.rules import Collective, Household, Region
from app.kernel.calendar import local_date
from app.kernel.capitals import capitals
from app.papers.figures import (
    Language,
    day,
    grouped,
    money,
    mu,
    short_day,
    square_metres,
)
from app.papers.rules import Check, Column, Desk, Fact, Headline, Paper, Row, Table, in_rows, named
from app.tickets.rules import Ticket, TicketState

LINES_MAX = 500
"""Of a longer year the earlier movements stand as one sum, so that a paper is bounded."""

STATES = {
    TicketState.ISSUED: ("已核发", "issued"),
    TicketState.HANDED_IN: ("已交票", "handed in"),
    TicketState.LISTED: ("已挂牌", "listed"),
    TicketState.SOLD: ("已成交", "sold"),
    TicketState.SETTLED: ("已结算", "settled"),
    TicketState.LOCKED: ("外流锁定", "locked for transfer"),
    TicketState.TRANSFERRED: ("已转到外省", "transferred to another province"),
}

KINDS = {
    "settlement": ("复垦票成交所得", "Sale of the ticket"),
    "subsidy": ("政府补助", "Subsidy"),
    "rent": ("公共租赁住房租金", "Rent of the public home"),
    "housing_payment": ("支付购房款", "Paid for a home"),
    "cash_payment": ("支付现金", "Paid in cash"),
    "account_moved_out": ("账户转往外省", "Account left for another province"),
    "account_moved_in": ("账户自外省转入", "Account came from another province"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A ticket and whose it is; `present` is where its land stands now, `entry` its issue."""

    ticket: Ticket
    household: Household
    collective: Collective
    county: Region
    home: Region
    province: Region
    present: str
    entry: int | None


def ticket_paper(holding: Holding, desk: Desk) -> Paper:
    """The certificate of a ticket (R90): the area of land that its household made free."""
    ticket, language = holding.ticket, desk.language
    say = language.say
    holder = named(holding.household.name, holding.household.id, language)
    moved = say(
        f"该票已转到外省，现票号为 {holding.present}。",
        f"The ticket went to another province, where it is {holding.present}.",
    )
    return Paper(
        language=language,
        at=desk.at,
        file=f"hrt-ticket-{ticket.id.replace('/', '-')}",
        issuer=say(
            f"{holding.county.name}自然资源主管部门", f"Land Bureau of {holding.county.name}"
        ),
        title=say("宅基地复垦票", "Homestead Reclamation Ticket"),
        number=say(f"票号 {ticket.id}", f"No. {ticket.id}"),
        lead=say(
            f"农户{holder}自愿退出宅基地，土地复垦并经验收合格，依规核发本票。持票农户享有票面面积"
            "对应的权益。",
            f"Household {holder} gave up its homestead; the land was reclaimed and accepted, and"
            " this ticket was issued for it. Its holder has the rights of the area that it says.",
        ),
        headline=Headline(
            say("票面面积", "Area"),
            square_metres(ticket.area, language),
            say("合 ", "") + mu(ticket.area, language),
        ),
        facts=in_rows(
            [
                Fact(say("持票农户", "Household"), holder, wide=True),
                Fact(say("村集体", "Collective"), holding.collective.name, wide=True),
                Fact(say("县（区、市）", "County"), holding.county.name),
                Fact(say("核发日期", "Issued on"), day(ticket.issued_at, language)),
                Fact(say("宅基地所在省", "Home province"), holding.home.name),
                Fact(say("现在所在省", "Stands in"), holding.province.name),
                Fact(say("状态", "State"), say(*STATES[ticket.state]), wide=True),
                Fact(say("复垦费用", "Reclamation"), money(ticket.reclamation_cost, language)),
                Fact(say("融资费用", "Financing"), money(ticket.financing_cost, language)),
                Fact(
                    say("费用合计", "Costs"),
                    say(
                        f"{money(ticket.costs, language)}，成交后先行偿还",
                        f"{money(ticket.costs, language)}, repaid first when the ticket is sold",
                    ),
                    wide=True,
                ),
                Fact(say("核发记录", "Issue"), desk.entry(holding.entry), wide=True),
            ]
        ),
        notes=(moved,) if holding.present != ticket.id else (),
        signs=(
            say("持票农户（签字）", "Household (signature)"),
            say("核发机关（盖章）", "Issuing authority (seal)"),
        ),
        check=Check(
            say("扫码查验", "Scan to check"),
            say(
                "任何人都可以扫码查验本票的真伪、面积和状态；查验页不显示农户。",
                "Anybody can check that this ticket exists, its area and its state. The page does"
                " not name the household.",
            ),
            desk.address("ticket", ticket.id),
        ),
        dated=desk.dated,
        footer=desk.footer,
        pages=desk.page_words,
    )


def statement_paper(statement: Statement, household: Household, desk: Desk) -> Paper:
    """A calendar year of a housing account: opening + in - out = closing, movement by movement."""
    language = desk.language
    say = language.say
    is_over = local_date(desk.at) > date(statement.year, 12, 31)
    closing = say("年末余额", "Closing") if is_over else say("现有余额", "Balance now")
    not_over = say(
        "本年度尚未结束，此后的收支未列入。", "The year is not over: what comes later is missing."
    )
    return Paper(
        language=language,
        at=desk.at,
        file=f"hrt-statement-{statement.year}",
        issuer=say("复垦票基金管理中心", "Fund Centre for Homestead Reclamation Tickets"),
        title=say("住房账户年度对账单", "Statement of the Housing Account"),
        number=say(f"{statement.year} 年", str(statement.year)),
        lead=say(
            f"农户{named(household.name, household.id, language)}的住房账户在 {statement.year} 年"
            "1月1日至12月31日的收支如下。",
            f"The housing account of household {named(household.name, household.id, language)} from"
            f" 1 January to 31 December {statement.year}.",
        ),
        headline=Headline(closing, money(statement.closing, language), capitals(statement.closing)),
        facts=in_rows(
            [
                Fact(say("年初余额", "Opening"), money(statement.opening, language)),
                Fact(closing, money(statement.closing, language)),
                Fact(say("本年收入", "Came in"), money(statement.paid_in, language)),
                Fact(say("本年支出", "Went out"), money(statement.paid_out, language)),
            ]
        ),
        table=_movements(statement, closing, language),
        notes=() if is_over else (not_over,),
        check=_check(statement.lines, desk),
        dated=desk.dated,
        footer=desk.footer,
        pages=desk.page_words,
    )


def _movements(statement: Statement, closing: str, language: Language) -> Table:
    say = language.say
    lines = statement.lines[-LINES_MAX:]
    earlier = statement.lines[: -len(lines)] if lines else ()
    rows = [
        Row(("", say("年初余额", "Opening"), "", "", grouped(statement.opening), ""), is_sum=True)
    ]
    if earlier:
        amount = sum(line.movement.amount for line in earlier)
        told = say(f"较早的 {len(earlier)} 笔合计", f"{len(earlier)} earlier movements in one sum")
        last = short_day(earlier[-1].movement.at)
        balance = grouped(earlier[-1].balance)
        rows.append(Row((last, told, "", grouped(amount, plus=True), balance, "")))
    rows += [_row(line, language) for line in lines]
    count = len(statement.lines)
    told = say(f"共 {count} 笔，{closing}", f"{count} movements, {closing.lower()}")
    change = grouped(statement.closing - statement.opening, plus=True)
    rows.append(Row(("", told, "", change, grouped(statement.closing), ""), is_sum=True))
    return Table(
        say("逐笔明细", "Every movement"),
        (
            Column(say("日期", "Day")),
            Column(say("摘要", "What")),
            Column(say("业务编号", "Of")),
            Column(say("收支（元）", "In or out (CNY)"), is_figure=True),
            Column(say("余额（元）", "Balance (CNY)"), is_figure=True),
            Column(say("日志号", "Log entry"), is_figure=True),
        ),
        tuple(rows),
    )


def _row(line: Line, language: Language) -> Row:
    movement = line.movement
    zh, en = KINDS.get(movement.kind, (movement.kind, movement.kind))
    neutral = language.say("（不计收支）", " (not a payment)") if movement.kind in MOVED else ""
    return Row(
        (
            short_day(movement.at),
            language.say(zh, en) + neutral,
            movement.subject,
            grouped(movement.amount, plus=True),
            grouped(line.balance),
            "–" if movement.log_entry is None else str(movement.log_entry),
        )
    )


def _check(lines: Sequence[Line], desk: Desk) -> Check:
    say = desk.language.say
    proven = [line.movement.log_entry for line in lines if line.movement.log_entry is not None]
    title = say("扫码查验", "Scan to check")
    if not proven:
        text = say(
            "本年度没有已登入公开日志的收支。", "No movement of this year stands in the public log."
        )
        return Check(title, text, None)
    text = say(
        f"公开日志第 {proven[-1]} 号是最后一笔收支的记录，附有证明。日志中没有姓名。",
        f"The code shows entry {proven[-1]} of the public log, the record of the last movement,"
        " with its proof. There are no names in the log.",
    )
    return Check(title, text, desk.address("entry", proven[-1]))
