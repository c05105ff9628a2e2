"""Acceptances and tickets over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.kernel.ids import TICKET_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages, receipts
from app.platform.db import Database
from app.tickets import lifecycle, schemas, store
from app.tickets.accept_reclamation import accept_reclamation
from app.tickets.hand_in_ticket import hand_in_ticket
from app.tickets.issue_ticket import issue_ticket

router = APIRouter(prefix="/v1", tags=["tickets"])

County = Annotated[
    calls.Call,
    Depends(calls.commands(Role.COUNTY_CLERK, Role.COUNTY_APPROVER, Role.OPERATOR)),
]
Holder = Annotated[
    calls.Call, Depends(calls.commands(Role.VILLAGER, Role.COUNTY_CLERK, Role.OPERATOR))
]
Public = Annotated[Database, Depends(calls.database)]


@router.post(
    "/acceptances",
    status_code=201,
    operation_id="acceptReclamation",
    summary="Accept reclaimed land",
    response_model=receipts.with_receipt(schemas.AcceptanceOut),
    responses=calls.PROBLEMS,
)
async def post_acceptance(call: County, body: schemas.AcceptanceIn) -> Response:
    """Homestead land falls, and cropland or ecological land rises, by the accepted area."""
    return await call.run(
        accept_reclamation, body.command(), schemas.AcceptanceOut.of, receipt="entry.reclamation"
    )


@router.post(
    "/tickets",
    status_code=201,
    operation_id="issueTicket",
    summary="Issue the ticket of an application",
    response_model=receipts.with_receipt(schemas.TicketOut),
    responses=calls.PROBLEMS,
)
async def post_ticket(call: County, body: schemas.IssueIn) -> Response:
    """It has the accepted area; the household's housing account opens, empty."""
    return await call.run(issue_ticket, body.command(), schemas.TicketOut.of, receipt="entry.issue")


@router.post(
    "/hand-ins",
    status_code=201,
    operation_id="handInTicket",
    summary="Hand a ticket in at the exchange of its province",
    response_model=receipts.with_receipt(schemas.TicketOut),
    responses=calls.PROBLEMS,
)
async def post_hand_in(call: Holder, body: schemas.HandInIn) -> Response:
    """A city of that province has approved the household; from now on the city is final."""
    return await call.run(
        hand_in_ticket, body.ticket, schemas.TicketOut.of, receipt="ticket.handed_in"
    )


@router.get("/tickets", operation_id="listTickets", summary="Tickets")
async def get_tickets(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.TicketOut]:
    """In order of id, without their households."""
    async with db.read() as reader:
        rows = await store.list_tickets(reader, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda ticket: ticket.id)
    return pages.Page(items=[schemas.TicketOut.of(t) for t in page.items], next=page.next)


# A ticket that came from another province has a slash in its id.
@router.get(
    "/tickets/{ticket:path}",
    operation_id="getTicket",
    summary="A ticket",
    responses={status: calls.READ_PROBLEMS[status] for status in (404, 422)},
)
async def get_ticket(
    db: Public, ticket: Annotated[str, Path(pattern=TICKET_PATTERN, examples=["t1"])]
) -> schemas.TicketOut:
    """Without its household, and without the outline of its homestead."""
    async with db.read() as reader:
        found = (await lifecycle.find(reader, [ticket])).get(ticket)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "ticket")
    return schemas.TicketOut.of(found)
