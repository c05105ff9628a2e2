"""Four real nodes, and the line to one is bad for long: the others go on, and then all completes.

`make soak`. The line is pulled out for `SOAK_SECONDS` (ten minutes), and is silent, and then slow,
for a fifth of that. Three transfers to the node whose line it is stand at three places meanwhile.
"""

import asyncio
import os
import statistics
import time

import pytest

from tests.nodes.apart import four_apart
from tests.nodes.four import OTHER, reach
from tests.nodes.three import THERE, whole
from tests.story import each

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]

SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
FAULTS = {"pulled out": SECONDS, "silent": SECONDS // 5, "slow": SECONDS // 5}
BEFORE = 10
EVERY_SECONDS = 20
"""How often a transfer goes past the bad line, and at least `BEFORE` of them."""
HEALED_SECONDS_MAX = 420
"""No pause is of more than five minutes, and then a few letters go there and back."""
PLACES = ("decided", "accepted", "asked")
"""Where a transfer over the bad line stands: what is done about it while nobody hears."""
HELD_SECONDS = 60
"""After so long no connection of a peer that cannot be heard is left."""


def past(fault):
    """The transfers that go past a bad line, by name."""
    count = max(BEFORE, FAULTS[fault] // EVERY_SECONDS)
    return [f"past{list(FAULTS).index(fault)}.{number}" for number in range(count)]


def over(fault):
    return [f"{place}{list(FAULTS).index(fault)}" for place in PLACES]


CLEAR = [f"clear.{number}" for number in range(BEFORE)]
TO = dict.fromkeys(
    ["first", *(name for fault in FAULTS for name in over(fault))], THERE
) | dict.fromkeys([*CLEAR, *(name for fault in FAULTS for name in past(fault))], OTHER)


@pytest.fixture(scope="module")
async def apart(cluster, tmp_path_factory):
    """Four nodes whose lines are good, and seconds of transfers to the one that stays well."""
    async with four_apart(cluster, tmp_path_factory.mktemp("soak"), TO) as (four, lines):
        await four.through("first", THERE)
        good = [await four.through(name, OTHER) for name in CLEAR]
        yield four, lines, good


async def wait_at_three_places(four, fault, spoil):
    """Transfers to the node whose line is spoiled then; what is done here goes nowhere."""
    decided, accepted, asked = over(fault)
    first, second = await four.ask(decided, THERE), await four.ask(accepted, THERE)
    await four.accept(first, THERE)
    await reach(four.ministry, first, "accepted")
    await four.offered(second, THERE)
    await spoil(THERE)
    await four.decide(first)
    await four.accept(second, THERE)
    return first, second, await four.ask(asked, THERE)


async def go_past(four, fault, until):
    """One transfer after the other to the well node; answers with their seconds."""
    names, found = past(fault), []
    every = (until - time.monotonic()) / len(names)
    for name in names:
        begun = time.monotonic()
        found.append(await four.through(name, OTHER))
        await asyncio.sleep(max(0, begun + every - time.monotonic()))
    return found


async def complete(four, transfers):
    """What the nodes do by themselves, and seconds until then; then people do the rest."""
    healed = time.monotonic()

    async def seconds(office, transfer, state):
        await reach(office, transfer, state, HEALED_SECONDS_MAX)
        return time.monotonic() - healed

    first, second, third = transfers
    found = await asyncio.gather(
        seconds(four.ministry, first, "done"),
        seconds(four.ministry, second, "accepted"),
        seconds(four.there, third, "offered"),
    )
    await four.offered(third, THERE, HEALED_SECONDS_MAX)
    await four.accept(third, THERE)
    await four.decide(second)
    await four.decide(third)
    for transfer in (second, third):
        await reach(four.ministry, transfer, "done", HEALED_SECONDS_MAX)
    return found


def of(seconds):
    return f"median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s"


@pytest.mark.parametrize("fault", ["pulled out", "silent"])
async def test_a_line_that_carries_nothing_holds_up_no_other_and_all_completes(apart, fault, tell):
    four, lines, good = apart
    spoil = lines.part if fault == "pulled out" else lines.silence
    transfers = await wait_at_three_places(four, fault, spoil)
    until = time.monotonic() + FAULTS[fault]
    if fault == "silent":
        # Half-open: its process ends, and its peers hear nothing of that either.
        await four.there.kill()
    times = await go_past(four, fault, until)
    await asyncio.sleep(max(0, until - time.monotonic()))
    state = "SELECT state FROM crossing WHERE id = :id"
    stands = [await four.ministry.one(state, id=transfer) for transfer in transfers]
    assert stands == ["committed", "offered", "offered"], "nothing came through"
    held = lines.held(four.ministry.name) if FAULTS[fault] > HELD_SECONDS else 0
    if fault == "silent":
        await four.there.start()
    await lines.heal(THERE)
    found = await complete(four, transfers)
    await four.quiet(HEALED_SECONDS_MAX)
    tell(
        f"{lines.kind}, {fault} for {FAULTS[fault]} s: {len(times)} transfers past it, {of(times)}"
        f" (lines good: {of(good)}); after it was good again decided → done {found[0]:.1f} s,"
        f" accepted → known {found[1]:.1f} s, asked → offered {found[2]:.1f} s"
    )
    assert statistics.median(times) < 2 * statistics.median(good) + 0.5
    assert held <= len(four.all), "connections of who has vanished end"
    await agree(four, fault)


async def test_a_slow_line_carries_slowly_and_holds_up_no_other(apart, tell):
    four, lines, good = apart
    fault = "slow"
    begun = time.monotonic()
    transfers = await wait_at_three_places(four, fault, lines.slow)

    async def over_it():
        await complete(four, transfers)
        return time.monotonic() - begun

    until = time.monotonic() + FAULTS[fault]
    times, slowly = await asyncio.gather(go_past(four, fault, until), over_it())
    await lines.heal(THERE)
    await four.quiet(HEALED_SECONDS_MAX)
    tell(
        f"{lines.kind}, slow for {FAULTS[fault]} s: {len(times)} transfers past it, {of(times)}"
        f" (lines good: {of(good)}); the three over it were done after {slowly:.1f} s"
    )
    assert statistics.median(times) < 2 * statistics.median(good) + 0.5
    await agree(four, fault)


async def agree(four, fault):
    """Nothing is lost, nothing doubled, and each node agrees with itself."""
    for name in over(fault):
        await four.went(name, THERE)
    await each(four.went(name, OTHER) for name in past(fault))
    await four.written_once()
    await whole(four)
