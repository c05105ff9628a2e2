"""The node's signing keys, in a file outside the database.

Whoever has this file can sign in the node's name; whoever has the database cannot.
"""

import base64
import contextlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from app.platform.settings import Settings
from app.transparency.notes import CosignatureSigner, Ed25519Signer

SEED_BYTES = 32
NAMES = ("log", "receipts", "witness", "sm2")


class KeysError(RuntimeError):
    """The file of keys cannot be used."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What the node signs with: checkpoints of its log, receipts, and other logs' checkpoints.

    `sm2` is the private number for the second tree, where one is kept.
    """

    log: Ed25519Signer
    receipts: Ed25519Signer
    witness: CosignatureSigner
    sm2: bytes


def keys_file(settings: Settings) -> Path:
    """Where the keys are kept."""
    return settings.keys_file or settings.home / "keys.json"


def load_keys(settings: Settings) -> Keys:
    """Read the keys, or make them where there are none yet.

    A log that was signed with other keys refuses to go on with new ones (`guard.claim`), so a lost
    file is noticed. Raises `KeysError` for a file that cannot be read.
    """
    file = keys_file(settings)
    if not file.exists():
        _make(file)
    try:
        kept = json.loads(file.read_text(encoding="ascii"))
        seeds = {name: _seed(kept[name]) for name in NAMES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeysError(
            f"The keys in {file} cannot be read ({error}). Restore the file from its backup."
        ) from error
    return Keys(
        Ed25519Signer(settings.origin, seeds["log"]),
        Ed25519Signer(f"{settings.origin}/receipts", seeds["receipts"]),
        CosignatureSigner(f"{settings.origin}/witness", seeds["witness"]),
        seeds["sm2"],
    )


def _seed(text: str) -> bytes:
    seed = base64.b64decode(text, validate=True)
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a key has {len(seed)} bytes instead of {SEED_BYTES}")
    return seed


def _make(file: Path) -> None:
    """Write new keys; of two processes that start together, both go on with the first's."""
    file.parent.mkdir(parents=True, exist_ok=True)
    seeds = {n: base64.b64encode(secrets.token_bytes(SEED_BYTES)).decode() for n in NAMES}
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        json.dump(seeds, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        file.hardlink_to(draft)
    draft.unlink()
