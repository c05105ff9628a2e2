"""Every SQL statement of the log."""

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from app.platform.db import Reader, Tx

SHA256 = "sha256"
SM3 = "sm3"

# Held to the end of the transaction, so it is freed with the session whatever happens to it.
_LOCK = text("SELECT pg_try_advisory_xact_lock(7240113)")
_HEADS = "SELECT tree, vkey, size, root FROM tlog_head"
_OPEN_HEAD = text("""
    INSERT INTO tlog_head (tree, vkey, size, root) VALUES (:tree, :vkey, 0, :root)
    ON CONFLICT (tree) DO NOTHING
""")
_OPEN_CHECKPOINT = text("""
    INSERT INTO tlog_checkpoint (tree, size, root) VALUES (:tree, 0, :root)
    ON CONFLICT (tree, size) DO NOTHING
""")
_TAKE = text("""
    WITH taken AS (
        DELETE FROM tlog_pending WHERE record_id IN (
            SELECT record_id FROM tlog_pending ORDER BY record_id LIMIT :limit)
        RETURNING record_id),
    placed AS (
        INSERT INTO tlog_leaf (leaf_index, record_id)
        SELECT :size + row_number() OVER (ORDER BY record_id) - 1, record_id FROM taken
        RETURNING leaf_index, record_id)
    SELECT p.leaf_index, r.leaf_hash FROM placed p LEFT JOIN record r ON r.id = p.record_id
    ORDER BY p.leaf_index
""")
_UNPLACED = text("""
    SELECT r.id, r.body FROM tlog_pending p JOIN record r ON r.id = p.record_id
""")
_UNQUEUE = text("DELETE FROM tlog_pending WHERE record_id = ANY(:records)")
_PLACE = text("""
    INSERT INTO tlog_leaf (leaf_index, record_id)
    SELECT :size + place - 1, record
    FROM unnest(CAST(:records AS bigint[])) WITH ORDINALITY AS n(record, place)
""")
_LEAF_HASHES = text("""
    SELECT r.leaf_hash FROM tlog_leaf l JOIN record r ON r.id = l.record_id
    WHERE l.leaf_index >= :size ORDER BY l.leaf_index
""")
_WRITE_TILES = text("""
    INSERT INTO tlog_tile (tree, level, n, hashes)
    SELECT :tree, * FROM unnest(CAST(:levels AS int[]), CAST(:ns AS bigint[]),
                                CAST(:hashes AS bytea[]))
    ON CONFLICT (tree, level, n) DO UPDATE SET hashes = excluded.hashes
    WHERE octet_length(excluded.hashes) > octet_length(tlog_tile.hashes)
""")
# The old size is the fence: a sequencer that lost its lock without noticing changes nothing.
_MOVE_HEAD = text("""
    UPDATE tlog_head SET size = :size, root = :root WHERE tree = :tree AND size = :old
""")
_ADD_CHECKPOINT = text("""
    INSERT INTO tlog_checkpoint (tree, size, root, previous) VALUES (:tree, :size, :root, :old)
""")
_READ_TILES = text("""
    SELECT level, n, hashes FROM tlog_tile
    WHERE tree = :tree AND (level, n) IN (
        SELECT * FROM unnest(CAST(:levels AS int[]), CAST(:ns AS bigint[])))
""")
_BODIES = text("""
    SELECT r.body FROM tlog_leaf l JOIN record r ON r.id = l.record_id
    WHERE l.leaf_index >= :first AND l.leaf_index < :end ORDER BY l.leaf_index
""")
_INDEX = text("SELECT leaf_index FROM tlog_leaf WHERE record_id = :record")
_PUBLISHED = text("""
    SELECT size, note, at < clock_timestamp() - make_interval(secs => 30) AS is_old
    FROM tlog_publication WHERE tree = :tree ORDER BY number DESC LIMIT 1
""")
_PUBLISH = text("""
    INSERT INTO tlog_publication (tree, number, size, note)
    SELECT :tree, coalesce(max(number), 0) + 1, :size, :note
    FROM tlog_publication WHERE tree = :tree HAVING coalesce(max(size), 0) <= :size
""")
_ROOT_AT = text("SELECT root FROM tlog_checkpoint WHERE tree = :tree AND size = :size")


