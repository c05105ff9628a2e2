"""Terms, windows and statements over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.clearing import rules, schemas, store, store_stated
from app.clearing.approve_statement import approve_statement
from app.clearing.approve_terms import approve_terms
from app.clearing.close_window import close_window
from app.clearing.dispute_statement import dispute_statement
from app.clearing.propose_terms import propose_terms
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages, receipts
from app.platform.db import Database

router = APIRouter(prefix="/v1", tags=["clearing"])

Ministry = Annotated[calls.Call, Depends(calls.commands(Role.MINISTRY))]
Officer = Annotated[
    calls.Call, Depends(calls.commands(Role.PROVINCE, Role.FUND_CENTRE, Role.OPERATOR))
]
Reading = Annotated[
    calls.Query,
    Depends(
        calls.queries(
            Role.PROVINCE, Role.FUND_CENTRE, Role.OPERATOR, Role.MINISTRY, Role.SUPERVISOR
        )
    ),
]
Public = Annotated[Database, Depends(calls.database)]


def only(query: calls.Query) -> str | None:
    """The one province whose affairs the principal sees; None: all."""
    return None if query.principal.level is None else query.principal.party


@router.post(
    "/clearing-terms",
    status_code=201,
    operation_id="proposeClearingTerms",
    summary="Propose how debts between provinces are netted and paid",
    response_model=receipts.with_receipt(schemas.ClearingTermsOut),
    responses=calls.PROBLEMS,
)
async def post_terms(call: Ministry, body: schemas.ClearingTermsIn) -> Response:
    """It has no effect until a second person approves it."""
    return await call.run(
        propose_terms,
        body.command(),
        schemas.ClearingTermsOut.of,
        receipt="clearing_terms.proposed",
    )


@router.post(
    "/clearing-terms-approvals",
    status_code=201,
    operation_id="approveClearingTerms",
    summary="Approve terms of clearing as the second person",
    response_model=receipts.with_receipt(schemas.ClearingTermsOut),
    responses=calls.PROBLEMS,
)
async def post_terms_approval(call: Ministry, body: schemas.ClearingTermsApprovalIn) -> Response:
    """From then on every debt between provinces is paid through the bank."""
    return await call.run(
        approve_terms, body.terms, schemas.ClearingTermsOut.of, receipt="clearing_terms.approved"
    )


@router.get("/clearing-terms", operation_id="listClearingTerms", summary="Terms of clearing")
async def get_terms(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.ClearingTermsOut]:
    """Proposed and approved, in the order of their proposal."""
    async with db.read() as reader:
        rows = await store.list_terms(reader, pages.after_number(cursor), limit + 1)
    page = pages.page(rows, limit, lambda row: str(row[0]))
    items = [schemas.ClearingTermsOut.of(terms) for _, terms in page.items]
    return pages.Page(items=items, next=page.next)


@router.post(
    "/settlement-windows",
    status_code=201,
    operation_id="closeSettlementWindow",
    summary="Close the next window of the log",
    response_model=receipts.with_receipt(schemas.SettlementWindowOut),
    responses=calls.PROBLEMS,
)
async def post_window(call: Ministry, body: schemas.SettlementWindowIn) -> Response:
    """It begins where the last one ended; a statement is made for each pair that owes."""
    return await call.run(
        close_window,
        body.command(),
        schemas.SettlementWindowOut.of,
        receipt="settlement_window.closed",
    )


@router.get("/settlement-windows", operation_id="listSettlementWindows", summary="Closed windows")
async def get_windows(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.SettlementWindowOut]:
    """In their order."""
    async with db.read() as reader:
        rows = await store.list_windows(reader, pages.after_number(cursor), limit + 1)
    page = pages.page(rows, limit, lambda window: str(window.number))
    return pages.Page(items=[schemas.SettlementWindowOut.of(w) for w in page.items], next=page.next)


@router.post(
    "/statement-approvals",
    status_code=201,
    operation_id="approveStatement",
    summary="Approve a settlement statement for one's own province",
    response_model=receipts.with_receipt(schemas.SettlementStatementOut),
    responses=calls.PROBLEMS,
)
async def post_statement_approval(call: Officer, body: schemas.StatementApprovalIn) -> Response:
    """With the approval of both provinces, payments are instructed."""
    return await call.run(
        approve_statement,
        body.command(),
        schemas.SettlementStatementOut.of,
        receipt="settlement_statement.approved",
    )


@router.post(
    "/statement-disputes",
    status_code=201,
    operation_id="disputeStatement",
    summary="Dispute a settlement statement for one's own province",
    response_model=receipts.with_receipt(schemas.SettlementStatementOut),
    responses=calls.PROBLEMS,
)
async def post_statement_dispute(call: Officer, body: schemas.StatementDisputeIn) -> Response:
    """It stays open until the same province approves it after all."""
    return await call.run(
        dispute_statement,
        body.command(),
        schemas.SettlementStatementOut.of,
        receipt="settlement_statement.disputed",
    )


@router.get(
    "/settlement-statements",
    operation_id="listSettlementStatements",
    summary="Settlement statements of a province",
    responses=calls.READ_PROBLEMS,
)
async def get_statements(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.SettlementStatementOut]:
    """In order of id."""
    async with query.read() as reader:
        rows = await store.list_statements(reader, only(query), pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda statement: statement.id)
    return pages.Page(
        items=[schemas.SettlementStatementOut.of(s) for s in page.items], next=page.next
    )


@router.get(
    "/settlement-statements/{statement}",
    operation_id="getSettlementStatement",
    summary="A settlement statement with every obligation",
    responses=calls.READ_PROBLEMS,
)
async def get_statement(
    query: Reading,
    statement: Annotated[
        str, Path(pattern=rules.STATEMENT_PATTERN, examples=[schemas.EXAMPLE_STATEMENT])
    ],
) -> schemas.SettlementStatementDetailOut:
    """Each obligation names its entry of the log; `hash` is over the canonical document."""
    mine = only(query)
    async with query.read() as reader:
        found = await store.find_statement(reader, statement)
        if found is None or (mine is not None and mine not in found.parties):
            raise Rejected(CommonRefusal.NOT_FOUND, "statement")
        document = await store.read_document(reader, statement)
        acts = (await store.list_acts(reader, [statement]))[statement]
    return schemas.SettlementStatementDetailOut.with_document(found, document, acts)


@router.get(
    "/stated-obligations",
    operation_id="listStatedObligations",
    summary="What provinces of different nodes have stated that they owe each other",
    responses=calls.READ_PROBLEMS,
)
async def get_stated(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.StatedObligationOut]:
    """By transfer and kind. The ministry's node has both sides, others have what they stated.

    What a side said first, and each correction by which it said something else, is told with the
    entries of its log.
    """
    transfer, _, kind = (pages.after(cursor)).partition(" ")
    async with query.read() as reader:
        rows = await store_stated.list_matters(reader, only(query), (transfer, kind), limit + 1)
    page = pages.page(rows, limit, lambda matter: matter.key)
    items = [schemas.StatedObligationOut.of(one) for one in page.items]
    return pages.Page(items=items, next=page.next)
