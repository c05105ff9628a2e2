"""Schedules of mishaps between nodes, as data, and how any world of nodes plays them.

A schedule says what people want (`Story`) and what befalls them (`Action`). `World` is what can be
done to a world of nodes, whether it is made of values or of processes: `play` needs no more. A
letter is named by its place among those under way, so a schedule means something in every world.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

ROUNDS_MAX = 100
"""After so many rounds of deliveries without a mishap every world has come to rest, or never."""


class Cut(StrEnum):
    """Where a node dies while it does something."""

    NOT = "not"
    BEFORE_STORE = "before_store"
    AFTER_STORE = "after_store"


class Step(StrEnum):
    """What a person does at a node, or the clock at the ministry's (`LAPSE`)."""

    GIVE = "give"
    TAKE_BACK = "take_back"
    TAKE = "take"
    DECLINE = "decline"
    APPROVE = "approve"
    REFUSE = "refuse"
    LAPSE = "lapse"


@dataclass(frozen=True, slots=True)
class Story:
    """A transfer that people want: `area` in 0.01 m², and their steps, each when it is possible.

    A story is such that its end does not depend on the order in which letters come.
    """

    id: str
    giver: str
    receiver: str
    area: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """The next step of a story is tried."""

    story: int
    cut: Cut = Cut.NOT


@dataclass(frozen=True, slots=True)
class Deliver:
    """A letter is brought, and its acknowledgement taken back; not the first one: reordered."""

    letter: int = 0
    cut: Cut = Cut.NOT


@dataclass(frozen=True, slots=True)
class Drop:
    """A letter under way is lost."""

    letter: int


@dataclass(frozen=True, slots=True)
class Double:
    """A second copy of a letter is under way."""

    letter: int


@dataclass(frozen=True, slots=True)
class Delay:
    """A letter falls behind all others that are under way."""

    letter: int


@dataclass(frozen=True, slots=True)
class Crash:
    """A node dies between two transactions."""

    node: str


@dataclass(frozen=True, slots=True)
class Restart:
    """A node that died is started again."""

    node: str


@dataclass(frozen=True, slots=True)
class Retry:
    """All nodes that are up send again what was not acknowledged and is not under way."""


Action = Person | Deliver | Drop | Double | Delay | Crash | Restart | Retry


