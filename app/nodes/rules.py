"""What nodes are to each other, what they may say, and when it is too much. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.ids import REGION_PATTERN
from app.nodes.refusals import Fault, Objection

NAME_PATTERN = r"^[a-z0-9-]{1,32}$"
TYPE_PATTERN = r"^[a-z]{1,16}(\.[a-z_]{1,24}){1,2}$"
TRANSFER_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
REVISION_MAX = 1_000_000
SEQUENCE_MAX = 2**53 - 1

KEY_BYTES = 32

SKEW = timedelta(minutes=5)
"""How far the clock of a sender may be ahead of ours. Behind is no fault: letters wait for days."""
AHEAD_MAX = 1_000
"""How far a number may lie ahead of the last one seen; whoever jumps further has lost count."""
MISSING_MAX = 100
"""How many missing numbers one acknowledgement names."""
OVERLAP = timedelta(days=7)
"""How long a retired message key is still accepted."""
OVERDUE = timedelta(hours=1)
"""A message that waits longer for its acknowledgement is an alarm."""
QUARANTINE_MAX = 200
"""How many notes of one peer are kept in quarantine: the newest."""

REQUEST_TIMEOUT = timedelta(seconds=10)
"""For each step of the line: to connect, to send on, to receive on."""
EXCHANGE_TIMEOUT = 2 * REQUEST_TIMEOUT
"""For all the steps of bringing one letter together; nobody waits longer for one to come in."""
RETRY_FIRST = timedelta(seconds=1)
RETRY_LAST = timedelta(minutes=5)
HEARD_PAUSE = timedelta(seconds=5)
"""The least pause before a try that is made early because the peer was heard.

A peer may speak all the time while its own link port is dead: one try in so long, and no more.
"""

ONE = 1_000
"""Allowances are counted in thousandths of a message."""
BURST = 200
PER_SECOND = 50
"""How many messages a peer may send at once, and how many a second in the long run."""


class NodeRole(StrEnum):
    """A node hosts provinces, or it is the ministry's."""

    PROVINCE = "province"
    MINISTRY = "ministry"


@dataclass(frozen=True, slots=True)
class Node:
    """A node as it was initialised. `url` is where its link port is reached by others."""

    name: str
    role: NodeRole
    provinces: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Peer:
    """Another node that this one exchanges messages with.

    `url` is its link port, `log` the verifier key of its log, `log_url` where its log is served,
    `policy` a C2SP tlog-policy for it (None: the log's own signature is enough), `certificate` the
    one that is pinned, in DER, `sealing_key` the X25519 key that personal data are sealed for.
    """

    name: str
    provinces: tuple[str, ...]
    url: str
    role: NodeRole
    log: str
    log_url: str
    policy: str | None
    certificate: bytes
    sealing_key: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What a slice wants to say to the node `to`.

    `transfer` is the matter, `revision` counts what is said anew about it under the same `type`.
    `leaf` is the id of a record of this transaction on which the message rests.
    """

    to: str
    type: str
    transfer: str
    revision: int
    body: Mapping[str, object]
    leaf: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A message that verified: signature, form, clock, and the proof of the entry it rests on.

    `hash` is the SHA-256 in hex of the text of its note, which the signature covers; `entry` the
    bytes of the record in the sender's log, `note` the whole signed note.
    """

    sender: str
    type: str
    transfer: str
    revision: int
    body: Mapping[str, object]
    sent_at: datetime
    hash: str
    entry: bytes | None
    note: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a peer has brought: a note and, where it rests on a record, entry and `.tlog-proof`."""

    note: str
    entry: bytes | None = None
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class MessageKey:
    """A key that messages are signed with, as C2SP vkey, and from when to when it is in force."""

    vkey: str
    valid_from: datetime
    valid_until: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether a note that arrives at this instant may be signed by it."""
        return self.valid_from - SKEW <= at and (self.valid_until is None or at < self.valid_until)


def message_key_name(node: str) -> str:
    """The name of the keys that sign a node's messages; checkpoints are signed by others."""
    return f"{node}/msg"


def is_name(text: object) -> bool:
    """Whether a text can be a node's name."""
    return isinstance(text, str) and re.fullmatch(NAME_PATTERN, text, re.ASCII) is not None


