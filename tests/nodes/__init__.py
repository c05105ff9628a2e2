"""Real nodes: `hrt serve` in processes of their own, which can be killed and started again."""

import asyncio
import json
import os
import sys
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Self

import httpx

from app.platform.postgres_process import free_port
from tests import warm

READY_SECONDS = 60
HRT = Path(sys.executable).with_name("hrt")
"""What a person runs."""


class Node:
    """One process of a node, on a port that it keeps from start to start."""

    def __init__(
        self, folder: Path, dsn: str, *, space: str | None = None, **settings: object
    ) -> None:
        self.space = space
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port(0)
        self.http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            timeout=60,
            # Idle connections end here first: the node ends its own after five seconds, and a
            # request that is just leaving on one would get no answer.
            limits=httpx.Limits(max_connections=300, keepalive_expiry=2),
        )
        self.log = folder / f"node-{self.port}.log"
        self._environment = {
            "PATH": os.environ["PATH"],
            "HRT_DATABASE_URL": dsn,
            "HRT_HOME": str(folder / "home"),
            **{f"HRT_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self._process: ForkServerProcess | None = None

    async def start(self) -> float:
        """Start it; answers, when it serves, with the seconds that it took."""
        begun = time.monotonic()
        # In a space of its own it is reached by others as well, on the space's address.
        host = "127.0.0.1" if self.space is None else "0.0.0.0"
        process = self._launch("serve", "--host", host, "--port", str(self.port))
        while time.monotonic() - begun < READY_SECONDS:
            assert process.exitcode is None, self.log.read_text(encoding="utf-8")[-2000:]
            try:
                if (await self.http.get("/readyz")).is_success:
                    return time.monotonic() - begun
            except httpx.TransportError:
                await asyncio.sleep(0.01)
        raise AssertionError(f"the node is not ready after {READY_SECONDS} s")

    def _launch(self, *arguments: str) -> ForkServerProcess:
        self.log.touch()
        self._process = warm.hrt([*arguments], self._environment, self.log, self.space)
        return self._process

    def use(self, dsn: str) -> None:
        """From the next start on it is the node of another database."""
        self._environment["HRT_DATABASE_URL"] = dsn

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Run `hrt` with this node's settings while it does not serve: status, and what it said."""
        before = self.log.stat().st_size if self.log.exists() else 0
        process = self._launch(*arguments)
        await asyncio.to_thread(process.join, READY_SECONDS)
        self._process = None
        assert process.exitcode is not None, "it does not end"
        return process.exitcode, self.log.read_bytes()[before:].decode()

    def stop(self) -> None:
        """As `systemctl stop`."""
        if self._process is not None:
            self._process.terminate()
            self._ended()

    @property
    def pid(self) -> int:
        """The number of the process that runs."""
        assert self._process is not None, "it was started"
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """As `kill -9`: it has no time for anything."""
        if self._process is not None:
            self._process.kill()
            self._ended()

    async def __aenter__(self) -> Self:
        """For the length of a block, started or not."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        """End it in order."""
        await self.http.aclose()
        if self._process is not None:
            self._process.terminate()
            self._ended()

    def faults(self) -> list[str]:
        """Lines of its log that tell of anything but answers and refusals."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not _harmless(line)]

    def _ended(self) -> None:
        assert self._process is not None
        self._process.join(READY_SECONDS)
        assert self._process.exitcode is not None, "it does not end"
        self._process = None


def _harmless(line: str) -> bool:
    try:
        event = json.loads(line)
    except ValueError:
        return False
    return event.get("event") == "request" and event.get("status", 500) < 500
