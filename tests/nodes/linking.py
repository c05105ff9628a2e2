"""The links of a node in a process of its own, without its API: to be killed."""

import asyncio
import sys

from app import nodes
from app.platform import logs
from app.platform.db import open_database
from app.platform.settings import Settings


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
