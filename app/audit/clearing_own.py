"""Debts between nodes as the books of one node say them, and what they hold against a statement."""

from app.audit.records import Record
from app.audit.state_clearing import Due, Statement
from app.audit.world import World


def note_own(world: World, record: Record) -> bool:
    """Keep what an entry makes one owe another between nodes; False where it is no such entry."""
    for source, target, amount, _, _ in record.postings:
        side, code = ("debtor", target) if target.startswith("due_to:") else ("creditor", source)
        if not code.startswith(("due_to:", "due_from:")):
            continue
        _, province, other = code.split(":", 2)
        if frozenset((province, other)) not in world.book.between_nodes:
            continue
        debtor, creditor = (province, other) if side == "debtor" else (other, province)
        matter = _matter(world, record)
        if matter is None:
            world.find(record, "obligation", "a debt by a transfer between nodes", code)
            return True
        known = world.clearing.own.get((*matter, side))
        sum_ = amount + (0 if known is None else known.amount)
        due = Due(record.index, matter[1], debtor, creditor, sum_, matter[0])
        world.clearing.own[*matter, side] = due
    return any(_is_own(world, source, target) for source, target, *_ in record.postings)


def _is_own(world: World, source: str, target: str) -> bool:
    codes = [code for code in (source, target) if code.startswith(("due_to:", "due_from:"))]
    pairs = {frozenset(code.split(":", 2)[1:]) for code in codes}
    return bool(pairs & world.book.between_nodes)


def _matter(world: World, record: Record) -> tuple[str, str] | None:
    """The transfer that an entry is of, by its name among nodes, and whether it is a sale."""
    crossings, named = world.crossings, record.body.get("transfer")
    if record.kind == "entry.account_moved_out":
        departure = crossings.departures.get(str(named))
        return None if departure is None else (departure.crossing, "account")
    if record.kind == "entry.account_moved_in":
        return (str(named), "account")
    if record.kind == "entry.settlement":
        came = crossings.came.get(record.subject)
        return None if came is None else (came, "sale")
    if record.kind == "entry.settlement_home":
        gone = crossings.departures.get(crossings.left.get(record.subject, ""))
        return None if gone is None else (gone.crossing, "sale")
    return None


def objection(world: World, found: Statement) -> str | None:
    """What of a received statement the own books do not say, if anything."""
    for due in found.dues:
        matter = (str(due.transfer), due.kind)
        own = [world.clearing.own.get((*matter, side)) for side in ("debtor", "creditor")]
        held = [one for one in own if one is not None]
        same = held and all(
            (one.debtor, one.creditor, one.amount) == (due.debtor, due.creditor, due.amount)
            for one in held
        )
        if not same:
            return f"{matter}: {held}"
        if world.clearing.stated.get(matter, found.id) != found.id:
            return f"{matter}: stated before"
    return None
