"""Why an account was credited: signed lines whose sum is the amount, each with its formula."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kernel.units import decimal
from app.ledger.kinds import EntryKind


@dataclass(frozen=True, slots=True)
class Line:
    """One step. `amount` is in fen and signed; `formula` shows the figures it was computed from."""

    zh: str
    en: str
    formula: str
    amount: int
    rule: str
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credited:
    """An entry as it stands: what a slice needs to explain the credit of `account` by it."""

    id: int
    kind: EntryKind
    account: str
    amount: int
    subject: str
    policy: str | None
    facts: Mapping[str, Any]
    postings: Sequence[tuple[str, str, int]]


Explain = Callable[[Credited], list[Line]]


def explain_plainly(credited: Credited) -> list[Line]:
    """One line per posting into the account: for kinds whose amount is simply what was moved."""
    return [
        Line(
            zh=f"自账户 {source} 转入",
            en=f"Moved here from the account {source}",
            formula=decimal(amount),
            amount=amount,
            rule="R231",
            inputs=credited.facts,
        )
        for source, target, amount in credited.postings
        if target == credited.account
    ] + [
        Line(
            zh=f"转出至账户 {target}",
            en=f"Moved on to the account {target}",
            formula=f"-{decimal(amount)}",
            amount=-amount,
            rule="R231",
            inputs=credited.facts,
        )
        for source, target, amount in credited.postings
        if source == credited.account
    ]
