"""Custodians, sealed bids and their opening over HTTP."""

import base64
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.auction import schemas_seal, store, store_seal
from app.auction.place_sealed_bid import place_sealed_bid
from app.auction.probe_custodian import answer_probe, ask_custodian
from app.auction.publish_key import publish_bid_key, publish_custodian_key
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages, receipts
from app.platform.db import Database

router = APIRouter(prefix="/v1", tags=["sealed bids"])

Bidder = Annotated[calls.Call, Depends(calls.commands(Role.BIDDER))]
Custodian = Annotated[calls.Call, Depends(calls.commands(Role.CUSTODIAN))]
Asker = Annotated[calls.Call, Depends(calls.commands(Role.BIDDER, Role.EXCHANGE))]
Public = Annotated[Database, Depends(calls.database)]
LotId = Annotated[str, Path(pattern=ID_PATTERN, examples=["l1"])]


@router.post(
    "/sealed-bids",
    status_code=201,
    operation_id="placeSealedBid",
    summary="Bid on a lot with custodians, encrypted",
    response_model=receipts.with_receipt(schemas_seal.SealedBidOut),
    responses=calls.PROBLEMS_ON_RECORD,
)
async def post_sealed_bid(call: Bidder, body: schemas_seal.SealedBidIn) -> Response:
    """The node cannot read it. Of one bidder's bids the last before the close counts."""
    return await call.run(
        place_sealed_bid,
        body.command(),
        schemas_seal.SealedBidOut.of,
        receipt=("commit", "bid.refused"),
    )


@router.post(
    "/custodian-keys",
    status_code=201,
    operation_id="publishCustodianKey",
    summary="Publish a custodian's key of a closed lot",
    response_model=receipts.with_receipt(schemas_seal.CustodianReleaseOut),
    responses=calls.PROBLEMS,
)
async def post_custodian_key(call: Custodian, body: schemas_seal.CustodianReleaseIn) -> Response:
    """The last key that is needed opens the bids. Before the close nothing is taken or kept."""
    return await call.run(
        publish_custodian_key,
        body.command(),
        schemas_seal.CustodianReleaseOut.of,
        receipt="custodian.released",
    )


@router.post(
    "/bid-keys",
    status_code=201,
    operation_id="publishBidKey",
    summary="Publish the key of one's own sealed bid after the close",
    response_model=receipts.with_receipt(schemas_seal.BidKeyOut),
    responses=calls.PROBLEMS,
)
async def post_bid_key(call: Bidder, body: schemas_seal.BidKeyIn) -> Response:
    """Used only where fewer custodians than needed publish theirs in time."""
    return await call.run(
        publish_bid_key, body.command(), schemas_seal.BidKeyOut.of, receipt="bid.key_published"
    )


@router.post(
    "/probes",
    status_code=201,
    operation_id="askCustodian",
    summary="Ask a custodian for a sign that it holds its key",
    response_model=schemas_seal.ProbeOut,
    responses=calls.PROBLEMS,
)
async def post_probe(call: Asker, body: schemas_seal.ProbeIn) -> Response:
    """Only the holder of the private key can say what is sealed in it."""
    return await call.run(ask_custodian, body.command(), schemas_seal.ProbeOut.of)


@router.post(
    "/probe-answers",
    status_code=201,
    operation_id="answerProbe",
    summary="Answer a probe",
    response_model=schemas_seal.ProbeOut,
    responses=calls.PROBLEMS,
)
async def post_probe_answer(call: Custodian, body: schemas_seal.ProbeAnswerIn) -> Response:
    """The answer is what the probe held; it is public and opens nothing else."""
    return await call.run(answer_probe, body.command(), schemas_seal.ProbeOut.of)


@router.get(
    "/lots/{lot}/probes",
    operation_id="listProbes",
    summary="The probes of a lot's custodians",
    responses=calls.READ_PROBLEMS,
)
async def get_probes(
    db: Public, lot: LotId, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_seal.ProbeOut]:
    """Public, in order of id."""
    async with db.read() as reader:
        if await store.find_lot(reader, lot) is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "lot")
        rows = await store_seal.list_probes(reader, lot, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda probe: probe.id)
    return pages.Page(items=[schemas_seal.ProbeOut.of(p) for p in page.items], next=page.next)


@router.get(
    "/lots/{lot}/opening",
    operation_id="getOpening",
    summary="Everything needed to open a lot's sealed bids again",
    responses=calls.READ_PROBLEMS,
)
async def get_opening(
    db: Public, lot: LotId, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> schemas_seal.OpeningOut:
    """Public, in order of arrival; empty until there is a result."""
    behind = pages.after_number(cursor)
    async with db.read() as reader:
        found = await store.find_lot(reader, lot)
        if found is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "lot")
        over = found.is_over and found.has_custodians
        keys = await store_seal.custodian_keys(reader, lot) if over else {}
        rows = await store_seal.list_openings(reader, lot, behind, limit + 1) if over else []
        deks = await store_seal.deks_of(reader, [row.sealed.hash for row in rows])
    page = pages.page(rows, limit, lambda opening: str(opening.sealed.record))
    return schemas_seal.OpeningOut(
        lot=lot,
        decided_at=found.decided_at if over else None,
        keys=[
            schemas_seal.ReleasedKeyOut(
                custodian=custodian, private_key=base64.b64encode(private).decode()
            )
            for custodian, private in keys.items()
        ],
        items=[schemas_seal.OpenedBidOut.of(row, deks.get(row.sealed.hash)) for row in page.items],
        next=page.next,
    )
