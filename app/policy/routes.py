"""Policy over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.kernel.principal import Role
from app.platform import calls, pages, receipts
from app.platform.db import Database
from app.policy import schemas, store
from app.policy.approve_coefficient import approve_coefficient
from app.policy.approve_policy import approve_policy
from app.policy.propose_coefficient import propose_coefficient
from app.policy.propose_policy import propose_policy

router = APIRouter(prefix="/v1", tags=["policy"])

Province = Annotated[calls.Call, Depends(calls.commands(Role.PROVINCE))]
Ministry = Annotated[calls.Call, Depends(calls.commands(Role.MINISTRY))]
Public = Annotated[Database, Depends(calls.database)]


@router.post(
    "/policies",
    status_code=201,
    operation_id="proposePolicy",
    summary="Propose a version of a province's parameters",
    response_model=receipts.with_receipt(schemas.PolicyOut),
    responses=calls.PROBLEMS,
)
async def post_policy(call: Province, body: schemas.PolicyIn) -> Response:
    """It has no effect until a second person approves it."""
    return await call.run(
        propose_policy, body.command(), schemas.PolicyOut.of, receipt="policy.proposed"
    )


@router.post(
    "/policy-approvals",
    status_code=201,
    operation_id="approvePolicy",
    summary="Approve a policy version as the second person",
    response_model=receipts.with_receipt(schemas.PolicyOut),
    responses=calls.PROBLEMS,
)
async def post_policy_approval(call: Province, body: schemas.PolicyApprovalIn) -> Response:
    """From its `valid_from` on, the province follows it."""
    return await call.run(
        approve_policy, body.policy, schemas.PolicyOut.of, receipt="policy.approved"
    )


@router.get("/policies", operation_id="listPolicies", summary="Policy versions")
async def get_policies(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.PolicyOut]:
    """Proposed and approved, in order of id."""
    async with db.read() as reader:
        rows = await store.list_versions(reader, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda version: version.id)
    return pages.Page(items=[schemas.PolicyOut.of(v) for v in page.items], next=page.next)


@router.post(
    "/coefficients",
    status_code=201,
    operation_id="proposeCoefficient",
    summary="Propose a coefficient between two provinces",
    response_model=receipts.with_receipt(schemas.CoefficientOut),
    responses=calls.PROBLEMS,
)
async def post_coefficient(call: Ministry, body: schemas.CoefficientIn) -> Response:
    """It has no effect until a second person approves it."""
    return await call.run(
        propose_coefficient,
        body.command(),
        schemas.CoefficientOut.of,
        receipt="coefficient.proposed",
    )


@router.post(
    "/coefficient-approvals",
    status_code=201,
    operation_id="approveCoefficient",
    summary="Approve a coefficient as the second person",
    response_model=receipts.with_receipt(schemas.CoefficientOut),
    responses=calls.PROBLEMS,
)
async def post_coefficient_approval(
    call: Ministry, body: schemas.CoefficientApprovalIn
) -> Response:
    """It is in force on its first day, its last day, and between."""
    return await call.run(
        approve_coefficient,
        body.coefficient,
        schemas.CoefficientOut.of,
        receipt="coefficient.approved",
    )


@router.get("/coefficients", operation_id="listCoefficients", summary="Coefficients")
async def get_coefficients(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.CoefficientOut]:
    """Proposed and approved, in order of id."""
    async with db.read() as reader:
        rows = await store.list_coefficients(reader, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda coefficient: coefficient.id)
    return pages.Page(items=[schemas.CoefficientOut.of(c) for c in page.items], next=page.next)
