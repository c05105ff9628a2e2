"""Why a housing account rose or fell, and a pool got a share of land income."""

from dataclasses import replace

from app.accounts.rules import ContractKind, pooled_share, subsidy_by_area, subsidy_by_head
from app.kernel.units import Area, Fen, decimal, hundredths
from app.ledger import Credited, EntryKind, Explain, Line
from app.policy.rules import SubsidyBasis


def explain_subsidy(credited: Credited) -> list[Line]:
    """Rate x heads, or rate x area half up, from the facts; negative for the pool that paid it."""
    facts = credited.facts
    rate = Fen(hundredths(facts["rate"]))
    if facts["basis"] == SubsidyBasis.HEAD:
        amount = subsidy_by_head(rate, facts["heads"])
        formula = f"{facts['rate']} × {facts['heads']}"
        zh = f"{facts['year']}年度人头补助:每人标准 × 家庭法定人口"
        en = f"Subsidy of {facts['year']}: rate per head × members of the household"
    else:
        amount = subsidy_by_area(rate, Area(hundredths(facts["area"])))
        formula = f"{facts['rate']} × {facts['area']}"
        zh = f"{facts['year']}年度面积补助:每平方米标准 × 面积,四舍五入到分"
        en = f"Subsidy of {facts['year']}: rate per m² × area, rounded half up to the fen"
    return [_signed(credited, Line(zh, en, formula, amount, "R136", facts))]


def explain_land_income(credited: Credited) -> list[Line]:
    """`floor(amount x share)`, from the facts."""
    facts = credited.facts
    pooled = pooled_share(Fen(hundredths(facts["amount"])), hundredths(facts["share"]))
    formula = f"⌊{facts['amount']} × {facts['share']}⌋"
    zh = "土地出让金收入按比例划入补助资金池,舍去不足一分的部分"
    en = "The share of land income that goes to the subsidy pool, rounded down to the fen"
    return [_signed(credited, Line(zh, en, formula, pooled, "R138", facts))]


def explain_rent(credited: Credited) -> list[Line]:
    """`area x (rent - subsidy)`, from the facts, less what the account could not pay (R156)."""
    facts = credited.facts
    charge, paid = hundredths(facts["charge"]), hundredths(facts["paid"])
    net = f"max({facts['rent_per_m2']} - {facts['subsidy_per_m2']}, 0)"
    lines = [
        Line(
            zh=f"第{facts['month']}个月的公租房租金:面积 ×(每平方米租金 - 补贴),四舍五入到分",
            en=f"Public rent, month {facts['month']}: area × (rent - subsidy) per m², to the fen",
            formula=f"-({facts['area']} × {net})",
            amount=-charge,
            rule="R156",
            inputs=facts,
        ),
        Line(
            zh="余额不够,记为欠租的部分",
            en="The part that the balance did not cover: it stays due",
            formula=f"{facts['charge']} - {facts['paid']}",
            amount=charge - paid,
            rule="R162",
            inputs=facts,
        ),
    ]
    return [line for line in lines if line.amount]


OF_CONTRACTS = {
    ContractKind.AFFORDABLE_PURCHASE: ("买经济适用房", "an affordable home", "R149"),
    ContractKind.PUBLIC_PURCHASE: ("买下租住的公租房", "the public home rented so far", "R160"),
    ContractKind.COMMERCIAL_PURCHASE: ("买首套商品房", "a first commercial home", "R165"),
    ContractKind.MORTGAGE_OFFSET: ("偿还首套房贷", "the mortgage of a first home", "R166"),
}
OF_CAUSES = {
    "account.refunded": ("提前退还,余额付现", "Early refund: the balance in cash", "R157"),
    "account.withdrawn": ("按规定提取现金", "Withdrawn in cash", "R167"),
    "account_closed": ("账户已结清,到账即付现", "The account is closed: paid on in cash", "R157"),
}


def explain_use(credited: Credited) -> list[Line]:
    """What a home, a refund or a withdrawal took from the account: by its contract or its cause."""
    facts, paid = credited.facts, abs(credited.amount)
    if "contract" not in facts:
        zh, en, rule = OF_CAUSES[facts["cause"]]
        return [_signed(credited, Line(zh, en, decimal(paid), paid, rule, facts))]
    zh, home, rule = OF_CONTRACTS[ContractKind(facts["contract"])]
    if credited.kind is EntryKind.CASH_PAYMENT:
        zh, en, formula = f"{zh}后,余款付现", f"What is left after {home}, in cash", decimal(paid)
    else:
        zh, en = (
            f"{zh}:账户先付,付到应付数为止",
            f"For {home}: the account pays first, up to what is asked",
        )
        held = sum(hundredths(facts[k]) for k in ("balance_after", "paid_for_home", "paid_in_cash"))
        formula = f"min({facts['price']}, {decimal(held)})"
    return [_signed(credited, Line(zh, en, formula, paid, rule, facts))]


def explain_move(credited: Credited) -> list[Line]:
    """The whole balance goes with its household to the other province's books (R188)."""
    facts, moved = credited.facts, abs(credited.amount)
    zh = f"账户随人由 {facts['from']} 转到 {facts['to']},余额一分不少"
    en = f"The account goes with its household from {facts['from']} to {facts['to']}, unchanged"
    return [_signed(credited, Line(zh, en, facts["balance"], moved, "R188", facts))]


def _signed(credited: Credited, line: Line) -> Line:
    if credited.amount >= 0:
        return line
    return replace(line, formula=f"-({line.formula})", amount=-line.amount)


EXPLAINERS: dict[EntryKind, Explain] = {
    EntryKind.SUBSIDY: explain_subsidy,
    EntryKind.LAND_INCOME: explain_land_income,
    EntryKind.RENT: explain_rent,
    EntryKind.HOUSING_PAYMENT: explain_use,
    EntryKind.CASH_PAYMENT: explain_use,
    EntryKind.ACCOUNT_MOVED_OUT: explain_move,
    EntryKind.ACCOUNT_MOVED_IN: explain_move,
}
