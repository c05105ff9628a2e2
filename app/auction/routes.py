"""Auctions over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app import tickets, withdrawal
from app.auction import schemas, schemas_lot, store, store_bids
from app.auction.freeze_lot import freeze_lot, resume_lot
from app.auction.give_notice import give_notice
from app.auction.list_lot import list_lot
from app.auction.place_bid import place_bid
from app.auction.register_for_lot import register_for_lot
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages, receipts
from app.platform.db import Database

router = APIRouter(prefix="/v1", tags=["auction"])

Exchange = Annotated[calls.Call, Depends(calls.commands(Role.EXCHANGE, Role.OPERATOR))]
ExchangeAlone = Annotated[calls.Call, Depends(calls.commands(Role.EXCHANGE))]
Bidder = Annotated[calls.Call, Depends(calls.commands(Role.BIDDER, Role.OPERATOR))]
OwnFirm = Annotated[calls.Query, Depends(calls.queries(Role.BIDDER, Role.BIDDER_VIEWER))]
Public = Annotated[Database, Depends(calls.database)]
Professional = Annotated[
    calls.Query,
    Depends(calls.queries(*(role for role in calls.EVERYONE if role is not Role.VILLAGER))),
]
"""Whoever works with lots: exact outlines of homesteads are not for the open Internet."""
LotId = Annotated[str, Path(pattern=ID_PATTERN, examples=["l1"])]
NUMBER_MAX = 2**31 - 1


@router.post(
    "/lots",
    status_code=201,
    operation_id="listLot",
    summary="Bundle tickets and give notice of their auction",
    response_model=receipts.with_receipt(schemas.LotOut),
    responses=calls.PROBLEMS,
)
async def post_lot(call: Exchange, body: schemas.LotIn) -> Response:
    """Bidding opens after the notice period of the exchange's province."""
    return await call.run(
        list_lot, body.command(), lambda listed: schemas.LotOut.of(*listed), receipt="lot.listed"
    )


@router.get("/lots", operation_id="listLots", summary="Lots")
async def get_lots(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.LotOut]:
    """Public, in order of id."""
    async with db.read() as reader:
        rows = await store.list_lots(reader, pages.after(cursor), limit + 1)
        now = await reader.now()
    page = pages.page(rows, limit, lambda lot: lot.id)
    return pages.Page(items=[schemas.LotOut.of(lot, now) for lot in page.items], next=page.next)


@router.get("/lots/{lot}", operation_id="getLot", summary="A lot", responses=calls.READ_PROBLEMS)
async def get_lot(db: Public, lot: LotId) -> schemas.LotOut:
    """Public."""
    async with db.read() as reader:
        found = await store.find_lot(reader, lot)
        now = await reader.now()
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    return schemas.LotOut.of(found, now)


@router.get(
    "/lots/{lot}/notice",
    operation_id="getNotice",
    summary="The present notice of a lot: its whole terms, and their hash",
    responses=calls.READ_PROBLEMS,
)
async def get_notice(db: Public, lot: LotId) -> schemas.NoticeOut:
    """Public. The log holds every notice; a sealed bid names the hash of the one it is for."""
    async with db.read() as reader:
        found = await store.find_notice(reader, lot)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    return schemas.NoticeOut.of(found)


@router.post(
    "/notices",
    status_code=201,
    operation_id="giveNotice",
    summary="Give notice of other terms before bidding opens",
    response_model=receipts.with_receipt(schemas.LotOut),
    responses=calls.PROBLEMS,
)
async def post_notice(call: ExchangeAlone, body: schemas.NoticeIn) -> Response:
    """Every term anew, and the full notice period again. Tickets and mode stay."""
    return await call.run(
        give_notice, body.command(), lambda given: schemas.LotOut.of(*given), receipt="lot.listed"
    )


