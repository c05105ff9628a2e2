"""What bidders alone are shown of their lots, and their maximum bids, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.auction import schemas_own, store, store_bids, store_feed, store_maximum
from app.auction.set_maximum import set_maximum
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages, receipts

router = APIRouter(prefix="/v1", tags=["auction"])

OwnFirm = Annotated[calls.Query, Depends(calls.queries(Role.BIDDER, Role.BIDDER_VIEWER))]
Bidder = Annotated[calls.Call, Depends(calls.commands(Role.BIDDER))]
LotId = Annotated[str, Path(pattern=ID_PATTERN, examples=["l1"])]


@router.get(
    "/lots/{lot}/bids/mine",
    operation_id="listOwnBids",
    summary="The caller's bids on a lot, taken and refused, with their receipts",
    responses=calls.READ_PROBLEMS,
)
async def get_own_bids(
    query: OwnFirm, lot: LotId, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_own.AttemptOut]:
    """In order of arrival. Bids sealed to custodians are left out until there is a result."""
    behind, bidder = pages.after_number(cursor), query.principal.party
    async with query.read() as reader:
        found = await store.find_lot(reader, lot)
        if found is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "lot")
        own = await store_bids.find_registration(reader, lot, bidder)
        rows = (
            []
            if own is None
            else await store_feed.attempts(reader, lot, bidder, own.paddle, behind, limit + 1)
        )
    page = pages.page(rows, limit, lambda attempt: str(attempt.record))
    return pages.Page(
        items=[schemas_own.AttemptOut.of(found, row) for row in page.items], next=page.next
    )


@router.post(
    "/maximum-bids",
    status_code=201,
    operation_id="setMaximumBid",
    summary="Let the exchange bid for the caller up to a maximum, or no longer",
    response_model=receipts.with_receipt(schemas_own.SettingOut),
    responses=calls.PROBLEMS,
)
async def post_maximum_bid(call: Bidder, body: schemas_own.MaximumIn) -> Response:
    """Just what is needed is bid, at once or when bidding opens. The maximum is shown to nobody."""
    return await call.run(
        set_maximum, body.command(), schemas_own.SettingOut.of, receipt="maximum.set"
    )


@router.get(
    "/maximum-bids",
    operation_id="listMaximumBids",
    summary="The caller's maximum bids that stand",
    responses=calls.READ_PROBLEMS,
)
async def get_maximum_bids(
    query: OwnFirm, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_own.MaximumOut]:
    """In order of lot, also of lots that have closed."""
    async with query.read() as reader:
        rows = await store_maximum.list_own(
            reader, query.principal.party, pages.after(cursor), limit + 1
        )
    page = pages.page(rows, limit, lambda setting: setting.lot)
    return pages.Page(items=[schemas_own.MaximumOut.of(s) for s in page.items], next=page.next)
