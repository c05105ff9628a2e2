"""The only place where a refusal meets a status code: RFC 9457 problems in two languages."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from app.kernel.refusal import CommonRefusal, Refusal, Refused, Rejected

PROBLEM_JSON = "application/problem+json"
CONFLICT = 409
STATUS = {
    CommonRefusal.UNAUTHENTICATED.code: 401,
    "sign-in-failed": 401,
    CommonRefusal.FORBIDDEN.code: 403,
    CommonRefusal.CSRF_MISSING.code: 403,
    CommonRefusal.CROSS_ORIGIN.code: 403,
    CommonRefusal.PASSWORD_ONE_TIME.code: 403,
    "no-role": 403,
    CommonRefusal.NOT_FOUND.code: 404,
    CommonRefusal.NOT_KNOWN.code: 404,
    CommonRefusal.METHOD_NOT_ALLOWED.code: 405,
    CommonRefusal.TOO_LARGE.code: 413,
    CommonRefusal.INVALID_REQUEST.code: 422,
    CommonRefusal.INVALID_AMOUNT.code: 422,
    CommonRefusal.KEY_MISSING.code: 400,
    CommonRefusal.KEY_REUSED.code: 422,
    CommonRefusal.TOO_MANY_ATTEMPTS.code: 429,
    CommonRefusal.BUSY.code: 503,
    CommonRefusal.INTERNAL.code: 500,
}
"""Every other refusal is a conflict with the present state: 409, and nothing was changed.

Codes that stand as text are those of signing in, which lies above the platform.
"""

INVALID_AMOUNT_TYPE = "invalid_amount"
"""The pydantic error type that the amount fields raise."""

ERRORS_MAX = 50
POINTER_MAX = 300
"""A field's name is the sender's own text: enough of it is shown to find it."""

NO_JSON = "json_invalid"
"""The error type that FastAPI gives a body it cannot parse; its place is not a field."""


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
    about: dict[str, Any] | None = Field(
        default=None,
        exclude_if=lambda about: about is None,
        description="What stands in the way, where a page can show it; by `code`.",
    )

    @classmethod
    def of(
        cls,
        refusal: Refusal,
        request_id: str,
        errors: Iterable[FieldError] = (),
        about: Mapping[str, Any] | None = None,
    ) -> "Problem":
        """The problem that tells of a refusal."""
        return cls(
            type=f"/v1/problems/{refusal.code}",
            title=refusal.zh,
            title_en=refusal.en,
            status=status_of(refusal),
            code=refusal.code,
            errors=list(errors),
            request_id=request_id,
            about=None if about is None else dict(about),
        )


class Meaning(BaseModel):
    """What a code means: one slice's texts, which say what is wrong and what to do."""

    zh: str = Field(examples=[CommonRefusal.NOT_FOUND.zh])
    en: str = Field(examples=[CommonRefusal.NOT_FOUND.en])
    status: int = Field(examples=[404])


class Meanings(BaseModel):
    """All that a code can mean; slices may share one, such as `wrong-state`."""

    code: str = Field(examples=["not-found"])
    meanings: list[Meaning]


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return STATUS.get(refusal.code, CONFLICT)


def problem(
    request: Request,
    refusal: Refusal,
    errors: Iterable[FieldError] = (),
    retry_after: int | None = None,
    about: Mapping[str, Any] | None = None,
) -> Response:
    """Answer with a problem document."""
    body = Problem.of(refusal, request_id(request), errors, about)
    headers = {"Cache-Control": "no-store"}
    if refusal in {CommonRefusal.BUSY, CommonRefusal.KEY_IN_PROGRESS}:
        headers["Retry-After"] = "1"
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if body.status == STATUS[CommonRefusal.UNAUTHENTICATED.code]:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(body.model_dump_json(), body.status, headers=headers, media_type=PROBLEM_JSON)


def _pointer(location: tuple[int | str, ...]) -> str:
    # The first part says body, query, path or header; only a body has JSON pointers.
    parts = location[1:] if location and location[0] == "body" else location
    return _shown("".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in parts))


def _shown(pointer: str) -> str:
    # A name in JSON may hold half of a surrogate pair, which no answer can carry.
    return pointer[:POINTER_MAX].encode("utf-8", "replace").decode()


