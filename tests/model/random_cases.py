"""Random cases that reach deep states: `random_case(seed, steps)`, the same for the same arguments.

The generator drives itself with a naive market: it proposes a step, tries it on a copy, and keeps
it when it gives what was wanted, an accepted step or (one in four or five) a refused one.

    python -m tests.model.random_cases SEED STEPS DIRECTORY

writes the case and the outcome it must give.
"""

import copy
import json
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from . import random_hopeless, random_plausible, random_spoilt, random_trade
from .naive_clock import pending
from .naive_fields import FIELDS, SHANGHAI
from .naive_loader import dump_case
from .naive_market import NaiveMarket, play
from .naive_world import Record
from .random_plausible import Draw, Proposal
from .random_world import Scale, random_world

REFUSED_SHARE = 0.22
TRIES = 25
GENERATORS = (
    random_plausible.applying,
    random_plausible.reviewing,
    random_plausible.approving,
    random_plausible.tickets,
    random_plausible.provinces,
    random_plausible.land,
    random_trade.listings,
    random_trade.auction,
    random_trade.subsidies,
    random_trade.purchases,
    random_trade.renting,
)
END_OF_TIME = datetime(2090, 1, 1, tzinfo=SHANGHAI)


def patience(wait: timedelta, progress: float) -> float:
    """How willing the generator is to wait; years pass more easily towards the end of a case."""
    limits = ((0, 1.0), (3600, 0.5), (86_400, 0.25), (40 * 86_400, 0.06))
    for seconds, willingness in limits:
        if wait.total_seconds() <= seconds:
            return willingness
    return 0.02 + 0.2 * progress**3


def missed(market: NaiveMarket, at: datetime) -> float:
    """A wait that lets a lot close without a bid, or a payment default, is mostly not taken."""
    for lot in market.lots.values():
        waited_for = lot["state"] == "open" and not lot["bids"]
        if waited_for and at >= lot["closes_at"]:
            return 0.05 if lot["registered"] else 0.3
        if lot["state"] == "sold" and at >= lot["payment_due"]:
            return 0.15
    return 1


def propose(rng: Random, scale: Scale, market: NaiveMarket, progress: float) -> Proposal:
    """One plausible step, the near ones preferred."""
    draw = Draw(rng, scale, market)
    proposals = [one for generator in GENERATORS for one in generator(draw)]
    weights = [
        weight * patience(at - draw.now, progress) * missed(market, at)
        for weight, at, _ in proposals
    ]
    return rng.choices(proposals, weights)[0]


def propose_any(rng: Random, scale: Scale, market: NaiveMarket) -> Proposal:
    """One plausible step, every kind of step as likely as another."""
    draw = Draw(rng, scale, market)
    proposals = [one for generator in GENERATORS for one in generator(draw)]
    near = [one for one in proposals if one[1] - draw.now <= timedelta(days=1)] or proposals
    do = rng.choice(sorted({one[2]["do"] for one in near}))
    return rng.choice([one for one in near if one[2]["do"] == do])


def drift(rng: Random, market: NaiveMarket, at: datetime) -> datetime:
    """Mostly the instant proposed; now and then a little later or at an edge of the clock."""
    if rng.random() < 0.75:
        return at
    edges = [due + timedelta(seconds=rng.choice((-1, 0, 1))) for due, _, _ in pending(market)]
    soon = [edge for edge in edges if at <= edge <= at + timedelta(days=40)]
    if soon and rng.random() < 0.2:
        return rng.choice(soon)
    return at + timedelta(seconds=rng.choice((1, 1, 60, 3600, 3600, 43_200)))


def early(rng: Random, market: NaiveMarket, proposal: Proposal) -> Proposal:
    """A step just before the boundary it should have waited for, where it had to wait."""
    weight, at, step = proposal
    return weight, max(market.time(), at - timedelta(seconds=rng.choice((1, 1, 60)))), step


