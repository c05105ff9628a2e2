"""Pure rules of evidence (R9, R11, R29, R32, R33, R42, R106, R113): who files what, and when."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.kernel.principal import Principal, Role
from app.kernel.refusal import Refusal
from app.withdrawal.rules import Application, ApplicationState

SIZE_MAX = 4 * 1024 * 1024
"""Bytes of one piece."""

PIECES_MAX = 50
"""Of one application, replaced ones among them."""

SALT_BYTES = 32


class EvidenceRefusal(Refusal):
    """Refusals of evidence, in descending precedence."""

    NOT_YOURS = (
        "evidence-not-yours",
        "此类材料不由您的角色提交。请由负责该环节的单位提交。",
        "Your role does not file this kind. Let the office whose stage it is file it.",
    )
    OUT_OF_STAGE = (
        "evidence-out-of-stage",
        "申请所处环节不收此类材料。请核对材料种类和申请的状态。",
        "This kind is not filed at the application's present stage. Check kind and state.",
    )
    TOO_LARGE = (
        "evidence-too-large",
        "材料超过 4 MiB。请降低清晰度,或分成几份提交。",
        "The file is larger than 4 MiB. Lower its resolution, or file it in parts.",
    )
    TYPE_UNKNOWN = (
        "evidence-type-unknown",
        "文件内容不是 PDF、JPEG 或 PNG。请转换格式后提交,只改文件名无效。",
        "The content is no PDF, JPEG or PNG. Convert it; another file name does not help.",
    )
    NO_PHOTO = (
        "evidence-no-photo",
        "照片须为 JPEG 或 PNG。请提交照片原件,不要放进 PDF。",
        "A photo is a JPEG or PNG. File the picture itself, not a PDF around it.",
    )
    KIND_DIFFERS = (
        "evidence-kind-differs",
        "被替换的材料是另一种类。请以同类材料替换。",
        "The piece to be replaced is of another kind. Replace it by one of its own kind.",
    )
    REPLACED = (
        "evidence-replaced",
        "该材料已被替换。请替换最新的一份。",
        "This piece was replaced already. Replace the one that stands for it now.",
    )
    PHOTO_KNOWN = (
        "evidence-photo-known",
        "同一张照片已作为材料提交,不能再用。请提交本宗地现场所拍的照片。",
        "This very photo was filed before, and serves once. File one taken of this homestead.",
    )
    FULL = (
        "evidence-full",
        "该申请已有 50 份材料,不能再增加。请把多页合成一个 PDF。",
        "The application has 50 pieces, which is the most. Join pages into one PDF.",
    )


class EvidenceKind(StrEnum):
    """What a piece shows."""

    APPLICATION_FORM = "application_form"
    CONSENT = "consent"
    PHOTO_BEFORE = "photo_before"
    VOTE_RECORD = "vote_record"
    PUBLIC_NOTICE = "public_notice"
    PHOTO_AFTER = "photo_after"
    ACCEPTANCE_REPORT = "acceptance_report"
    SETTLEMENT_PROOF = "settlement_proof"
    OTHER = "other"

    @property
    def is_photo(self) -> bool:
        """Whether it is a picture taken of one homestead, which can show no other."""
        return self in {EvidenceKind.PHOTO_BEFORE, EvidenceKind.PHOTO_AFTER}


class MediaType(StrEnum):
    """The formats that are taken, each told by its first bytes."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"

    @property
    def suffix(self) -> str:
        """What a file's name ends with."""
        return {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[self.value]


_MAGIC = {
    MediaType.PDF: b"%PDF-",
    MediaType.JPEG: b"\xff\xd8\xff",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n",
}

_VILLAGE = frozenset({Role.COLLECTIVE, Role.OPERATOR})
_LOCAL = _VILLAGE | {Role.TOWNSHIP}
_COUNTY = frozenset({Role.COUNTY_CLERK, Role.COUNTY_APPROVER, Role.OPERATOR})
_CITY = frozenset({Role.CITY, Role.OPERATOR})
FILERS: dict[EvidenceKind, frozenset[Role]] = {
    EvidenceKind.APPLICATION_FORM: _LOCAL | _COUNTY,
    EvidenceKind.CONSENT: _LOCAL | _COUNTY,
    EvidenceKind.PHOTO_BEFORE: _LOCAL | _COUNTY,
    EvidenceKind.VOTE_RECORD: _VILLAGE,
    EvidenceKind.PUBLIC_NOTICE: _LOCAL,
    EvidenceKind.PHOTO_AFTER: _COUNTY,
    EvidenceKind.ACCEPTANCE_REPORT: _COUNTY,
    EvidenceKind.SETTLEMENT_PROOF: _CITY,
    EvidenceKind.OTHER: _LOCAL | _COUNTY | _CITY,
}
"""Whose stage each kind belongs to."""

_S = ApplicationState
_LIVE = frozenset(_S) - {_S.REVOKED, _S.REJECTED}
STAGES: dict[EvidenceKind, frozenset[ApplicationState]] = {
    EvidenceKind.APPLICATION_FORM: _LIVE,
    EvidenceKind.CONSENT: _LIVE,
    # What is shown as it was before cannot be photographed once the land is another.
    EvidenceKind.PHOTO_BEFORE: _LIVE - {_S.ACCEPTED},
    EvidenceKind.VOTE_RECORD: _LIVE - {_S.APPLIED} | {_S.REJECTED},
    EvidenceKind.PUBLIC_NOTICE: _LIVE - {_S.APPLIED} | {_S.REJECTED},
    EvidenceKind.PHOTO_AFTER: frozenset({_S.APPROVED, _S.ACCEPTED}),
    EvidenceKind.ACCEPTANCE_REPORT: frozenset({_S.APPROVED, _S.ACCEPTED}),
    EvidenceKind.SETTLEMENT_PROOF: _LIVE,
    EvidenceKind.OTHER: _LIVE | {_S.REJECTED},
}
"""In which states of the application each kind is filed."""

_WANTED: dict[EvidenceKind, frozenset[ApplicationState]] = {
    EvidenceKind.APPLICATION_FORM: _LIVE,
    EvidenceKind.CONSENT: _LIVE,
    EvidenceKind.PHOTO_BEFORE: _LIVE - {_S.ACCEPTED},
    EvidenceKind.VOTE_RECORD: _LIVE - {_S.APPLIED},
    EvidenceKind.PUBLIC_NOTICE: _LIVE - {_S.APPLIED, _S.NOTICED},
    EvidenceKind.PHOTO_AFTER: frozenset({_S.ACCEPTED}),
    EvidenceKind.ACCEPTANCE_REPORT: frozenset({_S.ACCEPTED}),
    EvidenceKind.SETTLEMENT_PROOF: _LIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A piece as it was filed, without its content. `number` counts those of the application.

    `city` is the city that it concerns beside the household, if any. `replaced_by` is the piece
    that stands for it now, `entry` its record's place in the log; None for neither yet.
    """

    id: str
    application: str
    number: int
    kind: EvidenceKind
    media_type: MediaType
    size: int
    salt: bytes = field(repr=False)
    commitment: str
    filed_at: datetime
    filed_by: Role
    city: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class FileEvidence:
    """File a piece. The content is personal data and stays out of every representation."""

    id: str
    application: str
    kind: EvidenceKind
    content: bytes = field(repr=False)
    replaces: str | None = None


def commitment_of(salt: bytes, content: bytes) -> str:
    """What the log says of a content: SHA-256 in hex over a random salt of 32 bytes and it.

    A form with a few fields filled in could be guessed from its plain hash.
    """
    return hashlib.sha256(salt + content).hexdigest()


def media_type_of(content: bytes) -> MediaType | None:
    """The format that a content begins as; None for all that is not taken."""
    return next((type_ for type_, magic in _MAGIC.items() if content.startswith(magic)), None)


def concerns(by: Principal, application: Application) -> bool:
    """Whether the application is the principal's to handle: a city's, while its approval counts."""
    if by.role is Role.CITY:
        return application.city == by.party
    return by.concerns(application.stake)


def is_shown(by: Principal, piece: Evidence, application: Application | None) -> bool:
    """Whether a piece may be read: a city keeps what concerns it. None: it sees no application."""
    if by.role is Role.CITY:
        return piece.city == by.party
    return application is not None and by.concerns(application.stake)


def _is_open(kind: EvidenceKind, application: Application) -> bool:
    approved = application.city is not None or kind is not EvidenceKind.SETTLEMENT_PROOF
    return approved and application.state in STAGES[kind]


def kinds_for(role: Role, application: Application) -> list[EvidenceKind]:
    """What a role may file now."""
    return [k for k in EvidenceKind if role in FILERS[k] and _is_open(k, application)]


def missing(application: Application, pieces: Iterable[Evidence]) -> list[EvidenceKind]:
    """What the dossier of an application should hold by now, and does not (R42, R113)."""
    there = {piece.kind for piece in pieces}
    unasked = set()
    if application.co_owners == 0:
        unasked.add(EvidenceKind.CONSENT)
    if application.city is None:
        unasked.add(EvidenceKind.SETTLEMENT_PROOF)
    wanted = (kind for kind, states in _WANTED.items() if application.state in states)
    return [kind for kind in wanted if kind not in there | unasked]


def decide_filing(  # noqa: PLR0911 - one guard per refusal
    command: FileEvidence,
    application: Application,
    pieces: Sequence[Evidence],
    by: Role,
    *,
    is_known_photo: bool,
) -> EvidenceRefusal | MediaType:
    """Judge a filing by those of the application so far; answers with the content's format.

    `is_known_photo` says that the same bytes stand as a photo, here or elsewhere.
    """
    if by not in FILERS[command.kind]:
        return EvidenceRefusal.NOT_YOURS
    if not _is_open(command.kind, application):
        return EvidenceRefusal.OUT_OF_STAGE
    if len(command.content) > SIZE_MAX:
        return EvidenceRefusal.TOO_LARGE
    media_type = media_type_of(command.content)
    if media_type is None:
        return EvidenceRefusal.TYPE_UNKNOWN
    if command.kind.is_photo and media_type is MediaType.PDF:
        return EvidenceRefusal.NO_PHOTO
    replaced = next((piece for piece in pieces if piece.id == command.replaces), None)
    if replaced is not None and replaced.kind is not command.kind:
        return EvidenceRefusal.KIND_DIFFERS
    if replaced is not None and replaced.replaced_by is not None:
        return EvidenceRefusal.REPLACED
    if command.kind.is_photo and is_known_photo:
        return EvidenceRefusal.PHOTO_KNOWN
    if len(pieces) >= PIECES_MAX:
        return EvidenceRefusal.FULL
    return media_type
