"""The witness over HTTP: c2sp.org/tlog-witness v1.0.0, plain text as that protocol has it.

Nobody logs in: a checkpoint is accepted for the log's own signature on it, whoever brings it.
"""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import PlainTextResponse

from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls
from app.platform.db import Database, Tx
from app.transparency import witness_store as store
from app.transparency.keys import Keys
from app.transparency.notes import CosignatureSigner, vkey
from app.transparency.witness import (
    BODY_BYTES_MAX,
    SIZE_TYPE,
    Evidence,
    Submission,
    WitnessRefusal,
    decide,
    read,
)

log = structlog.get_logger()

# Not JSON, so not of the OpenAPI document, which describes the exchange.
router = APIRouter(prefix="/witness", tags=["witness"], include_in_schema=False)

Public = Annotated[Database, Depends(calls.database)]
TOO_LARGE = 413


def _signer(request: Request) -> CosignatureSigner:
    keys = request.app.state.keys
    assert isinstance(keys, Keys)
    return keys.witness


async def submit(tx: Tx, asked: tuple[Submission, CosignatureSigner]) -> str | WitnessRefusal:
    """Judge a submission and keep what follows from it; answers with our signature line.

    The row of the log stays locked from the look at its last size to the commit, so of two
    checkpoints for one size the second is judged against the first.
    """
    submission, signer = asked
    checkpoint = submission.checkpoint
    state = await store.lock_log(tx, checkpoint.origin, checkpoint.size)
    decision = decide(state, submission)
    if isinstance(decision, WitnessRefusal):
        if decision.evidence is not None:
            await _accuse(tx, decision.evidence)
        return decision
    seconds = await store.seconds(tx, checkpoint.origin)
    # Signed before the commit, but shown to nobody before it: not in the answer, not in the table.
    signature = signer.cosign(decision.note.text, seconds)
    await store.keep(tx, decision, decision.note.with_signatures(signature).encode(), seconds)
    return signature.encode()


async def _accuse(tx: Tx, evidence: Evidence) -> None:
    if await store.keep_evidence(tx, evidence):
        log.error(
            "witness-evidence",
            fault=evidence.fault.name.lower(),
            origin=evidence.checkpoint.origin,
            size=evidence.checkpoint.size,
            held_size=evidence.held_size,
        )


async def _body(request: Request) -> bytes | None:
    """The whole body, or None when it is longer than any request can be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return None
    return bytes(body)


@router.post("/add-checkpoint", operation_id="addCheckpoint", summary="Cosign a log's checkpoint")
async def add_checkpoint(request: Request, db: Public) -> Response:
    """Answers with our cosignature after it is kept; 409 names the size that we last cosigned."""
    body = await _body(request)
    if body is None:
        return _text("the request is longer than a checkpoint with its proof\n", TOO_LARGE)
    submission = read(body)
    if isinstance(submission, WitnessRefusal):
        return _refused(submission)
    answer = await db.transact(submit, (submission, _signer(request)))
    return _refused(answer) if isinstance(answer, WitnessRefusal) else _text(answer)


@router.get(
    "/{origin_hash}/checkpoint",
    operation_id="getWitnessedCheckpoint",
    summary="The last checkpoint of a log that this node has cosigned",
)
async def get_checkpoint(
    db: Public, origin_hash: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
) -> Response:
    """Public, with the log's signature and ours; named by the SHA-256 of the log's origin."""
    async with db.read() as reader:
        found = await store.latest(reader, bytes.fromhex(origin_hash))
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "origin_hash")
    return _text(found)


@router.get("/vkey", operation_id="getWitnessKey", summary="The key of this node's witness")
async def get_vkey(request: Request) -> Response:
    """Public: for the policy files of those who rely on this witness."""
    return _text(f"{vkey(_signer(request))}\n")


def _text(content: str, status: int = 200) -> Response:
    return PlainTextResponse(content, status, headers={"Cache-Control": "no-store"})


def _refused(refusal: WitnessRefusal) -> Response:
    response = _text(refusal.body, refusal.status)
    if refusal.size is not None:
        # Set whole: the protocol's type has no charset.
        response.headers["Content-Type"] = SIZE_TYPE
    return response
