"""Payments between provinces: instructed by statements, confirmed by the bank's files (R231)."""

from collections.abc import Mapping
from typing import Any

from app.audit import clearing_between
from app.audit.clearing import approve
from app.audit.parties import Checker
from app.audit.records import Record
from app.audit.shapes import hundredths_of
from app.audit.splits import move
from app.audit.state_clearing import Instruction, Proposal, Unmatched
from app.audit.world import Expected, World
from app.kernel.units import decimal

MONEYLESS = frozenset({"duplicate-reference", "reversal"})


def instructed(world: World, record: Record) -> None:
    """What an approval or a return makes payable, and nothing else, between approved accounts.

    Between nodes it was payable before: now the other side's account is known as well.
    """
    clearing, body = world.clearing, record.body
    amount = hundredths_of(body["amount_cny"])
    for side, party in (("payer_account", record.province), ("payee_account", body["payee"])):
        account = clearing.accounts.get(body[side])
        fits = account is not None and account.approved and account.of == party
        fits = fits or clearing.told.get(body[side]) == party
        world.must(fits, record, "instruction", f"an approved account of {party}", body[side])
    known = clearing.instructions.get(record.subject)
    if known is not None and known.waits:
        _complete(world, record, known)
        return
    _take_due(world, record, amount)
    world.must(known is None, record, "unique-id", "a new instruction", record.subject)
    told = {party for party in (body["payee"],) if body["payee_account"] in clearing.told}
    clearing.instructions[record.subject] = Instruction(
        body["kind"],
        record.province,
        body["payee"],
        amount,
        about=(body["window"], body["statement"]),
        elsewhere=frozenset(told),
    )


def _complete(world: World, record: Record, known: Instruction) -> None:
    """As it was payable, to the account that the payee's node has told for it."""
    body, given = record.body, world.clearing.given.get((record.subject, known.payee))
    wanted = {
        "kind": known.kind,
        "window": known.about[0],
        "statement": known.about[1],
        "payee": known.payee,
        "amount_cny": decimal(known.amount),
        "payer_account": body["payer_account"],
        "payee_account": given,
    }
    world.match(record, Expected(record.kind, "instruction", known.payer, record.subject, wanted))
    known.waits = False


def _take_due(world: World, record: Record, amount: int) -> None:
    """The payment that this instruction makes is one that was due."""
    clearing, body = world.clearing, record.body
    cause = None
    if body["kind"] == "return":
        wanted: object = (record.province, amount)
        back = next((one for one in clearing.returns if one[:2] == wanted), None)
        if back is not None and body["payee"] != record.province:
            clearing.returns.remove(back)
            cause = back[2]
    else:
        parties = (record.province, body["payee"])
        wanted = (body["window"], body["statement"], *parties, amount)
        due = next((one for one in clearing.payable if one[0] == wanted), None)
        if due is not None:
            clearing.payable.remove(due)
            cause = due[1]
    world.must(cause, record, "instruction", "a payment that is due", wanted)
    if cause is not None:
        world.together(cause, record)


def received(world: World, record: Record) -> None:
    """A file of an account of the party in whose name it is recorded."""
    clearing = world.clearing
    new = record.subject not in clearing.files
    world.must(new, record, "unique-id", "a new file", record.subject)
    has_one = any(one.approved and one.of == record.province for one in clearing.accounts.values())
    world.must(has_one, record, "bank-file", "an approved account", record.province)
    fits = record.body["unmatched"] <= record.body["entries"]
    world.must(fits, record, "bank-file", "no more unmatched than entries", record.body)
    clearing.files[record.subject] = (record.province, record.body["entries"])


def _count_once(world: World, record: Record, holder: str, reference: str) -> None:
    """Each reference of one holder's bank counts once."""
    key = (holder, reference)
    new = key not in world.clearing.references
    world.must(new, record, "bank-reference", "a reference that has not counted", reference)
    world.clearing.references.add(key)


def _in_file(world: World, record: Record, file: str, entry: int) -> str:
    found = world.clearing.files.get(file)
    if found is None:
        raise world.stop(record, "bank-file", "a file that was received", file)
    holder, entries = found
    world.must(1 <= entry <= entries, record, "bank-file", f"one of {entries} entries", entry)
    return holder


def unmatched(world: World, record: Record) -> None:
    """It waits for two people; its reference is taken, unless it was before."""
    body, clearing = record.body, world.clearing
    holder = _in_file(world, record, record.subject, body["entry"])
    world.must(record.province == holder, record, "bank-file", holder, record.province)
    place = (record.subject, body["entry"])
    world.must(place not in clearing.unmatched, record, "unique-id", "a new entry", place)
    if body["code"] != "duplicate-reference":
        _count_once(world, record, holder, body["reference"])
    clearing.unmatched[place] = Unmatched(
        holder,
        body["code"],
        body["reference"],
        hundredths_of(body["amount"]),
        body["currency"],
    )


