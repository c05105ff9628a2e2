"""Receipts: what the exchange says, and signs, of a command that it has answered.

A receipt binds one record of the command's transaction and is kept in the same transaction. It is
signed after the commit and from what is kept, so every repetition of the request is answered with
the same signed text. How it is worded and signed is the transparency log's affair.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, create_model
from sqlalchemy import text

from app.kernel.refusal import CommonRefusal
from app.platform.db import Reader, Tx
from app.platform.problems import Problem
from app.platform.wire import Out

ID_PATTERN = r"^[0-9a-f]{32}$"

_KEEP = text("""
    INSERT INTO receipt (id, record_id, at, operation, status, code, request_hash)
    VALUES (:id, :record, :at, :operation, :status, :code, :request_hash)
""")
_FIND = text("""
    SELECT c.id, c.record_id, r.body, c.at, c.operation, c.status, c.code, c.request_hash
    FROM receipt c JOIN record r ON r.id = c.record_id WHERE c.id = :id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is signed: this request was answered so, and this record says what came of it.

    `entry` are the record's bytes, as they become an entry of the log; `code` is the refusal's,
    None for an accepted command; `request_hash` is the SHA-256 of the request's JSON value.
    """

    id: str
    record: int
    entry: bytes
    at: datetime
    operation: str
    status: int
    code: str | None
    request_hash: bytes


Sign = Callable[[Receipt], str]
"""Words and signs a receipt; the same receipt always in the same bytes."""


NOTE = """\
{"at":"2026-04-13T01:00:00.000000Z","code":null,"entry":"…","id":"…","v":"hrt-receipt/1"}

— exchange.example/log/receipts q83vEjRW
"""


class ReceiptOut(Out):
    """The exchange's signed word for this answer: keep the note as a file."""

    id: str = Field(
        pattern=ID_PATTERN,
        examples=["5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f"],
        description="`GET /v1/receipts/{id}` gives it again, later with its proof.",
    )
    note: str = Field(examples=[NOTE], description="A signed note; its lines end with newlines.")


class ProblemWithReceipt(Problem):
    """A refusal that is on record: repeated under its key, with its receipt."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                Problem.of(
                    CommonRefusal.ID_TAKEN, "0199f0c2-7b1e-7a3c-8d55-2f6b8f2f9a10"
                ).model_dump()
                | {"receipt": {"id": "5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f", "note": NOTE}}
            ]
        }
    )

    receipt: ReceiptOut


@cache
def with_receipt(model: type[BaseModel]) -> type[BaseModel]:
    """The model of an accepted command's answer that carries a receipt."""
    return create_model(
        f"{model.__name__}WithReceipt",
        __base__=model,
        __doc__=model.__doc__,
        receipt=(ReceiptOut, ...),
    )


async def bind(
    tx: Tx,
    kinds: tuple[str, ...],
    operation: str,
    request_hash: bytes,
    answer: tuple[int, str | None],
) -> Receipt:
    """Keep a receipt for the last record of these kinds in the transaction.

    `answer` is its status and, for a refusal, its code.
    """
    written = [record for record in tx.records if record.kind in kinds]
    assert written, f"{operation} promises a receipt and recorded nothing of {kinds}"
    status, code = answer
    receipt = Receipt(
        id=uuid.uuid4().hex,
        record=written[-1].id,
        entry=written[-1].body,
        at=await tx.now(),
        operation=operation,
        status=status,
        code=code,
        request_hash=request_hash,
    )
    await tx.run(
        _KEEP,
        {
            "id": receipt.id,
            "record": receipt.record,
            "at": receipt.at,
            "operation": operation,
            "status": status,
            "code": code,
            "request_hash": request_hash,
        },
    )
    return receipt


async def find(reader: Reader, id_: str) -> Receipt | None:
    """A receipt by its id."""
    row = (await reader.run(_FIND, {"id": id_})).one_or_none()
    if row is None:
        return None
    return Receipt(
        id=row.id,
        record=row.record_id,
        entry=bytes(row.body),
        at=row.at,
        operation=row.operation,
        status=row.status,
        code=row.code,
        request_hash=bytes(row.request_hash),
    )