@dataclass(frozen=True, slots=True)
class Head:
    """How far a tree of this database has grown, and whose key signs it."""

    tree: str
    vkey: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Publication:
    """A signed checkpoint that was shown; `is_old` when that was more than half a minute ago."""

    size: int
    note: str
    is_old: bool


async def try_lock(tx: Tx) -> bool:
    """Become the one sequencer of this moment, if no other is."""
    return bool((await tx.run(_LOCK)).scalar_one())


async def heads(reader: Reader, *, lock: bool = False) -> dict[str, Head]:
    """The trees of this log; with `lock`, held until the transaction ends."""
    statement = _HEADS + " ORDER BY tree" + (" FOR UPDATE" if lock else "")
    rows = await reader.run(text(statement))
    return {row.tree: Head(row.tree, row.vkey, row.size, bytes(row.root)) for row in rows}


async def open_tree(tx: Tx, tree: str, vkey: str, empty_root: bytes) -> None:
    """Begin a tree, unless it was begun."""
    await tx.run(_OPEN_HEAD, {"tree": tree, "vkey": vkey, "root": empty_root})
    await tx.run(_OPEN_CHECKPOINT, {"tree": tree, "root": empty_root})


async def take_pending(tx: Tx, size: int, limit: int) -> list[bytes | None]:
    """Give the next records their places; answers with leaf hashes, None where a record is gone."""
    rows = await tx.run(_TAKE, {"size": size, "limit": limit})
    return [None if row.leaf_hash is None else bytes(row.leaf_hash) for row in rows]


async def unplaced(reader: Reader) -> dict[bytes, int]:
    """The records that wait for their place: numbers by their bytes."""
    return {bytes(row.body): row.id for row in await reader.run(_UNPLACED)}


async def place(tx: Tx, size: int, records: Sequence[int]) -> list[bytes | None]:
    """Give records the next places in this very order; answers with their leaf hashes."""
    await tx.run(_UNQUEUE, {"records": list(records)})
    await tx.run(_PLACE, {"size": size, "records": list(records)})
    return [bytes(row.leaf_hash) for row in await tx.run(_LEAF_HASHES, {"size": size})]


async def write_tiles(tx: Tx, tree: str, tiles: Mapping[tuple[int, int], bytes]) -> None:
    """Write tiles that are new or have grown."""
    keys = sorted(tiles)
    await tx.run(
        _WRITE_TILES,
        {
            "tree": tree,
            "levels": [level for level, _ in keys],
            "ns": [n for _, n in keys],
            "hashes": [tiles[key] for key in keys],
        },
    )


async def move_head(tx: Tx, head: Head, size: int, root: bytes) -> bool:
    """Move the head on from where it was read; False when another has moved it meanwhile."""
    moved = await tx.run(
        _MOVE_HEAD, {"tree": head.tree, "old": head.size, "size": size, "root": root}
    )
    if moved.rowcount == 1:
        await tx.run(
            _ADD_CHECKPOINT, {"tree": head.tree, "size": size, "root": root, "old": head.size}
        )
    return moved.rowcount == 1


