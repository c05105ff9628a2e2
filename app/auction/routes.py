"""Auctions over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.auction import schemas, store
from app.auction.freeze_lot import freeze_lot, resume_lot
from app.auction.list_lot import list_lot
from app.auction.place_bid import place_bid
from app.auction.register_for_lot import register_for_lot
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages
from app.platform.db import Database

router = APIRouter(prefix="/v1", tags=["auction"])

Exchange = Annotated[calls.Call, Depends(calls.commands(Role.EXCHANGE, Role.OPERATOR))]
Bidder = Annotated[calls.Call, Depends(calls.commands(Role.BIDDER, Role.OPERATOR))]
Public = Annotated[Database, Depends(calls.database)]
LotId = Annotated[str, Path(pattern=ID_PATTERN, examples=["l1"])]
NUMBER_MAX = 2**31 - 1


@router.post(
    "/lots",
    status_code=201,
    operation_id="listLot",
    summary="Bundle tickets and give notice of their auction",
    response_model=schemas.LotOut,
    responses=calls.PROBLEMS,
)
async def post_lot(call: Exchange, body: schemas.LotIn) -> Response:
    """Bidding opens after the notice period of the exchange's province."""
    return await call.run(list_lot, body.command(), lambda listed: schemas.LotOut.of(*listed))


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
    "/lots/{lot}/bids",
    operation_id="listBids",
    summary="The accepted bids of a lot",
    responses=calls.READ_PROBLEMS,
)
async def get_bids(
    db: Public, lot: LotId, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.BidOut]:
    """Public, in order of acceptance; bidders are masked until the close, sealed bids hidden."""
    behind = pages.after_number(cursor, most=NUMBER_MAX)
    async with db.read() as reader:
        found = await store.find_lot(reader, lot)
        if found is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "lot")
        shown = limit + 1 if found.shows_bids else 0
        rows = await store.list_bids(reader, lot, behind, shown)
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
    response_model=schemas.RegistrationOut,
    responses=calls.PROBLEMS,
)
async def post_registration(call: Bidder, body: schemas.LotPartyIn) -> Response:
    """The deposit is held from the bidder's free cash."""
    return await call.run(register_for_lot, body.command(), schemas.RegistrationOut.of)


@router.post(
    "/bids",
    status_code=201,
    operation_id="placeBid",
    summary="Bid on a lot",
    response_model=schemas.BidOut,
    responses=calls.PROBLEMS,
)
async def post_bid(call: Bidder, body: schemas.BidIn) -> Response:
    """Ascending: the start price, then at least one increment more. Sealed: the last bid counts."""
    return await call.run(place_bid, body.command(), schemas.BidOut.of)


@router.post(
    "/freezes",
    status_code=201,
    operation_id="freezeLot",
    summary="Freeze an open lot",
    response_model=schemas.LotOut,
    responses=calls.PROBLEMS,
)
async def post_freeze(call: Exchange, body: schemas.LotRefIn) -> Response:
    """No bid and no close until it is resumed."""
    return await call.run(freeze_lot, body.lot, lambda frozen: schemas.LotOut.of(*frozen))


@router.post(
    "/resumptions",
    status_code=201,
    operation_id="resumeLot",
    summary="Resume a frozen lot",
    response_model=schemas.LotOut,
    responses=calls.PROBLEMS,
)
async def post_resumption(call: Exchange, body: schemas.LotRefIn) -> Response:
    """Its close moves by the time lost."""
    return await call.run(resume_lot, body.lot, lambda resumed: schemas.LotOut.of(*resumed))
