"""One request: who asks, under which idempotency key, and the transaction its answer waits for.

The key row is written in the transaction of the effect, so an effect without its answer, or an
answer without its effect, cannot exist. A refusal that changed nothing keeps no key, and the same
key may be sent again; one that is on record (`Refused`) is repeated like an accepted answer.
"""

import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy import text

from app.kernel.principal import ADMINS, Principal, Role
from app.kernel.refusal import CommonRefusal, Refused, Rejected
from app.platform import browser, problems, receipts
from app.platform.db import Database, Reader, Tx
from app.platform.problems import Problem
from app.platform.receipts import ProblemWithReceipt, Receipt, Sign

C = TypeVar("C")
R = TypeVar("R")

KEY_HEADER = "Idempotency-Key"

Authenticate = Callable[[Reader, str], Awaitable[Principal | None]]

_bearer = HTTPBearer(auto_error=False, description="A credential issued to a party in a role.")

_SEEN_BY = text("""
    SELECT set_config('hrt.level', :level, true), set_config('hrt.party', :party, true)
""")
# The lock is tried before the look: were the row committed between the two, the insert's unique
# key would refuse it and the whole would run again.
_CLAIM = text("""
    SELECT pg_try_advisory_xact_lock(hashtextextended(:scope || chr(10) || :key, 0)) AS claimed
""")
_FIND = text("""
    SELECT operation, body_hash, status, body, receipt FROM idempotency
    WHERE scope = :scope AND key = :key
""")
_KEEP = text("""
    INSERT INTO idempotency (scope, key, operation, body_hash, status, body, receipt)
    VALUES (:scope, :key, :operation, :body_hash, :status, :body, :receipt)
""")

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: problems.documented(description)
    for status, description in {
        400: "The Idempotency-Key is missing.",
        401: "No valid credential, and no live session.",
        403: "The role may not do this, or the request does not prove that our own page sent it.",
        404: "What is named does not exist or is not the caller's.",
        409: "Refused by a rule; nothing was changed. `code` says which.",
        413: "The body is larger than 2 MiB.",
        422: "Malformed: `invalid-request` or `invalid-amount`.",
        503: "Busy; nothing was changed. Retry with the same key.",
    }.items()
}
"""Documented problems of a command."""

PROBLEMS_ON_RECORD = PROBLEMS | {
    409: problems.documented(
        "Refused by a rule. `code` says which; with a `receipt`, it is on record.",
        ProblemWithReceipt,
        Problem,
    )
}
"""Documented problems of a command whose refusals are recorded, and answered with a receipt."""

READ_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: PROBLEMS[status] for status in (401, 403, 404, 422)
}
"""Documented problems of a query."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with, now and at every repetition under its key."""

    status: int
    body: str
    receipt: Receipt | None = None
    replayed: bool = False

    def members(self, request_id: str, sign: Sign) -> dict[str, Any]:
        """What is added to the kept body each time that it is sent."""
        members: dict[str, Any] = {}
        if self.status >= HTTPStatus.BAD_REQUEST:
            members["request_id"] = request_id
        if self.receipt is not None:
            members["receipt"] = {"id": self.receipt.id, "note": sign(self.receipt)}
        return members


def scope_of(principal: Principal) -> str:
    """Within which a key is one: by party and person, so that it outlives a renewed credential."""
    return f"{principal.role}:{principal.party}:{principal.person}"


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated POST."""

    db: Database
    principal: Principal
    key: str
    operation: str
    body_hash: bytes
    request_id: str
    sign: Sign

    async def run(
        self,
        work: Callable[[Tx, C], Awaitable[R | Refused]],
        command: C,
        out: Callable[[R], BaseModel],
        *,
        receipt: str | tuple[str, ...] = (),
        shown_once: frozenset[str] = frozenset(),
    ) -> Response:
        """Run the command once under this call's key, and answer after its commit.

        `receipt` names the kinds of record of which the last one in the transaction is bound by the
        receipt that goes out with the answer. Fields in `shown_once` are secrets: they leave in the
        first answer and are not kept.
        """
        kinds = (receipt,) if isinstance(receipt, str) else receipt

        async def once(tx: Tx, command: C) -> Answer:
            standing = await self._standing(tx)
            if standing is not None:
                return standing
            result = await work(tx, command)
            if isinstance(result, Refused):
                body = kept = problems.kept_body(result)
                answered, code = problems.CONFLICT, result.refusal.code
            else:
                shown = out(result)
                kept = shown.model_copy(update=dict.fromkeys(shown_once)).model_dump_json(
                    by_alias=True
                )
                body = shown.model_dump_json(by_alias=True) if shown_once else kept
                answered, code = HTTPStatus.CREATED, None
            bound = (
                await receipts.bind(tx, kinds, self.operation, self.body_hash, (answered, code))
                if kinds
                else None
            )
            await self._keep(tx, Answer(answered, kept, bound))
            return Answer(answered, body, bound)

        answer = await self.db.transact(once, command, principal=self.principal)
        # Signed here and not before: what was not committed is never promised.
        return self._response(answer)

    async def _standing(self, tx: Tx) -> Answer | None:
        """The answer that stands under this key; None claims the key for this transaction."""
        parameters = {"scope": self._scope, "key": self.key}
        claimed = (await tx.run(_CLAIM, parameters)).scalar_one()
        kept = (await tx.run(_FIND, parameters)).one_or_none()
        if kept is not None:
            if (kept.operation, kept.body_hash) != (self.operation, self.body_hash):
                raise Rejected(CommonRefusal.KEY_REUSED)
            receipt = None if kept.receipt is None else await receipts.find(tx, kept.receipt)
            return Answer(kept.status, kept.body, receipt, replayed=True)
        # Whoever holds the claim may be another repetition: it matters only without an answer.
        if not claimed:
            raise Rejected(CommonRefusal.KEY_IN_PROGRESS)
        return None

    async def _keep(self, tx: Tx, answer: Answer) -> None:
        await tx.run(
            _KEEP,
            {
                "scope": self._scope,
                "key": self.key,
                "operation": self.operation,
                "body_hash": self.body_hash,
                "status": answer.status,
                "body": answer.body,
                "receipt": None if answer.receipt is None else answer.receipt.id,
            },
        )

    def _response(self, answer: Answer) -> Response:
        refused = answer.status >= HTTPStatus.BAD_REQUEST
        body = answer.body
        members = answer.members(self.request_id, self.sign)
        if members:
            body = json.dumps(json.loads(body) | members, ensure_ascii=False, separators=(",", ":"))
        headers = {"Cache-Control": "no-store"}
        if answer.replayed:
            headers["Idempotency-Replayed"] = "true"
        media_type = problems.PROBLEM_JSON if refused else "application/json"
        return Response(body, answer.status, headers, media_type=media_type)

    @property
    def _scope(self) -> str:
        return scope_of(self.principal)


@dataclass(frozen=True, slots=True)
class Query:
    """An authenticated GET."""

    db: Database
    principal: Principal

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A READ ONLY transaction in which the database, too, hides what is not the principal's.

        Row-level security is the second line: the query itself asks for nothing else.
        """
        # The supervisor sees all; other roles of the node see what belongs to no party.
        all_or_none = "" if self.principal.role is Role.SUPERVISOR else "node"
        level = self.principal.level or all_or_none
        seen_by = {"level": level, "party": self.principal.party}
        async with self.db.read() as reader:
            await reader.run(_SEEN_BY, seen_by)
            yield reader


