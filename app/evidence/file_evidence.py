"""The command behind `POST /v1/evidence`: a scan or photo is put into the file of an application.

- the application is the caller's, and the kind belongs to the caller's stage, which is reached;
- the content is PDF, JPEG or PNG and not too large; a photo is one that was never filed before;
- what it replaces is of the same application and kind, and stands.

The log gets a salted commitment. The content is kept in the same transaction as its record.
"""

import secrets

from app import ledger, withdrawal
from app.evidence import rules, store
from app.evidence.rules import (
    Evidence,
    EvidenceKind,
    EvidenceRefusal,
    FileEvidence,
    MediaType,
)
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.withdrawal import Application


async def file_evidence(tx: Tx, command: FileEvidence) -> Evidence:
    """Keep a piece, and record that it was filed."""
    # Its lock puts the pieces of one application in a row: each counts those before it.
    application = await withdrawal.lock(tx, command.application)
    if application is None or not rules.concerns(tx.by, application):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")
    pieces = await store.list_pieces(tx, application.id)
    if command.replaces is not None and command.replaces not in {piece.id for piece in pieces}:
        raise Rejected(CommonRefusal.NOT_FOUND, "replaces")

    is_known = command.kind.is_photo and await store.is_known_photo(
        tx, command.content, command.replaces
    )
    media_type = rules.decide_filing(
        command, application, pieces, tx.by.role, is_known_photo=is_known
    )
    if isinstance(media_type, EvidenceRefusal):
        raise Rejected(media_type)
    if await store.is_taken(tx, command.id):
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    piece = await _piece(tx, command, application, media_type, len(pieces) + 1)
    (record,) = await ledger.record(tx, [_note(piece, application.province)])
    await store.insert_piece(tx, piece, command.content, record)
    return piece


async def _piece(
    tx: Tx, command: FileEvidence, application: Application, media_type: MediaType, number: int
) -> Evidence:
    salt = secrets.token_bytes(rules.SALT_BYTES)
    of_city = tx.by.role is Role.CITY or command.kind is EvidenceKind.SETTLEMENT_PROOF
    return Evidence(
        id=command.id,
        application=application.id,
        number=number,
        kind=command.kind,
        media_type=media_type,
        size=len(command.content),
        salt=salt,
        commitment=rules.commitment_of(salt, command.content),
        filed_at=await tx.now(),
        filed_by=tx.by.role,
        city=application.city if of_city else None,
        replaces=command.replaces,
    )


def _note(piece: Evidence, province: str) -> ledger.Note:
    return ledger.Note(
        kind="evidence.filed",
        province=province,
        subject=piece.id,
        body={
            "application": piece.application,
            "number": piece.number,
            "kind": piece.kind.value,
            "media_type": piece.media_type.value,
            "size": piece.size,
            "commitment": piece.commitment,
            "replaces": piece.replaces,
        },
    )
