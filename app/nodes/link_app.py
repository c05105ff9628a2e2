"""The link port, for nodes whose certificate is pinned here.

`POST /link/messages` takes letters in; `POST /link/letters` tells a peer its own once more.
"""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.requests import ClientDisconnect
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.kernel.refusal import CommonRefusal, Rejected
from app.nodes import again, store
from app.nodes.envelope import Answer
from app.nodes.keys import KeyRing
from app.nodes.receive import Handler, receive, set_aside
from app.nodes.refusals import Fault
from app.nodes.rules import EXCHANGE_TIMEOUT, Allowance, Delivery
from app.nodes.tls import Pins
from app.platform import logs, problems
from app.platform.db import Database
from app.transparency.notes import NOTE_BYTES_MAX, sign

log = structlog.get_logger()

PATH = "/link/messages"
BODY_BYTES_MAX = 6 * NOTE_BYTES_MAX
"""A note, an entry and a proof of 64 KiB each, with what JSON adds to escape them."""
TEXT = "text/plain; charset=utf-8"
PEER = "peer"
GRACE_SECONDS = 5


class LinkServer(uvicorn.Server):
    """A second server in the process: signals are for the first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End in order; idle lines at once, for TLS would wait until the other side agrees."""
        for connection in list(self.server_state.connections):
            assert isinstance(connection, HttpToolsProtocol), "as the server was built"
            if connection.cycle is None or connection.cycle.response_complete:
                connection.transport.abort()
        await super().shutdown(sockets)


def build_server(app: FastAPI, pins: Pins, host: str, port: int) -> LinkServer:
    """A server for the link port that lets nobody in but those who are pinned."""

    class PinnedProtocol(HttpToolsProtocol):
        """Knows whose connection it is; ends one whose certificate is pinned no longer.

        It also ends one by which no whole request comes in as long as a sender has patience. The
        peer may have vanished without a word: nothing else would ever tell.
        """

        _late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
            peer = pins.peer(shown)
            if peer is None:
                transport.abort()
            self.app_state = {**self.app_state, PEER: (peer, shown)}
            self._expect_request()

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._expect_request()

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._expect_nothing()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self._expect_nothing()

        def _expect_request(self) -> None:
            if self._late is None:
                seconds = EXCHANGE_TIMEOUT.total_seconds()
                self._late = self.loop.call_later(seconds, self.transport.abort)

        def _expect_nothing(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PinnedProtocol,
        ssl_context_factory=lambda _config, _default: pins.context(),
        ws="none",
        lifespan="off",
        log_level="warning",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return LinkServer(config)


@dataclass(slots=True)
class _Gate:
    """Lets a request in that comes from a peer and not too fast; `hear` is told of who speaks."""

    pins: Pins
    hear: Callable[[str], None]
    _allowances: dict[str, Allowance] = field(default_factory=dict)

    async def admit(self, request: Request) -> tuple[str, bytes] | Fault:
        """The peer and what it brings."""
        peer, certificate = getattr(request.state, PEER)
        if peer is None or self.pins.peer(certificate) != peer:
            return Fault.OTHER_SENDER
        allowance = self._allowances.get(peer, Allowance())
        self._allowances[peer], may = allowance.spend(_milliseconds())
        if not may:
            return Fault.TOO_FAST
        self.hear(peer)
        try:
            return peer, await request.body()
        except ClientDisconnect:
            # The line broke in the middle; nobody hears this.
            return Fault.MALFORMED


def create_link_app(
    db: Database,
    keys: KeyRing,
    pins: Pins,
    handlers: Mapping[str, Handler],
    hear: Callable[[str], None],
) -> FastAPI:
    """The application behind the link port; `hear` is told of each peer that speaks."""
    app = FastAPI(openapi_url=None)
    gate = _Gate(pins, hear)

    @app.post(PATH)
    async def post_message(request: Request) -> Response:
        """Answers with a signed note, or with a problem that nobody has signed."""
        admitted = await gate.admit(request)
        if isinstance(admitted, Fault):
            return _problem(admitted)
        peer, body = admitted
        delivery = _read(body)
        try:
            if delivery is None:
                result: Answer | Fault = await set_aside(db, peer, body)
            else:
                result = await receive(db, peer, delivery, handlers)
            if isinstance(result, Answer):
                return await _answer(db, keys, result)
        except Exception as error:
            # Nothing was kept: the sender tries again.
            log.warning("message-not-handled", peer=peer, error=type(error).__name__)
            raise Rejected(CommonRefusal.BUSY) from error
        return _problem(result)

    @app.post(again.PATH)
    async def tell_again(request: Request) -> Response:
        """Answers a peer with the letters of its own link, for a node that lost its memory."""
        admitted = await gate.admit(request)
        return (
            _problem(admitted) if isinstance(admitted, Fault) else await _tell(db, keys, *admitted)
        )

    problems.install(app)
    app.add_middleware(logs.RequestLog, larger={PATH: BODY_BYTES_MAX})
    return app


def _read(body: bytes) -> Delivery | None:
    try:
        members = json.loads(body)
        if type(members) is not dict or not members.keys() <= {"note", "entry", "proof"}:
            return None
        if not all(type(text) is str and _fits(text) for text in members.values()):
            return None
        entry = members.get("entry")
        return Delivery(
            members["note"], None if entry is None else entry.encode(), members.get("proof")
        )
    except (ValueError, KeyError, RecursionError):
        return None


def _fits(text: str) -> bool:
    return len(text.encode()) <= 2 * NOTE_BYTES_MAX


def write_delivery(delivery: Delivery) -> bytes:
    """The body of a request that brings a delivery."""
    members: dict[str, Any] = {"note": delivery.note}
    if delivery.entry is not None:
        members |= {"entry": delivery.entry.decode(), "proof": delivery.proof}
    return json.dumps(members, ensure_ascii=False).encode()


async def _answer(db: Database, keys: KeyRing, answer: Answer) -> Response:
    """Sign what is committed. Ed25519 has no randomness: asked again, the same bytes."""
    async with db.read() as reader:
        key = await store.own_key_in_use(reader)
    note = sign(answer.text(), keys.signer(key)).encode()
    status = HTTPStatus.ACCEPTED if answer.refused is None else HTTPStatus.CONFLICT
    return Response(note, status, media_type=TEXT)


async def _tell(db: Database, keys: KeyRing, peer: str, body: bytes) -> Response:
    question = again.read_question(body)
    if question is None:
        return _problem(Fault.MALFORMED)
    async with db.read() as reader:
        letters = await again.tell(reader, keys, peer, *question)
    content = json.dumps({"letters": letters}, ensure_ascii=False)
    return Response(content, media_type="application/json")


def _problem(fault: Fault) -> Response:
    body = {
        "type": f"about:blank#{fault.code}",
        "title": fault.zh,
        "title_en": fault.en,
        "status": fault.status,
        "code": fault.code,
    }
    content = json.dumps(body, ensure_ascii=False)
    return Response(content, fault.status, media_type=problems.PROBLEM_JSON)


def _milliseconds() -> int:
    return time.monotonic_ns() // 1_000_000