async def read_tiles(
    reader: Reader, tree: str, keys: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """Tiles by level and number; one that does not exist is left out."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = await reader.run(
        _READ_TILES,
        {"tree": tree, "levels": [k[0] for k in wanted], "ns": [k[1] for k in wanted]},
    )
    return {(row.level, row.n): bytes(row.hashes) for row in rows}


async def read_entries(reader: Reader, first: int, end: int) -> list[bytes]:
    """The bytes of the records at leaf indexes first ≤ i < end."""
    rows = await reader.run(_BODIES, {"first": first, "end": end})
    return [bytes(row.body) for row in rows]


async def index_of(reader: Reader, record: int) -> int | None:
    """The leaf index of a record; None while it waits."""
    return (await reader.run(_INDEX, {"record": record})).scalar_one_or_none()


async def last_publication(reader: Reader, tree: str) -> Publication | None:
    """The newest checkpoint that was shown."""
    row = (await reader.run(_PUBLISHED, {"tree": tree})).one_or_none()
    return None if row is None else Publication(row.size, row.note, row.is_old)


async def add_publication(tx: Tx, publication: tuple[str, int, str]) -> None:
    """Show a checkpoint: (tree, size, note)."""
    tree, size, note = publication
    await tx.run(_PUBLISH, {"tree": tree, "size": size, "note": note})


async def committed_root(reader: Reader, tree: str, size: int) -> bytes | None:
    """The root that was committed at a size where a batch ended."""
    root = (await reader.run(_ROOT_AT, {"tree": tree, "size": size})).scalar_one_or_none()
    return None if root is None else bytes(root)


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Records at odds with the log, by number: the first hundred of each kind."""

    missing: list[int]
    gone: list[int]
    twice: list[int]
    doubled: list[int]


_MISSING = text("""
    SELECT r.id FROM record r
    LEFT JOIN tlog_leaf l ON l.record_id = r.id LEFT JOIN tlog_pending p ON p.record_id = r.id
    WHERE l.record_id IS NULL AND p.record_id IS NULL ORDER BY r.id LIMIT 100
""")
_GONE = text("""
    SELECT record_id FROM (SELECT record_id FROM tlog_leaf UNION SELECT record_id FROM tlog_pending)
        named WHERE NOT EXISTS (SELECT FROM record WHERE id = record_id)
    ORDER BY record_id LIMIT 100
""")
_TWICE = text("""
    SELECT record_id FROM (
        SELECT record_id FROM tlog_leaf UNION ALL SELECT record_id FROM tlog_pending) named
    GROUP BY record_id HAVING count(*) > 1 ORDER BY record_id LIMIT 100
""")
_DOUBLED = text("""
    SELECT id FROM record GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 100
""")
_HEADLESS = text("""
    SELECT tree, place FROM (
        SELECT DISTINCT tree, 'tiles' AS place FROM tlog_tile
        UNION SELECT DISTINCT tree, 'checkpoints' FROM tlog_checkpoint
        UNION SELECT DISTINCT tree, 'publications' FROM tlog_publication) kept
    WHERE tree NOT IN (SELECT tree FROM tlog_head) ORDER BY tree, place
""")
_STREAM = text("""
    SELECT l.leaf_index, coalesce(r.body, '') AS body
    FROM tlog_leaf l LEFT JOIN record r ON r.id = l.record_id ORDER BY l.leaf_index
""")
_ROOTS = text("""
    SELECT size, root, previous FROM tlog_checkpoint WHERE tree = :tree ORDER BY size
""")
_PUBLICATIONS = text("""
    SELECT number, size, note FROM tlog_publication WHERE tree = :tree ORDER BY number
""")
_ALL_TILES = text("SELECT level, n, hashes FROM tlog_tile WHERE tree = :tree")


async def misplaced(reader: Reader) -> Misplaced:
    """Records that the log lacks, that it names in vain, or that it would take twice."""
    missing, gone, twice, doubled = [
        list((await reader.run(statement)).scalars())
        for statement in (_MISSING, _GONE, _TWICE, _DOUBLED)
    ]
    return Misplaced(missing, gone, twice, doubled)


async def headless(reader: Reader) -> list[tuple[str, str]]:
    """What is kept of trees that have no head: (tree, what)."""
    return [(row.tree, row.place) for row in await reader.run(_HEADLESS)]


def stream_leaves(reader: Reader) -> AbstractAsyncContextManager[AsyncIterable[Row[Any]]]:
    """Leaf indexes and bytes in order, a few at a time; no bytes for a record that is gone."""
    return reader.connection.stream(_STREAM)


async def all_roots(reader: Reader, tree: str) -> Sequence[Row[Any]]:
    """Every committed size with its root and the size before it."""
    return (await reader.run(_ROOTS, {"tree": tree})).all()


async def all_publications(reader: Reader, tree: str) -> Sequence[Row[Any]]:
    """Every checkpoint that was shown: number, size, note."""
    return (await reader.run(_PUBLICATIONS, {"tree": tree})).all()


async def all_tiles(reader: Reader, tree: str) -> dict[tuple[int, int], bytes]:
    """Every tile by level and number: 32 bytes per entry and a little more."""
    rows = await reader.run(_ALL_TILES, {"tree": tree})
    return {(row.level, row.n): bytes(row.hashes) for row in rows}
