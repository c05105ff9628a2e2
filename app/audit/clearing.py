"""Clearing between provinces: terms, windows, statements, and how debts are netted (R231).

A window is made again from the log alone: the debts that its entries raised, by pair, and the
bytes of each statement. What is netted and what must be instructed follows from the statements.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from app.audit.clearing_own import note_own, note_sale, objection
from app.audit.parties import Checker, is_province
from app.audit.records import Record, canonical
from app.audit.splits import move
from app.audit.state_clearing import Due, Payments, Proposal, Statement
from app.audit.world import NODE, Expected, Moves, World
from app.kernel.units import decimal

OWN_ENTRIES = frozenset({"entry.provincial_payment", "entry.provincial_netting"})


def note_dues(world: World, record: Record) -> None:
    """What an entry makes provinces owe, kept until the window that it falls in is closed.

    A direct settlement pays all that its pair owed before it. A debt between nodes waits for the
    other side's word (`clearing_between`).
    """
    note_sale(world, record)
    if record.kind in OWN_ENTRIES or note_own(world, record):
        return
    dues = world.clearing.dues
    if record.kind == "entry.provincial_settlement" and world.clearing.in_force is not None:
        world.find(record, "clearing", "a payment through the bank", "a direct settlement")
    for source, target, amount, _, _ in record.postings:
        if target.startswith("due_to:"):
            _, debtor, creditor = target.split(":", 2)
            dues.append(
                Due(record.index, record.kind.removeprefix("entry."), debtor, creditor, amount)
            )
        elif source.startswith("due_to:") and record.kind == "entry.provincial_settlement":
            _, debtor, creditor = source.split(":", 2)
            paid = (debtor, creditor)
            settled = [due for due in dues if (due.debtor, due.creditor) == paid]
            world.clearing.paid_directly |= {due.leaf for due in settled}
            dues[:] = [due for due in dues if due not in settled]


# ------------------------------------------------------------------------------- two people


def propose(world: World, record: Record, known: dict[str, Proposal], of: str) -> None:
    """A new proposal of one person."""
    id_ = record.subject
    world.must(id_ not in known, record, "unique-id", "a new proposal", id_)
    known[id_] = Proposal(of, record.actor)


def approve(world: World, record: Record, known: dict[str, Proposal]) -> Proposal:
    """By another person than who proposed it, once."""
    found = known.get(record.subject)
    if found is None:
        raise world.stop(record, "approval", "a proposal", record.subject)
    world.must(not found.approved, record, "approval", "not approved before", record.subject)
    other = found.by != record.actor
    world.must(other, record, "approval", f"another person than {found.by}", record.actor)
    found.approved = True
    return found


def terms_proposed(world: World, record: Record) -> None:
    """One person of the ministry."""
    world.must(record.province == NODE, record, "clearing", NODE, record.province)
    propose(world, record, world.clearing.terms, str(record.body["netting"]))
    world.clearing.holds[record.subject] = bool(record.body.get("hold_until_paid"))


def terms_approved(world: World, record: Record) -> None:
    """Another; the terms that were proposed last among the approved are in force."""
    world.must(record.province == NODE, record, "clearing", NODE, record.province)
    found = approve(world, record, world.clearing.terms)
    wanted = {"netting": found.of, "hold_until_paid": world.clearing.holds[record.subject]}
    same = record.body in ({}, wanted)
    world.must(same, record, "clearing", f"as proposed: {wanted}", record.body)
    approved = [id_ for id_, terms in world.clearing.terms.items() if terms.approved]
    world.clearing.in_force = approved[-1]
    world.clearing.holding = world.clearing.holds[approved[-1]]


def account_proposed(world: World, record: Record) -> None:
    """An account of a registered province, or of the ministry as agent."""
    known = record.province == NODE or is_province(world, record.province)
    world.must(known, record, "clearing", "a registered province", record.province)
    propose(world, record, world.clearing.accounts, record.province)
    world.clearing.commitments[record.subject] = record.body["commitment"]


def account_approved(world: World, record: Record) -> None:
    """For the same province."""
    found = approve(world, record, world.clearing.accounts)
    world.must(found.of == record.province, record, "clearing", found.of, record.province)


# ---------------------------------------------------------------------------------- windows


def window_closed(world: World, record: Record) -> None:
    """It begins where the last ended, and its statements are those that the log gives."""
    clearing, body = world.clearing, record.body
    number = len(clearing.windows) + 1
    terms = clearing.terms.get(str(clearing.in_force))
    if terms is None:
        raise world.stop(record, "clearing", "approved terms", body["terms"])
    first, end = clearing.end, int(body["end"])
    world.must(first < end <= record.index, record, "clearing", f"an end behind {first}", end)
    owed: dict[tuple[str, str], list[Due]] = defaultdict(list)
    for due in sorted([*clearing.dues, *clearing.agreed]):
        if due.leaf < end:
            a, b = sorted((due.debtor, due.creditor))
            owed[a, b].append(due)
    span = (number, first, end, terms.of)
    statements = [stated(span, pair, dues) for pair, dues in sorted(owed.items())]
    wanted = {
        "first": first,
        "end": end,
        "terms": clearing.in_force,
        "netting": terms.of,
        "statements": [
            [one.a, one.b, decimal(one.a_owes), decimal(one.b_owes), one.hash] for one in statements
        ],
    }
    world.match(record, Expected(record.kind, "clearing", NODE, str(number), wanted))
    world.must(statements, record, "clearing", "some obligation", "none")
    clearing.windows[number] = terms.of
    clearing.end = end
    for dues in (clearing.dues, clearing.agreed):
        dues[:] = [due for due in dues if due.leaf >= end]
    clearing.statements |= {one.id: one for one in statements}


def stated(
    span: tuple[int, int, int, str], pair: tuple[str, str], dues: Sequence[Due]
) -> Statement:
    """The statement of a pair; `span` is window, first index, end and netting."""
    number, first, end, netting = span
    a, b = pair
    a_owes, b_owes = (sum(due.amount for due in dues if due.debtor == code) for code in pair)
    between_nodes = any(due.transfer is not None for due in dues)
    document = {
        "v": f"hrt-settlement-statement/{2 if between_nodes else 1}",
        "window": number,
        "first": first,
        "end": end,
        "netting": netting,
        "a": a,
        "b": b,
        "a_owes_cny": decimal(a_owes),
        "b_owes_cny": decimal(b_owes),
        "obligations": [
            [due.leaf, *([due.transfer] * between_nodes), due.kind, due.debtor, decimal(due.amount)]
            for due in dues
        ],
    }
    hash_ = hashlib.sha256(canonical(document)).hexdigest()
    id_ = f"{number}-{a}-{b}"
    return Statement(id_, number, a, b, a_owes, b_owes, hash_, dues=tuple(dues))


# ------------------------------------------------------------------------------- statements


def _find(world: World, record: Record, province: str) -> Statement:
    found = world.clearing.statements.get(record.subject)
    if found is None:
        raise world.stop(record, "statement", "a statement", record.subject)
    ended = found.carried if found.received else found.approved
    world.must(not ended, record, "statement", "an open statement", found.id)
    own = province in {found.a, found.b}
    world.must(own, record, "statement", f"{found.a} or {found.b}", province)
    stands = record.body["hash"]
    world.must(stands == found.hash, record, "statement", found.hash, stands)
    return found


def approved(world: World, record: Record) -> None:
    """Each province once, by two people; then what is netted and instructed is owed."""
    found = _find(world, record, record.province)
    if found.received:
        wrong = objection(world, found)
        world.must(wrong is None, record, "statement", "what the own books say", wrong)
    _approve(world, record, found, record.province, record.actor)


def heard(world: World, record: Record) -> None:
    """The same, or a dispute, at the node that keeps the province's books."""
    body, province = record.body, str(record.body["province"])
    found = _find(world, record, province)
    named = body["person"].startswith(f"{province}:") and record.province == NODE
    world.must(named, record, "statement", f"a person of {province}", body["person"])
    found.heard.add(province)
    if body["reason"] is None:
        _approve(world, record, found, province, body["person"])
        return
    stands = province not in found.approvals
    world.must(stands, record, "statement", "no dispute behind an approval", province)


