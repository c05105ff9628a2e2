"""Every SQL statement of what provinces of different nodes owe each other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from app.clearing.rules import Obligation
from app.clearing.rules_bank import BankAccount
from app.clearing.rules_stated import Agreed, Stated, StatedKind, StatedSide
from app.kernel.units import Fen
from app.platform.db import Reader, Tx

_STATED = "SELECT transfer, kind, side, debtor, creditor, amount_fen, entry_hash"
# Both statements of a matter side by side, and whether they are agreed.
_MATTERS = """
    SELECT coalesce(d.transfer, c.transfer) AS transfer, coalesce(d.kind, c.kind) AS kind,
           coalesce(d.debtor, c.debtor) AS debtor, coalesce(d.creditor, c.creditor) AS creditor,
           d.amount_fen AS debtor_fen, c.amount_fen AS creditor_fen,
           d.entry_hash AS debtor_entry, c.entry_hash AS creditor_entry,
           (SELECT statement FROM statement_obligation o
            WHERE (o.transfer, o.kind) = (coalesce(d.transfer, c.transfer),
                                          coalesce(d.kind, c.kind))) AS statement
    FROM (SELECT * FROM stated_obligation WHERE side = 'debtor') d
    FULL JOIN (SELECT * FROM stated_obligation WHERE side = 'creditor') c
        ON (c.transfer, c.kind) = (d.transfer, d.kind)
