"""Serves the application on a socket: for good, or for the length of a block."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from app.main import create_app
from app.platform import logs
from app.platform.db import Database, open_database
from app.platform.settings import Settings

BACKLOG = 512
KEEP_ALIVE_SECONDS = 75
GC_THRESHOLDS = (10_000, 10, 1_000)


class Server(uvicorn.Server):
    """Lets watchers go before it waits for requests to end: theirs would not."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End in order."""
        app = self.config.app
        assert isinstance(app, FastAPI), "the node's own application"
        await app.state.feed.close()
        await super().shutdown(sockets)


def build_server(settings: Settings, db: Database, *, quiet: bool = False) -> Server:
    """A server for the node's application."""
    logs.configure(quiet=quiet)
    config = uvicorn.Config(
        create_app(db, settings),
        host=settings.host,
        port=settings.port,
        log_level="error" if quiet else "warning",
        access_log=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=10,
        # Longer than proxies keep an idle connection, so that they close it and not we: a request
        # sent into a connection that we are closing would lose its answer.
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        server_header=False,
    )
    return Server(config)


def serve_forever(settings: Settings, dsn: str) -> None:
    """Serve until a signal ends it."""
    server = build_server(settings, open_database(settings, dsn))
    # What is alive now stays: collections need not look at it again and again.
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    server.run()


@asynccontextmanager
async def served(settings: Settings, dsn: str) -> AsyncIterator[tuple[str, Database]]:
    """Serve on a free loopback port; answers with the base address and the database."""
    # Named as TCP: else asyncio does not turn Nagle's delay off on what is accepted from it.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        db = open_database(settings, dsn)
        server = build_server(settings, db, quiet=True)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the server ended before it started")
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", db
        finally:
            server.should_exit = True
            await task
