"""Bank accounts, instructions and the bank's files over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from app.clearing import rules, schemas_bank, store_bank, store_evidence
from app.clearing.approve_account import approve_account
from app.clearing.approve_resolution import approve_resolution
from app.clearing.propose_account import propose_account
from app.clearing.propose_resolution import propose_resolution
from app.clearing.routes import Reading, only
from app.clearing.take_evidence import take_evidence
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages, receipts

router = APIRouter(prefix="/v1", tags=["clearing"])

Holder = Annotated[
    calls.Call,
    Depends(calls.commands(Role.PROVINCE, Role.FUND_CENTRE, Role.OPERATOR, Role.MINISTRY)),
]
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class BankFileResponse(Response):
    """A file for the payer's bank, to be kept and handed on."""

    media_type = "application/octet-stream"


@router.post(
    "/bank-accounts",
    status_code=201,
    operation_id="proposeBankAccount",
    summary="Register the bank account of one's own province",
    response_model=receipts.with_receipt(schemas_bank.BankAccountOut),
    responses=calls.PROBLEMS,
)
async def post_account(call: Holder, body: schemas_bank.BankAccountIn) -> Response:
    """It is not used until a second person approves it. The log holds a commitment alone."""
    return await call.run(
        propose_account,
        body.command(),
        schemas_bank.BankAccountOut.of,
        receipt="bank_account.proposed",
    )


@router.post(
    "/bank-account-approvals",
    status_code=201,
    operation_id="approveBankAccount",
    summary="Approve a bank account as the second person",
    response_model=receipts.with_receipt(schemas_bank.BankAccountOut),
    responses=calls.PROBLEMS,
)
async def post_account_approval(call: Holder, body: schemas_bank.BankAccountApprovalIn) -> Response:
    """Instructions made from now on name it."""
    return await call.run(
        approve_account,
        body.account,
        schemas_bank.BankAccountOut.of,
        receipt="bank_account.approved",
    )


@router.get(
    "/bank-accounts",
    operation_id="listBankAccounts",
    summary="Bank accounts of one's own province",
    responses=calls.READ_PROBLEMS,
)
async def get_accounts(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_bank.BankAccountOut]:
    """In the order of their proposal."""
    behind = pages.after_number(cursor)
    async with query.read() as reader:
        rows = await store_bank.list_accounts(reader, only(query), behind, limit + 1)
    page = pages.page(rows, limit, lambda row: str(row[0]))
    items = [schemas_bank.BankAccountOut.of(account) for _, account in page.items]
    return pages.Page(items=items, next=page.next)


@router.get(
    "/payment-instructions",
    operation_id="listPaymentInstructions",
    summary="Payments instructed to and by a province",
    responses=calls.READ_PROBLEMS,
)
async def get_instructions(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_bank.PaymentInstructionOut]:
    """In the order in which they were made."""
    behind = pages.after_number(cursor)
    async with query.read() as reader:
        rows = await store_bank.list_instructions(reader, only(query), behind, limit + 1)
    page = pages.page(rows, limit, lambda row: str(row[0]))
    items = [schemas_bank.PaymentInstructionOut.of(one) for _, one in page.items]
    return pages.Page(items=items, next=page.next)


@router.get(
    "/payment-instructions/{instruction}/file",
    operation_id="readPaymentInstructionFile",
    summary="The pain.001 file of an instruction",
    response_class=BankFileResponse,
    responses=calls.READ_PROBLEMS,
)
async def get_instruction_file(
    query: Reading,
    instruction: Annotated[
        str,
        Path(pattern=r"^[0-9a-f]{32}$", examples=[schemas_bank.EXAMPLE_INSTRUCTION]),
    ],
) -> Response:
    """For the payer alone, always the same bytes: a file that is fetched twice is one payment.

    Between nodes it is there as soon as the payee's node has told the account.
    """
    async with query.read() as reader:
        found = await store_bank.find_instruction(reader, instruction)
        if found is None or not rules.acts_for(query.principal, found.payer):
            raise Rejected(CommonRefusal.NOT_FOUND, "instruction")
        content = await store_bank.read_file(reader, instruction)
        if content is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "instruction")
    name = f'attachment; filename="pain001-{instruction}.xml"'
    headers: dict[str, Any] = HEADERS | {"Content-Disposition": name}
    return BankFileResponse(content, headers=headers)


@router.post(
    "/bank-evidence",
    status_code=201,
    operation_id="takeBankEvidence",
    summary="Send the bank's file of one's own account",
    response_model=receipts.with_receipt(schemas_bank.BankEvidenceOut),
    responses=calls.PROBLEMS,
)
async def post_evidence(call: Holder, body: schemas_bank.BankEvidenceIn) -> Response:
    """Booked credits under an instruction discharge its debt; all else waits for two people."""
    return await call.run(
        take_evidence,
        body.command(),
        schemas_bank.BankEvidenceOut.of,
        receipt="bank_file.received",
    )


@router.get(
    "/bank-entries",
    operation_id="listBankEntries",
    summary="Entries of the bank's files, and what waits for two people",
    responses=calls.READ_PROBLEMS,
)
async def get_entries(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_bank.BankEntryOut]:
    """Of one's own account, in the order of their arrival."""
    behind = pages.after_number(cursor)
    async with query.read() as reader:
        rows = await store_evidence.list_entries(reader, only(query), behind, limit + 1)
    page = pages.page(rows, limit, lambda one: str(one.seq))
    return pages.Page(items=[schemas_bank.BankEntryOut.of(e) for e in page.items], next=page.next)


@router.post(
    "/evidence-resolutions",
    status_code=201,
    operation_id="proposeEvidenceResolution",
    summary="Propose what is done with an entry that matched nothing",
    response_model=receipts.with_receipt(schemas_bank.EvidenceResolutionOut),
    responses=calls.PROBLEMS,
)
async def post_resolution(call: Holder, body: schemas_bank.EvidenceResolutionIn) -> Response:
    """Return it, assign it to an instruction, or set it aside. A second person approves."""
    return await call.run(
        propose_resolution,
        body.command(),
        schemas_bank.EvidenceResolutionOut.of,
        receipt="bank_entry.resolution_proposed",
    )


@router.post(
    "/evidence-resolution-approvals",
    status_code=201,
    operation_id="approveEvidenceResolution",
    summary="Approve a resolution as the second person",
    response_model=receipts.with_receipt(schemas_bank.EvidenceResolutionOut),
    responses=calls.PROBLEMS,
)
async def post_resolution_approval(
    call: Holder, body: schemas_bank.EvidenceResolutionApprovalIn
) -> Response:
    """It is done at once."""
    return await call.run(
        approve_resolution,
        body.resolution,
        schemas_bank.EvidenceResolutionOut.of,
        receipt="bank_entry.resolved",
    )


@router.get(
    "/evidence-resolutions",
    operation_id="listEvidenceResolutions",
    summary="Resolutions, proposed and approved",
    responses=calls.READ_PROBLEMS,
)
async def get_resolutions(
    query: Reading, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_bank.EvidenceResolutionOut]:
    """Of entries on one's own account, in order of id."""
    behind = pages.after(cursor)
    async with query.read() as reader:
        rows = await store_evidence.list_resolutions(reader, only(query), behind, limit + 1)
    page = pages.page(rows, limit, lambda one: one.id)
    items = [schemas_bank.EvidenceResolutionOut.of(one) for one in page.items]
    return pages.Page(items=items, next=page.next)
