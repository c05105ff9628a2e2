"""Every SQL statement between provinces."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.kernel.units import Area, Fen
from app.platform.db import Reader, Tx
from app.settlement import TicketShare
from app.transfers.rules import Netting, Settlement, Transfer, TransferState
from app.transfers.rules_messages import Propose

_TRANSFERS = """
    SELECT id, ticket, home, receiver, state, sent_area, received_area, coefficient, crosses
    FROM transfer
"""

_SETTLEMENTS = """
    SELECT number, id, payer, payee, payer_owed_fen, payee_owed_fen, at FROM provincial_settlement
"""
_ENDS = ("home", "receiver")
_SIDES = ("payer", "payee")


def _either(statement: str, columns: tuple[str, str], key: str) -> str:
    """Rows with a province in one of two columns, never in both: a page along each index."""
    one, other = (f"({statement.format(column)} ORDER BY {key} LIMIT :limit)" for column in columns)
    return f"{one} UNION ALL {other} ORDER BY {key} LIMIT :limit"


def _page(only: str | None, after: str | int, limit: int) -> dict[str, Any]:
    """Parameters of a list; `only` is bound where the statement names it."""
    return {"after": after, "limit": limit} | ({} if only is None else {"only": only})


def _transfer(row: Row[Any]) -> Transfer:
    return Transfer(
        row.id,
        row.ticket,
        row.home,
        row.receiver,
        TransferState(row.state),
        Area(row.sent_area),
        None if row.received_area is None else Area(row.received_area),
        row.coefficient,
        row.crosses,
    )


async def find_transfer(reader: Reader, id_: str) -> Transfer | None:
    """A transfer."""
    row = (await reader.run(text(_TRANSFERS + " WHERE id = :id"), {"id": id_})).one_or_none()
    return None if row is None else _transfer(row)


async def lock_transfer(tx: Tx, id_: str) -> Transfer | None:
    """A transfer, held until this transaction ends."""
    rows = await tx.run(text(_TRANSFERS + " WHERE id = :id FOR UPDATE"), {"id": id_})
    row = rows.one_or_none()
    return None if row is None else _transfer(row)


async def list_transfers(
    reader: Reader, only: str | None, after: str, limit: int
) -> list[Transfer]:
    """Transfers in order of id; those from or to the province `only`, where one is given."""
    statement = _TRANSFERS + " WHERE id > :after ORDER BY id LIMIT :limit"
    if only is not None:
        statement = _either(_TRANSFERS + " WHERE {} = :only AND id > :after", _ENDS, "id")
    rows = await reader.run(text(statement), _page(only, after, limit))
    return [_transfer(row) for row in rows]


async def insert_transfer(tx: Tx, transfer: Transfer, at: datetime) -> None:
    """Add a requested transfer."""
    await tx.run(
        text("""
            INSERT INTO transfer (id, ticket, home, receiver, state, sent_area, requested_at,
                                  crosses)
            VALUES (:id, :ticket, :home, :receiver, :state, :sent, :at, :crosses)
        """),
        {
            "id": transfer.id,
            "ticket": transfer.ticket,
            "home": transfer.home,
            "receiver": transfer.receiver,
            "state": transfer.state.value,
            "sent": transfer.sent,
            "at": at,
            "crosses": transfer.crosses,
        },
    )


async def update_transfer(tx: Tx, transfer: Transfer) -> None:
    """Keep a transfer's new state, and what an approval gave it."""
    await tx.run(
        text("""
            UPDATE transfer
            SET state = :state, received_area = :received, coefficient = :coefficient
            WHERE id = :id
        """),
        {
            "id": transfer.id,
            "state": transfer.state.value,
            "received": transfer.received,
            "coefficient": transfer.coefficient,
        },
    )


