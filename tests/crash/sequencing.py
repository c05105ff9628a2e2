"""A process that does nothing but sequence and publish, to be killed: DSN, home folder."""

import asyncio
import sys
from pathlib import Path

from app import transparency
from app.platform.db import open_database
from app.platform.settings import Settings
from app.transparency import sequencer

LIMIT = 50
"""Small batches, so that a kill often falls inside one."""


async def forever(dsn, home):
    settings = Settings(home=Path(home), require_durable=False, pool_size=2)
    db = open_database(settings, dsn)
    publishers = await transparency.open_log(db, settings, transparency.load_keys(settings))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        await sequencer.sequence(db, LIMIT)
        for publisher in publishers:
            await publisher.publish()


if __name__ == "__main__":
    asyncio.run(forever(*sys.argv[1:]))
