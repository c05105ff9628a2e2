"""Requests to redeem over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from app.accounts import read, rules_outcome, schemas_redemptions, store_redemptions
from app.accounts.decide_redemption import approve_redemption, refuse_redemption
from app.accounts.find_grounds import find_grounds
from app.accounts.request_redemption import request_redemption, withdraw_redemption
from app.accounts.rules_outcome import Outcome
from app.accounts.rules_redemptions import Redemption, RedemptionState
from app.accounts.terms import command_of
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Refusal, Rejected
from app.platform import calls, pages, receipts
from app.platform.db import Reader

router = APIRouter(prefix="/v1", tags=["housing accounts"])

NUMBER_DIGITS = 19

Household = Annotated[calls.Call, Depends(calls.commands(Role.VILLAGER, Role.OPERATOR))]
Decider = Annotated[calls.Call, Depends(calls.commands(Role.FUND_CENTRE, Role.OPERATOR))]
# What a household declares is for whom it asks, and for who decides: not for its neighbours.
Concerned = Annotated[
    calls.Query,
    Depends(
        calls.queries(
            Role.VILLAGER, Role.FUND_CENTRE, Role.OPERATOR, Role.PROVINCE, Role.SUPERVISOR
        )
    ),
]
State = Annotated[RedemptionState | None, Query(description="Only those in this state.")]
PathId = Annotated[str, Path(pattern=ID_PATTERN, examples=["q1"])]


@router.post(
    "/redemption-requests",
    status_code=201,
    operation_id="requestRedemption",
    summary="Ask the fund centre for a use of the account",
    response_model=receipts.with_receipt(schemas_redemptions.RedemptionOut),
    responses=calls.PROBLEMS,
)
async def post_request(call: Household, body: schemas_redemptions.RedemptionRequestIn) -> Response:
    """Judged at once by the rules of the command that is asked for; nothing moves before."""
    return await call.run(
        request_redemption,
        body.command(),
        schemas_redemptions.RedemptionOut.of,
        receipt="redemption.requested",
    )


@router.post(
    "/redemption-withdrawals",
    status_code=201,
    operation_id="withdrawRedemption",
    summary="Take back a request to redeem",
    response_model=receipts.with_receipt(schemas_redemptions.RedemptionOut),
    responses=calls.PROBLEMS,
)
async def post_withdrawal(call: Household, body: schemas_redemptions.RedemptionRefIn) -> Response:
    """While nobody has decided it."""
    return await call.run(
        withdraw_redemption,
        body.request,
        schemas_redemptions.RedemptionOut.of,
        receipt="redemption.withdrawn",
    )


@router.post(
    "/redemption-approvals",
    status_code=201,
    operation_id="approveRedemption",
    summary="Do what a household has asked for",
    response_model=receipts.with_receipt(schemas_redemptions.RedemptionApprovalOut),
    responses=calls.PROBLEMS,
)
async def post_approval(call: Decider, body: schemas_redemptions.RedemptionRefIn) -> Response:
    """By another person than who asked. What the rules refuse now leaves the request open."""
    return await call.run(
        approve_redemption,
        body.request,
        schemas_redemptions.RedemptionApprovalOut.of,
        receipt="redemption.approved",
    )


@router.post(
    "/redemption-refusals",
    status_code=201,
    operation_id="refuseRedemption",
    summary="Refuse what a household has asked for, with the reason",
    response_model=receipts.with_receipt(schemas_redemptions.RedemptionOut),
    responses=calls.PROBLEMS,
)
async def post_refusal(call: Decider, body: schemas_redemptions.RedemptionRefusalIn) -> Response:
    """By another person than who asked; the household may ask anew."""
    return await call.run(
        refuse_redemption,
        body.command(),
        schemas_redemptions.RedemptionOut.of,
        receipt="redemption.refused",
    )


@router.get(
    "/redemption-requests",
    operation_id="listRedemptions",
    summary="Requests to redeem, the one that is due first before all others",
    responses=calls.READ_PROBLEMS,
)
async def get_requests(
    query: Concerned, limit: pages.Limit = 50, cursor: pages.Cursor = None, state: State = None
) -> pages.Page[schemas_redemptions.RedemptionOut]:
    """In the order of asking, those that concern the caller; `due_at` tells which are overdue."""
    behind = pages.after_number(cursor)
    async with query.read() as reader:
        rows = await store_redemptions.list_redemptions(
            reader, query.principal, state, behind, limit + 1
        )
    page = pages.page(rows, limit, lambda one: f"{one.number:0{NUMBER_DIGITS}}")
    return pages.Page(
        items=[schemas_redemptions.RedemptionOut.of(one) for one in page.items], next=page.next
    )


@router.get(
    "/redemption-requests/{request}",
    operation_id="getRedemption",
    summary="A request to redeem, and what its approval would do now",
    responses=calls.READ_PROBLEMS,
)
async def get_request(query: Concerned, request: PathId) -> schemas_redemptions.RedemptionDetailOut:
    """Step by step from the balance now to the balance after it."""
    async with query.read() as reader:
        found = await store_redemptions.find_redemption(reader, request)
        if found is None or not query.principal.concerns(*found.stakes):
            raise Rejected(CommonRefusal.NOT_FOUND, "request")
        judged = await _judge(reader, found) if found.state is RedemptionState.OPEN else None
    return schemas_redemptions.RedemptionDetailOut.detail(found, judged)


async def _judge(reader: Reader, request: Redemption) -> Refusal | Outcome:
    account = await read.find_account(reader, request.household)
    command = command_of(request.kind, request.terms)
    grounds = await find_grounds(reader, command, account, request.home_province)
    return rules_outcome.judge(command, grounds)
