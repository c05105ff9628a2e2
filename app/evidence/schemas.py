"""The wire of evidence."""

import base64
from typing import Annotated

from pydantic import ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from app.evidence import rules
from app.evidence.rules import EvidenceKind, MediaType
from app.kernel.principal import Role
from app.platform.wire import Id, In, InstantOut, Out
from app.transparency.fields import FormatError, decode64

EXAMPLE_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
EXAMPLE_SALT = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
EXAMPLE_CONTENT = base64.b64encode(b"%PDF-1.4\n").decode()


def _content(value: object) -> bytes:
    try:
        data = decode64(value, "the content") if isinstance(value, str) else b""
    except FormatError:
        data = b""
    if not data:
        raise PydanticCustomError("base64", "send the bytes of the file in base64")
    return data


Content = Annotated[
    bytes,
    PlainValidator(_content, json_schema_input_type=str),
    Field(
        description="The file in base64: PDF, JPEG or PNG, at most 4 MiB.",
        json_schema_extra={
            "pattern": "^([A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{4}$",
            "contentEncoding": "base64",
            "examples": [EXAMPLE_CONTENT],
        },
    ),
]


class EvidenceIn(In):
    """A scan or photo for the file of an application. Its name stays with who sends it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "e1",
                    "application": "a1",
                    "kind": "application_form",
                    "content": EXAMPLE_CONTENT,
                }
            ]
        }
    )

    id: Id
    application: Id
    kind: EvidenceKind = Field(strict=False, examples=["application_form"])
    content: Content
    replaces: Id | None = Field(
        default=None, description="The piece of the same kind that it stands for from now on."
    )

    def command(self) -> rules.FileEvidence:
        """The command this body asks for."""
        return rules.FileEvidence(self.id, self.application, self.kind, self.content, self.replaces)


class EvidenceOut(Out):
    """A piece, without its content."""

    id: str = Field(examples=["e1"])
    application: str = Field(examples=["a1"])
    number: int = Field(examples=[1], description="Counts those of the application.")
    kind: EvidenceKind = Field(examples=["application_form"])
    media_type: MediaType = Field(examples=["application/pdf"])
    size: int = Field(examples=[52_114], description="In bytes.")
    commitment: str = Field(
        examples=[EXAMPLE_HASH],
        description="SHA-256 of the salt's bytes and the content; the log holds it.",
    )
    salt: str = Field(examples=[EXAMPLE_SALT], description="In hex.")
    filed_at: InstantOut
    filed_by: Role = Field(examples=["township"], description="In which role it was filed.")
    replaces: str | None = Field(examples=[None])
    replaced_by: str | None = Field(
        examples=[None], description="The piece that stands for it now; it is kept all the same."
    )
    entry: int | None = Field(
        examples=[42],
        description="Its index in the log: `/log/proof/{index}` proves it. Null for a second.",
    )

    @classmethod
    def of(cls, piece: rules.Evidence) -> "EvidenceOut":
        """Show a piece."""
        return cls(
            id=piece.id,
            application=piece.application,
            number=piece.number,
            kind=piece.kind,
            media_type=piece.media_type,
            size=piece.size,
            commitment=piece.commitment,
            salt=piece.salt.hex(),
            filed_at=piece.filed_at,
            filed_by=piece.filed_by,
            replaces=piece.replaces,
            replaced_by=piece.replaced_by,
            entry=piece.entry,
        )


class ArchiveOut(Out):
    """The evidence of an application, as far as it is the asker's."""

    application: str = Field(examples=["a1"])
    items: list[EvidenceOut] = Field(description="In the order of their filing.")
    missing: list[EvidenceKind] = Field(
        examples=[["photo_before"]], description="What the file should hold by now, and does not."
    )
    may_file: list[EvidenceKind] = Field(
        examples=[["application_form", "consent"]],
        description="What the asker may file at this stage.",
    )
