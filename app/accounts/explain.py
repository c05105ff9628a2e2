"""Why an account was credited a subsidy, and a pool a share of land income (R136, R138)."""

from dataclasses import replace

from app.accounts.rules import pooled_share, subsidy_by_area, subsidy_by_head
from app.kernel.units import Area, Fen, hundredths
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


def _signed(credited: Credited, line: Line) -> Line:
    if credited.amount >= 0:
        return line
    return replace(line, formula=f"-({line.formula})", amount=-line.amount)


EXPLAINERS: dict[EntryKind, Explain] = {
    EntryKind.SUBSIDY: explain_subsidy,
    EntryKind.LAND_INCOME: explain_land_income,
}
