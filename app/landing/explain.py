"""Why landing credited an account."""

from app.ledger import Credited, Explain, Line
from app.ledger.rules import EntryKind


def explain_certificate_resale(credited: Credited) -> list[Line]:
    """The part of the certificate's cost that the plot used up, by area (R175)."""
    facts = credited.facts
    return [
        Line(
            zh="地块占用的复垦票成本,由土地竞得人付给凭证持有人",
            en="Cost of the quota the plot used up, paid by the land's winner to the holder",
            formula=(
                f"floor({facts['remaining_cost_cny']} × {facts['area_m2']}"
                f" / {facts['remaining_area_m2']})"
            ),
            amount=credited.amount,
            rule="R175",
            inputs=facts,
        )
    ]


EXPLAINERS: dict[EntryKind, Explain] = {
    EntryKind.CERTIFICATE_RESALE: explain_certificate_resale,
}