def are_provinces(codes: Collection[str]) -> bool:
    """Whether these are codes of provinces, each once."""
    return len(set(codes)) == len(codes) and all(
        re.fullmatch(REGION_PATTERN, code, re.ASCII) and code.endswith("0000") for code in codes
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What of a card decides whether its node may be a peer."""

    name: str
    role: NodeRole
    provinces: tuple[str, ...]


def judge_peer(own: Node, others: Iterable[Peer], card: Known) -> Objection | None:
    """Judge whether a node with this card may stand beside the others."""
    if card.name == own.name:
        return Objection.NAME_TAKEN
    taken = set(own.provinces)
    has_ministry = own.role is NodeRole.MINISTRY
    for other in others:
        if other.name == card.name:
            continue
        taken |= set(other.provinces)
        has_ministry = has_ministry or other.role is NodeRole.MINISTRY
    if taken & set(card.provinces):
        return Objection.PROVINCE_TAKEN
    if has_ministry and card.role is NodeRole.MINISTRY:
        return Objection.SECOND_MINISTRY
    return None


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers of one link as the receiver has seen them.

    All numbers up to `through` have come, `highest` is the last of them all.
    """

    through: int = 0
    highest: int = 0


def judge_number(counted: Counted, number: int, *, taken: bool) -> Fault | None:
    """Judge the number of a message that is new; numbers may come in any order."""
    if taken:
        return Fault.NUMBER_TAKEN
    return Fault.NUMBER_AHEAD if number > counted.highest + AHEAD_MAX else None


def count(counted: Counted, number: int, beyond: Collection[int]) -> Counted:
    """Count a number in; `beyond` are those above `through` that have come, with this one."""
    through = counted.through
    come = set(beyond) | {number}
    while through + 1 in come:
        through += 1
    return Counted(through, max(counted.highest, number))


def missing(counted: Counted, beyond: Collection[int]) -> tuple[int, ...]:
    """The first numbers that have not come although later ones have, at most `MISSING_MAX`."""
    come = set(beyond)
    gaps: list[int] = []
    for number in range(counted.through + 1, counted.highest):
        if number not in come:
            gaps.append(number)
            if len(gaps) == MISSING_MAX:
                break
    return tuple(gaps)


def longest_pause(failures: int) -> timedelta:
    """The most to wait after so many failures in a row: twice as long each time, up to 5 min.

    Who waits draws evenly from nothing to this, so that many do not come back at once.
    """
    if failures < 1:
        return timedelta(0)
    doubled: timedelta = RETRY_FIRST * 2 ** min(failures - 1, 16)
    return min(RETRY_LAST, doubled)


def try_again(failed: int, drawn: int, heard: int | None) -> int:
    """When to try a line again whose last try failed at `failed` and whose pause ends at `drawn`.

    `heard` is when the peer last spoke to us, None where it has not since that try began: a peer
    that speaks may be reached again. All in milliseconds of one steady clock.
    """
    if heard is None:
        return drawn
    return min(drawn, max(heard, failed + HEARD_PAUSE // timedelta(milliseconds=1)))


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many messages a peer may still send at once; `at` in milliseconds of any steady clock."""

    left: int = BURST * ONE
    at: int = 0

    def spend(self, now: int) -> tuple["Allowance", bool]:
        """Take one message at `now`; False when there is none left."""
        left = min(BURST * ONE, self.left + (now - self.at) * PER_SECOND)
        if left < ONE:
            return Allowance(left, now), False
        return Allowance(left - ONE, now), True


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How the link to a peer stands.

    `sent` is the last number given, all up to `acknowledged` are answered; all up to `received`
    have come from there, and `highest` is the last of them. `backlog` messages wait for an answer,
    the oldest since `oldest`; `refused` were answered by a refusal.
    """

    peer: str
    role: NodeRole
    provinces: tuple[str, ...] = ()
    url: str = ""
    sent: int = 0
    acknowledged: int = 0
    received: int = 0
    highest: int = 0
    backlog: int = 0
    oldest: datetime | None = None
    refused: int = 0
    quarantined: int = 0
    equivocations: int = 0

    def waits(self, now: datetime) -> timedelta:
        """How long the oldest message has waited for its answer."""
        return timedelta(0) if self.oldest is None else max(timedelta(0), now - self.oldest)

    def is_overdue(self, now: datetime) -> bool:
        """Whether somebody should look at it: a message has waited for more than an hour."""
        return self.waits(now) > OVERDUE


def retire(keys: Sequence[MessageKey], until: datetime) -> list[MessageKey]:
    """The keys as they are when a new one takes over: none outlives the overlap."""
    return [
        key
        if key.valid_until is not None and key.valid_until <= until
        else MessageKey(key.vkey, key.valid_from, until)
        for key in keys
    ]
