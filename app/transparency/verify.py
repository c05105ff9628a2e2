"""Rebuild the whole log from the records' bytes and say what the database keeps otherwise.

Leaf hashes, tiles, roots of every batch, the head and every published checkpoint are computed
anew. What is remembered outside (the file beside the keys, a witness, yesterday's checkpoint) is
compared as well: an operator who rewrote all tables alike is found by it.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from app.platform.db import Reader
from app.transparency import merkle, sequencer, store, tiles
from app.transparency.checkpoints import open_checkpoint
from app.transparency.fields import TrustError
from app.transparency.guard import Memory
from app.transparency.notes import Verifier, parse_vkey


async def verify_log(reader: Reader, memories: Sequence[Memory] = ()) -> list[str]:
    """What does not agree, in plain sentences; empty when all does. One snapshot, streamed."""
    findings: list[str] = []
    heads = await store.heads(reader)
    findings += await _queue(reader)
    for tree, head in sorted(heads.items()):
        findings += await _tree(reader, head, memories if tree == store.SHA256 else ())
    for tree, kept in await store.headless(reader):
        findings.append(f"{kept} of a tree {tree} are kept, but it has no head")
    if memories and store.SHA256 not in heads:
        findings.append("the log has no head, though checkpoints of it were published")
    return findings


async def _queue(reader: Reader) -> list[str]:
    found = await store.misplaced(reader)
    return [
        *(f"record {id_}: it is neither in the log nor waiting for it" for id_ in found.missing),
        *(f"record {id_}: the log names it, but it is gone" for id_ in found.gone),
        *(
            f"record {id_}: the log and what waits for it name it more than once"
            for id_ in found.twice
        ),
        *(f"record {id_}: it stands more than once" for id_ in found.doubled),
    ]


class _Rebuilt:
    """A tree as it grows from the bytes, compared with what was kept along the way."""

    def __init__(self, head: store.Head, seen: dict[int, list[tuple[str, bytes]]]) -> None:
        self.digest = sequencer.digest_of(head.tree)
        self.appender = tiles.Appender(0, {}, self.digest)
        self.seen = seen
        self.findings: list[str] = []
        self.compare()

    def append(self, index: int, body: bytes) -> None:
        if index != self.appender.size:
            self.findings.append(
                f"leaf {self.appender.size}: the next leaf of the log has index {index}"
            )
        self.appender.append(merkle.leaf_hash(body, self.digest))
        self.compare()

    def compare(self) -> None:
        for where, root in self.seen.pop(self.appender.size, ()):
            if self.appender.root() != root:
                self.findings.append(
                    f"size {self.appender.size}: the entries give another root than {where}"
                )


async def _tree(reader: Reader, head: store.Head, memories: Sequence[Memory]) -> list[str]:
    findings, seen = await _roots(reader, head)
    shown = await store.last_publication(reader, head.tree)
    for memory in memories:
        checkpoint = memory.checkpoint
        seen.setdefault(checkpoint.size, []).append((memory.where, checkpoint.root))
        if memory.shown and (shown is None or shown.size < checkpoint.size):
            findings.append(f"size {checkpoint.size}: its publication is gone ({memory.where})")
    seen.setdefault(head.size, []).append(("the head of the log", head.root))
    rebuilt = _Rebuilt(head, seen)
    async for index, body in _leaves(reader):
        rebuilt.append(index, body)
    findings += rebuilt.findings
    findings += [
        f"size {size}: {where} states it, but the log holds {rebuilt.appender.size} entries"
        for size, claims in sorted(rebuilt.seen.items())
        for where, _ in claims
    ]
    findings += await _tiles(reader, head.tree, rebuilt.appender.changed())
    return findings


async def _leaves(reader: Reader) -> AsyncIterator[tuple[int, bytes]]:
    async with store.stream_leaves(reader) as rows:
        async for row in rows:
            yield row.leaf_index, bytes(row.body)


async def _roots(
    reader: Reader, head: store.Head
) -> tuple[list[str], dict[int, list[tuple[str, bytes]]]]:
    """Every root that was kept or shown, by size."""
    findings = []
    seen: dict[int, list[tuple[str, bytes]]] = {}
    try:
        key = parse_vkey(head.vkey)
    except TrustError as error:
        return [f"the head of the {head.tree} tree names no key: {error}"], seen
    before = None
    for row in await store.all_roots(reader, head.tree):
        seen.setdefault(row.size, []).append(("its batch", bytes(row.root)))
        if row.previous != before:
            findings.append(f"size {row.size}: the checkpoint before it, {row.previous}, is gone")
        before = row.size
    shown = 0
    for number, row in enumerate(await store.all_publications(reader, head.tree), start=1):
        if row.number != number:
            findings.append(f"publication {number}: it is gone")
            break
        if row.size < shown:
            findings.append(f"publication {number}: it is smaller than the one before it")
        shown = row.size
        findings += _publication(row, key, seen)
    if head.size not in seen:
        findings.append(f"size {head.size}: the checkpoint of the head is gone")
    return findings, seen


def _publication(row: Any, key: Verifier, seen: dict[int, list[tuple[str, bytes]]]) -> list[str]:
    where = f"publication {row.number}"
    try:
        shown, _, _ = open_checkpoint(row.note, key, ())
    except TrustError as error:
        return [f"{where}: it does not hold: {error}"]
    if (shown.origin, shown.size) != (key.name, row.size):
        return [f"{where}: it is of another size or log"]
    if row.size not in seen:
        return [f"{where}: its batch is gone"]
    seen[row.size].append((where, shown.root))
    return []


async def _tiles(reader: Reader, tree: str, rebuilt: dict[tuple[int, int], bytes]) -> list[str]:
    stored: dict[tuple[int, int], Any] = await store.all_tiles(reader, tree)
    return [
        f"tile {level}/{n} of the {tree} tree: it does not hold the hashes of its entries"
        for level, n in sorted(stored.keys() | rebuilt.keys())
        if stored.get((level, n)) != rebuilt.get((level, n))
    ]
