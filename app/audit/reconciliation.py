"""Reconciliation: rounds and their ends, what a node answered, frozen accounts, corrections.

A node's answer is about its own log, so it is reckoned again here: the digest in the log must be
that of the sums which the entries below the named position give.
"""

import hashlib
from collections import defaultdict

from app.audit.parties import Checker, by_person
from app.audit.records import Record, canonical
from app.audit.shapes import hundredths_of
from app.audit.splits import move
from app.audit.state_reconciliation import JOURNAL_MAX, Case, Round
from app.audit.world import NODE, NODE_ITSELF, Expected, World

PAGE = 250
AS_PROPOSED = ("case", "reason", "document", "transfer", "kind")
ANEW = ("number", "before_cny", "amount_cny")
"""What a correction says of the debt that it states anew; judged with that debt."""
OF_TWO_PROVINCES = frozenset({"due_to", "due_from", "conversion"})


def note_entry(world: World, record: Record) -> None:
    """Keep what an entry moved, and find one that moved what is frozen."""
    known = world.reconciliation
    for source, target, amount, _, _ in record.postings:
        known.journal.append((record.index, source, -amount))
        known.journal.append((record.index, target, amount))
        if known.frozen and record.kind != "entry.correction":
            for code in (source, target):
                held = code not in known.frozen
                world.must(held, record, "frozen", "an account that is not frozen", code)


def opened(world: World, record: Record) -> None:
    """One after the other; a round that is open is ended first."""
    known = world.reconciliation
    number = str(known.last + 1)
    numbered = (record.subject, record.province) == (number, NODE)
    world.must(numbered, record, "reconciliation", f"round {number}", record.subject)
    ended = known.standing is None
    world.must(ended, record, "reconciliation", "the end of the round before", record.subject)
    by_itself = record.body["cause"] == "nightly"
    own = record.actor == NODE_ITSELF
    world.must(own == by_itself, record, "reconciliation", "nightly by the node", record.actor)
    size = record.body["size"]
    world.must(size <= record.index, record, "reconciliation", "a position before it", size)
    known.last += 1
    known.standing = Round(known.last, record.body["nodes"])


def closed(world: World, record: Record) -> None:
    """It tells of each node that was asked, and of all its cases; nobody is missing in silence."""
    known, body = world.reconciliation, record.body
    standing = known.standing
    if standing is None or record.subject != str(standing.number):
        raise world.stop(record, "reconciliation", "the round that is open", record.subject)
    states = {node: state for node, _, state in body["nodes"]}
    missing = [[n] for n, _, state in body["nodes"] if state not in {"agreed", "differs"}]
    told = [[node] for node, _, _ in body["nodes"]] == standing.nodes
    world.must(told, record, "reconciliation", str(standing.nodes), body["nodes"])
    world.must(body["missing"] == missing, record, "reconciliation", str(missing), body["missing"])
    overtaken = body["outcome"] == "overtaken"
    world.must(overtaken == bool(missing), record, "reconciliation", "all answers", missing)
    well = "differs" not in states.values()
    agreed = body["outcome"] == "agreed"
    world.must(not agreed or well, record, "reconciliation", "differs", body["outcome"])
    counted = (body["cases_opened"], body["cases_closed"]) == (standing.opened, standing.closed)
    world.must(
        counted, record, "reconciliation", f"{standing.opened} and {standing.closed} cases", body
    )
    known.standing = None


def _standing(world: World, record: Record) -> Round:
    standing = world.reconciliation.standing
    if standing is None or record.body["round"] != standing.number:
        raise world.stop(record, "reconciliation", "the round that is open", record.body["round"])
    return standing


def case_opened(world: World, record: Record) -> None:
    """By a round, each once."""
    standing, cases = _standing(world, record), world.reconciliation.cases
    world.must(record.subject not in cases, record, "unique-id", "a new case", record.subject)
    cases[record.subject] = Case(standing.number)
    standing.opened += 1


def case_closed(world: World, record: Record) -> None:
    """By a later round, once."""
    standing, case = _standing(world, record), world.reconciliation.cases.get(record.subject)
    if case is None or case.closed:
        raise world.stop(record, "reconciliation", "an open case", record.subject)
    later = standing.number > case.round
    world.must(later, record, "reconciliation", f"a round after {case.round}", standing.number)
    case.closed = True
    standing.closed += 1


