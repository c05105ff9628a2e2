"""What anybody may ask of tickets, lots, public notices and the market as a whole."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from app import auction, tickets
from app.dossiers import read, store
from app.dossiers import schemas_public as schemas
from app.kernel.ids import ID_PATTERN, TICKET_PATTERN
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages
from app.platform.db import Database

router = APIRouter(prefix="/v1", tags=["public"])

Public = Annotated[Database, Depends(calls.database)]


@router.get(
    "/tickets/{ticket:path}/records",
    operation_id="listTicketRecords",
    summary="Where the log proves what became of a ticket",
    responses={status: calls.READ_PROBLEMS[status] for status in (404, 422)},
)
async def get_ticket_records(
    db: Public, ticket: Annotated[str, Path(pattern=TICKET_PATTERN, examples=["t1"])]
) -> schemas.TicketRecordsOut:
    """From its issue on, through every transfer and lot; of the application before it, nothing."""
    async with db.read() as reader:
        found = (await tickets.find(reader, [ticket])).get(ticket)
        if found is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "ticket")
        trace = await read.trace_ticket(reader, found.household)
    return schemas.TicketRecordsOut.of(trace)


@router.get(
    "/lots/{lot}/records",
    operation_id="listLotRecords",
    summary="Where the log proves what became of a lot",
    responses={status: calls.READ_PROBLEMS[status] for status in (404, 422)},
)
async def get_lot_records(
    db: Public, lot: Annotated[str, Path(pattern=ID_PATTERN, examples=["l1"])]
) -> schemas.LotRecordsOut:
    """Its notices, its close, and what followed; bids are in the feed."""
    async with db.read() as reader:
        if await auction.find_lot(reader, lot) is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "lot")
        trace = await read.trace_lot(reader, lot)
    return schemas.LotRecordsOut.of(lot, trace)


@router.get("/figures", operation_id="readFigures", summary="The market in sums")
async def get_figures(db: Public) -> schemas.FiguresOut:
    """Tickets issued, lots sold, open and noticed, at this instant."""
    async with db.read() as reader:
        now = await reader.now()
        figures = await store.sum_figures(reader, now)
    return schemas.FiguresOut.of(figures, now)


@router.get(
    "/public-notices",
    operation_id="listPublicNotices",
    summary="Applications whose public notice runs",
)
async def get_public_notices(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.PublicNoticeOut]:
    """In order of application, to the village and no further (R34)."""
    async with db.read() as reader:
        now = await reader.now()
        rows = await store.list_notices(reader, now, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda notice: notice.application)
    return pages.Page(items=[schemas.PublicNoticeOut.of(n) for n in page.items], next=page.next)
