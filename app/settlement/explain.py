"""Why this amount: from the hammer price of the lot to the fen credited."""

from collections.abc import Mapping
from typing import Any

from app.kernel.units import hundredths
from app.ledger import Credited, Explain, Line, explain_plainly
from app.ledger.rules import EntryKind

PARTY_ZH = {
    "county": "县级财政",
    "township": "乡镇财政",
    "village_committee": "村民委员会",
    "collective": "村集体经济组织",
    "villager": "农户",
}
PARTY_EN = {
    "county": "the county",
    "township": "the township",
    "village_committee": "the village committee",
    "collective": "the village collective",
    "villager": "the household",
}


def explain_settlement(credited: Credited) -> list[Line]:
    """The price, less everything that went elsewhere, is what this account was credited."""
    facts = credited.facts
    accounts = {facts["cost_account"], *(account for _, _, _, account in facts["split"])}
    if credited.account not in accounts:
        return explain_plainly(credited)
    lines = [_price(facts), _other_tickets(facts)]
    lines += _costs(facts, mine=credited.account == facts["cost_account"])
    lines.append(_net(facts))
    lines += [_part(facts, row, credited.account) for row in facts["split"]]
    return lines


EXPLAINERS: Mapping[EntryKind, Explain] = {
    EntryKind.SETTLEMENT: explain_settlement,
    EntryKind.SETTLEMENT_HOME: explain_settlement,
}


def _price(facts: Mapping[str, Any]) -> Line:
    return Line(
        zh=f"标的 {facts['lot']} 的成交价",
        en=f"Hammer price of the lot {facts['lot']}",
        formula=facts["price"],
        amount=hundredths(facts["price"]),
        rule="R123",
        inputs={"lot": facts["lot"], "price_cny": facts["price"]},
    )


def _other_tickets(facts: Mapping[str, Any]) -> Line:
    return Line(
        zh="减去同一标的中其他票按面积应得的部分",
        en="Less what the other tickets of the lot bring by their area",
        formula=(
            f"{facts['price']} × {facts['ticket_area']} ÷ {facts['lot_area']}"
            f" → {facts['share']}; {facts['share']} − {facts['price']}"
        ),
        amount=hundredths(facts["share"]) - hundredths(facts["price"]),
        rule="R118",
        inputs={
            "ticket": facts["ticket"],
            "ticket_area_m2": facts["ticket_area"],
            "lot_area_m2": facts["lot_area"],
            "share_cny": facts["share"],
            "rounding": "floor, left-over fen to the largest remainders, then by ticket id",
        },
    )


def _costs(facts: Mapping[str, Any], *, mine: bool) -> list[Line]:
    words = (
        ("reclamation_cost", "复垦费用", "the reclamation cost"),
        ("financing_cost", "融资费用", "the financing cost"),
    )
    return [
        Line(
            zh=f"{'偿还贵县垫付的' if mine else '减去'}{zh}",
            en=f"{'Kept: repays' if mine else 'Less'} {en}",
            formula=facts[name] if mine else f"−{facts[name]}",
            amount=0 if mine else -hundredths(facts[name]),
            rule="R133",
            inputs={f"{name}_cny": facts[name]},
        )
        for name, zh, en in words
    ]


def _net(facts: Mapping[str, Any]) -> Line:
    return Line(
        zh=f"净收益 {facts['net']} 元,按政策规定的比例分配",
        en=f"The net of {facts['net']} yuan is shared by the policy's weights",
        formula=(
            f"{facts['share']} − {facts['reclamation_cost']} − {facts['financing_cost']}"
            f" = {facts['net']}"
        ),
        amount=0,
        rule="R133",
        inputs={"net_cny": facts["net"]},
    )


def _part(facts: Mapping[str, Any], row: list[Any], account: str) -> Line:
    party, weight, amount, target = row
    whole = sum(w for _, w, _, _ in facts["split"])
    mine = target == account
    return Line(
        zh=f"{'归入本账户' if mine else '减去'}:{PARTY_ZH[party]}的份额 {weight}/{whole}",
        en=f"{'Kept: ' if mine else 'Less '}the share of {PARTY_EN[party]}, {weight}/{whole}",
        formula=f"{facts['net']} × {weight} ÷ {whole} → {amount}",
        amount=0 if mine else -hundredths(amount),
        rule="R134",
        inputs={
            "party": party,
            "weight": weight,
            "whole": whole,
            "amount_cny": amount,
            "rounding": "floor, left-over fen to the largest remainders, then to the later party",
        },
    )
