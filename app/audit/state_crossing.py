"""What is known of transfers between nodes, in the part that a node's log tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Departure:
    """A transfer that its giver has proposed to another node; beside its `Transfer`."""

    crossing: str
    proposal: str
    received: int
    balance: int
    coefficient: str
    policy: str
    recalled: bool = False
    sold: bool = False


@dataclass(slots=True)
class Decided:
    """A transfer at the ministry's node."""

    state: str
    terms: Mapping[str, Any] | None = None
    decision: str | None = None
    applied: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Incoming:
    """A transfer at the receiver's node."""

    state: str
    terms: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Crossings:
    """All of them, by the names that they have among nodes."""

    departures: dict[str, Departure] = field(default_factory=dict)
    """By the transfer's id at its giver."""
    left: dict[str, str] = field(default_factory=dict)
    """The transfer by which a ticket left, by the name under which it stands at its receiver."""
    came: dict[str, str] = field(default_factory=dict)
    """The transfer by which a ticket came, by the name under which it stands here."""
    decided: dict[str, Decided] = field(default_factory=dict)
    incoming: dict[str, Incoming] = field(default_factory=dict)
    splits: dict[str, str] = field(default_factory=dict)
    """The policy version that came with each ticket of another node."""
