"""Logs are JSON lines without personal data: a route's template, never its path or body."""

import sys
import time
import traceback
import uuid
from collections.abc import Mapping
from pathlib import Path

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.refusal import CommonRefusal
from app.platform.problems import problem, status_of

log = structlog.get_logger()

BODY_BYTES_MAX = 2 * 1024 * 1024
OUR_FILES = str(Path(__file__).parents[1])


class RequestLog:
    """Gives each request an id, bounds its body, and writes one line when it is answered.

    `larger` names the addresses that take more than `BODY_BYTES_MAX`, with how much.
    """

    def __init__(self, app: ASGIApp, larger: Mapping[str, int]) -> None:
        self.app = app
        self.larger = larger

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

        most = self.larger.get(scope["path"], BODY_BYTES_MAX)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > most:
            response = problem(Request(scope), CommonRefusal.TOO_LARGE)
            await response(scope, receive, send_with_id)
        else:
            try:
                await self.app(scope, _bounded(receive, most), send_with_id)
            except Exception as error:  # noqa: BLE001 - outside, its text would be logged
                # The type and place only: a message may quote the value that broke it.
                log.error(  # noqa: TRY400
                    "request-failed",
                    error=type(error).__name__,
                    place=_place(error),
                    request_id=request_id,
                )
                if status == 0:
                    response = problem(Request(scope), CommonRefusal.INTERNAL)
                    await response(scope, receive, send_with_id)
        route = scope.get("route")
        log.info(
            "request",
            method=scope["method"],
            route=getattr(route, "path", "-"),
            status=status,
            microseconds=(time.perf_counter_ns() - started) // 1000,
            request_id=request_id,
        )


def _place(error: Exception) -> str:
    # The innermost of our own lines: at least the one that called the application is there.
    frames = traceback.extract_tb(error.__traceback__)
    frame = [f for f in frames if f.filename.startswith(OUR_FILES)][-1]
    return f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"


def _bounded(receive: Receive, most: int) -> Receive:
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(status_of(CommonRefusal.TOO_LARGE))
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
