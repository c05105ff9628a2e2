"""A node that is put back to a copy of its database does again what it had published since."""

import asyncio
import uuid
from contextlib import asynccontextmanager

from app import nodes, reconciliation, transfers, transparency
from app.main import message_handlers, verify_node
from app.platform.db import open_database
from app.transparency.merkle import leaf_hash, root_of
from tests.nodes.reconciled import published

LOG = """
    SELECT r.body FROM tlog_leaf l JOIN record r ON r.id = l.record_id ORDER BY l.leaf_index
"""
LETTERS = "SELECT peer, seq, hash FROM outbox ORDER BY peer, seq"


async def copied(cluster, office):
    """A copy of a node's database as of now; the node does not run meanwhile."""
    await published(office)
    name = f"r{uuid.uuid4().hex[:12]}"
    source = office.node.dsn.rpartition("/")[2]
    async with office.asleep():
        await asyncio.to_thread(cluster.create_database, name, template=source)
    return name


@asynccontextmanager
async def recovered(cluster, office, copy):
    """As `hrt node recover` brings the copy to where the node's log is now."""
    await published(office)
    entries = [bytes(row.body) for row in await office.rows(LOG)]
    db = open_database(office.node.settings, cluster.dsn("hrt_app", copy))
    acts = {**transfers.REDO, **reconciliation.REDO}
    async with db.read() as reader:
        size = await transparency.log_size(reader)
        memory = await nodes.recollect(
            reader, office.node.keys, message_handlers(office.node.settings)
        )

    async def work(tx, memory):
        records = await nodes.rehearse(tx, entries[size:], size, memory, acts)
        root = root_of([leaf_hash(entry) for entry in entries])
        await transparency.continue_as_published(tx, records, len(entries), root)
        assert (await verify_node(tx)).findings == []

    try:
        await db.transact(work, memory)
        yield db, entries[size:]
    finally:
        await db.close()
        cluster.drop_database(copy)