@dataclass(frozen=True, slots=True)
class Schedule:
    """What people want, and what befalls them, in this order; then all is repaired."""

    seed: int
    nodes: tuple[str, ...]
    stories: tuple[Story, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class End:
    """How a transfer ended: phases, the decision, and the books of both in 0.01 m²."""

    giver: str
    ministry: str
    receiver: str
    decision: str
    free: int
    locked: int
    gone: int
    arrived: int


class World(Protocol):
    """Nodes, people and a network that a schedule can be played on."""

    async def person(self, story: Story, step: Step, cut: Cut) -> bool:
        """Try a step; False where it is not possible yet, or was not stored."""

    def under_way(self) -> int:
        """How many letters are under way."""

    async def deliver(self, letter: int, cut: Cut) -> None:
        """Bring a letter; to a node that is down it is lost."""

    async def drop(self, letter: int) -> None:
        """Lose a letter."""

    async def double(self, letter: int) -> None:
        """Copy a letter."""

    async def delay(self, letter: int) -> None:
        """Put a letter behind the others."""

    async def crash(self, node: str) -> None:
        """Kill a node, if it is up."""

    async def restart(self, node: str) -> None:
        """Start a node, if it is down."""

    async def retry(self) -> int:
        """Send again what is owed; answers how many letters that are."""

    async def ends(self) -> Mapping[str, End]:
        """How each story ended."""


async def play(world: World, schedule: Schedule) -> Mapping[str, End]:
    """Play a schedule, then repair everything, let it come to rest, and see how it ended."""
    ahead = [list(story.steps) for story in schedule.stories]

    async def person(number: int, cut: Cut) -> bool:
        steps, story = ahead[number], schedule.stories[number]
        done = bool(steps) and await world.person(story, steps[0], cut)
        if done:
            del steps[0]
        return done

    for action in schedule.actions:
        if isinstance(action, Person):
            await person(action.story, action.cut)
        else:
            await _befall(world, action)
    for node in schedule.nodes:
        await world.restart(node)
    for _ in range(ROUNDS_MAX):
        moved = [await person(number, Cut.NOT) for number in range(len(ahead))]
        sent = await world.retry()
        if not any(moved) and not sent and not world.under_way():
            assert not any(ahead), f"a step never became possible: {ahead}"
            return await world.ends()
        while world.under_way():
            await world.deliver(0, Cut.NOT)
    raise AssertionError(f"no rest after {ROUNDS_MAX} rounds")


async def _befall(world: World, action: Action) -> None:
    """Do to the world what an action says; what is about a letter needs one under way."""
    match action:
        case Crash(node):
            await world.crash(node)
        case Restart(node):
            await world.restart(node)
        case Retry():
            await world.retry()
        case Deliver(letter, cut) if world.under_way():
            await world.deliver(letter % world.under_way(), cut)
        case Drop(letter) if world.under_way():
            await world.drop(letter % world.under_way())
        case Double(letter) if world.under_way():
            await world.double(letter % world.under_way())
        case Delay(letter) if world.under_way():
            await world.delay(letter % world.under_way())


PLOTS = (
    (Step.GIVE, Step.TAKE, Step.APPROVE),
    (Step.GIVE, Step.TAKE, Step.APPROVE),
    (Step.GIVE, Step.TAKE, Step.REFUSE),
    (Step.GIVE, Step.DECLINE),
    (Step.GIVE, Step.TAKE, Step.DECLINE),
    (Step.GIVE, Step.TAKE_BACK),
    (Step.GIVE, Step.LAPSE),
)
AREAS = (10_000, 17_001)
LETTERS = 8
ACTIONS = 45

CHANCES = {
    "person": 28,
    "delivery": 44,
    "dropped": 3,
    "doubled": 3,
    "delayed": 3,
    "reordered": 3,
    "retry": 7,
    "crash": 3,
    "restart": 7,
}
"""How often each kind of action is drawn: a fifth of what befalls letters is trouble."""

CUTS = {0: Cut.BEFORE_STORE, 1: Cut.AFTER_STORE}
"""One transaction in seventeen is cut, before or after it is stored."""


def random_stories(draw: random.Random, provinces: tuple[str, str]) -> tuple[Story, ...]:
    """Draw two to four transfers, both ways."""
    return tuple(
        Story(f"x{number}", *draw.sample(provinces, 2), draw.choice(AREAS), draw.choice(PLOTS))
        for number in range(draw.randint(2, 4))
    )


def random_actions(
    draw: random.Random, nodes: tuple[str, ...], stories: int, count: int
) -> tuple[Action, ...]:
    """Draw what befalls nodes and letters: a fifth of all letters in trouble, and crashes."""
    kinds = draw.choices(tuple(CHANCES), tuple(CHANCES.values()), k=count)
    return tuple(_action(kind, draw.random(), nodes, stories) for kind in kinds)


def random_schedule(seed: int, ministry: str, provinces: tuple[str, str]) -> Schedule:
    """Draw a schedule between two provinces."""
    draw = random.Random(seed)
    nodes, stories = (ministry, *provinces), random_stories(draw, provinces)
    return Schedule(seed, nodes, stories, random_actions(draw, nodes, len(stories), ACTIONS))


def _action(  # noqa: PLR0911 - one line per kind of action
    kind: str, chance: float, nodes: tuple[str, ...], stories: int
) -> Action:
    """Make an action of a kind; which letter, node or story it is about is the chance's."""
    cut = CUTS.get(int(chance * 10_000) % 33, Cut.NOT)
    letter = int(chance * LETTERS)
    match kind:
        case "person":
            return Person(int(chance * stories), cut)
        case "delivery":
            return Deliver(0, cut)
        case "reordered":
            return Deliver(letter, cut)
        case "dropped":
            return Drop(letter)
        case "doubled":
            return Double(letter)
        case "delayed":
            return Delay(letter)
        case "crash":
            return Crash(nodes[int(chance * len(nodes))])
        case "restart":
            return Restart(nodes[int(chance * len(nodes))])
        case _:
            return Retry()
