"""Transfers and debts between provinces over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.kernel.principal import READERS_OF_PROVINCES, Role
from app.platform import calls, pages, receipts
from app.platform.wire import Id
from app.transfers import read, schemas, store, store_crossing, store_held
from app.transfers.accept_transfer import accept_transfer
from app.transfers.approve_transfer import approve_transfer
from app.transfers.cancel_transfer import cancel_transfer
from app.transfers.reject_transfer import reject_transfer
from app.transfers.request_outflow import request_outflow
from app.transfers.rules_messages import Side
from app.transfers.settle_provinces import settle_provinces

router = APIRouter(prefix="/v1", tags=["transfers"])

Holder = Annotated[
    calls.Call,
    Depends(calls.commands(Role.VILLAGER, Role.COUNTY_CLERK, Role.PROVINCE, Role.OPERATOR)),
]
Receiver = Annotated[calls.Call, Depends(calls.commands(Role.PROVINCE, Role.OPERATOR))]
Ministry = Annotated[calls.Call, Depends(calls.commands(Role.MINISTRY, Role.OPERATOR))]
Either = Annotated[calls.Call, Depends(calls.commands(Role.PROVINCE, Role.OPERATOR, Role.MINISTRY))]
Provinces = Annotated[
    calls.Query,
    Depends(calls.queries(*READERS_OF_PROVINCES)),
]


def _only(query: calls.Query) -> str | None:
    """The one province whose affairs the principal sees; None: all."""
    return None if query.principal.level is None else query.principal.party


@router.post(
    "/transfers",
    status_code=201,
    operation_id="requestOutflow",
    summary="Ask to take a ticket to another province",
    response_model=receipts.with_receipt(schemas.TransferOut),
    responses=calls.PROBLEMS,
)
async def post_transfer(call: Holder, body: schemas.TransferIn) -> Response:
    """The ticket is locked until the transfer is approved or rejected."""
    return await call.run(
        request_outflow, body.command(), schemas.TransferOut.of, receipt="transfer.requested"
    )


@router.post(
    "/transfer-acceptances",
    status_code=201,
    operation_id="acceptTransfer",
    summary="Accept a transfer as the receiving province",
    response_model=receipts.with_receipt(schemas.TransferOut),
    responses=calls.PROBLEMS,
)
async def post_transfer_acceptance(call: Receiver, body: schemas.TransferAcceptanceIn) -> Response:
    """The ministry may approve it from now on."""
    return await call.run(
        accept_transfer,
        body.transfer,
        schemas.TransferOut.of,
        receipt=("transfer.accepted", "arrival.accepted"),
    )


@router.post(
    "/transfer-approvals",
    status_code=201,
    operation_id="approveTransfer",
    summary="Approve a transfer as the ministry",
    response_model=receipts.with_receipt(schemas.TransferOut),
    responses=calls.PROBLEMS,
)
async def post_transfer_approval(
    request: Request, call: Ministry, body: schemas.TransferApprovalIn
) -> Response:
    """The area is converted; ticket and housing account move to the receiving province."""
    await request.app.state.givers.settle(body.transfer)
    return await call.run(
        approve_transfer,
        body.command(),
        schemas.TransferOut.of,
        receipt=("transfer.approved", "crossing.decided"),
    )


@router.post(
    "/transfer-rejections",
    status_code=201,
    operation_id="rejectTransfer",
    summary="Decline a transfer as the receiving province or the ministry",
    response_model=receipts.with_receipt(schemas.TransferOut),
    responses=calls.PROBLEMS,
)
async def post_transfer_rejection(call: Either, body: schemas.TransferRejectionIn) -> Response:
    """The ticket is free again in its home province."""
    return await call.run(
        reject_transfer,
        body.command(),
        schemas.TransferOut.of,
        receipt=("transfer.rejected", "arrival.rejected", "crossing.decided"),
    )


@router.post(
    "/transfer-cancellations",
    status_code=201,
    operation_id="cancelTransfer",
    summary="Ask the ministry to end a transfer to another node",
    response_model=receipts.with_receipt(schemas.TransferOut),
    responses=calls.PROBLEMS,
)
async def post_transfer_cancellation(
    call: Holder, body: schemas.TransferCancellationIn
) -> Response:
    """The ticket stays locked until the ministry's decision is here: it may have approved."""
    return await call.run(
        cancel_transfer, body.transfer, schemas.TransferOut.of, receipt="transfer.recalled"
    )


@router.post(
    "/provincial-settlements",
    status_code=201,
    operation_id="settleProvinces",
    summary="Net and pay what two provinces owe each other",
    response_model=receipts.with_receipt(schemas.ProvincialSettlementOut),
    responses=calls.PROBLEMS,
)
async def post_provincial_settlement(
    call: Either, body: schemas.ProvincialSettlementIn
) -> Response:
    """The debtor pays the difference; afterwards neither owes the other anything."""
    return await call.run(
        settle_provinces,
        body.command(),
        schemas.ProvincialSettlementOut.of,
        receipt="provinces.settled",
    )


@router.get(
    "/transfers",
    operation_id="listTransfers",
    summary="Transfers from and to a province",
    responses=calls.READ_PROBLEMS,
)
async def get_transfers(
    query: Provinces, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.TransferOut]:
    """In order of id."""
    async with query.read() as reader:
        rows = await store.list_transfers(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda transfer: transfer.id)
    return pages.Page(items=[schemas.TransferOut.of(t) for t in page.items], next=page.next)


@router.get(
    "/crossings",
    operation_id="listCrossings",
    summary="Transfers between nodes, in each part that this node plays",
    responses=calls.READ_PROBLEMS,
)
async def get_crossings(
    query: Provinces,
    crossing: Annotated[Id | None, Query(description="This one alone.")] = None,
    limit: pages.Limit = 50,
    cursor: pages.Cursor = None,
) -> pages.Page[schemas.CrossingOut]:
    """In order of id and part. A province sees its own parts, the ministry those of the node."""
    async with query.read() as reader:
        rows = await store_crossing.list_crossings(
            reader, _only(query), crossing, pages.after(cursor), limit + 1
        )
        page = pages.page(rows, limit, store_crossing.part_key)
        decided = await read.list_decisions(reader, page.items)
        unread = await store_held.list_unread(reader)
    items = [
        schemas.CrossingOut.of(
            one, decided.get(one.id), unread.get(one.id) if one.role is Side.MINISTRY else None
        )
        for one in page.items
    ]
    return pages.Page(items=items, next=page.next)


@router.get(
    "/positions",
    operation_id="listPositions",
    summary="Gross amounts due between provinces",
    responses=calls.READ_PROBLEMS,
)
async def get_positions(
    query: Provinces, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.PositionOut]:
    """Those other than zero, in order of debtor and creditor."""
    async with query.read() as reader:
        rows = await read.list_positions(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda due: read.position_key(due.debtor, due.creditor))
    return pages.Page(items=[schemas.PositionOut.of(p) for p in page.items], next=page.next)


@router.get(
    "/provincial-settlements",
    operation_id="listProvincialSettlements",
    summary="Settlements between provinces",
    responses=calls.READ_PROBLEMS,
)
async def get_provincial_settlements(
    query: Provinces, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.ProvincialSettlementOut]:
    """In the order in which they were made."""
    behind = pages.after_number(cursor)
    async with query.read() as reader:
        rows = await store.list_settlements(reader, _only(query), behind, limit + 1)
    page = pages.page(rows, limit, lambda settlement: str(settlement.number))
    return pages.Page(
        items=[schemas.ProvincialSettlementOut.of(s) for s in page.items], next=page.next
    )
