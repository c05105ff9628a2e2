"""Receipts over HTTP: the promise at once, its proof as soon as the log has published it."""

import re
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import PlainTextResponse, Response

from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, receipts
from app.platform.db import Database
from app.transparency import read

router = APIRouter(prefix="/v1/receipts", tags=["log"])

STATE_HEADER = "Hrt-Receipt-State"
EXAMPLE_ID = "5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f"


def _file(text: str, state: str, name: str) -> Response:
    headers = {
        STATE_HEADER: state,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return PlainTextResponse(text, headers=headers)


@router.get(
    "/{id}",
    operation_id="getReceipt",
    summary="A receipt, with the proof that its record is in the log once it is",
    response_class=PlainTextResponse,
    responses={
        200: {
            "content": {"text/plain": {"example": receipts.NOTE}},
            "headers": {
                STATE_HEADER: {
                    "description": "`promised`: a signed note. `proven`: a C2SP tlog-proof.",
                    "schema": {"type": "string", "enum": ["promised", "proven"]},
                }
            },
        },
        404: calls.PROBLEMS[404],
    },
)
async def get_receipt(
    request: Request,
    db: Annotated[Database, Depends(calls.database)],
    id_: Annotated[str, Path(alias="id", examples=[EXAMPLE_ID])],
) -> Response:
    """Public to whoever has the id, which is random and long.

    First the note that went out with the answer. Once a published checkpoint covers the record: a
    tlog-proof of the record whose `extra` is that note, so that one file holds all that is checked.
    """
    # Judged here: what is no id is not found, like an id that nobody was given.
    if not re.fullmatch(receipts.ID_PATTERN, id_):
        raise Rejected(CommonRefusal.NOT_FOUND, "id")
    async with db.read() as reader:
        receipt = await receipts.find(reader, id_)
        if receipt is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "id")
        proof = await read.prove_record(reader, receipt.record)
    sign: receipts.Sign = request.app.state.sign_receipt
    note = sign(receipt)
    if proof is None:
        return _file(note, "promised", f"hrt-receipt-{id_}.txt")
    whole = replace(proof, extra=note.encode())
    return _file(whole.encode(), "proven", f"hrt-receipt-{id_}.tlog-proof")
