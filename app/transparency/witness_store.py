"""Every SQL statement of the witness."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from app.platform.db import Reader, Tx
from app.transparency.notes import Verifier, parse_vkey, vkey
from app.transparency.witness import EVIDENCE, Cosign, Evidence, Witnessed

_ADD = text("""
    INSERT INTO witnessed_log (origin, origin_hash, vkey) VALUES (:origin, :hash, :vkey)
    ON CONFLICT (origin) DO NOTHING
""")
_LOG = """
    SELECT l.origin, l.vkey, l.size, l.root, c.root AS root_there
    FROM witnessed_log l
    LEFT JOIN witnessed_checkpoint c ON c.origin = l.origin AND c.size = :size
    WHERE l.origin = :origin
"""
_LOCK = text("SELECT FROM witnessed_log WHERE origin = :origin FOR UPDATE")
_LIST = text("SELECT origin, vkey, size, root, cosigned_at FROM witnessed_log ORDER BY origin")
# The system's clock even where the market's is simulated; never before the last cosignature.
_SECONDS = text("""
    SELECT greatest(floor(extract(epoch FROM clock_timestamp()))::bigint, l.cosigned_at)
    FROM witnessed_log l WHERE l.origin = :origin
""")
_KEEP = text("""
    INSERT INTO witnessed_checkpoint (origin, size, root, checkpoint)
    VALUES (:origin, :size, :root, :checkpoint)
    ON CONFLICT (origin, size) DO NOTHING
""")
_MOVE = text("""
    UPDATE witnessed_log
    SET size = :size, root = :root, checkpoint = :checkpoint, cosigned_at = :seconds
    WHERE origin = :origin
""")
_LATEST = text("SELECT checkpoint FROM witnessed_log WHERE origin_hash = :hash")
_EVIDENCE = text("""
    INSERT INTO witness_evidence (origin, kind, digest, size, root, checkpoint, held_size)
    VALUES (:origin, :kind, :digest, :size, :root, :checkpoint, :held_size)
    ON CONFLICT (origin, kind, digest) DO NOTHING
""")
_LIST_EVIDENCE = text("SELECT origin, kind, size, at FROM witness_evidence ORDER BY at, digest")


@dataclass(frozen=True, slots=True)
class Listed:
    """A log as `hrt witness list` shows it; `cosigned_at` is a POSIX second."""

    origin: str
    vkey: str
    size: int
    root: bytes | None
    cosigned_at: int | None


async def add_log(tx: Tx, origin: str, log: Verifier) -> bool:
    """Begin to witness a log; False when its origin is known already."""
    parameters = {"origin": origin, "hash": origin_hash(origin), "vkey": vkey(log)}
    return (await tx.run(_ADD, parameters)).rowcount == 1


async def lock_log(tx: Tx, origin: str, size: int) -> Witnessed | None:
    """A log and what was cosigned at `size`, held until the transaction ends.

    The lock is a statement of its own: what is read after it is seen as the last holder left it,
    also where a join would still show the rows from before the wait.
    """
    await tx.run(_LOCK, {"origin": origin})
    row = (await tx.run(text(_LOG), {"origin": origin, "size": size})).one_or_none()
    return None if row is None else _witnessed(row)


def _witnessed(row: Row[Any]) -> Witnessed:
    return Witnessed(
        origin=row.origin,
        log=parse_vkey(row.vkey),
        size=row.size,
        root=None if row.root is None else bytes(row.root),
        root_there=None if row.root_there is None else bytes(row.root_there),
    )


async def seconds(tx: Tx, origin: str) -> int:
    """The POSIX second for the next cosignature of this log."""
    return int((await tx.run(_SECONDS, {"origin": origin})).scalar_one())


async def keep(tx: Tx, cosign: Cosign, checkpoint: str, seconds: int) -> None:
    """Keep the cosigned checkpoint as the log's last and, for a new size, as evidence."""
    parameters = {
        "origin": cosign.checkpoint.origin,
        "size": cosign.checkpoint.size,
        "root": cosign.checkpoint.root,
        "checkpoint": checkpoint,
    }
    await tx.run(_KEEP, parameters)
    await tx.run(_MOVE, parameters | {"seconds": seconds})


async def keep_evidence(tx: Tx, evidence: Evidence) -> bool:
    """Keep a signed checkpoint that was refused; False when it is kept already."""
    kept = await tx.run(
        _EVIDENCE,
        {
            "origin": evidence.checkpoint.origin,
            "kind": EVIDENCE[evidence.fault],
            "digest": hashlib.sha256(evidence.note.text.encode()).digest(),
            "size": evidence.checkpoint.size,
            "root": evidence.checkpoint.root,
            "checkpoint": evidence.note.encode(),
            "held_size": evidence.held_size,
        },
    )
    return kept.rowcount == 1


async def latest(reader: Reader, hash_: bytes) -> str | None:
    """The last checkpoint cosigned of the log whose origin has this SHA-256."""
    found = (await reader.run(_LATEST, {"hash": hash_})).scalar_one_or_none()
    return None if found is None else str(found)


async def list_logs(reader: Reader) -> Sequence[Listed]:
    """Every log that is witnessed here, in order of origin."""
    return [
        Listed(
            row.origin,
            row.vkey,
            row.size,
            None if row.root is None else bytes(row.root),
            row.cosigned_at,
        )
        for row in await reader.run(_LIST)
    ]


async def list_evidence(reader: Reader) -> Sequence[tuple[str, str, int]]:
    """Evidence against logs, oldest first: origin, kind, size."""
    return [(row.origin, row.kind, row.size) for row in await reader.run(_LIST_EVIDENCE)]


def origin_hash(origin: str) -> bytes:
    """What names a log in the address of its checkpoint."""
    return hashlib.sha256(origin.encode()).digest()
