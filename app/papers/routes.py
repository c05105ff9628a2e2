"""Papers over HTTP: PDF for whom the same figures are shown as JSON."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.kernel.ids import ID_PATTERN, TICKET_PATTERN
from app.kernel.principal import READERS_OF_BIDDERS, READERS_OF_HOUSEHOLDS, Principal
from app.kernel.refusal import CommonRefusal, Rejected
from app.papers import read
from app.papers.figures import Language
from app.papers.render import PRESS
from app.papers.rules import Desk, Paper
from app.platform import browser, calls
from app.platform.db import Reader

router = APIRouter(prefix="/v1", tags=["papers"])

Household = Annotated[calls.Query, Depends(calls.queries(*READERS_OF_HOUSEHOLDS))]

Winner = Annotated[
    calls.Query,
    Depends(calls.queries(*READERS_OF_BIDDERS)),
]

YEARS = (2000, 8999)
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}", re.ASCII)
PROBLEMS = calls.READ_PROBLEMS | {503: calls.PROBLEMS[503]}

LotId = Annotated[str, Path(pattern=ID_PATTERN, examples=["l1"])]
TicketId = Annotated[str, Path(pattern=TICKET_PATTERN, examples=["t1"])]
HouseholdId = Annotated[str, Path(pattern=ID_PATTERN, examples=["h1"])]
Year = Annotated[int, Path(ge=YEARS[0], le=YEARS[1], examples=[2026])]
In = Annotated[Language, Query(description="Which language the paper is in.")]


class PdfResponse(Response):
    """A PDF."""

    media_type = "application/pdf"


def public_pages(request: Request) -> str:
    """The address at which the asker reached this node, as the code on a paper names it.

    Behind a proxy that ends TLS only the host is known for certain, so all but loopback is https.
    """
    host = request.headers.get("host", "")
    if HOST.fullmatch(host) is None:
        raise Rejected(CommonRefusal.INVALID_REQUEST, "host")
    return f"{'https' if browser.must_be_secure(request) else 'http'}://{host}"


Pages = Annotated[str, Depends(public_pages)]


async def _answer(
    query: calls.Query,
    language: Language,
    pages: str,
    work: Callable[[Reader, Principal, Desk], Awaitable[Paper]],
) -> Response:
    async with query.read() as reader:
        desk = await read.make_desk(reader, language, pages)
        paper = await work(reader, query.principal, desk)
    # The connection is given back before the type is set.
    headers: dict[str, Any] = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="{paper.file}.pdf"',
        "Content-Language": language.value,
        "X-Content-Type-Options": "nosniff",
    }
    return PdfResponse(await PRESS.render(paper), headers=headers)


def _paper(path: str, operation: str, summary: str) -> Callable[..., Any]:
    return router.get(
        path,
        operation_id=operation,
        summary=summary,
        response_class=PdfResponse,
        responses=PROBLEMS,
    )


@_paper("/lots/{lot}/confirmation", "printConfirmation", "The confirmation of a lot's sale")
async def get_confirmation(
    query: Winner, pages: Pages, lot: LotId, language: In = Language.ZH
) -> Response:
    """For the winner of a sold lot and for its exchange (成交确认书)."""
    return await _answer(
        query, language, pages, lambda r, by, desk: read.read_confirmation(r, by, lot, desk)
    )


@_paper("/certificates/{lot}/paper", "printCertificate", "The certificate of a lot's quota")
async def get_certificate(
    query: Winner, pages: Pages, lot: LotId, language: In = Language.ZH
) -> Response:
    """For the holder of a paid lot and for its exchange (指标证书)."""
    return await _answer(
        query, language, pages, lambda r, by, desk: read.read_certificate(r, by, lot, desk)
    )


# A ticket that came from another province has a slash in its id.
@_paper("/tickets/{ticket:path}/paper", "printTicket", "A household's ticket")
async def get_ticket(
    query: Household, pages: Pages, ticket: TicketId, language: In = Language.ZH
) -> Response:
    """For the household and whom it concerns: with its name, which no public page has (复垦票)."""
    return await _answer(
        query, language, pages, lambda r, by, desk: read.read_ticket(r, by, ticket, desk)
    )


@_paper(
    "/households/{household}/statements/{year}/paper",
    "printStatement",
    "A calendar year of a household's account as a paper",
)
async def get_statement(
    query: Household,
    pages: Pages,
    household: HouseholdId,
    year: Year,
    language: In = Language.ZH,
) -> Response:
    """For the household and whom it concerns: every movement, sums, and where the log proves it."""
    return await _answer(
        query,
        language,
        pages,
        lambda r, by, desk: read.read_statement(r, by, household, year, desk),
    )
