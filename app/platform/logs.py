"""Logs are JSON lines without personal data: a route's template, never its path or body."""

import sys
import time
import uuid

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.refusal import CommonRefusal
from app.platform.problems import problem

log = structlog.get_logger()

BODY_BYTES_MAX = 2 * 1024 * 1024


class RequestLog:
    """Gives each request an id, bounds its body, and writes one line when it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI event stream."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter_ns()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            response = problem(Request(scope), CommonRefusal.INVALID_REQUEST)
            response.status_code = 413
            await response(scope, receive, send_with_id)
        else:
            await self.app(scope, _bounded(receive), send_with_id)
        route = scope.get("route")
        log.info(
            "request",
            method=scope["method"],
            route=getattr(route, "path", "-"),
            status=status,
            microseconds=(time.perf_counter_ns() - started) // 1000,
            request_id=request_id,
        )


def _bounded(receive: Receive) -> Receive:
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_BYTES_MAX:
            return {"type": "http.disconnect"}
        return message

    return bounded


def configure(*, quiet: bool = False) -> None:
    """JSON lines on standard error, from this program alone; quiet keeps the errors."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("error" if quiet else "info"),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
