"""What became of a request whose answer was lost: the answer that is kept under its key, if any.

Asking changes nothing and sends nothing again. That nothing is kept says what is true now: a
request may still be on its way, and only one with the same key makes sure of it.
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field
from sqlalchemy import text

from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, problems, receipts
from app.platform.wire import Out

router = APIRouter(prefix="/v1", tags=["outcomes"])

# Asked of the list of locks, without taking the lock: asking must not get in a request's way.
_RUNNING = text("""
    SELECT EXISTS (
        SELECT FROM pg_locks, hashtextextended(:scope || chr(10) || :key, 0) AS h
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND CAST(classid AS bigint) = (h >> 32) & 4294967295
            AND CAST(objid AS bigint) = h & 4294967295
    )
""")
_FIND = text("""
    SELECT operation, status, body, receipt FROM idempotency WHERE scope = :scope AND key = :key
""")


class OutcomeOut(Out):
    """The answer that was given. `answer` is its body; what is shown but once is null in it."""

    key: str = Field(examples=["0199f0c2-7b1e-7a3c-8d55-2f6b8f2f9a10"])
    operation: str = Field(examples=["POST /v1/bids"])
    status: int = Field(examples=[201])
    answer: dict[str, Any] = Field(examples=[{"lot": "l1", "number": 1}])


@router.get(
    "/outcomes/{key:path}",
    operation_id="readOutcome",
    summary="What became of the caller's own request of this Idempotency-Key",
    responses=calls.READ_PROBLEMS | {409: calls.PROBLEMS[409]},
)
async def get_outcome(
    request: Request,
    query: Annotated[calls.Query, Depends(calls.queries(*Role))],
    key: Annotated[
        str,
        Path(
            min_length=1,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
            examples=["0199f0c2-7b1e-7a3c-8d55-2f6b8f2f9a10"],
        ),
    ],
) -> OutcomeOut:
    """`not-known` while nothing is kept; `idempotency-key-in-progress` while the request runs.

    Keys belong to the person who acts for the party in the role; others know nothing of them.
    """
    of = {"scope": calls.scope_of(query.principal), "key": key}
    # In this order, in two snapshots: what ends between the two looks is seen by the second.
    async with query.db.read() as reader:
        running = bool((await reader.run(_RUNNING, of)).scalar_one())
    async with query.db.read() as reader:
        kept = (await reader.run(_FIND, of)).one_or_none()
        receipt = (
            None
            if kept is None or kept.receipt is None
            else await receipts.find(reader, kept.receipt)
        )
    if kept is None:
        raise Rejected(CommonRefusal.KEY_IN_PROGRESS if running else CommonRefusal.NOT_KNOWN)
    answer = calls.Answer(kept.status, kept.body, receipt)
    members = answer.members(problems.request_id(request), request.app.state.sign_receipt)
    return OutcomeOut(
        key=key,
        operation=kept.operation,
        status=kept.status,
        answer=json.loads(kept.body) | members,
    )
