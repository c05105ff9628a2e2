"""The node's clock over HTTP: everybody may read it; only a simulated one can be moved."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field

from app.kernel.principal import Role
from app.kernel.refusal import Refusal, Rejected
from app.platform import calls, jobs
from app.platform.db import Database
from app.platform.settings import ClockKind
from app.platform.wire import In, InstantIn, InstantOut, Out

router = APIRouter(prefix="/v1", tags=["clock"])


class ClockRefusal(Refusal):
    """Refusals of moving the clock."""

    REAL = (
        "clock-is-real",
        "本节点使用真实时钟,不能调整。模拟请另起使用模拟时钟的节点。",
        "This node runs on real time, which nobody can move. Start a node with a simulated clock.",
    )
    BACKWARDS = (
        "clock-backwards",
        "时间不能倒退。请给出不早于当前时刻的时间。",
        "Time does not run backwards. Send an instant at or after the present one.",
    )


class ClockIn(In):
    """The instant to move to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "2026-04-13T09:00:00+08:00"}]})

    to: InstantIn


class ClockOut(Out):
    """The node's present instant."""

    now: InstantOut
    kind: ClockKind = Field(examples=["system"])


@router.get("/clock", operation_id="readClock", summary="The node's time")
async def get_clock(db: Annotated[Database, Depends(calls.database)]) -> ClockOut:
    """All deadlines are judged by this clock."""
    async with db.read() as reader:
        return ClockOut(now=await reader.now(), kind=db.clock)


class TimeOut(Out):
    """The instant at which the database was asked; between request and answer by any clock."""

    server_time: InstantOut
    microseconds: int = Field(
        examples=[1776042000120034], description="The same since the beginning of 1970, in UTC."
    )


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@router.get("/time", operation_id="readTime", summary="The node's time to the microsecond")
async def get_time(db: Annotated[Database, Depends(calls.database)], response: Response) -> TimeOut:
    """From a few round trips a client knows how far its own clock is off, and how surely."""
    response.headers["Cache-Control"] = "no-store"
    async with db.read() as reader:
        now = await reader.now()
    return TimeOut(server_time=now, microseconds=(now - EPOCH) // timedelta(microseconds=1))


@router.post(
    "/clock",
    operation_id="moveClock",
    summary="Move a simulated clock forward",
    responses=calls.PROBLEMS,
)
async def post_clock(
    request: Request,
    body: ClockIn,
    call: Annotated[calls.Call, Depends(calls.commands(Role.SYSTEM_ADMIN))],
) -> ClockOut:
    """Everything due at or before the instant is done at its own time, in order, before it."""
    if call.db.clock is not ClockKind.SIMULATED:
        raise Rejected(ClockRefusal.REAL)
    async with call.db.read() as reader:
        if body.to < await reader.now():
            raise Rejected(ClockRefusal.BACKWARDS, "to")
    await jobs.advance(call.db, request.app.state.jobs, body.to)
    return ClockOut(now=body.to, kind=call.db.clock)
