"""Evidence over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from app import withdrawal
from app.evidence import rules, schemas, store
from app.evidence.file_evidence import file_evidence
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, receipts

PATH = "/v1/evidence"
BODY_BYTES_MAX = 6 * 1024 * 1024
"""The largest piece in base64, with room for the fields beside it."""

router = APIRouter(prefix="/v1", tags=["evidence"])

Bureau = Annotated[
    calls.Call,
    Depends(
        calls.commands(
            Role.COLLECTIVE,
            Role.TOWNSHIP,
            Role.COUNTY_CLERK,
            Role.COUNTY_APPROVER,
            Role.CITY,
            Role.OPERATOR,
        )
    ),
]
Reading = Annotated[
    calls.Query,
    Depends(
        calls.queries(
            Role.VILLAGER,
            Role.COLLECTIVE,
            Role.TOWNSHIP,
            Role.COUNTY_CLERK,
            Role.COUNTY_APPROVER,
            Role.CITY,
            Role.PROVINCE,
            Role.OPERATOR,
            Role.SUPERVISOR,
        )
    ),
]
"""Scans may show identity cards: who only handles money or auctions has no use for them."""

PROBLEMS = calls.PROBLEMS | {413: calls.PROBLEMS[413] | {"description": "Larger than 6 MiB."}}


class EvidenceResponse(Response):
    """Bytes to be kept as a file. Whatever they are, no browser runs or shows them as ours."""

    media_type = "application/octet-stream"


HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@router.post(
    "/evidence",
    status_code=201,
    operation_id="fileEvidence",
    summary="File a scan or photo to an application",
    response_model=receipts.with_receipt(schemas.EvidenceOut),
    responses=PROBLEMS,
)
async def post_evidence(call: Bureau, body: schemas.EvidenceIn) -> Response:
    """By the office whose stage it is. Nothing filed is removed; another piece may replace it."""
    return await call.run(
        file_evidence, body.command(), schemas.EvidenceOut.of, receipt="evidence.filed"
    )


@router.get(
    "/applications/{application}/evidence",
    operation_id="listEvidence",
    summary="The evidence of an application, and what is missing",
    responses=calls.READ_PROBLEMS,
)
async def get_archive(
    query: Reading, application: Annotated[str, Path(pattern=ID_PATTERN, examples=["a1"])]
) -> schemas.ArchiveOut:
    """At most 50 pieces. Shown to whom the application is; to a city, what concerns it."""
    by = query.principal
    async with query.read() as reader:
        found = await withdrawal.find(reader, application)
        pieces = await store.list_pieces(reader, application)
    shown = [piece for piece in pieces if rules.is_shown(by, piece, found)]
    mine = found is not None and rules.concerns(by, found)
    if not mine and not shown:
        raise Rejected(CommonRefusal.NOT_FOUND, "application")
    # A city is shown no application, and so cannot be told what its file lacks.
    return schemas.ArchiveOut(
        application=application,
        items=[schemas.EvidenceOut.of(piece) for piece in shown],
        missing=rules.missing(found, shown) if found is not None and mine else [],
        may_file=rules.kinds_for(by.role, found) if found is not None and mine else [],
    )


@router.get(
    "/evidence/{evidence}",
    operation_id="readEvidence",
    summary="The content of a piece of evidence, as a file",
    response_class=EvidenceResponse,
    responses=calls.READ_PROBLEMS,
)
async def get_evidence(
    query: Reading, evidence: Annotated[str, Path(pattern=ID_PATTERN, examples=["e1"])]
) -> Response:
    """To be kept, never to be shown as a page: with sandbox, and as plain bytes."""
    async with query.read() as reader:
        piece = await store.find_piece(reader, evidence)
        if piece is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "evidence")
        found = await withdrawal.find(reader, piece.application)
        if not rules.is_shown(query.principal, piece, found):
            raise Rejected(CommonRefusal.NOT_FOUND, "evidence")
        content = await store.read_content(reader, piece.id)
    name = f'attachment; filename="{piece.id}.{piece.media_type.suffix}"'
    headers: dict[str, Any] = HEADERS | {"Content-Disposition": name}
    return EvidenceResponse(content, headers=headers)
