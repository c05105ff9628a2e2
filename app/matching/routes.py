"""Matching over HTTP: reading only."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from app.kernel.ids import ID_PATTERN, REGION_PATTERN
from app.kernel.principal import READERS_OF_PROVINCES
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import AMOUNT_PATTERN, Area, hundredths
from app.matching import schemas
from app.matching.process import DESK
from app.matching.read import NEED_FIELD, PROVINCES_MAX, Asked, Found, read_problem
from app.matching.rules import Needs
from app.matching.rules_plan import NO_ANSWER, Sums, plan_of, sums_of, task_of, unfold
from app.platform import calls

router = APIRouter(prefix="/v1", tags=["reports"])

Reading = Annotated[
    calls.Query,
    Depends(calls.queries(*READERS_OF_PROVINCES)),
]
NEEDS_MAX = 200
NEED = rf"{ID_PATTERN.rstrip('$')}:{AMOUNT_PATTERN}$"
PROBLEMS = calls.READ_PROBLEMS | {status: calls.PROBLEMS[status] for status in (409, 503)}

Provinces = Annotated[
    list[Annotated[str, Field(pattern=REGION_PATTERN)]],
    Query(
        max_length=PROVINCES_MAX,
        description="Whose cities and villages; left out: all that you may see.",
        examples=[["500000", "330000"]],
    ),
]
Percent = Annotated[
    int, Query(ge=0, le=100, description="What each village keeps of its surplus, in percent.")
]
Least = Annotated[
    str,
    Query(
        pattern=f"^{AMOUNT_PATTERN}$",
        description="What each village keeps at the least, in m², where its surplus allows it.",
    ),
]
Stated = Annotated[
    list[Annotated[str, Field(pattern=NEED)]],
    Query(
        max_length=NEEDS_MAX,
        description="The need of one village in m², instead of the two above; a need above its "
        "surplus is a gap of the village.",
        examples=[["v1:1200.00"]],
    ),
]


def _asked(
    province: Provinces = [],  # noqa: B006 - FastAPI copies it for each request
    retained_percent: Percent = 0,
    retained_m2: Least = "0.00",
    need: Stated = [],  # noqa: B006 - the same
) -> Asked:
    stated: dict[str, Area] = {}
    for one in need:
        village, _, area = one.rpartition(":")
        if village in stated:
            raise Rejected(CommonRefusal.INVALID_REQUEST, NEED_FIELD)
        stated[village] = Area(hundredths(area))
    needs = Needs(retained_percent, Area(hundredths(retained_m2)), stated)
    return Asked(tuple(province), needs)


@router.get(
    "/matching",
    operation_id="proposeMatching",
    summary="A proposal of which village's quota could fill which gap",
    response_model=schemas.MatchingOut,
    responses=PROBLEMS,
)
async def get_matching(query: Reading, asked: Annotated[Asked, Depends(_asked)]) -> Response:
    """Over the four flows, exact to 0.01 m², with what stays open and why. It orders nothing.

    Each goal is told with the bound that no proposal can pass: where both differ, it may be
    bettered. Equal books, coefficients and parameters give the same proposal.
    """
    only = None if query.principal.level is None else query.principal.party
    async with query.db.read() as reader:
        found = await read_problem(reader, only, asked)
    # The connection is given back before anything is worked out.
    sums = sums_of(found.problem)
    task = task_of(found.problem, sums)
    answer = NO_ANSWER if task is None else await DESK.solve(task)
    body = await asyncio.to_thread(_told, found, asked, sums, answer)
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


def _told(found: Found, asked: Asked, sums: Sums, answer: Mapping[str, Sequence[int]]) -> str:
    proposal = unfold(found.problem, plan_of(found.problem, sums, answer))
    return schemas.MatchingOut.of(found, asked, proposal).model_dump_json(by_alias=True)
