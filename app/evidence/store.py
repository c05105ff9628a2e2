"""Every SQL statement of evidence."""

import hashlib
from typing import Any

from sqlalchemy import Row, text

from app.evidence.rules import Evidence, EvidenceKind, MediaType
from app.kernel.principal import Role
from app.platform.db import Reader, Tx

# All but the content, which is large and wanted one at a time.
_PIECES = """
    SELECT e.id, e.application, e.number, e.kind, e.media_type, e.size, e.salt, e.commitment,
           e.filed_at, e.filed_by, e.city, e.replaces, n.id AS replaced_by, l.leaf_index AS entry
    FROM evidence e
    LEFT JOIN evidence n ON n.replaces = e.id
    LEFT JOIN tlog_leaf l ON l.record_id = e.record_id
"""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('photo:' || :hash, 0))")
_KNOWN_PHOTO = text("""
    SELECT EXISTS (
        SELECT FROM evidence e
        WHERE e.content_hash = :hash AND e.kind IN ('photo_before', 'photo_after')
            AND e.id IS DISTINCT FROM :replaces
            AND NOT EXISTS (SELECT FROM evidence n WHERE n.replaces = e.id))
""")
_INSERT = text("""
    INSERT INTO evidence (id, application, number, kind, media_type, size, salt, commitment,
        content, filed_at, filed_by, city, replaces, record_id)
    VALUES (:id, :application, :number, :kind, :media_type, :size, :salt, :commitment,
        :content, :filed_at, :filed_by, :city, :replaces, :record)
""")
# What is kept says nothing but its record; and of every record the piece is kept.
_AT_ODDS = text("""
    SELECT coalesce(e.id, r.subject) AS id
    FROM (SELECT id, subject, body FROM record WHERE kind = 'evidence.filed') r
    FULL JOIN evidence e ON e.record_id = r.id,
        LATERAL (SELECT convert_from(r.body, 'UTF8')::jsonb -> 'body' AS body) said
    WHERE e.id IS DISTINCT FROM r.subject
        OR said.body <> jsonb_build_object(
            'application', e.application, 'number', e.number, 'kind', e.kind,
            'media_type', e.media_type, 'size', octet_length(e.content),
            'commitment', encode(sha256(e.salt || e.content), 'hex'), 'replaces', e.replaces)
    ORDER BY 1
""")


def _piece(row: Row[Any]) -> Evidence:
    return Evidence(
        id=row.id,
        application=row.application,
        number=row.number,
        kind=EvidenceKind(row.kind),
        media_type=MediaType(row.media_type),
        size=row.size,
        salt=bytes(row.salt),
        commitment=row.commitment,
        filed_at=row.filed_at,
        filed_by=Role(row.filed_by),
        city=row.city,
        replaces=row.replaces,
        replaced_by=row.replaced_by,
        entry=row.entry,
    )


async def list_pieces(reader: Reader, application: str) -> list[Evidence]:
    """The pieces of an application in the order of their filing; never more than a few dozen."""
    rows = await reader.run(
        text(_PIECES + " WHERE e.application = :application ORDER BY e.number"),
        {"application": application},
    )
    return [_piece(row) for row in rows]


async def find_piece(reader: Reader, id_: str) -> Evidence | None:
    """A piece."""
    row = (await reader.run(text(_PIECES + " WHERE e.id = :id"), {"id": id_})).one_or_none()
    return None if row is None else _piece(row)


async def read_content(reader: Reader, id_: str) -> bytes:
    """The content of a piece that exists."""
    rows = await reader.run(text("SELECT content FROM evidence WHERE id = :id"), {"id": id_})
    return bytes(rows.scalar_one())


async def is_taken(tx: Tx, id_: str) -> bool:
    """Whether there is a piece of this id."""
    rows = await tx.run(text("SELECT EXISTS (SELECT FROM evidence WHERE id = :id)"), {"id": id_})
    return bool(rows.scalar_one())


async def is_known_photo(tx: Tx, content: bytes, replaces: str | None) -> bool:
    """Whether the same bytes stand as a photo of any application, beside the one to be replaced.

    Those who file the same bytes at once wait here for each other.
    """
    hash_ = hashlib.sha256(content).digest()
    await tx.run(_LOCK, {"hash": hash_.hex()})
    found = await tx.run(_KNOWN_PHOTO, {"hash": hash_, "replaces": replaces})
    return bool(found.scalar_one())


async def insert_piece(tx: Tx, piece: Evidence, content: bytes, record: int) -> None:
    """Add a piece with its content, under the number of its record."""
    await tx.run(
        _INSERT,
        {
            "id": piece.id,
            "application": piece.application,
            "number": piece.number,
            "kind": piece.kind.value,
            "media_type": piece.media_type.value,
            "size": piece.size,
            "salt": piece.salt,
            "commitment": piece.commitment,
            "content": content,
            "filed_at": piece.filed_at,
            "filed_by": piece.filed_by.value,
            "city": piece.city,
            "replaces": piece.replaces,
            "record": record,
        },
    )


async def list_at_odds(reader: Reader) -> list[str]:
    """Pieces that are not what their records say, and records whose piece is gone."""
    return list((await reader.run(_AT_ODDS)).scalars())
