"""A world of nodes made of values: the pure machines, their outboxes, and a network of letters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from app.transfers.rules_messages import Side
from app.transfers.rules_protocol import (
    MINISTRY,
    Approve,
    Decline,
    Event,
    Give,
    Refuse,
    Take,
    TakeBack,
    Tick,
)
from app.transfers.rules_receiver import ReceiverPhase

from .protocol_laws import broken_law
from .protocol_parts import (
    EARLY,
    LATE,
    MACHINES,
    Done,
    Machine,
    Parts,
    author,
    look_of,
    terms_of,
)
from .protocol_schedule import Cut, End, Schedule, Step, Story

SIDE_OF = {
    Step.GIVE: Side.GIVER,
    Step.TAKE_BACK: Side.GIVER,
    Step.TAKE: Side.RECEIVER,
    Step.DECLINE: Side.RECEIVER,
    Step.APPROVE: Side.MINISTRY,
    Step.REFUSE: Side.MINISTRY,
    Step.LAPSE: Side.MINISTRY,
}


Key = tuple[str, str, str, int]
"""What of a story decides its proposal: id, giver, receiver and area."""

Moves = tuple[Parts, Mapping[Step, Event]]


def moves_of(key: Key, machines: Mapping[Side, Machine] = MACHINES) -> Moves:
    """The moves of a transfer, and what each step tells its machine."""
    id_, giver, receiver, area = key
    parts = Parts(terms_of(id_, area, giver, receiver), machines)
    return parts, {
        Step.GIVE: Give(parts.terms),
        Step.TAKE_BACK: TakeBack(),
        Step.TAKE: Take(),
        Step.DECLINE: Decline("no_need"),
        Step.APPROVE: Approve("自然资函〔2026〕88号", EARLY),
        Step.REFUSE: Refuse("against_plan"),
        Step.LAPSE: Tick(LATE),
    }


sound = lru_cache(moves_of)
"""The moves of sound machines, for all worlds that have the transfer."""


@dataclass
class Transfer:
    """One transfer at its three sides, each on the node that hosts it."""

    parts: Parts
    events: Mapping[Step, Event]
    hosts: Mapping[Side, str]
    at: dict[Side, int]


Letter = tuple[str, int]
"""The id of a story, and the number of a letter among the letters of that transfer."""


@dataclass
class PureWorld:
    """Nodes keep parts and outboxes; a crash loses what was not stored, which is nothing else."""

    transfers: dict[str, Transfer] = field(default_factory=dict)
    outbox: dict[Letter, None] = field(default_factory=dict)
    wire: list[Letter] = field(default_factory=list)
    down: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, schedule: Schedule, moves: Callable[[Key], Moves] = sound) -> "PureWorld":
        """A world in which nothing has happened yet."""
        world = cls()
        for story in schedule.stories:
            parts, events = moves((story.id, story.giver, story.receiver, story.area))
            hosts = {
                Side.GIVER: story.giver,
                Side.MINISTRY: MINISTRY,
                Side.RECEIVER: story.receiver,
            }
            at = {side: parts.start(side) for side in Side}
            world.transfers[story.id] = Transfer(parts, events, hosts, at)
        return world

    async def person(self, story: Story, step: Step, cut: Cut) -> bool:
        transfer, side = self.transfers[story.id], SIDE_OF[step]
        if transfer.hosts[side] in self.down:
            return False
        part = standing = transfer.at[side]
        if step is Step.APPROVE:
            # The command that approves has the giver's log read before.
            seen = look_of(transfer.parts.terms, held=True)
            part = transfer.parts.act(side, part, seen, "look").part
        done = transfer.parts.act(side, part, transfer.events[step], step)
        possible = done.fault is None and done.part not in {part, standing}
        return possible and self._commit(story.id, side, done, cut)

    def under_way(self) -> int:
        return len(self.wire)

    async def deliver(self, letter: int, cut: Cut) -> None:
        name, number = taken = self.wire.pop(letter)
        transfer = self.transfers[name]
        sent = transfer.parts.letters[number]
        if transfer.hosts[sent.to] in self.down:
            return
        done = transfer.parts.deliver(transfer.at[sent.to], number)
        assert done.fault is None, f"an honest letter is refused: {sent}: {done.fault}"
        self._commit(name, sent.to, done, cut)
        if cut is Cut.NOT and transfer.hosts[author(sent)] not in self.down:
            self.outbox.pop(taken, None)

    def _commit(self, name: str, side: Side, done: Done, cut: Cut) -> bool:
        """Store the part and its letters together, or neither; a node that dies sends nothing."""
        transfer = self.transfers[name]
        if cut is not Cut.NOT:
            self.down.add(transfer.hosts[side])
        if cut is Cut.BEFORE_STORE:
            return False
        transfer.at[side] = done.part
        for number in done.letters:
            self.outbox[name, number] = None
            if cut is Cut.NOT:
                self.wire.append((name, number))
        return True

    async def drop(self, letter: int) -> None:
        del self.wire[letter]

    async def double(self, letter: int) -> None:
        self.wire.append(self.wire[letter])

    async def delay(self, letter: int) -> None:
        self.wire.append(self.wire.pop(letter))

    async def crash(self, node: str) -> None:
        self.down.add(node)

    async def restart(self, node: str) -> None:
        self.down.discard(node)

    async def retry(self) -> int:
        owed = [
            (name, number)
            for name, number in self.outbox
            if (name, number) not in self.wire and self._writer(name, number) not in self.down
        ]
        self.wire += owed
        return len(owed)

    def _writer(self, name: str, number: int) -> str:
        transfer = self.transfers[name]
        return transfer.hosts[author(transfer.parts.letters[number])]

    async def ends(self) -> Mapping[str, End]:
        return {name: _end(transfer) for name, transfer in self.transfers.items()}


def _end(transfer: Transfer) -> End:
    giver, ministry, receiver = (transfer.parts.parts[transfer.at[side]] for side in Side)
    law = broken_law(transfer.parts.terms, giver.books, ministry.books, receiver.books)
    assert law is None, f"broken: {law}"
    decision = ministry.state.decision
    # Whether the receiver ever heard of what was cancelled is chance, and nothing in its books.
    heard_nothing = receiver.state.phase is ReceiverPhase.NONE
    return End(
        giver=giver.state.phase,
        ministry=ministry.state.phase,
        receiver=ReceiverPhase.CLOSED if heard_nothing else receiver.state.phase,
        decision=f"{decision.outcome}, {decision.reason}",
        free=giver.books.free,
        locked=giver.books.locked,
        gone=giver.books.gone,
        arrived=receiver.books.arrived,
    )
