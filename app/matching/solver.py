"""The exact solver: a program of its own that reads a task as JSON and writes the answer.

A task is what provinces have left to send and still lack, in units of 0.01 m² (see `rules_plan`).
What is sent from one to another, m, is n = floor(m x out / in) there. Floors make this a flow with
gains in whole numbers, which no linear programme solves and which is hard in general. So:

1. Without floors it is a linear programme. GLOP solves it in floating point, and from its prices
   alone follows a bound that nothing can better: it is computed in exact fractions, whatever the
   prices are (weak duality). A corner of it uses about as few pairs as there are provinces.
2. CP-SAT seeks the best whole numbers, exact in 64 bits, over the pairs of that corner, and over
   all pairs only where the bound is still a square metre (`grain`) away or more.

It is a process so that the node's loop goes on, its memory stays small, and its end ends nothing
else. One worker, one seed and a limit in deterministic time make equal tasks give equal answers.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd
from typing import Any

from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

LIMIT = 1
"""Deterministic seconds for each search, each some seconds of one core; there are four."""


@dataclass(frozen=True)
class Pair:
    """From one province to another by their places, with its coefficient in lowest terms."""

    giver: int
    receiver: int
    out: int
    into: int

    def received(self, sent: int) -> int:
        """What arrives."""
        return sent * self.out // self.into

    def least(self, received: int) -> int:
        """The least to be sent for it."""
        return -(-received * self.into // self.out)


@dataclass(frozen=True)
class Task:
    """What provinces can send and lack, and who may send to whom."""

    grain: int
    supply: Sequence[int]
    demand: Sequence[int]
    pairs: Sequence[Pair]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Task":
        """A task as it is told."""
        pairs = []
        for giver, receiver, out, into in told["pairs"]:
            common = gcd(out, into)
            pairs.append(Pair(giver, receiver, out // common, into // common))
        return cls(told["grain"], told["supply"], told["demand"], pairs)

    def covered(self, sent: Sequence[int]) -> int:
        """What arrives in all."""
        return sum(pair.received(area) for pair, area in zip(self.pairs, sent, strict=True))


@dataclass(frozen=True)
class Relaxed:
    """A corner of the programme without floors: what is sent, and the prices of its limits."""

    sent: list[int]
    prices: dict[int, Fraction]
    worth: Fraction


def relax(task: Task, need: int | None = None) -> Relaxed:
    """Cover most; or, with a `need`, cover that and send least. In whole steps of coefficients.

    The values are floating-point numbers, good enough to begin from; nothing rests on them.
    """
    lp = pywraplp.Solver.CreateSolver("GLOP")
    endless = lp.infinity()
    supply = {p: lp.Constraint(-endless, task.supply[p]) for p in {one.giver for one in task.pairs}}
    demand = {
        p: lp.Constraint(-endless, task.demand[p]) for p in {one.receiver for one in task.pairs}
    }
    cover = lp.Constraint(-endless if need is None else need, endless)
    steps = []
    for pair in task.pairs:
        step = lp.NumVar(0, endless, "")
        supply[pair.giver].SetCoefficient(step, pair.into)
        demand[pair.receiver].SetCoefficient(step, pair.out)
        cover.SetCoefficient(step, pair.out)
        lp.Objective().SetCoefficient(step, pair.out if need is None else -pair.into)
        steps.append(step)
    lp.Objective().SetMaximization()
    if lp.Solve() != pywraplp.Solver.OPTIMAL:
        return Relaxed([0] * len(steps), {}, Fraction(0))
    return Relaxed(
        [
            max(0, floor(Fraction(step.solution_value()) * pair.into))
            for step, pair in zip(steps, task.pairs, strict=True)
        ],
        {p: max(Fraction(0), Fraction(one.dual_value())) for p, one in demand.items()},
        max(Fraction(0), -Fraction(cover.dual_value())),
    )


def most_covered(task: Task, prices: Mapping[int, Fraction]) -> int:
    """What cannot be passed, for any prices of demands at or above zero."""
    worth = dict.fromkeys(range(len(task.supply)), Fraction(0))
    for pair in task.pairs:
        saved = Fraction(pair.out, pair.into) * (1 - prices.get(pair.receiver, 0))
        worth[pair.giver] = max(worth[pair.giver], saved)
    total = sum(worth[p] * area for p, area in enumerate(task.supply))
    return floor(total + sum(price * task.demand[p] for p, price in prices.items()))


def least_sent(task: Task, need: int, prices: Mapping[int, Fraction], worth: Fraction) -> int:
    """What at the least is sent to cover a need, for any prices at or above zero."""
    rent = dict.fromkeys(range(len(task.supply)), Fraction(0))
    for pair in task.pairs:
        gain = Fraction(pair.out, pair.into) * (worth - prices.get(pair.receiver, 0)) - 1
        rent[pair.giver] = max(rent[pair.giver], gain)
    total = worth * need - sum(rent[p] * area for p, area in enumerate(task.supply))
    return max(0, ceil(total - sum(price * task.demand[p] for p, price in prices.items())))


@dataclass(frozen=True)
class Found:
    """Whole numbers that keep all limits, and whether none of the same pairs are better."""

    sent: list[int]
    best: bool


def search(task: Task, among: Sequence[int], start: Sequence[int], goal: "Goal") -> Found | None:
    """The best that CP-SAT finds among some pairs, from a start that need not keep the limits.

    With out/in in lowest terms, m = in x step + rest is n = out x step + floor(out x rest / in). So
    no product of an area and a yield is formed, and yields up to 10^9 stay within 64 bits.
    """
    if not among:
        return None
    model = cp_model.CpModel()
    leaving: dict[int, list[cp_model.LinearExprT]] = {}
    coming: dict[int, list[cp_model.LinearExprT]] = {}
    received: list[cp_model.LinearExprT] = []
    for n in among:
        pair = task.pairs[n]
        supply, demand = task.supply[pair.giver], task.demand[pair.receiver]
        step = model.new_int_var(0, min(supply // pair.into, demand // pair.out), f"step{n}")
        rest = model.new_int_var(0, min(supply, pair.into - 1), f"rest{n}")
        made = model.new_int_var(0, min(demand, pair.received(pair.into - 1)), f"made{n}")
        model.add_linear_constraint(pair.out * rest - pair.into * made, 0, pair.into - 1)
        whole, more = divmod(start[n], pair.into)
        model.add_hint(step, whole)
        model.add_hint(rest, more)
        model.add_hint(made, pair.received(more))
        leaving.setdefault(pair.giver, []).append(pair.into * step + rest)
        coming.setdefault(pair.receiver, []).append(pair.out * step + made)
        received.append(pair.out * step + made)
    for p, areas in leaving.items():
        model.add(sum(areas) <= task.supply[p])
    for p, areas in coming.items():
        model.add(sum(areas) <= task.demand[p])
    covered, spent = sum(received, 0), sum((sum(areas) for areas in leaving.values()), 0)
    if goal.need is None:
        model.add(covered <= goal.bound)
        model.maximize(covered)
    else:
        model.add(covered >= goal.need)
        model.add(spent >= goal.bound)
        model.minimize(spent)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = goal.limit
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    sent = [0] * len(task.pairs)
    for n, area in zip(among, received, strict=True):
        sent[n] = task.pairs[n].least(solver.value(area))
    return Found(sent, status == cp_model.OPTIMAL)


@dataclass(frozen=True)
class Goal:
    """Cover most, at most the bound; or, with a need, cover it and send least, at least the bound.

    The search ends after `limit` deterministic seconds.
    """

    bound: int
    limit: int
    need: int | None = None


def cover(task: Task, limit: int) -> tuple[list[int], int]:
    """What is sent to cover most, and the bound of what can be covered."""
    nothing = [0] * len(task.pairs)
    relaxed = relax(task)
    bound = most_covered(task, relaxed.prices)
    # Of all corners that cover as much, one that sends least; a unit less, for it is rounded.
    corner = relax(task, max(0, task.covered(relaxed.sent) - len(task.pairs)))
    goal = Goal(bound, limit)
    found = search(task, used(corner.sent), corner.sent, goal)
    sent = nothing if found is None else found.sent
    if bound - task.covered(sent) >= task.grain:
        found = search(task, range(len(task.pairs)), sent, goal)
        if found is not None and task.covered(found.sent) > task.covered(sent):
            sent = found.sent
        if found is not None and found.best:
            bound = task.covered(sent)
    return sent, bound


def spare(task: Task, sent: list[int], limit: int) -> tuple[list[int], int]:
    """Cover as much and send least, and the bound of what must be sent."""
    need = task.covered(sent)
    relaxed = relax(task, need)
    bound = least_sent(task, need, relaxed.prices, relaxed.worth)
    goal = Goal(bound, limit, need)
    found = search(task, sorted({*used(sent), *used(relaxed.sent)}), sent, goal)
    if found is not None and sum(found.sent) < sum(sent):
        sent = found.sent
    if sum(sent) - bound >= task.grain:
        found = search(task, range(len(task.pairs)), sent, goal)
        if found is not None and sum(found.sent) < sum(sent):
            sent = found.sent
        if found is not None and found.best:
            bound = sum(sent)
    return sent, bound


def used(sent: Sequence[int]) -> list[int]:
    """The pairs between which anything is sent."""
    return [n for n, area in enumerate(sent) if area > 0]


def solve(told: Mapping[str, Any], limit: int = LIMIT) -> dict[str, list[int]]:
    """The best found: what is sent by pair, and what is covered and sent in all with its bound."""
    task = Task.read(told)
    sent, most = cover(task, limit)
    sent, least = spare(task, sent, limit)
    return {
        "sent": sent,
        "covered": [task.covered(sent), most],
        "spent": [sum(sent), least],
    }


if __name__ == "__main__":
    json.dump(solve(json.load(sys.stdin)), sys.stdout)
