"""Who owes whom between provinces: read from the ledger, never kept a second time."""

from app import ledger
from app.kernel.units import Fen
from app.platform.db import Reader
from app.transfers import rules, store


async def list_positions(
    reader: Reader, only: str | None, after: str, limit: int
) -> list[rules.Position]:
    """Gross amounts due other than zero, by debtor and creditor, from behind `debtor>creditor`.

    Debts arise only where quota has gone, in either direction; a country has few such pairs, so
    all their balances are read in one statement. `only` leaves those of one province.
    """
    pairs = {
        pair
        for home, receiver in await store.list_routes(reader, only)
        for pair in ((home, receiver), (receiver, home))
    }
    behind = sorted(pair for pair in pairs if position_key(*pair) > after)
    held = await ledger.balances(reader, [rules.due_to(creditor, d) for d, creditor in behind])
    due = [
        rules.Position(debtor, creditor, Fen(held[rules.due_to(creditor, debtor)]))
        for debtor, creditor in behind
    ]
    return [position for position in due if position.amount][:limit]


def position_key(debtor: str, creditor: str) -> str:
    """For example `330000>500000`: the debtor first."""
    return f"{debtor}>{creditor}"
