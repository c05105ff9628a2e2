"""What is not kept a second time: who owes whom, and what the ministry has decided elsewhere."""

from collections.abc import Sequence

from app import ledger, nodes
from app.clearing.rules import due_from, due_to
from app.kernel.units import Fen
from app.platform.db import Reader
from app.transfers import rules, store, store_crossing
from app.transfers.rules_messages import Decision
from app.transfers.store_crossing import Crossing


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
    debts = {pair: due_to(pair[1], pair[0]) for pair in behind}
    claims = {pair: due_from(*pair) for pair in behind}
    held = await ledger.balances(reader, [*debts.values(), *claims.values()])
    # Both books say the same; where another node keeps the debtor's, the creditor's says it alone.
    due = [rules.Position(*pair, Fen(held[debts[pair]] or -held[claims[pair]])) for pair in behind]
    return [position for position in due if position.amount][:limit]


async def list_decisions(reader: Reader, crossings: Sequence[Crossing]) -> dict[str, Decision]:
    """The decisions on crossings that this node has heard of: by letter, or made here itself."""
    ids = [crossing.id for crossing in crossings]
    ministry = await nodes.ministry(reader)
    if ministry is None:
        return await store_crossing.list_decisions(reader, ids)
    heard = await nodes.heard(reader, ministry.name, Decision.type, ids)
    return {id_: Decision.from_body(body) for id_, body in heard.items()}


def position_key(debtor: str, creditor: str) -> str:
    """For example `330000>500000`: the debtor first."""
    return f"{debtor}>{creditor}"
