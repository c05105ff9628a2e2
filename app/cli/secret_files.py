"""Files that hold keys: readable by their owner alone, written whole, and never written over."""

import base64
import binascii
import json
import os
from pathlib import Path
from typing import Any

KEY_BYTES = 32
_OTHERS = 0o077


class SecretFileError(Exception):
    """The file cannot be used; the text says why and what to do."""


def write_new(file: Path, content: dict[str, Any]) -> None:
    """Write a new file with mode 0600. Raises `SecretFileError` where there is one already."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SecretFileError(f"{file} exists already and is never written over.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(content, out, ensure_ascii=False, indent=1)
        out.write("\n")
        out.flush()
        os.fsync(out.fileno())


def save(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, over what stood there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def read_secret(file: Path, kind: str) -> dict[str, Any]:
    """Read a file of this kind. Raises `SecretFileError`, also where others could read it."""
    try:
        mode = file.stat().st_mode
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SecretFileError(f"{file} cannot be read: {type(error).__name__}.") from error
    if mode & _OTHERS:
        raise SecretFileError(f"{file} can be read by others. Run: chmod 600 {file}")
    if not isinstance(content, dict) or content.get("kind") != kind:
        raise SecretFileError(f"{file} is not a file of the kind {kind}.")
    return content


def encode_key(key: bytes) -> str:
    """32 bytes as base64."""
    return base64.b64encode(key).decode("ascii")


def decode_key(content: dict[str, Any], name: str, file: Path) -> bytes:
    """The 32 bytes under `name`. Raises `SecretFileError`."""
    try:
        key = base64.b64decode(str(content[name]), validate=True)
    except (KeyError, binascii.Error) as error:
        raise SecretFileError(f"{file} has no usable {name}.") from error
    if len(key) != KEY_BYTES:
        raise SecretFileError(f"The {name} in {file} has {len(key)} bytes instead of {KEY_BYTES}.")
    return key
