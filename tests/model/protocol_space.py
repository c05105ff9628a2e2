"""Every order in which a transfer between three nodes can go, explored breadth first.

A letter lies in its author's outbox until it is acknowledged, and may be delivered from there again
and again. A copy of it stays under way for ever, and may come at any later time. So:

- lost or delayed: it is not delivered now;
- doubled or reordered: it is delivered again, or another one is first;
- crash before the transaction is stored: nothing happened;
- crash between storing and sending or acknowledging: the letters lie in the outbox, and what was
  read is read again;
- giver or receiver restored from a backup: part and outbox are those of an earlier moment, letters
  of a later one are still under way, and before it opens it replays its own published proposal and
  the ministry's decision.

Nodes keep nothing but what they stored, so these are all. Whether an end can still be reached is
asked without the copies under way, for those may be lost.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from app.transfers.rules_messages import Side
from app.transfers.rules_protocol import (
    Approve,
    Decline,
    Event,
    Give,
    Refuse,
    Replayed,
    Take,
    TakeBack,
    Tick,
)

from .protocol_laws import ENDS, FINAL, NO_REFUSAL, NOT_STUCK, NOTHING_YET, broken_law
from .protocol_parts import EARLY, LATE, Parts, author, look_of

GIVER, MINISTRY, RECEIVER = range(3)
PLACE = {Side.GIVER: GIVER, Side.MINISTRY: MINISTRY, Side.RECEIVER: RECEIVER}
SIDES = tuple(PLACE)

WILL: tuple[tuple[Side, Event], ...] = (
    (Side.GIVER, TakeBack()),
    (Side.RECEIVER, Take()),
    (Side.RECEIVER, Decline("no_need")),
    (Side.MINISTRY, Approve("自然资函〔2026〕88号", EARLY)),
    (Side.MINISTRY, Refuse("against_plan")),
    (Side.MINISTRY, Tick(LATE)),
)
"""What people and the clock may do, beside the proposal, in any order."""

Three = tuple[int, int, int]


class Backup(NamedTuple):
    """A part with its outbox, as they were."""

    part: int
    out: int


class Point(NamedTuple):
    """Where a transfer is; `out` and `late` are sets of letters, a bit for each.

    `backup` is None before it is taken, and "used" when its side was set back to it.
    """

    parts: Three
    out: int
    late: int
    backup: Backup | str | None


class Move(NamedTuple):
    """A way on; it `helps` where it needs nobody's will: a delivery, or a deadline."""

    name: tuple[str, ...]
    to: Point
    helps: bool = False
    fault: str | None = None


@dataclass
class Found:
    """How many points there are, and the first law that is broken, with the way to it."""

    points: int
    broken: str | None = None
    way: tuple[str, ...] = ()