def likely_taken(rng: Random, scale: Scale, market: NaiveMarket, progress: float) -> Proposal:
    """A plausible step, sometimes with a field moved."""
    weight, at, step = propose(rng, scale, market, progress)
    if rng.random() < 0.2:
        step = random_spoilt.move(rng, step, market)
    return weight, drift(rng, market, at), step


def likely_refused(rng: Random, scale: Scale, market: NaiveMarket) -> Proposal:
    """A step known to be hopeless, too early, blind, with a field moved, or malformed."""
    hopeless = list(random_hopeless.steps(Draw(rng, scale, market)))
    if hopeless and rng.random() < 0.4:
        do = rng.choice(sorted({one["do"] for one in hopeless}))
        step = rng.choice([one for one in hopeless if one["do"] == do])
        return 1, market.time(), step
    proposal = propose_any(rng, scale, market)
    weight, at, step = proposal
    way = rng.random()
    if way < 0.12:
        return early(rng, market, proposal)
    if way < 0.40:
        return weight, market.time(), random_spoilt.blind(rng, scale, market)
    if way < 0.75:
        return weight, at, random_spoilt.move(rng, step, market)
    step = random_spoilt.malform(rng, step, market)
    still_known = isinstance(step["do"], str) and step["do"] in FIELDS
    if rng.random() < 0.2 and still_known:
        step = random_spoilt.malform(rng, step, market)
    return weight, market.time() if rng.random() < 0.9 else at, step


class Story:
    """The steps told so far, and the market after them."""

    def __init__(self, rng: Random, scale: Scale, market: NaiveMarket) -> None:
        """An empty story on a fresh market."""
        self.rng = rng
        self.scale = scale
        self.market = market
        self.steps: list[Record] = []
        self.codes: Counter[str | None] = Counter()

    def try_out(self, proposal: Proposal) -> tuple[str | None, Record, NaiveMarket]:
        """The answer to a proposal, its step, and the market after it."""
        step = {"at": min(proposal[1], END_OF_TIME).isoformat(), **proposal[2]}
        trial = copy.deepcopy(self.market)
        return trial.step(step), step, trial

    def taken(self, progress: float) -> tuple[str | None, Record, NaiveMarket]:
        """A step that is taken, or the last one tried."""
        for _ in range(TRIES):
            tried = self.try_out(likely_taken(self.rng, self.scale, self.market, progress))
            if tried[0] is None:
                break
        return tried

    def refused(self) -> tuple[str | None, Record, NaiveMarket]:
        """Of several steps the one whose refusal was seen least in this story."""
        several = [
            self.try_out(likely_refused(self.rng, self.scale, self.market)) for _ in range(8)
        ]
        return min(several, key=lambda tried: (tried[0] is None, self.codes[tried[0]]))

    def go_on(self, progress: float) -> None:
        """One more step."""
        if self.rng.random() < REFUSED_SHARE:
            code, step, self.market = self.refused()
        else:
            code, step, self.market = self.taken(progress)
        self.codes[code] += 1
        self.steps.append(step)


def random_case(seed: int, steps: int) -> Record:
    """A case that is valid as a file, with that many steps, and in half of the cases an `until`."""
    rng = Random(seed)
    case, scale, start = random_world(rng, f"random-{seed}-{steps}")
    market = NaiveMarket(case)
    market.run_until(start)
    story = Story(rng, scale, market)
    for number in range(steps):
        story.go_on(number / steps)
    market = story.market
    if rng.random() < 0.5:
        edges = [due for due, _, _ in pending(market)] or [market.time()]
        longer = timedelta(seconds=rng.choice((0, 0, 1, 86_400, 400 * 86_400)))
        case["until"] = (rng.choice(edges) + longer).isoformat()
    case["steps"] = story.steps
    return copy.deepcopy(case)


def main() -> None:
    """Writes one random case and its outcome."""
    seed, steps, directory = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    case = random_case(seed, steps)
    dump_case(case, directory / f"{case['case']}.yaml")
    text = json.dumps(play(case), ensure_ascii=False, indent=1)
    (directory / f"{case['case']}.expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
