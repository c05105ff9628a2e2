"""Ways to tamper with a published log, and who can see each.

A log of 600 entries stands in a folder with receipts, two remembered checkpoints and proofs of
growth. Each kind of tampering changes the folder. `sees` names the outside verifiers that must
object, beside Go's, which sees every kind, and ours; all others must not, or the table is wrong.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.transparency.notes import Note, parse_note
from tests.interop.published import Keys, Published, write

SIZE = 600
SEEN = (300, 512)
KEYS = Keys()
ENTRIES = [f'{{"record":{i}}}'.encode() for i in range(SIZE)]
LOG = Published(ENTRIES)
INDEX = 299
"""The receipt that is tampered with; its proof has an inner and a border part."""
SIGNATURES = ("npm", "sigstore")
EVERYBODY = (*SIGNATURES, "pymerkle")


def publish(folder: Path):
    LOG.write(folder)
    LOG.keep(folder, [0, 255, INDEX, SIZE - 1], SEEN)


@dataclass(frozen=True)
class Tampering:
    name: str
    change: Callable[[Path], None]
    sees: tuple[str, ...]


def table():
    """An empty list of kinds, and the decorator that puts a kind into it."""
    kinds: list[Tampering] = []

    def kind(*sees):
        def keep(change):
            kinds.append(Tampering(change.__name__, change, sees))
            return change

        return keep

    return kinds, kind


def edit(path: Path, change):
    before = path.read_bytes()
    after = change(before)
    assert after != before
    path.write_bytes(after)


def edit_text(path: Path, old: str, new: str):
    edit(path, lambda data: data.decode().replace(old, new, 1).encode())


def line(path: Path, number: int) -> str:
    return path.read_text().split("\n")[number]


def other_hash(text: str) -> str:
    return text[:9] + ("A" if text[9] != "A" else "B") + text[10:]


def edit_note(path: Path, change: Callable[[Note], Note]):
    edit(path, lambda data: change(parse_note(data.decode())).encode().encode())


def resign(folder: Path, text: str):
    """The operator and both witnesses sign a text as the newest checkpoint."""
    write(folder / "checkpoint", LOG.note(SIZE, text=text))


def rewrite(folder: Path, entries, **changes):
    """The operator publishes another history, all of it well signed; people keep what they had."""
    shutil.rmtree(folder / "tile")
    Published(entries, **changes).write(folder)


def receipt(folder: Path) -> Path:
    return folder / "proof" / str(INDEX)
