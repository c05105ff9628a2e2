"""Signing in over HTTP.

No request with a password or a token has an Idempotency-Key: a kept answer would show a token, and
the kept hash of a request would let passwords be tried on it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import browser, calls, pages, problems
from app.platform.db import Database
from app.sessions import passwords, read, rules, schemas, store
from app.sessions.attempts import Trier
from app.sessions.change_password import ChangePassword, change_password
from app.sessions.create_login import CreateLogin, OneTime, ResetPassword, create_login
from app.sessions.create_login import reset_password as reset
from app.sessions.end_session import end_session
from app.sessions.sign_in import Opened, SignIn, sign_in
from app.sessions.switch_session import Switch, switch_session

router = APIRouter(prefix="/v1", tags=["sessions"])

Security = Annotated[calls.Call, Depends(calls.commands(Role.SECURITY_ADMIN))]
Looking = Annotated[browser.Visit, Depends(browser.looks)]
Acting = Annotated[browser.Visit, Depends(browser.acts)]
Db = Annotated[Database, Depends(calls.database)]

SESSION_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: calls.PROBLEMS[status] for status in (401, 403, 404, 409, 413, 422, 503)
}
SIGN_IN_PROBLEMS: dict[int | str, dict[str, Any]] = SESSION_PROBLEMS | {
    429: problems.documented("Too many failures; Retry-After says how long to wait.")
}


@router.post(
    "/logins",
    status_code=201,
    operation_id="createLogin",
    summary="Let a person sign in with a password",
    response_model=schemas.OneTimePasswordOut,
    responses=calls.PROBLEMS,
)
async def post_login(call: Security, body: schemas.LoginIn) -> Response:
    """The one-time password is in the first answer only. A login adds no right."""
    command = CreateLogin(body.person, body.login, await _one_time())
    return await call.run(
        create_login, command, schemas.OneTimePasswordOut.of, shown_once=frozenset({"password"})
    )


@router.post(
    "/password-resets",
    status_code=201,
    operation_id="resetPassword",
    summary="Give a person a new one-time password",
    response_model=schemas.OneTimePasswordOut,
    responses=calls.PROBLEMS,
)
async def post_password_reset(call: Security, body: schemas.PasswordResetIn) -> Response:
    """Every session of the person ends. The password is in the first answer only."""
    command = ResetPassword(body.person, await _one_time())
    return await call.run(
        reset, command, schemas.OneTimePasswordOut.of, shown_once=frozenset({"password"})
    )


@router.post(
    "/sessions",
    status_code=201,
    operation_id="signIn",
    summary="Sign in",
    responses=SIGN_IN_PROBLEMS,
)
async def post_session(
    request: Request, response: Response, db: Db, body: schemas.SignInIn
) -> schemas.SessionOut:
    """The session's token goes into a cookie that scripts cannot read."""
    browser.own_pages_only(request)
    command = SignIn(
        trier=Trier(rules.login_name(body.login), _address(request)),
        password=body.password,
        device=rules.device(request.headers.get("user-agent", "")),
        former=request.cookies.get(browser.COOKIE),
        limits=_limits(request),
    )
    return _opened(request, response, await sign_in(db, command))


@router.get(
    "/sessions/current",
    operation_id="getCurrentSession",
    summary="The present session",
    responses={status: calls.PROBLEMS[status] for status in (401, 403)},
)
async def get_current_session(
    request: Request, response: Response, db: Db, visit: Looking
) -> schemas.SessionOut:
    """Who is signed in, for whom, and the token that every POST carries."""
    token = request.cookies[browser.COOKIE]
    async with db.read() as reader:
        session = await store.find_session(reader, read.token_hash(token))
        if session is None:
            raise Rejected(CommonRefusal.UNAUTHENTICATED)
        roles = await read.acting_of(reader, visit.principal.person)
    response.headers["Cache-Control"] = "no-store"
    return schemas.SessionOut.of(Opened(session, token, tuple(roles)), _limits(request))


@router.get(
    "/sessions",
    operation_id="listSessions",
    summary="The caller's own sessions on all devices",
    responses=calls.READ_PROBLEMS,
)
async def get_sessions(
    request: Request, db: Db, visit: Looking, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.OwnSessionOut]:
    """In order of id; what ended is not among them."""
    limits = _limits(request)
    async with db.read() as reader:
        person = visit.principal.person
        rows = await store.list_sessions(reader, person, pages.after(cursor), limit + 1)
        now = await reader.now()
    page = pages.page(rows, limit, lambda session: session.id)
    live = [session for session in page.items if session.is_live(limits, now)]
    return pages.Page(
        items=[schemas.OwnSessionOut.of(session, limits, visit.session) for session in live],
        next=page.next,
    )


@router.post(
    "/sessions/switch",
    operation_id="switchSession",
    summary="Act in another of one's roles",
    responses=SESSION_PROBLEMS,
)
async def post_switch(
    request: Request, response: Response, db: Db, visit: Acting, body: schemas.SwitchIn
) -> schemas.SessionOut:
    """The session gets a new token; the one before opens nothing any more."""
    command = Switch(request.cookies[browser.COOKIE], body.acting())
    opened = await db.transact(switch_session, command, principal=visit.principal)
    return _opened(request, response, opened)


@router.post(
    "/sessions/end",
    operation_id="endSession",
    summary="Sign out, here or on another device",
    responses=SESSION_PROBLEMS,
)
async def post_end(
    request: Request, response: Response, db: Db, visit: Acting, body: schemas.EndIn
) -> schemas.EndedOut:
    """Without a name it is this session that ends."""
    session = body.session or visit.session
    ended = await db.transact(end_session, session, principal=visit.principal)
    if session == visit.session:
        browser.take_cookie(request, response)
    return schemas.EndedOut(session=ended)


@router.post(
    "/passwords",
    operation_id="changePassword",
    summary="Set one's own password",
    responses=SIGN_IN_PROBLEMS,
)
async def post_password(
    request: Request, response: Response, db: Db, visit: Acting, body: schemas.PasswordIn
) -> schemas.SessionOut:
    """Every other session of the person ends, and this one gets a new token.

    After a lost answer sign in with the new password: it may be in force.
    """
    command = ChangePassword(
        by=visit.principal,
        token=request.cookies[browser.COOKIE],
        address=_address(request),
        old=body.old,
        new=body.new,
    )
    return _opened(request, response, await change_password(db, command))


def _opened(request: Request, response: Response, opened: Opened) -> schemas.SessionOut:
    response.headers["Cache-Control"] = "no-store"
    browser.give_cookie(request, response, opened.token)
    return schemas.SessionOut.of(opened, _limits(request))


async def _one_time() -> OneTime:
    password = passwords.one_time_password()
    return OneTime(password, await passwords.hashed(password))


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _limits(request: Request) -> rules.Limits:
    return read.limits_of(request.app.state.settings)