def confirmed(world: World, record: Record) -> None:
    """Money on the payee's account: both books and the instruction, to the fen."""
    if "part" in record.body:
        clearing_between.heard(world, record)
        return
    body, clearing = record.body, world.clearing
    file, entry = str(body["file"]), int(body["entry"])
    scope = ("payment", f"{file}:{entry}")
    if world.go_on(scope, record):
        return
    found = clearing.instructions.get(record.subject)
    if found is None:
        raise world.stop(record, "instruction", "an instruction", record.subject)
    holder = _in_file(world, record, file, entry)
    fits = holder == found.payee
    world.must(fits, record, "bank-file", f"a file of {found.payee}", holder)
    amount = hundredths_of(body["amount_cny"])
    _check_source(world, record, holder, (file, entry))
    left = found.amount - found.confirmed - amount
    world.must(left >= 0, record, "payment-confirmed", "no more than was left", body["amount_cny"])
    found.confirmed += amount
    facts = dict(body) | {"remaining_cny": decimal(max(left, 0))}
    world.foresee(scope, record, _owed(record.subject, found, amount, facts))


def _check_source(world: World, record: Record, holder: str, place: tuple[str, int]) -> None:
    """An entry that matched by itself, or one that two people assigned to this instruction."""
    waited = world.clearing.unmatched.get(place)
    if waited is None:
        _count_once(world, record, holder, record.body["reference"])
        return
    same = (record.subject, decimal(waited.amount), waited.reference)
    stands = (waited.assigned, record.body["amount_cny"], record.body["reference"])
    world.must(stands == same, record, "resolution", f"assigned: {same}", stands)
    waited.assigned = None


def _owed(id_: str, found: Instruction, amount: int, facts: Mapping[str, Any]) -> list[Expected]:
    payer, payee = found.payer, found.payee
    books = (
        (payer, move(f"due_to:{payer}:{payee}", f"bank:{payer}:interprovincial", amount)),
        (payee, move(f"bank:{payee}:interprovincial", f"due_from:{payee}:{payer}", amount)),
    )
    entries = [
        Expected(
            "entry.provincial_payment",
            "payment-confirmed",
            province,
            id_,
            facts,
            key=f"provincial-payment:{facts['file']}:{facts['entry']}:{province}",
            moves=moves,
        )
        for province, moves in books
        if found.kind == "settlement" and province not in found.elsewhere
    ]
    return [*entries, Expected("payment.confirmed", "payment-confirmed", payee, id_, facts)]


# ------------------------------------------------------------------------------ resolutions


def resolution_proposed(world: World, record: Record) -> None:
    """One officer of whose account it is."""
    clearing, body = world.clearing, record.body
    new = record.subject not in clearing.resolutions
    world.must(new, record, "unique-id", "a new resolution", record.subject)
    _fitting(world, record)
    proposal = Proposal(record.province, record.actor)
    clearing.resolutions[record.subject] = (proposal, dict(body))


def _fitting(world: World, record: Record) -> Unmatched:
    body = record.body
    waited = world.clearing.unmatched.get((body["file"], body["entry"]))
    if waited is None:
        raise world.stop(record, "resolution", "an entry that waits", body)
    world.must(waited.resolved is None, record, "resolution", "not resolved", waited.resolved)
    world.must(record.province == waited.holder, record, "resolution", waited.holder, body)
    money = waited.currency == "CNY" and waited.code not in MONEYLESS
    lawful = money or body["kind"] == "set_aside"
    world.must(lawful, record, "resolution", "set_aside, as no money is behind it", body["kind"])
    return waited


def resolved(world: World, record: Record) -> None:
    """By another officer, as it was proposed; what follows is owed."""
    clearing, body = world.clearing, record.body
    found = clearing.resolutions.get(record.subject)
    if found is None:
        raise world.stop(record, "approval", "a proposal", record.subject)
    proposal, wanted = found
    approve(world, record, {record.subject: proposal})
    waited = _fitting(world, record)
    world.match(record, Expected(record.kind, "resolution", waited.holder, record.subject, wanted))
    waited.resolved = str(body["kind"])
    if waited.resolved == "assign":
        waited.assigned = body["instruction"]
    elif waited.resolved == "return":
        # To whom is known to the bank's file alone.
        clearing.returns.append((waited.holder, waited.amount, record))


def finish(world: World) -> None:
    """What is still to be instructed, or counted, when the log ends."""
    clearing = world.clearing
    for due, begun in clearing.payable:
        if world.is_over(begun):
            world.find(begun, "incomplete", f"an instruction of {due}", "nothing")
    clearing_between.finish(world)
    for holder, amount, begun in clearing.returns:
        if world.is_over(begun):
            world.find(begun, "incomplete", f"{decimal(amount)} returned by {holder}", "nothing")


CHECKERS: dict[str, Checker] = {
    "payment.instructed": instructed,
    "bank_file.received": received,
    "bank_entry.unmatched": unmatched,
    "entry.provincial_payment": confirmed,
    "payment.confirmed": confirmed,
    "bank_entry.resolution_proposed": resolution_proposed,
    "bank_entry.resolved": resolved,
}