def _approve(
    world: World, record: Record, found: Statement, province: str, person: str | None
) -> None:
    new = province not in found.approvals
    world.must(new, record, "statement", "not approved before", province)
    others = set(found.approvals.values())
    world.must(person not in others, record, "two-persons", "another person", person)
    found.approvals[province] = person
    if found.approved and not found.received:
        _net(world, record, found)


def disputed(world: World, record: Record) -> None:
    """An approval of the same province before it counts no more; one that was told stands."""
    found = _find(world, record, record.province)
    before = found.approvals.pop(record.province, None)
    if found.received:
        stands = before is None
        world.must(stands, record, "statement", "no dispute behind an approval", before)
        world.clearing.objected.pop(found.id, None)


def _net(world: World, record: Record, found: Statement) -> None:
    netting = world.clearing.windows[found.window]
    together = netting == "multilateral"
    of_window = [s for s in world.clearing.statements.values() if s.window == found.window]
    if together and not all(one.approved for one in of_window):
        return
    statements = of_window if together else [found]
    cause = str(found.window) if together else found.id
    moves, payments = netting_of(netting, statements)
    elsewhere = frozenset().union(*(one.heard for one in statements))
    between_nodes = any(one.between_nodes for one in statements)
    owe_netting(world, record, found.window, cause, without(moves, elsewhere))
    about = (found.window, None if together else found.id)
    world.clearing.payable += [
        ((*about, payer, payee, amount), record)
        for payer, payee, amount in payments
        if not {payer, payee} & elsewhere
    ]
    if between_nodes:
        far = [row for row in payments if {row[0], row[1]} & elsewhere]
        world.clearing.between[cause] = Payments(about, elsewhere, sorted(far), record)
        if together:
            world.book.between_nodes |= {frozenset((code, NODE)) for code in elsewhere}


