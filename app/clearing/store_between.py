"""Every SQL statement of statements and payments between provinces of different nodes."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text

from app.clearing.rules import Obligation
from app.clearing.rules_bank import BankAccount
from app.clearing.rules_stated import Agreed, StatedKind
from app.platform.db import Reader, Tx

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
