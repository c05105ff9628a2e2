"""Gives every committed record its place in the tree, without gaps and without slowing its writer.

- A record waits in a queue from the transaction that wrote it on. Whoever commits late is taken
  late: nothing is skipped, and no writer waits for another.
- One batch is one transaction: take from the queue, append to the tree, move the head. A batch
  that dies leaves everything as it was; a rival that believes itself alone is fenced off by the
  head's size.
- Records of one account or lot have rising numbers in the order of their effect, since a number
  is taken under the row's lock; along each of them the log's order is that order.

Nothing is signed here: only what is committed may be (`publisher`).
"""

from collections.abc import Sequence

from app.kernel.refusal import Rejected
from app.platform.db import Database, Tx
from app.transparency import merkle, store, suites, tiles

BATCH = 10_000


class LogDamagedError(RuntimeError):
    """The stored log contradicts itself; nothing more may be appended or signed."""


async def sequence(db: Database, limit: int = BATCH) -> int:
    """Append what waits, at most `limit` records; answers with how many. 0 too for a busy rival."""
    try:
        return await db.transact(_append_batch, limit)
    except Rejected:
        return 0


async def _append_batch(tx: Tx, limit: int) -> int:
    if not await store.try_lock(tx):
        return 0
    heads = await store.heads(tx, lock=True)
    if not heads:
        return 0
    old = heads[store.SHA256].size
    hashes = await store.take_pending(tx, old, limit)
    if hashes:
        await _grow(tx, heads[store.SHA256], hashes)
    for tree in heads.keys() - {store.SHA256}:
        # One that was begun later than the log catches up, batch by batch.
        head = heads[tree]
        count = min(old + len(hashes) - head.size, limit)
        if count > 0:
            await _grow(tx, head, await _other_leaves(tx, head, count))
    return len(hashes)


async def continue_as_published(tx: Tx, records: Sequence[int], size: int, root: bytes) -> None:
    """Place records in this order, where the log goes on exactly as it was once published.

    For a database that is restored. Raises `LogDamagedError` where another root would come out.
    """
    if not await store.try_lock(tx):
        raise LogDamagedError("The log is being sequenced: stop the node first.")
    head = (await store.heads(tx, lock=True))[store.SHA256]
    await _grow(tx, head, await store.place(tx, head.size, records))
    grown = (await store.heads(tx))[store.SHA256]
    if (grown.size, grown.root) != (size, root):
        raise LogDamagedError(
            "What was done again does not give the published root. Nothing was changed: restore"
            " the database to its newest moment from the archive of its WAL."
        )


async def _other_leaves(tx: Tx, head: store.Head, count: int) -> list[bytes | None]:
    bodies = await store.read_entries(tx, head.size, head.size + count)
    if len(bodies) < count:
        raise LogDamagedError(
            "A record that has its place in the log is gone. Stop, keep the database, and run"
            " `hrt verify`."
        )
    return [merkle.leaf_hash(body, suites.sm3) for body in bodies]


async def _grow(tx: Tx, head: store.Head, leaves: list[bytes | None]) -> None:
    digest = digest_of(head.tree)
    right = await store.read_tiles(tx, head.tree, tiles.right_tiles(head.size))
    appender = tiles.Appender(head.size, right, digest)
    if appender.root() != head.root:
        raise LogDamagedError(
            f"The tiles of the log's last {head.tree} tree do not give the root of its head at"
            f" size {head.size}. Stop, keep the database, and run `hrt verify`."
        )
    for leaf in leaves:
        if leaf is None:
            raise LogDamagedError(
                "A record that waited for its place in the log is gone. Stop, keep the database,"
                " and run `hrt verify`."
            )
        appender.append(leaf)
    await store.write_tiles(tx, head.tree, appender.changed())
    if not await store.move_head(tx, head, appender.size, appender.root()):
        raise LogDamagedError("Another sequencer moved the head meanwhile; this batch is void.")


def digest_of(tree: str) -> merkle.Digest:
    """The digest of a tree."""
    return suites.sm3 if tree == store.SM3 else merkle.sha256
