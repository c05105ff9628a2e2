"""Bid limits of firms and two-person bids over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.auction import schemas_firms, store, store_firms
from app.auction.approve_bid import approve_bid
from app.auction.propose_bid import propose_bid, withdraw_proposal
from app.auction.set_limit import approve_limit, set_limit, withdraw_limit
from app.kernel.principal import Role
from app.platform import calls, pages, receipts

router = APIRouter(prefix="/v1", tags=["firms"])

OwnFirm = Annotated[calls.Query, Depends(calls.queries(Role.BIDDER, Role.BIDDER_VIEWER))]
Bidder = Annotated[calls.Call, Depends(calls.commands(Role.BIDDER))]
Undecided = Annotated[bool, Query(description="Only those that can still be approved.")]


@router.post(
    "/bid-limits",
    status_code=201,
    operation_id="setBidLimit",
    summary="Change the price above which the firm's bids need a second person",
    response_model=schemas_firms.LimitChangeOut,
    responses=calls.PROBLEMS,
)
async def post_limit(call: Bidder, body: schemas_firms.LimitIn) -> Response:
    """A lower limit is in force at once. Any other change waits for another person's approval."""
    return await call.run(set_limit, body.command(), schemas_firms.LimitChangeOut.of)


@router.post(
    "/bid-limit-approvals",
    status_code=201,
    operation_id="approveBidLimit",
    summary="Approve a change of the firm's bid limit as the second person",
    response_model=receipts.with_receipt(schemas_firms.LimitChangeOut),
    responses=calls.PROBLEMS,
)
async def post_limit_approval(call: Bidder, body: schemas_firms.LimitRefIn) -> Response:
    """By another person than who proposed it."""
    return await call.run(
        approve_limit, body.limit, schemas_firms.LimitChangeOut.of, receipt="bid_limit.set"
    )


@router.post(
    "/bid-limit-withdrawals",
    status_code=201,
    operation_id="withdrawBidLimit",
    summary="Withdraw or decline a change of the firm's bid limit",
    response_model=schemas_firms.LimitChangeOut,
    responses=calls.PROBLEMS,
)
async def post_limit_withdrawal(call: Bidder, body: schemas_firms.LimitRefIn) -> Response:
    """By anybody who bids for the firm, while it waits."""
    return await call.run(withdraw_limit, body.limit, schemas_firms.LimitChangeOut.of)


@router.get(
    "/bid-limits/current",
    operation_id="readBidLimit",
    summary="The caller's firm's bid limit, and the change of it that waits",
    responses=calls.READ_PROBLEMS,
)
async def get_limit(query: OwnFirm) -> schemas_firms.LimitsOut:
    """Shown to nobody else."""
    firm, person = query.principal.party, query.principal.person
    async with query.read() as reader:
        standing = await store_firms.limit_set(reader, firm)
        waiting = await store_firms.limit_waiting(reader, firm)
    shown = [
        None if limit is None else schemas_firms.LimitOut.shown(limit, person)
        for limit in (standing, waiting)
    ]
    return schemas_firms.LimitsOut(in_force=shown[0], waiting=shown[1])


@router.post(
    "/bid-proposals",
    status_code=201,
    operation_id="proposeBid",
    summary="Propose a bid to the other persons of one's firm",
    response_model=schemas_firms.ProposedOut,
    responses=calls.PROBLEMS,
)
async def post_proposal(call: Bidder, body: schemas_firms.ProposalIn) -> Response:
    """One waits for each lot; a newer one replaces it. It is no bid yet, and ends at the close."""
    return await call.run(propose_bid, body.command(), schemas_firms.ProposedOut.of)


@router.post(
    "/bid-proposal-approvals",
    status_code=201,
    operation_id="approveBidProposal",
    summary="Make a proposed bid as the second person of the firm",
    response_model=receipts.with_receipt(schemas_firms.ApprovalOut),
    responses=calls.PROBLEMS_ON_RECORD,
)
async def post_proposal_approval(call: Bidder, body: schemas_firms.ProposalRefIn) -> Response:
    """It is placed and judged now, as if it were sent now, with the proposal's amount."""
    return await call.run(
        approve_bid,
        body.proposal,
        schemas_firms.ApprovalOut.of,
        receipt=("bid.placed", "bid.refused", "maximum.set", "commit"),
    )


@router.post(
    "/bid-proposal-withdrawals",
    status_code=201,
    operation_id="withdrawBidProposal",
    summary="Withdraw or decline a proposed bid",
    response_model=schemas_firms.ProposedOut,
    responses=calls.PROBLEMS,
)
async def post_proposal_withdrawal(call: Bidder, body: schemas_firms.ProposalRefIn) -> Response:
    """By anybody who bids for the firm, until it is approved."""
    return await call.run(withdraw_proposal, body.proposal, schemas_firms.ProposedOut.of)


@router.get(
    "/bid-proposals",
    operation_id="listBidProposals",
    summary="Bids proposed within the caller's firm",
    responses=calls.READ_PROBLEMS,
)
async def get_proposals(
    query: OwnFirm,
    limit: pages.Limit = 50,
    cursor: pages.Cursor = None,
    undecided: Undecided = False,  # noqa: FBT002 - a query parameter
) -> pages.Page[schemas_firms.ProposalOut]:
    """In order of id, shown to nobody else."""
    firm, person = query.principal.party, query.principal.person
    async with query.read() as reader:
        rows = await store_firms.list_proposals(
            reader, firm, pages.after(cursor), limit + 1, undecided=undecided
        )
        lots = await store.find_lots(reader, [row.lot for row in rows])
        now = await reader.now()
    page = pages.page(rows, limit, lambda proposal: proposal.id)
    return pages.Page(
        items=[schemas_firms.ProposalOut.shown(row, lots, person, now) for row in page.items],
        next=page.next,
    )
