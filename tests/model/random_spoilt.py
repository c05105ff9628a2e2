"""Steps mostly to be refused: a plausible one with a field malformed or moved, or a blind shot."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from .naive_fields import AMOUNT, FIELDS, to_hundredths, to_text, to_time
from .naive_market import NaiveMarket
from .naive_world import Record
from .random_world import Scale

MALFORMED_AMOUNTS: tuple[object, ...] = (
    *(12, 12.5, True, [], {}, "", "12", "12.5", "12.345", "-1.00", "+1.00", "1e3", "01.00", ".50"),
    *("1,000.00", " 1.00", "1.00 ", "1.00\n", "１.００", "٣.00", "12345678901234.00", "NaN"),
)
MALFORMED_IDS: tuple[object, ...] = (
    *("", "-x", ".x", "a b", "a/b/c", "é", "户", "x" * 65, "a\n", 7, 7.5, True, ["a"], {"a": 1}),
)
MALFORMED_TIMES: tuple[object, ...] = (
    *("yesterday", "2026-01-01", "2026-01-01T09:00:00", "2026-02-30T09:00:00+08:00", "", 12, True),
)
MALFORMED: dict[str, tuple[object, ...]] = {
    "bool": ("true", "yes", "", 0, 1, []),
    "count": (-1, 1.5, "3", True, []),
    "text": ("", 7, True, []),
    "names": ("甲", [7], [None], {"甲": 1}, True),
    "time": MALFORMED_TIMES,
    "tickets": ("t1", [None], [7], [""], {"t1": 1}, ["-"]),
    "enum": ("sideways", "", 5, True, ["cash"], "Cash"),
    "id": MALFORMED_IDS,
    "amount": MALFORMED_AMOUNTS,
}
STRANGE_FIELDS = ("colour", "price", "area", "ID", "note", "by", "area_m2", "household")
KINDS_OF_NEW = {
    "apply": "application",
    "object": "objection",
    "issue": "ticket",
    "list": "lot",
    "rent_public": "rental",
    "select_plot": "plot",
    "outflow": "transfer",
}


def group(kind: str) -> str:
    """Which of the malformed values suit a kind of field."""
    kind = kind.removeprefix("?")
    if kind in ("money", "money+", "area"):
        return "amount"
    if kind == "new" or kind.startswith("ref:"):
        return "id"
    return "enum" if kind.startswith("enum:") else kind


def existing(market: NaiveMarket, kind: str) -> list[str]:
    """The ids that exist, by kind."""
    if kind in ("region", "county", "province"):
        return sorted(market.regions)
    return list(getattr(market, kind + "s"))


def malformed_value(rng: Random, step: Record, name: str, market: NaiveMarket) -> object:
    """A value that is wrong in its shape, its amount or its id."""
    kind, value = FIELDS[step["do"]][name].removeprefix("?"), step.get(name)
    choices: list[object] = list(MALFORMED[group(kind)])
    if kind.startswith("ref:") and rng.random() < 0.5:
        choices = ["zz", "999999", "t1.330000", *existing(market, "region")]
    if group(kind) == "amount":
        choices += ["0.00"] * 5
    if kind == "tickets" and isinstance(value, list):
        choices += [[], [], [*value, *value], ["zz"], [*value, "zz"]]
    return rng.choice(choices)


def malform(rng: Random, step: Record, market: NaiveMarket) -> Record:
    """One field left out, null, malformed or unknown to that `do`, or an unknown `do`."""
    fields = FIELDS[step["do"]]
    name = rng.choice(sorted(fields))
    way = rng.random()
    if way < 0.12:
        return {key: value for key, value in step.items() if key != name}
    if way < 0.24:
        return step | {name: None}
    if way < 0.32:
        strange = [one for one in STRANGE_FIELDS if one not in fields]
        return step | {rng.choice(strange): rng.choice(("x", 1, "1.00"))}
    if way < 0.36:
        return step | {"do": rng.choice(("levitate", "Apply", "", "list_lot", 7, "reject"))}
    return step | {name: malformed_value(rng, step, name, market)}


def moved_amount(rng: Random, value: object, kind: str) -> object:
    """An amount moved by a fen, doubled or halved, still well formed."""
    if not isinstance(value, str) or not AMOUNT.match(value):
        return value
    old = to_hundredths(value)
    new = rng.choice((old - 1, old - 1, old + 1, old + 1, 2 * old, old // 2, 10 * old))
    least = 0 if kind.removeprefix("?") == "money" else 1
    return to_text(min(max(new, least), 10**15 - 1))


def moved_time(rng: Random, value: object) -> object:
    """An instant moved by a second, a minute or a day."""
    instant = to_time(value)
    if instant is None:
        return value
    seconds = rng.choice((-1, -1, 1, -60, -86_400, 60))
    return (instant + timedelta(seconds=seconds)).isoformat()


def moved_value(rng: Random, step: Record, name: str, market: NaiveMarket) -> object:
    """Another value of the same kind, well formed and near the old one."""
    kind, value = FIELDS[step["do"]][name].removeprefix("?"), step.get(name)
    known = KINDS_OF_NEW[step["do"]] if kind == "new" else kind.removeprefix("ref:")
    makers: dict[str, Callable[[], object]] = {
        "amount": lambda: moved_amount(rng, value, kind),
        "id": lambda: rng.choice(existing(market, known) or [value]),
        "enum": lambda: rng.choice(kind.removeprefix("enum:").split("|")),
        "bool": lambda: not value,
        "count": lambda: max(0, int(str(value)) + rng.choice((-1, 1, -2, 30))),
        "tickets": lambda: some_tickets(rng, market),
        "names": lambda: rng.choice((["甲"], ["甲", "乙"], [])),
        "time": lambda: moved_time(rng, value),
        "text": lambda: "another seed",
    }
    return makers[group(kind)]()


def some_tickets(rng: Random, market: NaiveMarket) -> list[str]:
    """One to three tickets of any state."""
    known = existing(market, "ticket")
    return rng.sample(known, min(len(known), rng.randint(1, 3)))


def move(rng: Random, step: Record, market: NaiveMarket) -> Record:
    """One field moved to another well-formed value, or an optional one left out."""
    present = [name for name in FIELDS[step["do"]] if name in step]
    if not present:
        return step
    name = rng.choice(present)
    if FIELDS[step["do"]][name].startswith("?") and rng.random() < 0.4:
        return {key: value for key, value in step.items() if key != name}
    return step | {name: moved_value(rng, step, name, market)}


def blind(rng: Random, scale: Scale, market: NaiveMarket) -> Record:
    """Any `do` with well-formed fields that name whatever exists."""
    do = rng.choice(sorted(FIELDS))
    step: Record = {"do": do}
    makers: dict[str, Callable[[], object]] = {
        "bool": lambda: rng.random() < 0.7,
        "count": lambda: rng.choice((0, 1, 2, 3, 5)),
        "text": lambda: "seed",
        "names": lambda: rng.choice((["甲"], [])),
        "new": lambda: f"n{rng.randint(1, 99)}",
        "money": lambda: to_text(scale.money()),
        "money+": lambda: to_text(scale.money() + 1),
        "area": lambda: to_text(scale.area()),
        "tickets": lambda: some_tickets(rng, market),
        "time": lambda: moved_time(rng, market.time()),
    }
    for name, optional_kind in FIELDS[do].items():
        kind = optional_kind.removeprefix("?")
        if kind != optional_kind and rng.random() < 0.5:
            continue
        if kind.startswith("ref:"):
            step[name] = rng.choice(existing(market, kind.removeprefix("ref:")) or ["zz"])
        elif kind.startswith("enum:"):
            step[name] = rng.choice(kind.removeprefix("enum:").split("|"))
        else:
            step[name] = makers[kind]()
    return step
