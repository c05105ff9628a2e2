"""Other nodes: what one of them has said twice in different words.

The notes themselves are kept by the node that found them, for whoever is to judge; here it is only
seen that each matter is accused once, and of two things that differ.
"""

from app.audit.parties import Checker
from app.audit.records import Record
from app.audit.world import NODE, Expected, World


def equivocated(world: World, record: Record) -> None:
    """Two different messages of one peer about one matter, told once."""
    body = record.body
    matter = (record.subject, body["type"], body["transfer"], body["revision"])
    world.must(matter not in world.equivocations, record, "equivocation", "told once", matter)
    differ = body["held"] != body["other"]
    world.must(differ, record, "equivocation", "two different messages", body["other"])
    world.match(record, Expected(record.kind, "equivocation", NODE, record.subject, body))
    world.equivocations.add(matter)


CHECKERS: dict[str, Checker] = {"node.equivocated": equivocated}
