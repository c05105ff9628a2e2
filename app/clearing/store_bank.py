"""Every SQL statement of bank accounts and payment instructions."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text

from app.clearing.rules_bank import BankAccount, Instruction, InstructionKind
from app.kernel.units import Fen
from app.platform.db import Reader, Tx

_ACCOUNTS = """
    SELECT number, id, province, name, account, bank, salt, proposed_by, approved_by
    FROM bank_account
"""
_INSTRUCTIONS = """
    SELECT number, id, kind, window_number, statement, payer, payee, amount_fen, confirmed_fen,
           payer_account, payee_account, at, between_nodes FROM payment_instruction
"""
_INSERT_INSTRUCTION = text("""
    INSERT INTO payment_instruction (id, kind, window_number, statement, payer, payee, amount_fen,
                                     payer_account, payee_account, at, file, between_nodes)
    VALUES (:id, :kind, :window, :statement, :payer, :payee, :amount, :payer_account,
            :payee_account, :at, :file, :between)
""")


def _account(row: Row[Any]) -> BankAccount:
    return BankAccount(
        row.id,
        row.province,
        row.name,
        row.account,
        row.bank,
        bytes(row.salt),
        row.proposed_by,
        row.approved_by,
    )


def _instruction(row: Row[Any]) -> Instruction:
    return Instruction(
        row.id,
        InstructionKind(row.kind),
        row.window_number,
        row.statement,
        row.payer,
        row.payee,
        Fen(row.amount_fen),
        Fen(row.confirmed_fen),
        row.payer_account,
        row.payee_account,
        row.at,
        row.between_nodes,
    )


# ---------------------------------------------------------------------------------- accounts


async def lock_account(tx: Tx, id_: str) -> BankAccount | None:
    """An account that is registered here, held until this transaction ends."""
    rows = await tx.run(
        text(_ACCOUNTS + " WHERE id = :id AND from_node IS NULL FOR UPDATE"), {"id": id_}
    )
    row = rows.one_or_none()
    return None if row is None else _account(row)


async def find_accounts(reader: Reader, ids: Sequence[str | None]) -> dict[str, BankAccount]:
    """Accounts by id, also those that other nodes have told."""
    named = [id_ for id_ in ids if id_ is not None]
    rows = await reader.run(text(_ACCOUNTS + " WHERE id = ANY(:ids)"), {"ids": named})
    return {row.id: _account(row) for row in rows}


async def accounts_in_force(reader: Reader, provinces: Sequence[str]) -> dict[str, BankAccount]:
    """The newest approved account of each province that has one."""
    rows = await reader.run(
        text(
            _ACCOUNTS.replace("SELECT", "SELECT DISTINCT ON (province)")
            + """ WHERE province = ANY(:provinces) AND approved_by IS NOT NULL
                  ORDER BY province, number DESC"""
        ),
        {"provinces": list(provinces)},
    )
    return {row.province: _account(row) for row in rows}


async def holder_of(reader: Reader, number: str, *, approved: bool = True) -> str | None:
    """Whose account this is, if it is registered; with `approved`, by two people."""
    rows = await reader.run(
        text("""
            SELECT province FROM bank_account
            WHERE account = :number
                AND (approved_by IS NOT NULL OR from_node IS NOT NULL OR NOT :approved) LIMIT 1
        """),
        {"number": number, "approved": approved},
    )
    return rows.scalar_one_or_none()


async def list_accounts(
    reader: Reader, only: str | None, after: int, limit: int
) -> list[tuple[int, BankAccount]]:
    """Accounts with their numbers, in the order of their proposal."""
    rows = await reader.run(
        text(
            _ACCOUNTS
            + """ WHERE number > :after AND from_node IS NULL
                  AND (CAST(:only AS text) IS NULL OR province = :only)
                  ORDER BY number LIMIT :limit"""
        ),
        {"only": only, "after": after, "limit": limit},
    )
    return [(row.number, _account(row)) for row in rows]


async def insert_account(tx: Tx, account: BankAccount) -> None:
    """Add a proposed account."""
    await tx.run(
        text("""
            INSERT INTO bank_account (id, province, name, account, bank, salt, proposed_by)
            VALUES (:id, :province, :name, :account, :bank, :salt, :by)
        """),
        {
            "id": account.id,
            "province": account.province,
            "name": account.name,
            "account": account.number,
            "bank": account.bank,
            "salt": account.salt,
            "by": account.proposed_by,
        },
    )


async def approve_account(tx: Tx, id_: str, person: str) -> None:
    """Mark an account approved."""
    await tx.run(
        text("UPDATE bank_account SET approved_by = :person WHERE id = :id"),
        {"id": id_, "person": person},
    )


# ------------------------------------------------------------------------------ instructions


async def insert_instructions(
    tx: Tx, instructions: Sequence[tuple[Instruction, bytes | None]]
) -> None:
    """Add instructions, each with the file that its bank takes; between nodes it may come later."""
    if not instructions:
        return
    await tx.run(
        _INSERT_INSTRUCTION,
        [
            {
                "id": one.id,
                "kind": one.kind.value,
                "window": one.window,
                "statement": one.statement,
                "payer": one.payer,
                "payee": one.payee,
                "amount": one.amount,
                "payer_account": one.payer_account,
                "payee_account": one.payee_account,
                "at": one.at,
                "file": file,
                "between": one.between_nodes,
            }
            for one, file in instructions
        ],
    )


async def lock_instructions(tx: Tx, ids: Sequence[str]) -> dict[str, Instruction]:
    """Instructions by id, held until this transaction ends."""
    rows = await tx.run(
        text(_INSTRUCTIONS + " WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"), {"ids": list(ids)}
    )
    return {row.id: _instruction(row) for row in rows}


async def find_instruction(reader: Reader, id_: str) -> Instruction | None:
    """An instruction."""
    row = (await reader.run(text(_INSTRUCTIONS + " WHERE id = :id"), {"id": id_})).one_or_none()
    return None if row is None else _instruction(row)


async def read_file(reader: Reader, id_: str) -> bytes | None:
    """The file of an instruction; None while the payee's account has not come."""
    rows = await reader.run(
        text("SELECT file FROM payment_instruction WHERE id = :id"), {"id": id_}
    )
    file = rows.scalar_one()
    return None if file is None else bytes(file)


async def list_instructions(
    reader: Reader, only: str | None, after: int, limit: int
) -> list[tuple[int, Instruction]]:
    """Instructions with their numbers, in their order; those of `only`, where one is given."""
    rows = await reader.run(
        text(
            _INSTRUCTIONS
            + """ WHERE number > :after
                  AND (CAST(:only AS text) IS NULL OR :only IN (payer, payee))
                  ORDER BY number LIMIT :limit"""
        ),
        {"only": only, "after": after, "limit": limit},
    )
    return [(row.number, _instruction(row)) for row in rows]


async def confirm(tx: Tx, amounts: Mapping[str, int]) -> None:
    """Count what came for instructions."""
    if not amounts:
        return
    await tx.run(
        text("""
            UPDATE payment_instruction SET confirmed_fen = confirmed_fen + :amount WHERE id = :id
        """),
        [{"id": id_, "amount": amount} for id_, amount in sorted(amounts.items())],
    )
