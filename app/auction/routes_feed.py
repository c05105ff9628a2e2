"""A lot's events as they happen, over HTTP (server-sent events)."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.auction import store
from app.auction.feed import Feed
from app.kernel.ids import ID_PATTERN
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls
from app.platform.db import Database

router = APIRouter(prefix="/v1", tags=["auction"])

SEQ_MAX = 2**31 - 1
EVENTS = "text/event-stream"
EXAMPLE = """\
id: 7
event: snapshot
data: {"seq":7,"server_time":"2026-04-13T09:59:58.120034+08:00","lot":{"id":"l1","state":"open"}}

id: 8
event: bid
data: {"seq":8,"lot":"l1","number":5,"paddle":482913,"price_cny":"58000.00"}

event: beat
data: {"seq":8,"server_time":"2026-04-13T10:00:03.120501+08:00"}
"""

Seq = Annotated[
    int | None, Query(ge=0, le=SEQ_MAX, description="The number of the last event you have.")
]
LastEventId = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID", ge=0, le=SEQ_MAX, description="The same, as browsers send it again."
    ),
]


class EventStream(Response):
    """Events for as long as the watcher stays and keeps up."""

    media_type = EVENTS
    charset = "utf-8"

    def __init__(self, feed: Feed, lot: str, after: int | None) -> None:
        # Neither kept nor held back on the way.
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._feed, self._lot, self._after = feed, lot, after

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send what the feed has for this watcher, until one of the two ends it."""
        start = {"type": "http.response.start", "status": self.status_code}
        await send(start | {"headers": self.raw_headers})
        watcher = self._feed.join(self._lot, self._after)

        async def until_gone() -> None:
            try:
                while (await receive())["type"] != "http.disconnect":
                    continue
            finally:
                self._feed.leave(watcher)

        listening = asyncio.create_task(until_gone())
        try:
            while (chunk := await watcher.next()) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            self._feed.leave(watcher)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@router.get(
    "/lots/{lot}/feed",
    operation_id="watchLot",
    summary="The events of a lot as they happen",
    response_class=EventStream,
    status_code=200,
    responses={
        200: {"content": {EVENTS: {"example": EXAMPLE}}},
        404: calls.READ_PROBLEMS[404],
        422: calls.READ_PROBLEMS[422],
    },
)
async def get_feed(
    request: Request,
    db: Annotated[Database, Depends(calls.database)],
    lot: Annotated[str, Path(pattern=ID_PATTERN, examples=["l1"])],
    after: Seq = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Public; server-sent events. First a `snapshot`, then each event once, in order.

    With `Last-Event-ID` or `after` the events since that number follow the snapshot. A `beat` comes
    every five seconds.
    """
    async with db.read() as reader:
        if await store.find_lot(reader, lot) is None:
            raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    # A browser that comes again sends the header; its address still has the first `after`.
    return EventStream(
        request.app.state.feed, lot, after if last_event_id is None else last_event_id
    )
