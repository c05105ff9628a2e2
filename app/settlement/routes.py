"""Settlement over HTTP: payment, certificates, and the publication of payouts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app import auction, ledger
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages, receipts
from app.platform.db import Database
from app.settlement import rules, schemas, store
from app.settlement.pay_lot import pay_lot

router = APIRouter(prefix="/v1", tags=["settlement"])

Public = Annotated[Database, Depends(calls.database)]
LotId = Annotated[str, Path(pattern=ID_PATTERN, examples=["l1"])]


@router.post(
    "/payments",
    status_code=201,
    operation_id="payLot",
    summary="Pay for a lot; it is settled at once",
    response_model=receipts.with_receipt(schemas.CertificateOut),
    responses=calls.PROBLEMS,
)
async def post_payment(
    call: Annotated[calls.Call, Depends(calls.commands(Role.BIDDER, Role.OPERATOR))],
    body: schemas.PaymentIn,
) -> Response:
    """From the deposit first, then from free cash; answers with the certificate."""
    return await call.run(pay_lot, body.command(), schemas.CertificateOut.of, receipt="lot.paid")


@router.get("/certificates", operation_id="listCertificates", summary="Certificates")
async def get_certificates(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.CertificateOut]:
    """Public, in order of lot: anyone can check a certificate."""
    async with db.read() as reader:
        rows = await store.list_certificates(reader, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda certificate: certificate.lot)
    return pages.Page(items=[schemas.CertificateOut.of(c) for c in page.items], next=page.next)


@router.get(
    "/lots/{lot}/payouts",
    operation_id="listPayouts",
    summary="How the price of a settled lot was paid out",
    responses=calls.READ_PROBLEMS,
)
async def get_payouts(
    db: Public, lot: LotId, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.PayoutOut]:
    """Public, ticket by ticket, without names; empty until the lot is paid (R125)."""
    behind = pages.after(cursor)
    async with db.read() as reader:
        if await auction.find_lot(reader, lot) is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "lot")
        ids = [t for t in sorted(await auction.split_policies(reader, lot)) if t > behind]
        keys = [rules.settlement_key(lot, ticket) for ticket in ids[: limit + 1]]
        facts = await ledger.facts_of(reader, keys)
    rows = [schemas.PayoutOut.of(facts[key]) for key in keys if key in facts]
    return pages.page(rows, limit, lambda row: row.ticket)
