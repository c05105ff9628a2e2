"""Debts between nodes as the books of one node say them, and what they hold against a statement."""

from app.audit import clearing_restated
from app.audit.records import Record
from app.audit.state_clearing import Due, Statement
from app.audit.world import World


def note_own(world: World, record: Record) -> bool:
    """Keep what an entry makes one owe another between nodes; False where it is no such entry."""
    if record.kind == "entry.correction":
        return clearing_restated.note_correction(world, record) or _is_between(world, record)
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
    return _is_between(world, record)


def _is_between(world: World, record: Record) -> bool:
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


def note_sale(world: World, record: Record) -> None:
    """Keep what the sale of a ticket made its province owe, by its lot."""
    if record.kind != "entry.settlement":
        return
    matter = _matter(world, record) or (None, "settlement")
    for _, target, amount, _, _ in record.postings:
        if target.startswith("due_to:"):
            _, debtor, creditor = target.split(":", 2)
            due = Due(record.index, matter[1], debtor, creditor, amount, matter[0])
            world.clearing.sales.setdefault(str(record.body["lot"]), []).append(due)


def unpaid(world: World, lot: str) -> list[Due]:
    """What is not confirmed paid of what a sold lot made its province owe."""
    return [due for due in world.clearing.sales.get(lot, []) if not _is_paid(world, due)]


def _is_paid(world: World, due: Due) -> bool:
    clearing = world.clearing
    if due.leaf in clearing.paid_directly:
        return True
    for found in clearing.statements.values():
        if any(_is_same(due, one) for one in found.dues):
            return _is_carried(world, found) and _is_confirmed(world, found, due.debtor)
    return False


def _is_same(due: Due, other: Due) -> bool:
    if due.transfer is None:
        return due.leaf == other.leaf and other.transfer is None
    return (due.transfer, due.kind) == (other.transfer, other.kind)


def _is_carried(world: World, found: Statement) -> bool:
    """Whether a statement was netted, with its window where nets are multilateral."""
    if found.received:
        return found.carried
    clearing = world.clearing
    if clearing.windows[found.window] != "multilateral":
        return found.approved
    return all(one.approved for one in clearing.statements.values() if one.window == found.window)


def _is_confirmed(world: World, found: Statement, payer: str) -> bool:
    """Whether all has come that follows from a statement, or its window, and that one pays."""
    about = {(found.window, found.id), (found.window, None)}
    clearing = world.clearing
    promised = [row for row, _ in clearing.payable if row[:2] in about and row[2] == payer]
    made = [
        one for one in clearing.instructions.values() if one.about in about and one.payer == payer
    ]
    return not promised and all(one.confirmed == one.amount for one in made)
