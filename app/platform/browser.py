"""Browsers: the cookie of a session, and the signs that one of our own pages sent a request.

A browser sends the cookie with every request to us, also with one that another site had made. So
whatever changes something must carry the session's own token as well, which only our pages can
read, and come from our origin where the browser says where it comes from.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request, Response
from fastapi.security import APIKeyCookie

from app.kernel.principal import Principal
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Database

COOKIE = "hrt_session"
CSRF_HEADER = "X-CSRF-Token"

cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    description="The session of a person who signed in; a POST also carries `X-CSRF-Token`.",
)

Csrf = Annotated[
    str | None,
    Header(
        alias=CSRF_HEADER,
        description="With the session's cookie only: `csrf` of `GET /v1/sessions/current`.",
    ),
]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody signed in. With a one-time password nothing but a new one is taken."""

    session: str
    principal: Principal
    one_time: bool


FindVisit = Callable[[Database, str], Awaitable[Visit | None]]
"""Finds the live session behind a cookie's token."""


async def visit(request: Request) -> Visit:
    """The session of the request's cookie. Raises `Rejected` (`UNAUTHENTICATED`)."""
    token = request.cookies.get(COOKIE)
    find: FindVisit = request.app.state.find_visit
    found = None if not token else await find(request.app.state.db, token)
    if found is None:
        raise Rejected(CommonRefusal.UNAUTHENTICATED)
    return found


async def looks(request: Request, _session: Annotated[str | None, Depends(cookie)]) -> Visit:
    """The dependency by which people look at their own session; a bearer credential has none."""
    return await visit(request)


async def acts(
    request: Request, _session: Annotated[str | None, Depends(cookie)], csrf: Csrf = None
) -> Visit:
    """The dependency by which people change something about their own session."""
    found = await visit(request)
    guard(request, csrf)
    return found


def guard(request: Request, csrf: str | None) -> None:
    """Refuse what our own page did not send: `CROSS_ORIGIN` or `CSRF_MISSING`."""
    own_pages_only(request)
    expected = csrf_of(request.cookies.get(COOKIE, ""))
    if not hmac.compare_digest((csrf or "").encode(), expected.encode()):
        raise Rejected(CommonRefusal.CSRF_MISSING)


def own_pages_only(request: Request) -> None:
    """Refuse a request that says it comes from elsewhere; programs say nothing of it."""
    if not same_origin(request.headers):
        raise Rejected(CommonRefusal.CROSS_ORIGIN)


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether neither `Sec-Fetch-Site` nor `Origin`, where they are sent, names another origin.

    The scheme is not compared: behind a proxy that ends TLS only the host is known for certain.
    """
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False


def csrf_of(token: str) -> str:
    """A session's token against forged requests, made of the cookie's: kept nowhere."""
    return hmac.new(token.encode(), b"hrt csrf", hashlib.sha256).hexdigest()


def give_cookie(request: Request, response: Response, token: str) -> None:
    """Hand a session's token to the browser, and to no script in it."""
    response.set_cookie(
        COOKIE, token, path="/", secure=must_be_secure(request), httponly=True, samesite="strict"
    )


def take_cookie(request: Request, response: Response) -> None:
    """Let the browser forget the session's token."""
    response.delete_cookie(
        COOKIE, path="/", secure=must_be_secure(request), httponly=True, samesite="strict"
    )


def must_be_secure(request: Request) -> bool:
    """All but plain http on this very machine, where there is nothing in between."""
    return request.url.scheme != "http" or not is_loopback(request.headers.get("host", ""))


def is_loopback(host: str) -> bool:
    """Whether a Host header names the machine itself."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