def _field_error(error: ErrorDetails) -> FieldError:
    if error["type"] == NO_JSON:
        return FieldError(pointer="", code=CommonRefusal.INVALID_REQUEST.code, detail="not JSON")
    amount = error["type"] == INVALID_AMOUNT_TYPE
    refusal = CommonRefusal.INVALID_AMOUNT if amount else CommonRefusal.INVALID_REQUEST
    # Only pydantic's message is shown, never the value: it may be a name or an account number.
    return FieldError(pointer=_pointer(error["loc"]), code=refusal.code, detail=error["msg"])


def _at_fault(refusal: Refusal, field: str | None) -> list[FieldError]:
    if field is None:
        return []
    return [FieldError(pointer=_shown(f"/{field}"), code=refusal.code, detail=refusal.en)]


async def _rejected(request: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    at_fault = _at_fault(error.refusal, error.field)
    return problem(request, error.refusal, at_fault, error.retry_after, error.about)


def kept_body(refused: Refused) -> str:
    """The problem of a refusal that is kept: all but the `request_id`, each answer has its own."""
    errors = _at_fault(refused.refusal, refused.field)
    return Problem.of(refused.refusal, "", errors).model_dump_json(exclude={"request_id"})


async def _invalid(request: Request, error: Exception) -> Response:
    """Shape before amounts: one malformed field makes the whole `invalid-request`."""
    assert isinstance(error, RequestValidationError)
    errors = [_field_error(e) for e in error.errors()]
    only_amounts = all(e.code == CommonRefusal.INVALID_AMOUNT.code for e in errors)
    refusal = CommonRefusal.INVALID_AMOUNT if only_amounts else CommonRefusal.INVALID_REQUEST
    return problem(request, refusal, errors[:ERRORS_MAX])


_OF_STATUS: dict[int, Refusal] = {
    STATUS[refusal.code]: refusal
    for refusal in (
        CommonRefusal.NOT_FOUND,
        CommonRefusal.METHOD_NOT_ALLOWED,
        CommonRefusal.TOO_LARGE,
    )
}


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refusal = _OF_STATUS.get(error.status_code)
    if refusal is None:
        # What remains is a body that the framework could not parse: bytes that are no text, or
        # nested too deep.
        no_json = FieldError(
            pointer="", code=CommonRefusal.INVALID_REQUEST.code, detail="not JSON, or too deep"
        )
        return problem(request, CommonRefusal.INVALID_REQUEST, [no_json])
    response = problem(request, refusal)
    response.headers.update(error.headers or {})
    return response


def request_id(request: Request) -> str:
    """The id that the log gave the request."""
    return str(getattr(request.state, "request_id", ""))


def documented(description: str, *models: type[BaseModel]) -> dict[str, Any]:
    """How a route documents a problem; without models, the plain `Problem`.

    By reference: given the model, FastAPI would build a validator of it for each route and status,
    a tenth of the time that a node takes to start. `openapi.describe` adds the schemas, and says
    of what media type problems are: to FastAPI all is JSON.
    """
    named = [{"$ref": f"#/components/schemas/{m.__name__}"} for m in models or (Problem,)]
    schema = {"anyOf": named} if len(named) > 1 else named[0]
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def catalogue(root: type[Refusal] = Refusal) -> dict[str, list[Meaning]]:
    """Every refusal of every slice by code, for the page that each problem's `type` points to."""
    found: dict[str, list[Meaning]] = {}
    for slice_enum in _enums(root):
        for refusal in slice_enum:
            entry = Meaning(zh=refusal.zh, en=refusal.en, status=status_of(refusal))
            entries = found.setdefault(refusal.code, [])
            if entry not in entries:
                entries.append(entry)
    return dict(sorted(found.items()))


def _enums(root: type[Refusal]) -> list[type[Refusal]]:
    """Every enum of refusals below a base."""
    return [enum for one in root.__subclasses__() for enum in (one, *_enums(one))]


router = APIRouter(prefix="/v1/problems", tags=["problems"])


@router.get("", operation_id="listProblems", summary="Every refusal with its texts")
async def list_problems() -> dict[str, list[Meaning]]:
    """By code."""
    return catalogue()


@router.get(
    "/{code}",
    operation_id="explainProblem",
    summary="What a problem's `type` means, in Chinese and English",
    responses={404: documented("There is no such code.")},
)
async def explain_problem(
    code: Annotated[str, Path(max_length=100, examples=["not-found"])],
) -> Meanings:
    """All that the code can mean."""
    found = catalogue().get(code)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "code")
    return Meanings(code=code, meanings=found)


def install(app: FastAPI) -> None:
    """Turn every expected error of the app into a problem document."""
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
