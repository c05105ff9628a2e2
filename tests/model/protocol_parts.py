"""One transfer at one of its three sides: the machine with the books that its effects move.

Books are counted from effects alone, never from the machine's phase, so that a machine which books
wrongly is seen. Events, parts and letters are numbered once each (`Parts`), and a step is computed
once: the machines are functions, and a model takes the same steps a hundred thousand times.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.kernel.ids import reference
from app.kernel.units import Area, Fen
from app.transfers import rules_giver, rules_ministry, rules_receiver
from app.transfers.rules_held import Look
from app.transfers.rules_messages import Outcome, Propose, Side, digest
from app.transfers.rules_protocol import (
    MINISTRY,
    Alarm,
    Arrived,
    Close,
    Credit,
    Debit,
    Decide,
    Event,
    Fault,
    Lock,
    Looked,
    Release,
    Send,
)
from app.transfers.rules_wire import Rate

GIVER, RECEIVER = "500000", "330000"
EARLY = datetime(2026, 3, 2, 1, tzinfo=UTC)
LATE = EARLY + timedelta(days=60)
RATE = Rate(500, 750, "自然资办函〔2026〕7号")

Machine = Callable[[Any, Event], tuple[Any, tuple[Any, ...]]]
MACHINES: Mapping[Side, Machine] = {
    Side.GIVER: rules_giver.decide,
    Side.MINISTRY: rules_ministry.decide,
    Side.RECEIVER: rules_receiver.decide,
}
START = {
    Side.GIVER: rules_giver.Giver(),
    Side.MINISTRY: rules_ministry.Ministry(),
    Side.RECEIVER: rules_receiver.Receiver(),
}


def terms_of(id_: str, area: int, giver: str = GIVER, receiver: str = RECEIVER) -> Propose:
    """A proposal that is in order."""
    return Propose(
        transfer=reference(giver, id_),
        giver=giver,
        receiver=receiver,
        ticket="t1",
        area=Area(area),
        rate=RATE,
        credit=RATE.convert(Area(area)),
        balance=Fen(12_345),
        valid_until=EARLY + timedelta(days=30),
        cargo=(("heads", 4), ("household", "h1")),
    )


def look_of(terms: Propose, *, held: bool) -> Looked:
    """What the ministry sees in the log of a giver that holds the ticket, or never had it."""
    lock = (7, digest(terms))
    return Looked(Look(7, 9, "00" * 32, terms.area if held else 0, (lock,)))


@dataclass(frozen=True, slots=True)
class Books:
    """Areas of one side, and what it decided. Free is what it may trade, gone what it gave."""

    free: int = 0
    locked: int = 0
    gone: int = 0
    arrived: int = 0
    decisions: tuple[tuple[str, Outcome], ...] = ()

    def book(self, effect: object) -> "Books":
        match effect:
            case Lock(terms):
                return replace(self, free=self.free - terms.area, locked=self.locked + terms.area)
            case Release(terms):
                return replace(self, free=self.free + terms.area, locked=self.locked - terms.area)
            case Debit(_, area):
                return replace(self, locked=self.locked - area, gone=self.gone + area)
            case Credit(_, area):
                return replace(self, arrived=self.arrived + area)
            case Decide(decision):
                made = (digest(decision), decision.outcome)
                return replace(self, decisions=(*self.decisions, made))
            case Send() | Alarm() | Close() | Fault():
                return self
        raise AssertionError(effect)


@dataclass(frozen=True, slots=True)
class Part:
    """What a side keeps of a transfer: all that a crash leaves, beside the outbox."""

    state: Any
    books: Books


def arrival(sent: Send, terms: Propose) -> Arrived:
    """The event that a letter is to its reader, when it came over a sound link."""
    speaks = {
        Side.GIVER: frozenset({terms.giver}),
        Side.MINISTRY: frozenset({MINISTRY}),
        Side.RECEIVER: frozenset({terms.receiver}),
    }
    return Arrived(speaks[author(sent)], speaks[sent.to], sent.message, EARLY)


def author(sent: Send) -> Side:
    """Which side wrote a letter."""
    if sent.to is not Side.MINISTRY:
        return Side.MINISTRY
    if sent.message.type in {"xfer.accept", "xfer.reject"}:
        return Side.RECEIVER
    return getattr(sent.message, "side", Side.GIVER)


@dataclass(frozen=True, slots=True)
class Done:
    """What one transaction comes to: the part afterwards, letters for the outbox, its fault."""

    part: int
    letters: tuple[int, ...]
    fault: str | None


@dataclass
class Parts:
    """Numbers for parts and letters of one transfer, and the steps between them."""

    terms: Propose
    machines: Mapping[Side, Machine] = field(default_factory=lambda: MACHINES)
    parts: list[Part] = field(default_factory=list)
    letters: list[Send] = field(default_factory=list)
    _known: dict[object, int] = field(default_factory=dict)
    _steps: dict[tuple[Side, int, object], Done] = field(default_factory=dict)

    def start(self, side: Side) -> int:
        """The part of a side for which nothing has happened."""
        if side not in self._known:
            free = self.terms.area if side is Side.GIVER else 0
            part = Part(START[side], Books(free=free))
            self._known[side] = self._number(self.parts, part)
        return self._known[side]

    def act(self, side: Side, part: int, event: Event, name: object = None) -> Done:
        """Take a step of its own; `name` stands for the event where it is known by a short one."""
        key = (side, part, event if name is None else name)
        done = self._steps.get(key)
        if done is None:
            done = self._steps[key] = self._step(side, self.parts[part], event)
        return done

    def deliver(self, part: int, letter: int) -> Done:
        """Read a letter."""
        sent = self.letters[letter]
        key = (sent.to, part, letter)
        done = self._steps.get(key)
        if done is None:
            event = arrival(sent, self.terms)
            done = self._steps[key] = self._step(sent.to, self.parts[part], event)
        return done

    def _step(self, side: Side, part: Part, event: Event) -> Done:
        state, effects = self.machines[side](part.state, event)
        books = part.books
        for effect in effects:
            books = books.book(effect)
        faults = [effect.code.value for effect in effects if isinstance(effect, Fault)]
        assert not faults or (len(effects) == 1 and state == part.state), "a fault changes nothing"
        return Done(
            self._number(self.parts, Part(state, books)),
            tuple(self._number(self.letters, e) for e in effects if isinstance(e, Send)),
            faults[0] if faults else None,
        )

    def _number(self, kept: list[Any], thing: object) -> int:
        if thing not in self._known:
            self._known[thing] = len(kept)
            kept.append(thing)
        return self._known[thing]