@dataclass
class Space:
    """What can happen to one transfer; `restored` is the side that may be set back, once.

    `looks` are what the ministry may see when it looks into the giver's log: that the ticket is
    held, or that it is not. The last two take away what the protocol rests on: that a restored node
    replays before it opens, and that an outbox keeps what is not acknowledged.
    """

    parts: Parts
    will: tuple[tuple[Side, Event], ...] = WILL
    looks: tuple[bool, ...] = (True, False)
    restored: Side | None = None
    replays: bool = True
    keeps: bool = True

    _came: dict[Point, tuple[Point, tuple[str, ...]] | None] = field(default_factory=dict)
    _laws: dict[Three, str | None] = field(default_factory=dict)
    _steps: dict[tuple[int, int], list[tuple[str, int, int, bool]]] = field(default_factory=dict)
    _reads: dict[tuple[int, int], tuple[int, int, str | None]] = field(default_factory=dict)
    _own: tuple[int, int] = (0, 0)

    def explore(self) -> Found:
        """Visit every point, and stop at the first that breaks a law."""
        first = Point(tuple(map(self.parts.start, SIDES)), 0, 0, None)
        self._came[first] = None
        behind: dict[Point, list[Point]] = {}
        ends = []
        ahead = deque([first])
        while ahead:
            point = ahead.popleft()
            broken = self._law_of(point.parts)
            end = not point.out and self._phases(point.parts) in ENDS
            if end:
                ends.append(point)
            for move in () if broken else self._moves(point):
                if move.to not in self._came:
                    self._came[move.to] = point, move.name
                    ahead.append(move.to)
                if move.helps:
                    behind.setdefault(move.to, []).append(point)
                if move.fault is not None:
                    broken = NO_REFUSAL
                elif end and move.to.parts != point.parts and not self._same(point, move.to):
                    broken = FINAL
            if broken is not None:
                return Found(len(self._came), broken, self._way(point))
        stuck = self._stuck(ends, behind)
        if stuck is None:
            return Found(len(self._came))
        return Found(len(self._came), NOT_STUCK, self._way(stuck))

    def _law_of(self, parts: Three) -> str | None:
        if parts not in self._laws:
            books = (self.parts.parts[part].books for part in parts)
            self._laws[parts] = broken_law(self.parts.terms, *books)
        return self._laws[parts]

    def _phases(self, parts: Three) -> tuple[str, ...]:
        return tuple(self.parts.parts[part].state.phase for part in parts)

    def _same(self, end: Point, to: Point) -> bool:
        """Whether an end is what it was. Before anything was proposed, everything may begin."""
        phases = self._phases(end.parts)
        return phases in {NOTHING_YET, self._phases(to.parts)}

    def _stuck(self, ends: list[Point], behind: dict[Point, list[Point]]) -> Point | None:
        """A point from which deliveries and deadlines alone lead to no end."""
        leads = set(ends)
        ahead = deque(ends)
        while ahead:
            for point in behind.get(ahead.popleft(), ()):
                if point not in leads:
                    leads.add(point)
                    ahead.append(point)
        return next((point for point in self._came if point not in leads), None)

    def _way(self, point: Point) -> tuple[str, ...]:
        names = []
        came = self._came[point]
        while came is not None:
            names.append(" ".join(came[1]))
            came = self._came[came[0]]
        return tuple(reversed(names))

    def _moves(self, point: Point) -> Iterator[Move]:
        parts, out, late, backup = point
        for place in (GIVER, MINISTRY, RECEIVER):
            for name, part, letters, helps in self._steps_of(place, parts[place]):
                to = Point(_with(parts, place, part), out | letters, late, backup)
                yield Move((name,), to, helps)
        waiting, number = out | late, 0
        while waiting >> number:
            bit = 1 << number
            if waiting & bit:
                yield from self._deliveries(point, number, bit)
            number += 1
        if self.restored is not None:
            yield from self._set_back(point, self.restored)

    def _deliveries(self, point: Point, number: int, bit: int) -> Iterator[Move]:
        parts, out, late, backup = point
        sent = self.parts.letters[number]
        place = PLACE[sent.to]
        part, letters, fault = self._read(number, parts[place])
        read = _with(parts, place, part)
        what = (sent.message.type, "at", sent.to)
        if out & bit:
            answered = Point(read, (out | letters) & ~bit, late | bit, backup)
            yield Move(what, answered, helps=True, fault=fault)
        if not self.keeps and out & bit:
            yield Move((*what, "lost"), Point(parts, out & ~bit, late, backup))
        if part != parts[place] or letters & ~out:
            yield Move((*what, "not acknowledged"), Point(read, out | letters, late, backup))

    def _steps_of(self, place: int, part: int) -> list[tuple[str, int, int, bool]]:
        """What people and the clock can do at a side, where it changes anything."""
        known = self._steps.get((place, part))
        if known is None:
            known = self._steps[place, part] = []
            for name, side, event in self._events():
                if PLACE[side] == place:
                    done = self.parts.act(side, part, event, name)
                    if done.fault is None and done.part != part:
                        helps = isinstance(event, Tick)
                        known.append((name, done.part, _bits(done.letters), helps))
        return known

    def _events(self) -> Iterator[tuple[str, Side, Event]]:
        """What may be done at any moment, by names of one each."""
        terms = self.parts.terms
        for side, event in ((Side.GIVER, Give(terms)), *self.will):
            yield type(event).__name__, side, event
        for held in self.looks:
            yield f"Looked, held: {held}", Side.MINISTRY, look_of(terms, held=held)

    def _read(self, number: int, part: int) -> tuple[int, int, str | None]:
        known = self._reads.get((number, part))
        if known is None:
            done = self.parts.deliver(part, number)
            known = done.part, _bits(done.letters), done.fault
            self._reads[number, part] = known
        return known

    def _set_back(self, point: Point, side: Side) -> Iterator[Move]:
        """Take the one backup of a side, or go back to it."""
        place, backup = PLACE[side], point.backup
        own = self._written_by(side)
        if backup is None:
            kept = Backup(point.parts[place], point.out & own)
            yield Move((side, "backed up"), point._replace(backup=kept))
        if not isinstance(backup, Backup):
            return
        back = Point(
            _with(point.parts, place, backup.part),
            (point.out & ~own) | backup.out,
            point.late,
            "used",
        )
        given = side is Side.GIVER and self.parts.parts[point.parts[place]].state.terms is not None
        flying = back._replace(late=point.late | (point.out & own & ~backup.out))
        yield Move((side, "restored"), self._replayed(flying, side, given=given))
        if given and self._unsent(point):
            yield Move((side, "restored, unsent"), self._replayed(back, side, given=False))

    def _written_by(self, side: Side) -> int:
        """Its letters among those that anybody has written so far."""
        letters = self.parts.letters
        if len(letters) != self._own[0]:
            own = _bits(n for n, sent in enumerate(letters) if author(sent) is side)
            self._own = len(letters), own
        return self._own[1]

    def _unsent(self, point: Point) -> bool:
        """Whether the proposal may never have left the outbox, so that nobody has seen it."""
        letters = enumerate(self.parts.letters)
        proposed = _bits(n for n, sent in letters if sent.message == self.parts.terms)
        heard = self.parts.parts[point.parts[MINISTRY]].state.terms is not None
        return bool(point.out & proposed) and not point.late & proposed and not heard

    def _replayed(self, point: Point, side: Side, *, given: bool) -> Point:
        """What a restored node reads before it opens: its own log, then the ministry's.

        A receiver reads those decisions that name it.
        """
        decision = self.parts.parts[point.parts[MINISTRY]].state.decision
        named = decision is not None and (side is Side.GIVER or decision.terms is not None)
        told = (*((self.parts.terms,) if given else ()), *((decision,) if named else ()))
        for message in told if self.replays else ():
            done = self.parts.act(side, point.parts[PLACE[side]], Replayed(message))
            assert done.fault is None, done.fault
            parts = _with(point.parts, PLACE[side], done.part)
            point = point._replace(parts=parts, out=point.out | _bits(done.letters))
        return point


def _with(parts: Three, place: int, part: int) -> Three:
    giver, ministry, receiver = parts
    if place == GIVER:
        return part, ministry, receiver
    return (giver, part, receiver) if place == MINISTRY else (giver, ministry, part)


def _bits(letters: Iterable[int]) -> int:
    return sum(1 << number for number in letters)