def database(request: Request) -> Database:
    """The node's database, for public queries."""
    db = request.app.state.db
    assert isinstance(db, Database)
    return db


async def _authenticate(
    request: Request,
    bearer: HTTPAuthorizationCredentials | None,
    roles: frozenset[Role],
    csrf: str | None = None,
) -> Principal:
    if "authorization" in request.headers:
        # What says that it brings a credential is judged by it alone, whatever its cookies are.
        principal = await _holder(request, bearer)
    else:
        visit = await browser.visit(request)
        if request.method == "POST":
            browser.guard(request, csrf)
        if visit.one_time:
            raise Rejected(CommonRefusal.PASSWORD_ONE_TIME)
        principal = visit.principal
    if principal.role not in roles:
        raise Rejected(CommonRefusal.FORBIDDEN)
    return principal


async def _holder(request: Request, bearer: HTTPAuthorizationCredentials | None) -> Principal:
    authenticate: Authenticate = request.app.state.authenticate
    principal = None
    if bearer is not None:
        async with database(request).read() as reader:
            principal = await authenticate(reader, bearer.credentials)
    if principal is None:
        raise Rejected(CommonRefusal.UNAUTHENTICATED)
    return principal


def _body_hash(raw: bytes) -> bytes:
    # Two spellings of one JSON value are one request; what is no JSON is refused anyway.
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(raw, object_pairs_hook=_distinct)
        raw = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(raw).digest()


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # JSON leaves open which of two equal names counts: sender and exchange might differ in it.
    value: dict[str, Any] = {}
    for name, member in pairs:
        if name in value:
            raise Rejected(CommonRefusal.INVALID_REQUEST, name)
        value[name] = member
    return value


def commands(*roles: Role) -> Callable[..., Awaitable[Call]]:
    """The dependency of a command that these roles may send; everybody else is refused."""
    allowed = frozenset(roles)

    async def dependency(
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        _session: Annotated[str | None, Depends(browser.cookie)],
        csrf: browser.Csrf = None,
        idempotency_key: Annotated[
            str | None,
            Header(
                alias=KEY_HEADER,
                min_length=1,
                max_length=255,
                pattern=r"^[\x21-\x7e]+$",
                description="The client's own: the same for a retry, another for a new request.",
                examples=["0199f0c2-7b1e-7a3c-8d55-2f6b8f2f9a10"],
            ),
        ] = None,
    ) -> Call:
        principal = await _authenticate(request, bearer, allowed, csrf)
        if idempotency_key is None:
            raise Rejected(CommonRefusal.KEY_MISSING)
        return Call(
            database(request),
            principal,
            idempotency_key,
            f"{request.method} {request.url.path}",
            _body_hash(await request.body()),
            problems.request_id(request),
            request.app.state.sign_receipt,
        )

    return dependency


def queries(*roles: Role) -> Callable[..., Awaitable[Query]]:
    """The dependency of a query that these roles may send."""
    allowed = frozenset(roles)

    async def dependency(
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        _session: Annotated[str | None, Depends(browser.cookie)],
    ) -> Query:
        return Query(database(request), await _authenticate(request, bearer, allowed))

    return dependency


EVERYONE = tuple(role for role in Role if role not in {*ADMINS, Role.MINISTRY})
"""For queries that show each principal its own. Administrators and the ministry have none here."""
