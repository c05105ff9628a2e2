"""Clearing between nodes, in the log of one of them.

At the ministry's node: what two sides have stated, and what is payable by what both have signed. At
a province's: statements that came are made again from the own books, and nothing is netted or paid
but what follows from statements that the own officers have signed.
"""

from typing import Any

from app.audit.clearing import netting_of, owe_netting, stated
from app.audit.clearing_own import objection
from app.audit.parties import Checker
from app.audit.records import Record
from app.audit.shapes import hundredths_of
from app.audit.splits import move
from app.audit.state_clearing import Due, Instruction, Statement
from app.audit.world import NODE, Expected, World
from app.kernel.units import decimal


def terms_received(world: World, record: Record) -> None:
    """Of the ministry's node: two people have approved them there."""
    world.must(record.province == NODE, record, "clearing", NODE, record.province)
    new = record.subject not in world.clearing.holds
    world.must(new, record, "unique-id", "new terms", record.subject)
    world.clearing.holds[record.subject] = bool(record.body["hold_until_paid"])
    world.clearing.holding = world.clearing.holds[record.subject]


# ------------------------------------------------------------------------------- statements


def received(world: World, record: Record) -> None:
    """A statement's bytes are its obligations'; what the own books do not say is disputed."""
    clearing, document = world.clearing, record.body["document"]
    pair = (document["a"], document["b"])
    dues = [_due(row, pair) for row in document["obligations"]]
    span = (document["window"], document["first"], document["end"], document["netting"])
    found = stated(span, pair, dues)
    found.received = True
    wanted = {"hash": found.hash, "document": document}
    world.match(record, Expected(record.kind, "statement", NODE, found.id, wanted))
    sums = tuple(hundredths_of(document[f"{one}_owes_cny"]) for one in "ab")
    same = sums == (found.a_owes, found.b_owes)
    world.must(same, record, "statement", f"{found.a_owes} and {found.b_owes}", sums)
    window = clearing.received.setdefault(span[0], span[1:])
    world.must(window == span[1:], record, "statement", str(window), span[1:])
    new = found.id not in clearing.statements
    world.must(new, record, "unique-id", "a new statement", found.id)
    clearing.statements[found.id] = found
    if objection(world, found) is None:
        clearing.stated |= {(str(due.transfer), due.kind): found.id for due in dues}
    else:
        clearing.objected[found.id] = record


def _due(row: list[Any], pair: tuple[str, str]) -> Due:
    leaf, transfer, kind, debtor, amount = row
    creditor = pair[1] if debtor == pair[0] else pair[0]
    return Due(leaf, kind, debtor, creditor, hundredths_of(amount), transfer)


# --------------------------------------------------------------------------------- payments


def payments_due(world: World, record: Record) -> None:
    """What the approvals before it leave to be paid between nodes, whole and once."""
    body, cause = record.body, record.subject
    found = world.clearing.between.pop(cause, None)
    if found is None:
        raise world.stop(record, "instruction", "approvals that make it due", cause)
    world.together(found.begun, record)
    wanted = {
        "window": found.about[0],
        "statement": found.about[1],
        "elsewhere": [[code] for code in sorted(found.elsewhere)],
        "payments": body["payments"],
    }
    world.match(record, Expected(record.kind, "instruction", NODE, cause, wanted))
    _compare(world, record, found.rows)
    _keep(world, record, found.about, found.elsewhere)


def _compare(world: World, record: Record, wanted: list[tuple[str, str, int]]) -> None:
    told = sorted(
        (payer, payee, hundredths_of(amount)) for _, payer, payee, amount in record.body["payments"]
    )
    world.must(told == wanted, record, "instruction", f"payments {wanted}", told)


def _keep(
    world: World,
    record: Record,
    about: tuple[int | None, str | None],
    elsewhere: frozenset[str],
    kind: str = "settlement",
) -> None:
    for id_, payer, payee, amount in record.body["payments"]:
        new = id_ not in world.clearing.instructions
        world.must(new, record, "unique-id", "a new instruction", id_)
        world.clearing.instructions[id_] = Instruction(
            kind,
            payer,
            payee,
            hundredths_of(amount),
            about=about,
            elsewhere=elsewhere & {payer, payee},
            waits=payer not in elsewhere and kind == "settlement",
        )


