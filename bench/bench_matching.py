"""A matching of the whole country: 31 provinces, 6,000 villages, 2,800 places, 930 coefficients.

Prints the seconds of each part, whether every goal was proven, and the ratio to a floor, in this
run: starting the solver's program for a task without any province.
"""

import asyncio
import random
import resource
import time
from datetime import date

from app.kernel.units import Area, decimal
from app.matching.process import Desk
from app.matching.rules import Demand, Problem, Supply
from app.matching.rules_plan import NO_ANSWER, plan_of, sums_of, task_of, unfold
from app.policy.rules import Coefficient

PROVINCES = [
    f"{code}0000"
    for code in (
        *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46),
        *(50, 51, 52, 53, 54, 61, 62, 63, 64, 65),
    )
]
VILLAGES, COUNTIES = 6_000, 2_800
DAY = date(2026, 1, 1)
NOTHING: dict[str, object] = {"grain": 1, "supply": [], "demand": [], "pairs": []}


def country(seed: int, least: int, most: int) -> Problem:
    """Villages with 0.01 to 1,000 mu each, places that lack up to `least` to `most` mu."""
    draw = random.Random(seed)
    mu = 66_667

    def county() -> str:
        province = draw.choice(PROVINCES)
        return f"{province[:2]}{draw.randint(1, 15):02d}{draw.randint(1, 12):02d}"

    supplies = tuple(
        Supply(
            village=f"v{n}",
            county=(where := county()),
            province=where[:2] + "0000",
            surplus=Area(draw.randint(1, 1_000 * mu)),
        )
        for n in range(VILLAGES)
    )
    demands = tuple(
        Demand(
            place=f"c{n}", county=county(), village=False, wanted=Area(draw.randint(1, most * mu))
        )
        for n in range(COUNTIES)
        if draw.randint(0, 99) >= least
    )
    yields = {province: draw.randint(180, 620) for province in PROVINCES}
    coefficients = {
        (a, b): Coefficient(f"{a}>{b}", a, b, yields[a], yields[b], DAY, DAY, "文", "a", "b")
        for a in PROVINCES
        for b in PROVINCES
        if a != b
    }
    return Problem(supplies=supplies, demands=demands, coefficients=coefficients)


async def main() -> None:
    """Measure and print."""
    desk = Desk()
    started = time.perf_counter()
    await desk.solve(NOTHING)
    floor = time.perf_counter() - started
    for name, problem in (
        ("too little surplus", country(1, 0, 6_000)),
        ("too little need", country(2, 50, 2_000)),
        ("about even", country(3, 0, 2_150)),
    ):
        begun = time.perf_counter()
        sums = sums_of(problem)
        task = task_of(problem, sums)
        summed = time.perf_counter()
        answer = NO_ANSWER if task is None else await desk.solve(task)
        solved = time.perf_counter()
        proposal = unfold(problem, plan_of(problem, sums, answer))
        done = time.perf_counter()
        goals = ", ".join(
            f"{r.goal} {decimal(r.value)} of {decimal(r.bound)}{'' if r.proven else ' NOT PROVEN'}"
            for r in proposal.reached
        )
        print(
            f"{name:18}  sums {summed - begun:.2f} s  solver {solved - summed:.2f} s"
            f"  rows {done - solved:.2f} s ({len(proposal.rows):,})"
            f"  {floor / (done - begun):.3f} of a start's speed\n    {goals}"
            f", {len(proposal.conversions)} pairs of provinces"
        )
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"a start of the program {floor:.2f} s, its memory at most {megabytes} MB")


if __name__ == "__main__":
    asyncio.run(main())
