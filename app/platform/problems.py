"""The only place where a refusal meets a status code: RFC 9457 problems in two languages."""

from collections.abc import Iterable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from app.kernel.refusal import CommonRefusal, Refusal, Rejected

log = structlog.get_logger()

CONFLICT = 409
STATUS = {
    CommonRefusal.UNAUTHENTICATED.code: 401,
    CommonRefusal.FORBIDDEN.code: 403,
    CommonRefusal.NOT_FOUND.code: 404,
    CommonRefusal.INVALID_REQUEST.code: 422,
    CommonRefusal.INVALID_AMOUNT.code: 422,
    CommonRefusal.KEY_MISSING.code: 400,
    CommonRefusal.KEY_REUSED.code: 422,
    CommonRefusal.BUSY.code: 503,
    CommonRefusal.INTERNAL.code: 500,
}
"""Every other refusal is a conflict with the present state: 409, and nothing was changed."""

INVALID_AMOUNT_TYPE = "invalid_amount"
"""The pydantic error type that the amount fields raise."""

ERRORS_MAX = 50


class FieldError(BaseModel):
    """One field at fault."""

    pointer: str = Field(description="JSON pointer of the field.", examples=["/price_cny"])
    code: str = Field(examples=["invalid-amount"])
    detail: str = Field(examples=["a decimal string with two places"])


class Problem(BaseModel):
    """An RFC 9457 problem. `code` is stable; `title` is Chinese, `title_en` English."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/v1/problems/not-found",
                    "title": CommonRefusal.NOT_FOUND.zh,
                    "title_en": CommonRefusal.NOT_FOUND.en,
                    "status": 404,
                    "code": "not-found",
                    "errors": [],
                    "request_id": "0199f0c2-7b1e-7a3c-8d55-2f6b8f2f9a10",
                }
            ]
        }
    )

    type: str
    title: str
    title_en: str
    status: int
    code: str
    errors: list[FieldError] = []
    request_id: str


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return STATUS.get(refusal.code, CONFLICT)


def problem(request: Request, refusal: Refusal, errors: Iterable[FieldError] = ()) -> JSONResponse:
    """Answer with a problem document."""
    status = status_of(refusal)
    body = Problem(
        type=f"/v1/problems/{refusal.code}",
        title=refusal.zh,
        title_en=refusal.en,
        status=status,
        code=refusal.code,
        errors=list(errors),
        request_id=getattr(request.state, "request_id", ""),
    )
    headers = {"Cache-Control": "no-store"}
    if refusal in {CommonRefusal.BUSY, CommonRefusal.KEY_IN_PROGRESS}:
        headers["Retry-After"] = "1"
    if refusal is CommonRefusal.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        body.model_dump(), status, headers=headers, media_type="application/problem+json"
    )


def _pointer(location: tuple[int | str, ...]) -> str:
    # The first part says body, query, path or header; only a body has JSON pointers.
    parts = location[1:] if location and location[0] == "body" else location
    return "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in parts)


def _field_error(error: ErrorDetails) -> FieldError:
    amount = error["type"] == INVALID_AMOUNT_TYPE
    refusal = CommonRefusal.INVALID_AMOUNT if amount else CommonRefusal.INVALID_REQUEST
    # Only pydantic's message is shown, never the value: it may be a name or an account number.
    return FieldError(pointer=_pointer(error["loc"]), code=refusal.code, detail=error["msg"])


async def _rejected(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Rejected)
    fields = []
    if error.field is not None:
        fields = [
            FieldError(pointer=f"/{error.field}", code=error.refusal.code, detail=error.refusal.en)
        ]
    return problem(request, error.refusal, fields)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Shape before amounts: one malformed field makes the whole `invalid-request`."""
    assert isinstance(error, RequestValidationError)
    errors = [_field_error(e) for e in error.errors()]
    only_amounts = all(e.code == CommonRefusal.INVALID_AMOUNT.code for e in errors)
    refusal = CommonRefusal.INVALID_AMOUNT if only_amounts else CommonRefusal.INVALID_REQUEST
    return problem(request, refusal, errors[:ERRORS_MAX])


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    response = problem(
        request,
        CommonRefusal.NOT_FOUND if error.status_code == 404 else CommonRefusal.INVALID_REQUEST,  # noqa: PLR2004 - an HTTP status
    )
    response.status_code = error.status_code
    response.headers.update(error.headers or {})
    return response


async def _crashed(request: Request, error: Exception) -> JSONResponse:
    # The type and place only: a message may quote the value that broke it.
    log.error("request-failed", error=type(error).__name__, request_id=_request_id(request))
    return problem(request, CommonRefusal.INTERNAL)


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def catalogue(root: type[Refusal] = Refusal) -> dict[str, list[dict[str, Any]]]:
    """Every refusal of every slice by code, for the page that each problem's `type` points to."""
    found: dict[str, list[dict[str, Any]]] = {}
    for slice_enum in root.__subclasses__():
        for refusal in slice_enum:
            entry = {"zh": refusal.zh, "en": refusal.en, "status": status_of(refusal)}
            entries = found.setdefault(refusal.code, [])
            if entry not in entries:
                entries.append(entry)
    return dict(sorted(found.items()))


def install(app: FastAPI) -> None:
    """Turn every error of the app into a problem document."""
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _crashed)
