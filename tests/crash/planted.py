"""Looks for planted amounts in bytes: of files, of answers, and of the memory of processes."""

import base64
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import RawIOBase
from pathlib import Path

from app.kernel.units import hundredths

PIECE = 32 * 1024 * 1024
STEP, OVERLAP = 4096, 64
WINDOW = STEP + OVERLAP
"""Bytes that are looked into as one, and at the next step again: a page, and what may stick out."""
CORE_MIN = 2
# What the kernel shows there belongs to no process alone, and parts of it cannot be read at all.
KERNELS_OWN = {"[vvar]", "[vvar_vclock]", "[vsyscall]", "[vdso]"}
_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ (\S+) (\d+) *(.*)")


class MemoryForbiddenError(AssertionError):
    """The memory of a process that these tests started may not be read here."""


def spellings(price: str) -> dict[str, bytes]:
    """How an amount in yuan with two places may stand somewhere."""
    fen = hundredths(price)
    yuan, _, rest = price.partition(".")
    groups = f"{int(yuan):,}.{rest}".encode()
    digits = yuan.encode()
    # PostgreSQL's NUMERIC: groups of four decimal digits as 16-bit integers.
    numeric = [int(yuan[:-4] or 0), int(yuan[-4:]), int(rest) * 100]
    told = {
        "digits": digits,  # of yuan, and in front of those of fen
        "groups": groups,
        "ten thousand yuan": f"{yuan[:-4]}.{yuan[-4:]}".encode(),
        "utf-16": digits.decode().encode("utf-16-le"),
        "hexadecimal": f"{fen:x}".encode(),
        "fen, little-endian": struct.pack("<q", fen),
        "fen, big-endian": struct.pack(">q", fen),
        "numeric": struct.pack("<3h", *numeric),
        "numeric on the wire": struct.pack(">3h", *numeric),
        "float of yuan": struct.pack("<d", fen / 100),
        "float of fen": struct.pack("<d", fen),
    }
    for shift in range(3):
        # In base64 the same letters come out at each third place; those at the ends depend on
        # their neighbours.
        text = base64.b64encode(b"\0" * shift + price.encode())
        told[f"base64 at {shift}"] = text[4 if shift else 0 : len(price) * 4 // 3 - 2]
    return told


@dataclass(frozen=True, slots=True)
class Needles:
    """What is looked for in one spelling: all have `core` in common, which stands at `offset`."""

    spelling: str
    prices: dict[bytes, str]
    core: bytes
    offset: int

    def places(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Where a needle stands, and which."""
        at = data.find(self.core)
        while at >= 0:
            for needle in self.prices:
                if at >= self.offset and data.startswith(needle, at - self.offset):
                    yield at - self.offset, needle
            at = data.find(self.core, at + 1)


def needles_for(prices: tuple[str, ...]) -> list[Needles]:
    """Amounts that differ in their last digits are looked for together, where a spelling lets it.

    A look for what they have in common takes as long as a look for one of them.
    """
    told: dict[str, dict[bytes, str]] = {}
    for price in prices:
        for spelling, needle in spellings(price).items():
            told.setdefault(spelling, {})[needle] = price
    found = []
    for spelling, group in told.items():
        core, offset = in_common(list(group))
        if len(core) >= CORE_MIN:
            found.append(Needles(spelling, group, core, offset))
        else:
            found += [Needles(spelling, {n: p}, n, 0) for n, p in group.items()]
    return found


def in_common(needles: list[bytes]) -> tuple[bytes, int]:
    """The longest run of bytes that all have at the same place, and where it begins.

    Without zeros at its ends, of which memory is full.
    """
    same = [len(set(column)) == 1 for column in zip(*needles, strict=False)]
    ends = range(len(same) + 1)
    runs = ((a, b) for a in ends for b in ends[a:] if all(same[a:b]))
    begin, end = max(runs, key=lambda run: run[1] - run[0])
    core = needles[0][begin:end].rstrip(b"\0")
    return core.lstrip(b"\0"), end - len(needles[0][begin:end].lstrip(b"\0"))


@dataclass(slots=True)
class Search:
    """Where each planted amount was found: {price: {(place, spelling)}}.

    Most of what is looked at is the same everywhere: zeros, programs, what processes have in common
    with the one that began them. A window is looked into once; where nothing was found, its number
    stands in `clean`, which searches for the same prices may share.
    """

    prices: tuple[str, ...]
    clean: set[int] = field(default_factory=set)
    found: dict[str, set[tuple[str, str]]] = field(init=False)
    looked_at: dict[str, int] = field(init=False, default_factory=dict)
    """How many bytes, by place."""
    _needles: list[Needles] = field(init=False)

    def __post_init__(self) -> None:
        self.found = {price: set() for price in self.prices}
        self._needles = needles_for(self.prices)

    def places(self, price: str) -> set[str]:
        return {place for place, _ in self.found[price]}

    def look(self, place: str, data: bytes) -> None:
        """Look into some bytes."""
        self.looked_at[place] = self.looked_at.get(place, 0) + len(data)
        windows = self._windows(data)
        # All but the last are of one length, so a place in them tells the window.
        text, dirty = b"".join(windows.values()), set()
        for needles in self._needles:
            for at, needle in needles.places(text):
                number, begin = divmod(at, WINDOW)
                # What lies across the joint of two windows stands nowhere.
                if begin + len(needle) <= WINDOW:
                    self.found[needles.prices[needle]].add((place, needles.spelling))
                    dirty.add(number)
        self.clean.update(key for n, key in enumerate(windows) if n not in dirty)

    def _windows(self, data: bytes) -> dict[int, bytes]:
        """What is not known to be clean, each once. Two windows overlap, so none cuts a needle."""
        windows = {}
        for at in range(0, max(len(data) - OVERLAP, 1), STEP):
            window = data[at : at + WINDOW]
            key = hash(window)
            if key not in self.clean and key not in windows:
                windows[key] = window
        return windows

    def look_into_folder(self, place: str, folder: Path, *, without: str | None = None) -> None:
        """Look into every file below, all of its bytes; one folder may be left out."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.relative_to(folder).parts[0] != without:
                try:
                    self.look(place, path.read_bytes())
                except FileNotFoundError:
                    continue  # PostgreSQL deletes files while it runs

    def look_into_memory(self, place: str, pids: list[int]) -> None:
        """Look into all memory that these processes can read, what they share once."""
        shared: set[tuple[str, str]] = set()
        for pid in pids:
            for piece in memory_of(pid, shared):
                self.look(place, piece)


def memory_of(pid: int, shared: set[tuple[str, str]]) -> Iterator[bytes]:
    """The memory of a process in overlapping pieces. Raises `MemoryForbiddenError`."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text()
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            for start, end in _regions(maps, shared):
                yield from _region(memory, start, end)
    except PermissionError as error:
        raise forbidden(pid, error) from error
    except (FileNotFoundError, ProcessLookupError) as error:
        if not Path("/proc/self/mem").exists():
            raise forbidden(pid, error) from error
        # It has ended meanwhile.


def _regions(maps: str, shared: set[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    for line in maps.splitlines():
        start, end, rights, _, _, name = _REGION.fullmatch(line).groups()
        # Programs and libraries as they are on the disk hold nothing of their users.
        if rights[0] != "r" or name in KERNELS_OWN or (name[:1] == "/" and rights[1] != "w"):
            continue
        if rights[3] == "s":
            if (start, name) in shared:
                continue
            shared.add((start, name))
        yield int(start, 16), int(end, 16)


def _region(memory: RawIOBase, start: int, end: int) -> Iterator[bytes]:
    at = start
    while at < end:
        try:
            memory.seek(at)
            piece = memory.read(min(PIECE + OVERLAP, end - at))
        except PermissionError:
            raise
        except OSError:
            return  # freed since, or the memory of a device
        if not piece:
            return
        yield piece
        at += len(piece)
        if at < end and len(piece) > OVERLAP:
            at -= OVERLAP


def forbidden(pid: int, error: OSError) -> MemoryForbiddenError:
    return MemoryForbiddenError(
        f"The memory of process {pid} cannot be read ({error}), so nobody can say what is in it."
        " Allow it for this test: run as the user who runs PostgreSQL with"
        " kernel.yama.ptrace_scope=0, or as root with CAP_SYS_PTRACE; in a container:"
        " --cap-add=SYS_PTRACE."
    )


def descendants(pid: int) -> list[int]:
    """A process and all that it has started and that still run."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parent = int(text.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found
