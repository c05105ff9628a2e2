"""What a redemption would do to the account: lines from the balance before to the one after."""

from app.accounts.rules_outcome import Outcome
from app.accounts.rules_redemptions import RedemptionKind
from app.kernel.units import decimal
from app.ledger import Line

_HOME = {
    RedemptionKind.AFFORDABLE_PURCHASE: ("R148", "支付经济适用房价款", "Paid for the home"),
    RedemptionKind.PUBLIC_PURCHASE: ("R159", "支付公租房价款", "Paid for the rented home"),
    RedemptionKind.COMMERCIAL_PURCHASE: ("R165", "支付商品房价款", "Paid for the home"),
    RedemptionKind.MORTGAGE_OFFSET: ("R166", "付给贷款人,冲抵房贷本金", "Paid to the lender"),
    RedemptionKind.PUBLIC_RENTAL: ("R156", "签约当日扣第一个月房租", "The first month's rent"),
}
_CASH = {
    RedemptionKind.AFFORDABLE_PURCHASE: ("R148", "余款付给农户", "The rest, in cash"),
    RedemptionKind.PUBLIC_PURCHASE: (
        "R159",
        "余款必须付给农户",
        "The rest, always in cash",
    ),
    RedemptionKind.REFUND: ("R163", "余额全部退还农户", "The whole balance, in cash"),
    RedemptionKind.CASH_WITHDRAWAL: ("R167", "余额全部付给农户", "The whole balance, in cash"),
}


def explain_redemption(kind: RedemptionKind, outcome: Outcome) -> list[Line]:
    """Signed lines in fen whose sum is the balance that would be left."""
    use, before = outcome.use, outcome.before.balance
    lines = [Line("账户现有余额", "The balance now", decimal(before), before, "R141")]
    if use.housing:
        rule, zh, en = _HOME[kind]
        lines.append(Line(zh, en, _paid(outcome, kind), -use.housing, rule))
    if use.cash:
        rule, zh, en = _CASH[kind]
        taken = f"({decimal(before)} - {decimal(use.housing)})" if use.housing else decimal(before)
        lines.append(Line(zh, en, f"-{taken}", -use.cash, rule))
    return lines


def _paid(outcome: Outcome, kind: RedemptionKind) -> str:
    """The lesser of what the account holds and what is asked for."""
    use, before = outcome.use, outcome.before.balance
    if kind is RedemptionKind.PUBLIC_RENTAL:
        assert outcome.rental is not None, "a rental that is begun has a charge"
        asked = outcome.rental.charge
    else:
        assert use.terms is not None, "what is paid for a home has a contract"
        asked = use.terms.price
    return f"-min({decimal(before)}, {decimal(asked)})"
