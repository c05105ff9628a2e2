"""What the log has told so far of reconciliation: rounds, cases, frozen accounts, corrections."""

from collections import deque
from dataclasses import dataclass, field

from app.audit.records import Record

JOURNAL_MAX = 100_000
"""How many movements back a node's answer is reckoned again; it is given within minutes."""


@dataclass(slots=True)
class Round:
    """The round that is open, and how many cases it has opened and closed."""

    number: int
    nodes: list[list[str]]
    opened: int = 0
    closed: int = 0


@dataclass(slots=True)
class Case:
    """A case by the round that opened it."""

    round: int
    closed: bool = False


@dataclass(slots=True)
class Reconciliation:
    """All of it. `journal` are the latest movements: entry, account, and by how much."""

    last: int = 0
    standing: Round | None = None
    cases: dict[str, Case] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    frozen: dict[str, str] = field(default_factory=dict)
    """By account, the case that froze it."""
    corrections: dict[str, Record] = field(default_factory=dict)
    booked: set[str] = field(default_factory=set)
    journal: deque[tuple[int, str, int]] = field(default_factory=lambda: deque(maxlen=JOURNAL_MAX))
