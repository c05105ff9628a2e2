"""Why an account was credited between provinces."""

from app.kernel.units import hundredths
from app.ledger import Credited, Explain, Line
from app.ledger.rules import AccountKind, EntryKind


def explain_conversion(credited: Credited) -> list[Line]:
    """The area that arrived, by the coefficient in force on the day of the approval (R183)."""
    facts = credited.facts
    return [
        Line(
            zh=f"按调节系数({facts['document']})换算后的面积",
            en=f"The area converted by the coefficient of {facts['document']}",
            formula=f"floor({facts['sent_m2']} × {facts['yield_out']} / {facts['yield_in']})",
            amount=credited.amount,
            rule="R183",
            inputs=facts,
        )
    ]


def explain_settlement(credited: Credited) -> list[Line]:
    """What was owed, what was netted against the other's debt, and what was paid."""
    if credited.account.startswith(f"{AccountKind.BANK}:"):
        return _payment(credited)
    facts = credited.facts
    sign = 1 if credited.amount > 0 else -1
    lines = []
    for source, target, amount in credited.postings:
        if credited.account not in {source, target}:
            continue
        bank = f"{AccountKind.BANK}:"
        paid = source.startswith(bank) or target.startswith(bank)
        gross = f"{facts['payer_owes_cny']} - {facts['payee_owes_cny']}"
        lines.append(
            Line(
                zh="差额以银行转账支付" if paid else "与对方所欠款项相互抵销",
                en="The rest, paid by bank" if paid else "Netted against what the other side owed",
                formula=gross if paid else facts["netted_cny"],
                amount=sign * amount,
                rule="R231",
                inputs=facts,
            )
        )
    return lines


def _payment(credited: Credited) -> list[Line]:
    facts = credited.facts
    sign = 1 if credited.amount > 0 else -1
    return [
        Line(
            zh="付款省份在结算前的应付总额",
            en="Gross amount that the payer owed",
            formula=facts["payer_owes_cny"],
            amount=sign * hundredths(facts["payer_owes_cny"]),
            rule="R231",
            inputs=facts,
        ),
        Line(
            zh="减:与收款省份所欠款项相互抵销",
            en="Less what the payee owed in turn",
            formula=f"-{facts['netted_cny']}",
            amount=-sign * hundredths(facts["netted_cny"]),
            rule="R231",
            inputs=facts,
        ),
    ]


EXPLAINERS: dict[EntryKind, Explain] = {
    EntryKind.CONVERSION_IN: explain_conversion,
    EntryKind.PROVINCIAL_SETTLEMENT: explain_settlement,
}
