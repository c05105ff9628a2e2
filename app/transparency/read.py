"""What the log answers to who asks: tiles, entries, proofs; only what was shown already."""

from collections.abc import Callable
from typing import TypeVar

from app.platform.db import Reader
from app.transparency import merkle, proofs, sequencer, store, tiles
from app.transparency.checkpoints import Checkpoint, parse_checkpoint
from app.transparency.fields import HASH_BYTES
from app.transparency.notes import parse_note

R = TypeVar("R")


async def prove_record(reader: Reader, record: int) -> proofs.TlogProof | None:
    """The proof that a record is in the newest published checkpoint; None while it is not."""
    index = await store.index_of(reader, record)
    return None if index is None else await prove_index(reader, index)


async def prove_entry(reader: Reader, record: int) -> tuple[bytes, proofs.TlogProof] | None:
    """A record's bytes with the proof of `prove_record`."""
    index = await store.index_of(reader, record)
    proof = None if index is None else await prove_index(reader, index)
    if index is None or proof is None:
        return None
    (entry,) = await store.read_entries(reader, index, index + 1)
    return entry, proof


async def prove_index(
    reader: Reader, index: int, tree: str = store.SHA256
) -> proofs.TlogProof | None:
    """The proof that a leaf is in the newest published checkpoint; None while it is not."""
    shown = await store.last_publication(reader, tree)
    if shown is None or index >= shown.size:
        return None
    size = shown.size
    hashes = await with_nodes(
        reader,
        tree,
        lambda node: merkle.inclusion_proof(index, size, node, digest=sequencer.digest_of(tree)),
    )
    return proofs.TlogProof(index, hashes, shown.note, None)


async def shown_checkpoint(reader: Reader) -> Checkpoint | None:
    """The newest checkpoint that was published; None before the first."""
    shown = await store.last_publication(reader, store.SHA256)
    return None if shown is None else parse_checkpoint(parse_note(shown.note).text)


async def log_size(reader: Reader) -> int:
    """How many records of this database have their place in the log."""
    head = (await store.heads(reader)).get(store.SHA256)
    return 0 if head is None else head.size


async def prove_growth(
    reader: Reader, old: int, tree: str = store.SHA256
) -> proofs.AddCheckpoint | None:
    """The proof that the newest published checkpoint continues size `old`; None if it is older."""
    shown = await store.last_publication(reader, tree)
    if shown is None or old > shown.size:
        return None
    hashes = await consistency(reader, tree, old, shown.size)
    return proofs.AddCheckpoint(old, hashes, shown.note)


async def consistency(reader: Reader, tree: str, old: int, new: int) -> list[bytes]:
    """The hashes that prove that size `new` continues size `old`, both committed."""
    return await with_nodes(
        reader,
        tree,
        lambda node: merkle.consistency_proof(old, new, node, digest=sequencer.digest_of(tree)),
    )


async def root_at(reader: Reader, tree: str, size: int) -> bytes:
    """The root that the stored tiles give at a size."""
    return await with_nodes(
        reader,
        tree,
        lambda node: merkle.root_at(size, node, digest=sequencer.digest_of(tree)),
    )


async def with_nodes(reader: Reader, tree: str, compute: Callable[[merkle.Node], R]) -> R:
    """Run `compute` over the stored tree: once to learn which tiles it needs, once for real."""
    needed: set[tuple[int, int]] = set()

    def notice(level: int, n: int) -> bytes:
        needed.add(tiles.tiles_for(level, n))
        return bytes(HASH_BYTES)

    compute(notice)
    stored = await store.read_tiles(reader, tree, needed)
    return compute(tiles.TileNodes(stored, sequencer.digest_of(tree)).node)


async def tile(reader: Reader, tree: str, level: int | None, n: int, width: int) -> bytes | None:
    """A tile, or with level None a bundle of entries, as far as it was published."""
    shown = await store.last_publication(reader, tree)
    if shown is None:
        return None
    published = (shown.size >> (8 * (level or 0))) - n * tiles.TILE_WIDTH
    if width > published:
        return None
    if level is None:
        first = n * tiles.TILE_WIDTH
        return tiles.encode_entries(await store.read_entries(reader, first, first + width))
    stored = await store.read_tiles(reader, tree, [(level, n)])
    return stored[level, n][: width * HASH_BYTES] if stored else None


async def read_entries(reader: Reader, first: int, end: int) -> list[bytes]:
    """The entries from index `first` on and below `end`, as far as the log has come."""
    return await store.read_entries(reader, first, end)
