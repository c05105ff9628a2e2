"""Reports over HTTP: reading only."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.kernel.principal import READERS_OF_PROVINCES
from app.platform import calls, pages
from app.reports import rules, schemas, store

router = APIRouter(prefix="/v1/reports", tags=["reports"])

Reading = Annotated[
    calls.Query,
    Depends(calls.queries(*READERS_OF_PROVINCES)),
]


def _only(query: calls.Query) -> str | None:
    """The one province whose figures the principal sees; None: all.

    Reports are read past the rows that the database hides from a principal: they add up over all
    households, and show none of them.
    """
    return None if query.principal.level is None else query.principal.party


@router.get(
    "/conservation",
    operation_id="listBooks",
    summary="Quota, farmland and money: what came in beside what is held",
    responses=calls.READ_PROBLEMS,
)
async def get_conservation(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.BookOut]:
    """Movements added up posting by posting, balances and tickets as they stand; by province."""
    only = _only(query)
    async with query.db.read() as reader:
        codes = await store.list_books(reader, only, pages.after(cursor), limit + 1)
        movements = await store.sum_movements(reader, only)
        balances = await store.sum_balances(reader, only)
        tickets = await store.sum_tickets(reader, only)
    page = pages.page(codes, limit, lambda code: code)
    return pages.Page(
        items=[
            schemas.BookOut.of(rules.book_of(code, movements, balances, tickets))
            for code in page.items
        ],
        next=page.next,
    )


@router.get(
    "/flows",
    operation_id="listFlows",
    summary="Quota flows between regions",
    responses=calls.READ_PROBLEMS,
)
async def get_flows(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.FlowOut]:
    """Issued, converted and landed; landed quota as one of the four flows of the model."""
    behind = pages.after(cursor)
    async with query.db.read() as reader:
        flows = await store.list_flows(reader, _only(query))
    rows = [flow for flow in flows if flow.key > behind]
    page = pages.page(rows, limit, lambda flow: flow.key)
    return pages.Page(items=[schemas.FlowOut.of(f) for f in page.items], next=page.next)


@router.get(
    "/surpluses",
    operation_id="listSurpluses",
    summary="Villages with quota that no city has used yet",
    responses=calls.READ_PROBLEMS,
)
async def get_surpluses(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.SurplusOut]:
    """In order of collective."""
    async with query.db.read() as reader:
        rows = await store.list_villages(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda village: village.collective)
    return pages.Page(items=[schemas.SurplusOut.of(v) for v in page.items], next=page.next)


@router.get(
    "/gaps",
    operation_id="listGaps",
    summary="Cities with quota still to be landed for those who settle there",
    responses=calls.READ_PROBLEMS,
)
async def get_gaps(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.GapOut]:
    """In order of region."""
    async with query.db.read() as reader:
        rows = await store.list_cities(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda city: city.region)
    return pages.Page(items=[schemas.GapOut.of(c) for c in page.items], next=page.next)


@router.get(
    "/times",
    operation_id="listTimes",
    summary="From the hammer to the accounts, lot by lot",
    responses=calls.READ_PROBLEMS,
)
async def get_times(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.TimesOut]:
    """Settled lots in order of id."""
    async with query.db.read() as reader:
        rows = await store.list_times(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda times: times.lot)
    return pages.Page(items=[schemas.TimesOut.of(t) for t in page.items], next=page.next)


@router.get(
    "/objections",
    operation_id="listObjections",
    summary="Objections to applications",
    responses=calls.READ_PROBLEMS,
)
async def get_objections(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.ObjectionRowOut]:
    """In order of id, without households."""
    async with query.db.read() as reader:
        rows = await store.list_objections(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda objection: objection.id)
    return pages.Page(items=[schemas.ObjectionRowOut.of(o) for o in page.items], next=page.next)


@router.get(
    "/holds",
    operation_id="listHolds",
    summary="Holds: households that say that they did not agree",
    responses=calls.READ_PROBLEMS,
)
async def get_holds(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.HoldRowOut]:
    """In order of id, without households, and without their reasons."""
    async with query.db.read() as reader:
        rows = await store.list_holds(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda hold: hold.id)
    return pages.Page(items=[schemas.HoldRowOut.of(h) for h in page.items], next=page.next)


@router.get(
    "/transfers",
    operation_id="listTransferSteps",
    summary="When each step of a transfer was taken",
    responses=calls.READ_PROBLEMS,
)
async def get_histories(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.HistoryOut]:
    """In order of transfer, with the reason of a rejection where one was given."""
    async with query.db.read() as reader:
        rows = await store.list_histories(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda history: history.transfer)
    return pages.Page(items=[schemas.HistoryOut.of(h) for h in page.items], next=page.next)