"""


@dataclass(frozen=True, slots=True)
class Matter:
    """What both sides have stated of a debt; None where a side's statement has not come.

    `debtor_entry` and `creditor_entry` are leaf hashes of the entries that they rest on.
    """

    transfer: str
    kind: StatedKind
    debtor: str
    creditor: str
    debtor_amount: Fen | None
    creditor_amount: Fen | None
    debtor_entry: str | None
    creditor_entry: str | None
    statement: str | None

    @property
    def key(self) -> str:
        """By what it is listed."""
        return f"{self.transfer} {self.kind}"


def _stated(row: Row[Any]) -> Stated:
    return Stated(
        transfer=row.transfer,
        kind=StatedKind(row.kind),
        side=StatedSide(row.side),
        debtor=row.debtor,
        creditor=row.creditor,
        amount=Fen(row.amount_fen),
    )


def _matter(row: Row[Any]) -> Matter:
    return Matter(
        row.transfer,
        StatedKind(row.kind),
        row.debtor,
        row.creditor,
        None if row.debtor_fen is None else Fen(row.debtor_fen),
        None if row.creditor_fen is None else Fen(row.creditor_fen),
        row.debtor_entry,
        row.creditor_entry,
        row.statement,
    )


# ---------------------------------------------------------------------------- stated and agreed


async def leaf_hash(reader: Reader, record: int) -> str:
    """The leaf hash of a record of this node, in hex."""
    rows = await reader.run(
        text("SELECT encode(leaf_hash, 'hex') FROM record WHERE id = :id"), {"id": record}
    )
    return str(rows.scalar_one())


async def hold_matter(tx: Tx, transfer: str) -> None:
    """Take statements about one transfer one after the other."""
    await tx.run(
        text("SELECT pg_advisory_xact_lock(hashtextextended('stated ' || :transfer, 0))"),
        {"transfer": transfer},
    )


async def put_stated(tx: Tx, stated: Stated, entry: str, record: int | None) -> None:
    """Keep what a side has stated; `record` is its entry where it is of this node."""
    await tx.run(
        text("""
            INSERT INTO stated_obligation
                (transfer, kind, side, debtor, creditor, amount_fen, entry_hash, record, at)
            VALUES (:transfer, :kind, :side, :debtor, :creditor, :amount, :entry, :record, :at)
        """),
        {
            "transfer": stated.transfer,
            "kind": stated.kind.value,
            "side": stated.side.value,
            "debtor": stated.debtor,
            "creditor": stated.creditor,
            "amount": stated.amount,
            "entry": entry,
            "record": record,
            "at": await tx.now(),
        },
    )


async def find_stated(reader: Reader, transfer: str, kind: StatedKind) -> dict[Stated, str]:
    """What has been stated of a debt, with the leaf hashes of the entries."""
    rows = await reader.run(
        text(_STATED + " FROM stated_obligation WHERE (transfer, kind) = (:transfer, :kind)"),
        {"transfer": transfer, "kind": kind.value},
    )
    return {_stated(row): row.entry_hash for row in rows}


async def own_stated(reader: Reader, transfers: Collection[str]) -> list[Stated]:
    """What this node has stated of these transfers, by entries of its own."""
    rows = await reader.run(
        text(
            _STATED
            + " FROM stated_obligation WHERE transfer = ANY(:transfers) AND record IS NOT NULL"
        ),
        {"transfers": list(transfers)},
    )
    return [_stated(row) for row in rows]


async def insert_agreed(tx: Tx, stated: Stated, record: int) -> None:
    """Keep what both sides have stated alike, by the record that says so."""
    await tx.run(
        text("""
            INSERT INTO agreed_obligation (transfer, kind, debtor, creditor, amount_fen, record)
            VALUES (:transfer, :kind, :debtor, :creditor, :amount, :record)
        """),
        {
            "transfer": stated.transfer,
            "kind": stated.kind.value,
            "debtor": stated.debtor,
            "creditor": stated.creditor,
            "amount": stated.amount,
            "record": record,
        },
    )


async def read_agreed(reader: Reader, first: int, end: int) -> list[Agreed]:
    """What was agreed by the entries [first, end) of the log, in its order."""
    rows = await reader.run(
        text("""
            SELECT l.leaf_index, a.transfer, a.kind, a.debtor, a.creditor, a.amount_fen
            FROM agreed_obligation a JOIN tlog_leaf l ON l.record_id = a.record
            WHERE l.leaf_index >= :first AND l.leaf_index < :end ORDER BY l.leaf_index
        """),
        {"first": first, "end": end},
    )
    return [
        Agreed(
            transfer=row.transfer,
            kind=StatedKind(row.kind),
            debtor=row.debtor,
            creditor=row.creditor,
            amount=Fen(row.amount_fen),
            leaf=row.leaf_index,
        )
        for row in rows
    ]


async def list_matters(
    reader: Reader, only: str | None, after: tuple[str, str], limit: int
) -> list[Matter]:
    """What has been stated, in order of transfer and kind; of the province `only`, where given."""
    rows = await reader.run(
        text(
            f"SELECT * FROM ({_MATTERS}) m"  # noqa: S608 - a constant
            """ WHERE (transfer, kind) > (:transfer, :kind)
                  AND (CAST(:only AS text) IS NULL OR :only IN (debtor, creditor))
                ORDER BY transfer, kind LIMIT :limit"""
        ),
        {"transfer": after[0], "kind": after[1], "only": only, "limit": limit},
    )
    return [_matter(row) for row in rows]


# ----------------------------------------------------------------------------------- statements


async def insert_local(tx: Tx, statement: str, owed: Sequence[Obligation]) -> None:
    """Keep the obligations of a statement between two provinces of this node."""
    rows = [(n, o.leaf, None, o.kind, o.debtor, o.amount) for n, o in enumerate(owed, 1)]
    await _insert(tx, statement, rows)


async def insert_between(tx: Tx, statement: str, owed: Sequence[Agreed]) -> None:
    """Keep the obligations of a statement between nodes; each is in one statement."""
    rows = [
        (n, o.leaf, o.transfer, o.kind.value, o.debtor, o.amount) for n, o in enumerate(owed, 1)
    ]
    await _insert(tx, statement, rows)


async def _insert(
    tx: Tx, statement: str, rows: Sequence[tuple[int, int, str | None, str, str, int]]
) -> None:
    names = ("position", "leaf", "transfer", "kind", "debtor", "amount")
    await tx.run(
        text("""
            INSERT INTO statement_obligation
                (statement, position, leaf, transfer, kind, debtor, amount_fen)
            VALUES (:statement, :position, :leaf, :transfer, :kind, :debtor, :amount)
        """),
        [{"statement": statement} | dict(zip(names, row, strict=True)) for row in rows],
    )


async def stated_before(
    reader: Reader, transfers: Collection[str], but: str
) -> set[tuple[str, StatedKind]]:
    """What of these transfers stands in other statements than `but`."""
    rows = await reader.run(
        text("""
            SELECT transfer, kind FROM statement_obligation
            WHERE transfer = ANY(:transfers) AND statement <> :but
        """),
        {"transfers": list(transfers), "but": but},
    )
    return {(row.transfer, StatedKind(row.kind)) for row in rows}


async def is_booked(reader: Reader, statement: str) -> bool:
    """Whether the obligations of a statement were found in the own books."""
    rows = await reader.run(
        text("SELECT EXISTS (SELECT FROM statement_obligation WHERE statement = :id)"),
        {"id": statement},
    )
    return bool(rows.scalar_one())


# ------------------------------------------------------------------- accounts of other provinces


async def hold_instructions(tx: Tx, ids: Collection[str]) -> None:
    """Take what is told of one payment one after the other: who is paid, and by which account."""
    await tx.run(
        text("""
            SELECT pg_advisory_xact_lock(hashtextextended('instruction ' || id, 0))
            FROM (SELECT unnest(CAST(:ids AS text[])) AS id ORDER BY 1) held
        """),
        {"ids": list(ids)},
    )


async def put_account(tx: Tx, account: BankAccount, node: str) -> None:
    """Keep an account as its own node has told it."""
    await tx.run(
        text("""
            INSERT INTO bank_account (id, province, name, account, bank, salt, proposed_by,
                                      from_node)
            VALUES (:id, :province, :name, :account, :bank, :salt, :by, :by)
        """),
        {
            "id": account.id,
            "province": account.province,
            "name": account.name,
            "account": account.number,
            "bank": account.bank,
            "salt": account.salt,
            "by": node,
        },
    )


async def put_given(tx: Tx, instruction: str, account: BankAccount) -> None:
    """Keep which account was told for an instruction."""
    await tx.run(
        text("""
            INSERT INTO given_account (instruction, province, account)
            VALUES (:instruction, :province, :account)
        """),
        {"instruction": instruction, "province": account.province, "account": account.id},
    )


async def given_account(reader: Reader, instruction: str, province: str) -> str | None:
    """The id of the account that a province has told for an instruction, once it has."""
    rows = await reader.run(
        text("""
            SELECT account FROM given_account
            WHERE (instruction, province) = (:instruction, :province)
        """),
        {"instruction": instruction, "province": province},
    )
    return rows.scalar_one_or_none()


async def account_told(reader: Reader, province: str, number: str) -> str | None:
    """The id of the newest account of another node's province with this number."""
    rows = await reader.run(
        text("""
            SELECT id FROM bank_account
            WHERE province = :province AND account = :number AND from_node IS NOT NULL
            ORDER BY bank_account.number DESC LIMIT 1
        """),
        {"province": province, "number": number},
    )
    return rows.scalar_one_or_none()


async def complete(tx: Tx, instruction: str, parts: Mapping[str, object]) -> None:
    """Fill in what was not known of an instruction between nodes: an account, or its file."""
    columns = ", ".join(f"{name} = :{name}" for name in parts)
    await tx.run(
        text(f"UPDATE payment_instruction SET {columns} WHERE id = :id"),  # noqa: S608 - own names
        {"id": instruction, **parts},
    )


async def parts_of(reader: Reader, instruction: str) -> int:
    """How many times money was confirmed for an instruction by this node's own evidence."""
    rows = await reader.run(
        text("SELECT count(*) FROM record WHERE kind = 'payment.confirmed' AND subject = :id"),
        {"id": instruction},
    )
    return int(rows.scalar_one())
