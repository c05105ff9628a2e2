"""A transfer between nodes neither makes nor loses quota, in every order of things."""

import gc
from dataclasses import replace

import pytest

from app.kernel.units import Area
from app.transfers.rules_messages import Outcome, Side
from app.transfers.rules_protocol import MINISTRY, Approve, Take, TakeBack, Tick

from .protocol_laws import CREDITED_ONCE, NOT_STUCK
from .protocol_mutants import MUTANTS, giver_that_gives_any_n
from .protocol_parts import GIVER, MACHINES, RECEIVER, Parts, terms_of
from .protocol_schedule import play, random_schedule
from .protocol_space import WILL, Space
from .protocol_world import PureWorld, moves_of, sound

TERMS = terms_of("x1", 10_001)
SCHEDULES = 10_000


def will(*events):
    return tuple(step for step in WILL if isinstance(step[1], events))


# All that people may do, times a backup at any moment, is 345,000 states and half a minute for each
# side. Here each is restored among what can be decided against its memory, with the fewest states.
RESTORED = {
    Side.GIVER: (will(TakeBack, Take, Approve, Tick), 86_000),
    Side.RECEIVER: (will(Take, Approve, Tick), 10_000),
}


@pytest.fixture(scope="module", autouse=True)
def without_collections():
    """A hundred thousand tuples without a cycle: looking through them takes a third of the time."""
    gc.disable()
    yield
    gc.enable()


def explored(parts, **also):
    found = Space(parts, **also).explore()
    assert found.broken is None, "\n".join((found.broken, *found.way))
    print(f"{found.points} states, {len(parts.parts)} parts, {len(parts.letters)} letters")  # noqa: T201 - the figures are wanted
    return found


def test_no_order_loss_delay_or_crash_makes_or_loses_quota():
    assert explored(Parts(TERMS)).points > 25_000


@pytest.mark.parametrize("side", RESTORED, ids=str)
def test_no_restored_backup_makes_or_loses_quota(side):
    steps, points = RESTORED[side]
    assert explored(Parts(TERMS), restored=side, will=steps, looks=(True,)).points > points


def test_a_wrong_n_ends_in_an_abort_whatever_happens():
    wrong = replace(TERMS, credit=Area(TERMS.credit + 1))
    parts = Parts(wrong, {**MACHINES, Side.GIVER: giver_that_gives_any_n()})
    explored(parts)
    decided = {outcome for part in parts.parts for _, outcome in part.books.decisions}
    assert decided == {Outcome.ABORT}


def test_what_the_givers_log_does_not_hold_is_never_committed_whatever_happens():
    parts = Parts(TERMS)
    explored(parts, looks=(False,))
    decided = {outcome for part in parts.parts for _, outcome in part.books.decisions}
    assert decided == {Outcome.ABORT}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_exploration_catches(mutant):
    parts = Parts(TERMS, {**MACHINES, **mutant.machines})
    found = Space(
        parts,
        will=mutant.will,
        restored=mutant.restored,
        replays=mutant.replays,
        keeps=mutant.keeps,
        looks=(True,),
    ).explore()
    assert found.broken == mutant.breaks, "\n".join(found.way)
    if mutant.breaks == NOT_STUCK:
        # Not for want of somebody who decides: with sound outboxes the same people suffice.
        explored(Parts(TERMS), will=mutant.will, looks=(True,))


async def ended(schedule, moves=sound):
    """How a schedule ends; a failure says by which seed it can be played again."""
    try:
        return await play(PureWorld.of(schedule, moves), schedule)
    except AssertionError as failure:
        raise AssertionError(f"seed {schedule.seed}: {failure}") from failure


async def test_ten_thousand_troubled_schedules_end_as_if_nothing_had_happened():
    clean = {}
    for seed in range(SCHEDULES):
        schedule = random_schedule(seed, MINISTRY, (GIVER, RECEIVER))
        if schedule.stories not in clean:
            clean[schedule.stories] = await ended(replace(schedule, actions=()))
        assert await ended(schedule) == clean[schedule.stories], f"seed {seed}"


async def test_a_hundred_schedules_suffice_to_catch_a_receiver_that_credits_twice():
    (mutant,) = (mutant for mutant in MUTANTS if mutant.breaks == CREDITED_ONCE)
    machines = {**MACHINES, **mutant.machines}

    async def through_a_hundred():
        for seed in range(100):
            schedule = random_schedule(seed, MINISTRY, (GIVER, RECEIVER))
            await ended(schedule, lambda key: moves_of(key, machines))

    with pytest.raises(AssertionError, match=f"seed \\d+: broken: {CREDITED_ONCE}"):
        await through_a_hundred()
