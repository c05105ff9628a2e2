"""Why a bidder's cash or an exchange was credited."""

from collections.abc import Mapping

from app.kernel.units import decimal
from app.ledger import Credited, Explain, Line
from app.ledger.rules import EntryKind


def explain_deposit(credited: Credited) -> list[Line]:
    """The deposit of the lot, held, released or forfeited as a whole (R122)."""
    words = {
        EntryKind.DEPOSIT_HOLD: ("报名缴纳的保证金", "Deposit held at registration"),
        EntryKind.DEPOSIT_RELEASE: ("退还保证金", "Deposit released at the close"),
        EntryKind.DEPOSIT_FORFEIT: (
            "竞得人逾期未付款,保证金不予退还",
            "Deposit forfeited: the winner did not pay in time",
        ),
    }
    zh, en = words[credited.kind]
    return [
        Line(
            zh=zh,
            en=en,
            formula=decimal(credited.amount),
            amount=credited.amount,
            rule="R122",
            inputs=credited.facts,
        )
    ]


EXPLAINERS: Mapping[EntryKind, Explain] = {
    EntryKind.DEPOSIT_HOLD: explain_deposit,
    EntryKind.DEPOSIT_RELEASE: explain_deposit,
    EntryKind.DEPOSIT_FORFEIT: explain_deposit,
}