def payments_taken(world: World, record: Record) -> None:
    """What the own statements give, all of them signed here; or money on its way back."""
    body, cause, clearing = record.body, record.subject, world.clearing
    if body["window"] is None:
        payer = body["payments"][0][1]
        single = [row[0] for row in body["payments"]] == [cause]
        world.must(single, record, "instruction", "one payment back", body["payments"])
        _keep(world, record, (None, None), frozenset({payer}), "return")
        return
    netting = clearing.received.get(body["window"], (0, 0, ""))[2]
    together = netting == "multilateral"
    acting = [
        one
        for one in clearing.statements.values()
        if one.received and one.window == body["window"] and body["statement"] in {None, one.id}
    ]
    named = cause == (str(body["window"]) if together else body["statement"])
    world.must(named, record, "instruction", "its statement or window", cause)
    signed = acting and all(one.approvals and not one.carried for one in acting)
    world.must(signed, record, "instruction", "statements that are signed here", cause)
    own = frozenset(code for one in acting for code in one.approvals)
    elsewhere = frozenset(_parties(acting, together=together)) - own
    moves, payments = netting_of(netting, acting)
    rows = sorted(row for row in payments if {row[0], row[1]} & own)
    _compare(world, record, rows)
    _keep(world, record, (body["window"], body["statement"]), elsewhere)
    mine = {code: of for code, of in moves.items() if code in own}
    owe_netting(world, record, body["window"], cause, mine)
    for one in acting:
        one.carried = True
    if together:
        world.book.between_nodes |= {frozenset((code, NODE)) for code in own}


def _parties(acting: list[Statement], *, together: bool) -> set[str]:
    return {code for one in acting for code in (one.a, one.b)} | ({NODE} if together else set())


def account_given(world: World, record: Record) -> None:
    """The account of a side of a payment, approved here, told to the other side."""
    clearing, body = world.clearing, record.body
    found = clearing.instructions.get(record.subject)
    if found is None:
        raise world.stop(record, "instruction", "an instruction", record.subject)
    sides = (record.province, body["to"])
    fits = set(sides) == {found.payer, found.payee} and body["to"] in found.elsewhere
    world.must(fits, record, "instruction", f"{found.payer} and {found.payee}", sides)
    account = clearing.accounts.get(body["account"])
    own = account is not None and account.approved and account.of == record.province
    same = own and clearing.commitments.get(body["account"]) == body["commitment"]
    world.must(same, record, "instruction", "an approved account as committed to", body)


def account_received(world: World, record: Record) -> None:
    """The account of a side whose books another node keeps, once for a payment."""
    clearing, body, province = world.clearing, record.body, record.province
    account = str(body["account"])
    named = account.startswith(f"{province}-") and province not in _own_provinces(world)
    world.must(named, record, "instruction", f"a name behind {province}", account)
    key = (record.subject, province)
    world.must(key not in clearing.given, record, "instruction", "told once", account)
    clearing.given[key] = account
    clearing.told.setdefault(account, province)


def _own_provinces(world: World) -> set[str]:
    return {account.of for account in world.clearing.accounts.values()}


def heard(world: World, record: Record) -> None:
    """The payee's node has confirmed a part; the payer's books follow, where they are here."""
    body, clearing = record.body, world.clearing
    scope = ("payment", f"{record.subject}:{body['part']}")
    if world.go_on(scope, record):
        return
    found = clearing.instructions.get(record.subject)
    if found is None:
        raise world.stop(record, "instruction", "an instruction", record.subject)
    away = found.payee in found.elsewhere
    world.must(away, record, "payment-confirmed", "by the node of the payee", found.payee)
    new = body["part"] not in found.parts
    world.must(new, record, "payment-confirmed", "a part that has not counted", body["part"])
    found.parts.add(body["part"])
    amount = hundredths_of(body["amount_cny"])
    left = found.amount - found.confirmed - amount
    world.must(left >= 0, record, "payment-confirmed", "no more than was left", body["amount_cny"])
    found.confirmed += amount
    facts = dict(body) | {"remaining_cny": decimal(max(left, 0))}
    here = found.payer not in found.elsewhere
    payer, payee, id_ = found.payer, found.payee, record.subject
    owed = [
        Expected("payment.heard", "payment-confirmed", payer if here else NODE, id_, facts),
    ]
    if here and found.kind == "settlement":
        owed.insert(
            0,
            Expected(
                "entry.provincial_payment",
                "payment-confirmed",
                payer,
                id_,
                facts,
                key=f"provincial-payment:{id_}:{body['part']}:{payer}",
                moves=move(f"due_to:{payer}:{payee}", f"bank:{payer}:interprovincial", amount),
            ),
        )
    world.foresee(scope, record, owed)


def finish(world: World) -> None:
    """What approvals have made due between nodes, and what must be disputed, when the log ends."""
    for found in world.clearing.between.values():
        if world.is_over(found.begun):
            world.find(found.begun, "incomplete", "the payments between nodes", "nothing")
    for record in world.clearing.objected.values():
        if world.is_over(record):
            world.find(record, "incomplete", "a dispute of what the books do not say", "nothing")


CHECKERS: dict[str, Checker] = {
    "clearing_terms.received": terms_received,
    "settlement_statement.received": received,
    "payments.due": payments_due,
    "payments.taken": payments_taken,
    "bank_account.given": account_given,
    "bank_account.received": account_received,
    "payment.heard": heard,
}