def without(moves: Mapping[str, Moves], elsewhere: Collection[str]) -> dict[str, Moves]:
    """What is netted in the books of this node."""
    return {code: of for code, of in moves.items() if code not in elsewhere}


def owe_netting(
    world: World, record: Record, window: int, cause: str, moves: Mapping[str, Moves]
) -> None:
    """Wait for the entries of netting."""
    for province in sorted(moves):
        world.owe(
            ("clearing", cause),
            record,
            Expected(
                "entry.provincial_netting",
                "clearing",
                province,
                cause,
                {"window": window},
                key=f"provincial-netting:{cause}:{province}",
                moves=moves[province],
            ),
        )


_Debts = list[tuple[str, str, int]]


def netting_of(netting: str, statements: Iterable[Statement]) -> tuple[dict[str, Moves], _Debts]:
    """What is netted in each one's books, and who pays whom."""
    debts = sorted(debt for one in statements for debt in one.debts)
    return (_through_agent if netting == "multilateral" else _between)(netting, debts)


def _between(netting: str, debts: _Debts) -> tuple[dict[str, Moves], _Debts]:
    """One pair: both debts as they are, or the smaller one met from both sides."""
    if netting == "gross" or len(debts) <= 1:
        return {}, debts
    (a, b, a_owes), (_, _, b_owes) = debts
    less = min(a_owes, b_owes)
    moves = {
        one: move(f"due_to:{one}:{other}", f"due_from:{one}:{other}", less)
        for one, other in ((a, b), (b, a))
    }
    rest = [(a, b, a_owes - less), (b, a, b_owes - less)]
    return moves, [payment for payment in rest if payment[2]]


def _through_agent(_netting: str, debts: _Debts) -> tuple[dict[str, Moves], _Debts]:
    """Every debt goes over to the agent; then each party pays it, or is paid, one net."""
    moves: dict[str, Moves] = defaultdict(tuple)
    out: dict[str, int] = defaultdict(int)
    back: dict[str, int] = defaultdict(int)
    for debtor, creditor, amount in debts:
        moves[debtor] += move(f"due_to:{debtor}:{creditor}", f"due_to:{debtor}:{NODE}", amount)
        moves[creditor] += move(
            f"due_from:{creditor}:{NODE}", f"due_from:{creditor}:{debtor}", amount
        )
        moves[NODE] += move(f"due_from:{NODE}:{debtor}", f"due_to:{NODE}:{creditor}", amount)
        out[debtor] += amount
        back[creditor] += amount
    payments = []
    for province in sorted({*out, *back}):
        less = min(out[province], back[province])
        moves[province] += move(f"due_to:{province}:{NODE}", f"due_from:{province}:{NODE}", less)
        moves[NODE] += move(f"due_to:{NODE}:{province}", f"due_from:{NODE}:{province}", less)
        payments.append((province, NODE, out[province] - less))
        payments.append((NODE, province, back[province] - less))
    return moves, [payment for payment in payments if payment[2]]


def netted(world: World, record: Record) -> None:
    """Only behind the approval that makes it due."""
    if not world.go_on(("clearing", record.subject), record):
        raise world.stop(record, "clearing", "an approval before it", record.subject)


CHECKERS: dict[str, Checker] = {
    "clearing_terms.proposed": terms_proposed,
    "clearing_terms.approved": terms_approved,
    "bank_account.proposed": account_proposed,
    "bank_account.approved": account_approved,
    "settlement_window.closed": window_closed,
    "settlement_statement.approved": approved,
    "settlement_statement.disputed": disputed,
    "settlement_statement.heard": heard,
    "entry.provincial_netting": netted,
}