@router.get(
    "/lots/{lot}/tickets",
    operation_id="listLotTickets",
    summary="The tickets of a lot, with the outlines of their homesteads",
    responses=calls.READ_PROBLEMS,
)
async def get_lot_tickets(
    query: Professional, lot: LotId, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_lot.LotTicketOut]:
    """In order of ticket, as each stands now. The public learns the village of a ticket alone."""
    async with query.read() as reader:
        if await store.find_lot(reader, lot) is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "lot")
        ids = await store.list_tickets(reader, lot, pages.after(cursor), limit + 1)
        found = await tickets.find(reader, ids)
        parcels = await withdrawal.parcels_of(reader, [t.application for t in found.values()])
    page = pages.page(ids, limit, lambda id_: id_)
    shown = [found[id_] for id_ in page.items]
    return pages.Page(
        items=[schemas_lot.LotTicketOut.of(t, parcels.get(t.application)) for t in shown],
        next=page.next,
    )


@router.get(
    "/lots/{lot}/bids",
    operation_id="listBids",
    summary="The accepted bids of a lot",
    responses=calls.READ_PROBLEMS,
)
async def get_bids(
    db: Public, lot: LotId, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.BidOut]:
    """Public, in order of acceptance.

    Until there is a result the paddle stands for the bidder, and sealed bids are hidden.
    """
    behind = pages.after_number(cursor, most=NUMBER_MAX)
    async with db.read() as reader:
        found = await store.find_lot(reader, lot)
        if found is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "lot")
        shown = limit + 1 if found.shows_bids else 0
        rows = await store_bids.list_bids(reader, lot, behind, shown)
    page = pages.page(rows, limit, lambda bid: str(bid.number))
    masked = not found.is_over
    return pages.Page(
        items=[schemas.BidOut.public(bid, masked=masked) for bid in page.items], next=page.next
    )


@router.post(
    "/registrations",
    status_code=201,
    operation_id="registerForLot",
    summary="Register a bidder for a lot",
    response_model=receipts.with_receipt(schemas.RegistrationOut),
    responses=calls.PROBLEMS,
)
async def post_registration(call: Bidder, body: schemas.RegistrationIn) -> Response:
    """The deposit is held from the bidder's free cash, and a paddle is drawn."""
    return await call.run(
        register_for_lot, body.command(), schemas.RegistrationOut.of, receipt="lot.registered"
    )


@router.get(
    "/registrations",
    operation_id="listRegistrations",
    summary="The caller's registrations with their paddles",
    responses=calls.READ_PROBLEMS,
)
async def get_registrations(
    query: OwnFirm, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.RegistrationOut]:
    """In order of lot; nobody else is shown whose a paddle is before the close."""
    async with query.read() as reader:
        rows = await store_bids.list_registrations(
            reader, query.principal.party, pages.after(cursor), limit + 1
        )
    page = pages.page(rows, limit, lambda registration: registration.lot)
    return pages.Page(items=[schemas.RegistrationOut.of(r) for r in page.items], next=page.next)


@router.post(
    "/bids",
    status_code=201,
    operation_id="placeBid",
    summary="Bid on a lot",
    response_model=receipts.with_receipt(schemas.BidOut),
    responses=calls.PROBLEMS_ON_RECORD,
)
async def post_bid(call: Bidder, body: schemas.BidIn) -> Response:
    """Ascending: the start price, then at least one increment more. Sealed: the last bid counts."""
    return await call.run(
        place_bid,
        body.command(),
        schemas.BidOut.of,
        receipt=("bid.placed", "bid.refused", "commit"),
    )


@router.post(
    "/freezes",
    status_code=201,
    operation_id="freezeLot",
    summary="Freeze an open lot",
    response_model=receipts.with_receipt(schemas.LotOut),
    responses=calls.PROBLEMS,
)
async def post_freeze(call: Exchange, body: schemas_lot.PauseIn) -> Response:
    """No bid and no close until it is resumed. The reason is public while it is frozen."""
    return await call.run(
        freeze_lot, body.command(), lambda frozen: schemas.LotOut.of(*frozen), receipt="lot.frozen"
    )


@router.post(
    "/resumptions",
    status_code=201,
    operation_id="resumeLot",
    summary="Resume a frozen lot",
    response_model=receipts.with_receipt(schemas.LotOut),
    responses=calls.PROBLEMS,
)
async def post_resumption(call: Exchange, body: schemas_lot.PauseIn) -> Response:
    """Its close moves by the time lost. The reason is told to who watches, and in the log."""
    return await call.run(
        resume_lot,
        body.command(),
        lambda resumed: schemas.LotOut.of(*resumed),
        receipt="lot.resumed",
    )