async def sum_conversions(reader: Reader) -> list[tuple[str, str, int, int]]:
    """What transfers that this node decided have taken from one province, and given to another."""
    rows = await reader.run(
        text("""
            SELECT home, receiver, sum(sent_area)::bigint AS sent,
                   sum(received_area)::bigint AS received
            FROM transfer WHERE state = 'approved' AND NOT crosses GROUP BY home, receiver
        """)
    )
    return [(row.home, row.receiver, row.sent, row.received) for row in rows]


async def insert_home_settlement(
    tx: Tx, terms: Propose, lot: str, share: TicketShare, at: datetime
) -> bool:
    """Note that a ticket that left was sold; False where it was before."""
    inserted = await tx.run(
        text("""
            INSERT INTO home_settlement (ticket, lot, province, share_fen, due_fen, at)
            VALUES (:ticket, :lot, :province, :share, :due, :at)
            ON CONFLICT (ticket) DO NOTHING
        """),
        {
            "ticket": terms.ticket,
            "lot": lot,
            "province": terms.receiver,
            "share": share.share,
            "due": share.due,
            "at": at,
        },
    )
    return inserted.rowcount == 1


async def home_settlements(reader: Reader) -> list[tuple[str, int, int]]:
    """Tickets that left and were sold: what is due for each, and what its entry has booked."""
    rows = await reader.run(
        text("""
            SELECT s.ticket, s.due_fen, coalesce(sum(p.amount), 0)::bigint AS booked
            FROM home_settlement s JOIN ticket t ON t.id = s.ticket
            LEFT JOIN ledger_entry e ON e.key = 'settle-home:' || s.lot || ':' || t.home_province
                || '-' || s.ticket || '/' || s.province
            LEFT JOIN ledger_posting p ON p.entry_id = e.record_id
            GROUP BY s.ticket, s.due_fen ORDER BY s.ticket
        """)
    )
    return [(row.ticket, row.due_fen, row.booked) for row in rows]


async def add_route(tx: Tx, home: str, receiver: str) -> None:
    """Note that quota has gone from one province to another: from then on they may owe."""
    await tx.run(
        text("""
            INSERT INTO transfer_route (home, receiver) VALUES (:home, :receiver)
            ON CONFLICT DO NOTHING
        """),
        {"home": home, "receiver": receiver},
    )


async def list_routes(reader: Reader, only: str | None) -> list[tuple[str, str]]:
    """Pairs between which quota has gone; those of the province `only`, where one is given."""
    rows = await reader.run(
        text("""
            SELECT home, receiver FROM transfer_route
            WHERE CAST(:only AS text) IS NULL OR home = :only OR receiver = :only
        """),
        {"only": only},
    )
    return [(row.home, row.receiver) for row in rows]


async def insert_settlement(tx: Tx, id_: str, netting: Netting, at: datetime) -> Settlement:
    """Add a settlement under the next number."""
    found = await tx.run(
        text("""
            INSERT INTO provincial_settlement
                (id, payer, payee, payer_owed_fen, payee_owed_fen, amount_fen, at)
            VALUES (:id, :payer, :payee, :payer_owes, :payee_owes, :amount, :at)
            RETURNING number
        """),
        {
            "id": id_,
            "payer": netting.payer,
            "payee": netting.payee,
            "payer_owes": netting.payer_owes,
            "payee_owes": netting.payee_owes,
            "amount": netting.paid,
            "at": at,
        },
    )
    return Settlement(found.scalar_one(), id_, netting, at)


async def list_settlements(
    reader: Reader, only: str | None, after: int, limit: int
) -> list[Settlement]:
    """Settlements in their order; those of the province `only`, where one is given."""
    statement = _SETTLEMENTS + " WHERE number > :after ORDER BY number LIMIT :limit"
    if only is not None:
        statement = _either(
            _SETTLEMENTS + " WHERE {} = :only AND number > :after", _SIDES, "number"
        )
    rows = await reader.run(text(statement), _page(only, after, limit))
    return [
        Settlement(
            r.number,
            r.id,
            Netting(r.payer, r.payee, Fen(r.payer_owed_fen), Fen(r.payee_owed_fen)),
            r.at,
        )
        for r in rows
    ]
