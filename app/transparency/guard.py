"""What was once published must stand: checked at the start and before each further checkpoint.

A database restored from yesterday's backup is a fork as soon as it signs. So the last published
checkpoint is kept in a file beside the keys, outside the database, and the witnesses remember
what they cosigned. A database that is behind either, or whose root differs, is not served.
"""

import contextlib
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.platform.db import Database, Reader, Tx
from app.platform.settings import Settings
from app.transparency import read, sequencer, store
from app.transparency.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint
from app.transparency.keys import keys_file
from app.transparency.notes import Signer, Verifier, parse_note, parse_vkey, vkey


@dataclass(frozen=True, slots=True)
class Memory:
    """A checkpoint kept outside the database, and where.

    `shown` says that it was certainly published: a file beside the keys may have been written by
    a node that was killed before it showed it, and a witness may have cosigned in vain.
    """

    where: str
    checkpoint: Checkpoint
    shown: bool = False


class LogForkedError(RuntimeError):
    """The database does not hold what was published; it must not be served."""


def forget_log(settings: Settings) -> None:
    """Give up the log of a private database that is deleted: what it published, and its keys."""
    keys_file(settings).unlink(missing_ok=True)
    for file in settings.home.glob("published-*.checkpoint"):
        file.unlink()


def memory_file(settings: Settings, origin: str) -> Path:
    """Where the last published checkpoint of a log is kept."""
    name = hashlib.sha256(origin.encode()).hexdigest()[:16]
    return settings.home / f"published-{name}.checkpoint"


def remember(file: Path, note: str, size: int) -> None:
    """Keep a checkpoint, whole and on disk, before anybody is shown it; never an older one."""
    with contextlib.suppress(FileNotFoundError):
        if parse_checkpoint(parse_note(file.read_text(encoding="utf-8")).text).size >= size:
            return
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    with draft.open("w", encoding="utf-8") as out:
        out.write(note)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def recall(file: Path, signer_vkey: str) -> Checkpoint | None:
    """The checkpoint that was kept; None when none was ever published from here."""
    with contextlib.suppress(FileNotFoundError):
        return open_checkpoint(file.read_text(encoding="utf-8"), parse_vkey(signer_vkey), ())[0]
    return None


def kept(file: Path, signer: Signer) -> list[Memory]:
    """What the file beside the keys remembers of the log that this key signs, if anything."""
    seen = recall(file, vkey(signer))
    return [] if seen is None else [Memory(str(file), seen)]


def published_size(settings: Settings, log: Verifier) -> int:
    """How far the log was published from here, by the file beside the keys."""
    seen = recall(memory_file(settings, log.name), vkey(log))
    return 0 if seen is None else seen.size


async def memories(reader: Reader, settings: Settings, others: Sequence[Path] = ()) -> list[Memory]:
    """What is remembered of this database's log: beside the keys, and in these further files.

    Raises `TrustError` for a file that is no checkpoint of this log.
    """
    head = (await store.heads(reader)).get(store.SHA256)
    if head is None:
        return []
    own = memory_file(settings, parse_vkey(head.vkey).name)
    found = [(file, recall(file, head.vkey)) for file in (own, *others)]
    return [Memory(str(file), seen, file is not own) for file, seen in found if seen is not None]


async def claim(db: Database, tree: str, signer: Signer) -> None:
    """Begin the tree with this key, or make sure that it is the key it was begun with.

    Raises `LogForkedError` for another key or origin: signing on with it would be another log.
    """

    async def work(tx: Tx, key: str) -> None:
        await store.open_tree(tx, tree, key, sequencer.digest_of(tree)(b""))
        head = (await store.heads(tx))[tree]
        if head.vkey != key:
            raise LogForkedError(
                f"The log in this database is signed by {head.vkey}, the keys here are those of"
                f" {key}. Set HRT_ORIGIN and HRT_KEYS_FILE to those of the log and start again."
            )

    await db.transact(work, vkey(signer))


async def check(reader: Reader, tree: str, memories: Sequence[Memory]) -> None:
    """Compare the database with what is remembered of it.

    Raises `LogForkedError` that says which memory it contradicts and what to do.
    """
    head = (await store.heads(reader))[tree]
    if await read.root_at(reader, tree, head.size) != head.root:
        raise LogForkedError(
            "The stored tiles of the log do not give the root of its head. Keep this database as"
            " evidence, run `hrt verify` on it, and restore a backup from before the damage."
        )
    for memory in memories:
        where, seen = memory.where, memory.checkpoint
        if seen.size > head.size:
            raise LogForkedError(
                f"This database is behind: its log has {head.size} entries, but {seen.size} were"
                f" published ({where}). Restore the newest backup with its WAL; what then is still"
                " missing, `hrt node recover` can do again from a mirror of the log. Served as"
                " it is, it would fork the log."
            )
        if await read.root_at(reader, tree, seen.size) != seen.root:
            raise LogForkedError(
                f"This database holds another history: at size {seen.size} its root is not the"
                f" one that was published ({where}). Keep it as evidence, run `hrt audit` on a"
                " mirror of the log, and restore a backup of the published history."
            )
