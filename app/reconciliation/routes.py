"""Rounds, cases, corrections and the national report over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.kernel.principal import Role
from app.platform import calls, pages, receipts
from app.platform.pages import BIGINT_MAX
from app.reconciliation import schemas, store
from app.reconciliation import schemas_corrections as corrections
from app.reconciliation.approve_correction import approve_correction
from app.reconciliation.open_round import open_round
from app.reconciliation.propose_correction import propose_correction
from app.reconciliation.read import read_report
from app.reconciliation.rules import Cause

router = APIRouter(prefix="/v1", tags=["reconciliation"])

Ministry = Annotated[calls.Call, Depends(calls.commands(Role.MINISTRY))]
Officer = Annotated[
    calls.Call, Depends(calls.commands(Role.PROVINCE, Role.OPERATOR, Role.MINISTRY))
]
Overseer = Annotated[calls.Query, Depends(calls.queries(Role.MINISTRY, Role.SUPERVISOR))]
Reading = Annotated[
    calls.Query,
    Depends(calls.queries(Role.PROVINCE, Role.OPERATOR, Role.MINISTRY, Role.SUPERVISOR)),
]


def _only(query: calls.Query) -> str | None:
    """The one province whose affairs the principal sees; None: all."""
    return None if query.principal.level is None else query.principal.party


@router.post(
    "/reconciliations",
    status_code=201,
    operation_id="openReconciliation",
    summary="Open a round of reconciliation now",
    response_model=receipts.with_receipt(schemas.ReconciliationOut),
    responses=calls.PROBLEMS,
)
async def post_reconciliation(call: Ministry, body: schemas.ReconciliationIn) -> Response:
    """It goes on by itself. One that is still open is overtaken, and says for whom it waited."""
    return await call.run(
        open_round,
        Cause(body.cause),
        schemas.ReconciliationOut.begun,
        receipt="reconciliation.opened",
    )


@router.get(
    "/reconciliations",
    operation_id="listReconciliations",
    summary="Rounds of reconciliation",
    responses=calls.READ_PROBLEMS,
)
async def get_reconciliations(
    query: Overseer, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.ReconciliationOut]:
    """The newest first."""
    async with query.read() as reader:
        before = pages.after_number(cursor, BIGINT_MAX)
        rows = await store.list_rounds(reader, before, limit + 1)
        parts = await store.list_parts(reader, [one.number for one in rows])
    page = pages.page(rows, limit, lambda one: str(one.number))
    items = [schemas.ReconciliationOut.of(one, parts) for one in page.items]
    return pages.Page(items=items, next=page.next)


@router.get(
    "/reconciliation-cases",
    operation_id="listReconciliationCases",
    summary="Cases of reconciliation, and what they freeze",
    responses=calls.READ_PROBLEMS,
)
async def get_cases(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.ReconciliationCaseOut]:
    """In order of id; a province sees those about its own books."""
    async with query.read() as reader:
        rows = await store.list_cases(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda case: case.id)
    return pages.Page(
        items=[schemas.ReconciliationCaseOut.of(case) for case in page.items], next=page.next
    )


@router.post(
    "/corrections",
    status_code=201,
    operation_id="proposeCorrection",
    summary="Propose an entry that cures a case",
    response_model=receipts.with_receipt(corrections.CorrectionOut),
    responses=calls.PROBLEMS,
)
async def post_correction(call: Officer, body: corrections.CorrectionIn) -> Response:
    """Nothing that was written is changed: the entry makes up for it. A second person approves."""
    return await call.run(
        propose_correction,
        body.command(),
        corrections.CorrectionOut.of,
        receipt="correction.proposed",
    )


@router.post(
    "/correction-approvals",
    status_code=201,
    operation_id="approveCorrection",
    summary="Approve a correction as the second person",
    response_model=receipts.with_receipt(corrections.CorrectionOut),
    responses=calls.PROBLEMS,
)
async def post_correction_approval(
    call: Officer, body: corrections.CorrectionApprovalIn
) -> Response:
    """The entry is booked; the accounts stay frozen until a round finds the case cured.

    A debt between nodes that the correction names is stated anew by it.
    """
    return await call.run(
        approve_correction,
        body.correction,
        corrections.CorrectionOut.of,
        receipt="entry.correction",
    )


@router.get(
    "/corrections",
    operation_id="listCorrections",
    summary="Corrections, proposed and booked",
    responses=calls.READ_PROBLEMS,
)
async def get_corrections(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[corrections.CorrectionOut]:
    """In order of id."""
    async with query.read() as reader:
        rows = await store.list_corrections(reader, _only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda one: one.id)
    return pages.Page(
        items=[corrections.CorrectionOut.of(one) for one in page.items], next=page.next
    )


@router.get(
    "/reports/national",
    operation_id="getNationalReport",
    summary="All quota of all provinces: issued, held, used, under way; and who owes whom",
    responses=calls.READ_PROBLEMS,
)
async def get_national_report(query: Overseer) -> schemas.NationalReportOut:
    """Added up from every node's log, each at the position that the last round has named."""
    async with query.read() as reader:
        return schemas.NationalReportOut.of(await read_report(reader))