def answered(world: World, record: Record) -> None:
    """What the node said of its tables is what its log gives at that position."""
    known, body = world.reconciliation, record.body
    once = record.subject not in known.answered
    world.must(once, record, "reconciliation", "one answer to a round", record.subject)
    known.answered.add(record.subject)
    size = body["size"]
    world.must(size <= record.index, record, "reconciliation", "a position before it", size)
    balances = dict(world.book.balances)
    for index, code, delta in known.journal:
        if index >= size:
            balances[code] -= delta
    if len(known.journal) == JOURNAL_MAX and known.journal[0][0] > size:
        return
    rows = _rows(balances)
    document = {"round": int(record.subject), "size": size, "totals": rows}
    wanted = {
        "size": size,
        "pages": max(1, -(-len(rows) // PAGE)),
        "digest": hashlib.sha256(canonical(document)).hexdigest(),
    }
    world.match(record, Expected(record.kind, "reconciliation", NODE, record.subject, wanted))


def _rows(balances: dict[str, int]) -> list[list[str]]:
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for code in sorted(code for code, balance in balances.items() if balance):
        kind, province, owner = code.split(":", 2)
        key = (province, kind, owner if kind in OF_TWO_PROVINCES else "")
        sums[key] += balances[code]
        groups[key].append(f"{code} {balances[code]} {balances[code]}")
    return [
        [*key, str(sums[key]), hashlib.sha256("\n".join(groups[key]).encode()).hexdigest()]
        for key in sorted(groups)
    ]


def _by_node(world: World, record: Record) -> None:
    own = record.actor == NODE_ITSELF
    world.must(own, record, "frozen", "an act of the node", record.actor)


def frozen(world: World, record: Record) -> None:
    """An account stands still from here on."""
    code, known = record.body["account"], world.reconciliation.frozen
    _by_node(world, record)
    world.must(code not in known, record, "frozen", "not frozen before", code)
    _in_its_book(world, record, code)
    known[code] = record.subject


def unfrozen(world: World, record: Record) -> None:
    """It is free again."""
    code, known = record.body["account"], world.reconciliation.frozen
    _by_node(world, record)
    world.must(code in known, record, "frozen", "a frozen account", code)
    _in_its_book(world, record, code)
    known.pop(code, None)


def _in_its_book(world: World, record: Record, code: str) -> None:
    book = world.book.account(code).province
    world.must(record.province == book, record, "frozen", book, record.province)


def proposed(world: World, record: Record) -> None:
    """One person, of an account that is frozen in the own books."""
    body, known = record.body, world.reconciliation
    by_person(world, record, "correction")
    new = record.subject not in known.corrections
    world.must(new, record, "unique-id", "a new correction", record.subject)
    sides = [code for code in (body["source"], body["target"]) if code in known.frozen]
    mine = any(world.book.account(code).province == record.province for code in sides)
    world.must(mine, record, "correction", "a frozen account of the own books", sides)
    known.corrections[record.subject] = record


def corrected(world: World, record: Record) -> None:
    """Another person; what was proposed is booked, once."""
    known = world.reconciliation
    proposal = known.corrections.get(record.subject)
    if proposal is None or record.subject in known.booked:
        raise world.stop(record, "correction", "a proposal", record.subject)
    known.booked.add(record.subject)
    by_person(world, record, "correction")
    other = proposal.actor != record.actor
    world.must(other, record, "two-persons", "another person", record.actor)
    body = proposal.body
    world.match(
        record,
        Expected(
            record.kind,
            "correction",
            proposal.province,
            proposal.subject,
            {key: body[key] for key in AS_PROPOSED if key in body}
            | {key: record.body.get(key) for key in ANEW if "transfer" in body},
            key=f"correction:{proposal.subject}",
            moves=move(body["source"], body["target"], hundredths_of(body["amount"])),
        ),
    )


CHECKERS: dict[str, Checker] = {
    "reconciliation.opened": opened,
    "reconciliation.answered": answered,
    "reconciliation.closed": closed,
    "reconciliation_case.opened": case_opened,
    "reconciliation_case.closed": case_closed,
    "account.frozen": frozen,
    "account.unfrozen": unfrozen,
    "correction.proposed": proposed,
    "entry.correction": corrected,
}
