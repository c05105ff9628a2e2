"""Ways to tamper with a published log, and who can see each.

A `Good` log stands in a folder, with receipts, two remembered checkpoints and the proofs that they
were continued. Each kind of tampering changes the folder; where the operator is the one who does
it, with all keys, his own and the witnesses'. `sees` names the outside verifiers that must object,
beside Go's, which sees every kind, and ours; all others must not, or the table is wrong.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.transparency.notes import Note, parse_note
from app.transparency.tiles import TILE_WIDTH, entries_path, tile_path
from tests.interop.published import Published, write

SIGNATURES = ("npm", "sigstore")
EVERYBODY = (*SIGNATURES, "pymerkle")


@dataclass(frozen=True)
class Good:
    """A log before it is tampered with: more than two full bundles, and what people keep of it."""

    log: Published
    index: int
    """An odd index below 512 of which a receipt is kept: the one that is tampered with."""
    seen: tuple[int, int]
    """Sizes above 255 whose checkpoints are remembered, with the proofs of growth since then."""

    @property
    def size(self) -> int:
        return len(self.log.entries)

    @property
    def entries(self) -> list[bytes]:
        return list(self.log.entries)

    @property
    def text(self) -> str:
        """What stands signed in the newest checkpoint."""
        return self.log.note(self.size).split("\n\n")[0] + "\n"

    @property
    def other_origin(self) -> str:
        return self.log.origin[:-1] + "j"

    @property
    def last_tile(self) -> str:
        n = (self.size - 1) // TILE_WIDTH
        return tile_path(0, n, self.size - n * TILE_WIDTH)

    @property
    def tile_of_tiles(self) -> str:
        return tile_path(1, 0, min(self.size // TILE_WIDTH, TILE_WIDTH))

    @property
    def last_bundle(self) -> str:
        n = (self.size - 1) // TILE_WIDTH
        return entries_path(n, self.size - n * TILE_WIDTH)

    def receipt(self, folder: Path) -> Path:
        return folder / "proof" / str(self.index)

    def resign(self, folder: Path, text: str):
        """The operator and both witnesses sign a text as the newest checkpoint."""
        write(folder / "checkpoint", self.log.note(self.size, text=text))

    def rewrite(self, folder: Path, entries: list[bytes]):
        """The operator publishes another history, all of it well signed; people keep theirs."""
        policy = (folder / "policy").read_bytes()
        shutil.rmtree(folder / "tile")
        self.history(entries).write(folder)
        write(folder / "policy", policy)

    def history(self, entries: list[bytes]) -> Published:
        return Published(entries, self.log.keys, self.log.origin, self.log.time)


@dataclass(frozen=True)
class Tampering:
    name: str
    change: Callable[[Good, Path], None]
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
