"""The links of a node in a process of its own, without its API: to be killed."""

import asyncio
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from app import nodes
from app.platform import logs
from app.platform.db import open_database
from app.platform.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SHARED = ("home", "origin", "link_poll_milliseconds")


@contextmanager
def started(linked, port, space=None, host="127.0.0.1"):
    """The links of a node as a process, which receives on this port; its network may be another."""
    settings = {f"HRT_{name.upper()}": str(getattr(linked.settings, name)) for name in SHARED}
    settings |= {"HRT_DATABASE_URL": linked.dsn, "HRT_LINK_PORT": str(port), "HRT_LINK_HOST": host}
    within = [] if space is None else ["ip", "netns", "exec", space]
    process = subprocess.Popen(
        [*within, sys.executable, "-m", "tests.nodes.linking"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        stdout=subprocess.PIPE,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


async def ready(process):
    assert await asyncio.to_thread(process.stdout.readline) == b"ready\n"


async def main():
    """Run the links until the process is killed."""
    settings = Settings()
    logs.configure(quiet=True)
    async with nodes.running(open_database(settings, settings.database_url), settings, {}):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
