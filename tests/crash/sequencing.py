"""A process that does nothing but sequence and publish, to be killed."""

import asyncio

from app import transparency
from app.platform.db import open_database
from app.platform.settings import Settings
from app.transparency import sequencer

LIMIT = 50
"""Small batches, so that a kill often falls inside one."""


def run(dsn, home, says):
    """Sequence what is in this database until it is killed; says when it begins."""
    asyncio.run(_forever(dsn, home, says))


async def _forever(dsn, home, says):
    settings = Settings(home=home, require_durable=False, pool_size=2)
    db = open_database(settings, dsn)
    publishers = await transparency.open_log(db, settings, transparency.load_keys(settings))
    says.send("ready")
    while True:
        await sequencer.sequence(db, LIMIT)
        for publisher in publishers:
            await publisher.publish()
