"""What both sides state of debts between nodes, anew after corrections, until they agree.

In the log of a side, a correction that names a debt must begin at what was stated before it, and
end at what its own postings make of that. In the ministry's, each statement that was heard anew
must begin where the one before it ended; what is agreed, or differs, is what they come to.
"""

from typing import Any

from app.audit.parties import Checker
from app.audit.records import Record
from app.audit.shapes import hundredths_of
from app.audit.state_clearing import Anew, Due
from app.audit.world import NODE, World
from app.kernel.units import decimal

SIDES = ("debtor", "creditor")
RULE = "obligation"
SECOND = 2


# -------------------------------------------------------------------------- in a side's own books


def note_correction(world: World, record: Record) -> bool:
    """Take what a correction makes of a debt that it names; False where it names none."""
    body, clearing = record.body, world.clearing
    if "transfer" not in body:
        return False
    matter = (str(body["transfer"]), str(body["kind"]))
    sides = [s for s in SIDES if _is_in_book(clearing.own.get((*matter, s)), s, record.province)]
    gone = None if sides else _gone(world, record, matter)
    if gone is not None:
        # The home has refused the sale's letter: its corrections are all that its books say of it.
        clearing.own[*matter, "creditor"], clearing.numbers[*matter, "creditor"] = gone, 0
        sides = ["creditor"]
    if not sides:
        world.find(record, RULE, "a debt that these books have stated", matter)
        return True
    key = (*matter, sides[0])
    due, number = clearing.own[key], clearing.numbers.get(key, 1) + 1
    amount = due.amount + _raised(record, due, sides[0])
    wanted = {"number": number, "before_cny": decimal(due.amount), "amount_cny": decimal(amount)}
    stands = {name: body[name] for name in wanted}
    world.must(stands == wanted, record, RULE, str(wanted), stands)
    world.must(amount != due.amount, record, RULE, "moves in its account", record.postings)
    world.must(amount >= 0, record, RULE, "nothing, and no less", decimal(amount))
    world.must(matter[1] == "sale", record, RULE, "no balance that was committed", matter)
    open_ = matter not in clearing.matters and matter not in clearing.stated
    world.must(open_, record, RULE, "a debt that is not agreed", matter)
    clearing.own[key] = due._replace(amount=amount)
    clearing.numbers[key] = number
    return True


def _gone(world: World, record: Record, matter: tuple[str, str]) -> Due | None:
    """What a home claims at first for a ticket that has left: nothing."""
    for local in world.crossings.left.values():
        found, departure = world.transfers[local], world.crossings.departures[local]
        if (departure.crossing, "sale") == matter and found.home == record.province:
            return Due(record.index, "sale", found.receiver, found.home, 0, matter[0])
    return None


def _is_in_book(due: Due | None, side: str, province: str) -> bool:
    return due is not None and province == (due.debtor if side == "debtor" else due.creditor)


def _raised(record: Record, due: Due, side: str) -> int:
    """By how much the postings raise what is owed, or claimed."""
    code = f"due_to:{due.debtor}:{due.creditor}"
    if side == "creditor":
        code = f"due_from:{due.creditor}:{due.debtor}"
    more = sum(amount for source, target, amount, *_ in record.postings if target == code)
    less = sum(amount for source, target, amount, *_ in record.postings if source == code)
    return more - less if side == "debtor" else less - more


# ----------------------------------------------------------------------- in the ministry's node's


def _matter(world: World, record: Record) -> tuple[str, str]:
    """Of a transfer that was committed, by its parties, and not agreed yet."""
    body, matter = record.body, (record.subject, str(record.body["kind"]))
    decided = world.crossings.decided.get(record.subject)
    terms = None if decided is None else decided.terms
    if decided is None or terms is None or decided.state != "committed":
        raise world.stop(record, RULE, "a transfer that was committed", record.subject)
    parties = (terms["from"], terms["to"])
    wanted = parties if matter[1] == "account" else parties[::-1]
    found = (body["debtor"], body["creditor"])
    world.must(found == wanted, record, RULE, str(wanted), found)
    world.must(matter not in world.clearing.matters, record, RULE, "told once", matter)
    world.must(record.province == NODE, record, RULE, NODE, record.province)
    if matter[1] == "account":
        named = ("amount_cny", "debtor_cny", "creditor_cny", "before_cny")
        amounts = {body[name] for name in named if name in body}
        same = amounts == {terms["balance_cny"]}
        world.must(same, record, RULE, terms["balance_cny"], sorted(amounts))
    return matter


def restated(world: World, record: Record) -> None:
    """One side has stated a debt anew: once by this number, from where it stood."""
    body, clearing = record.body, world.clearing
    key = (*_matter(world, record), str(body["side"]))
    heard = clearing.anew.setdefault(key, {})
    number = int(body["number"])
    new = number > 1 and number not in heard
    world.must(new, record, RULE, "a number that was not heard", number)
    one = Anew(hundredths_of(body["before_cny"]), hundredths_of(body["amount_cny"]), body["entry"])
    world.must(one.before != one.amount, record, RULE, "another amount", body["amount_cny"])
    before, after = heard.get(number - 1), heard.get(number + 1)
    fits = (before is None or before.amount == one.before) and (
        after is None or after.before == one.amount
    )
    told = clearing.differing.get(key[:2])
    if told is not None and number == SECOND and not told.get(f"{key[2]}_corrections"):
        # What it said first was told when the two were found to differ.
        fits = fits and told[f"{key[2]}_cny"] == body["before_cny"]
    world.must(fits, record, RULE, "from where the last statement ended", body["before_cny"])
    own = clearing.own.get(key)
    if own is not None:
        same = (own.amount, clearing.numbers.get(key)) == (one.amount, number)
        world.must(same, record, RULE, f"as in {own}", body)
    heard[number] = one


def _last(
    world: World, record: Record, matter: tuple[str, str], side: str, said: str
) -> tuple[list[list[str]], str]:
    """The corrections of a side that were heard, and the amount that it has stated by them."""
    heard = world.clearing.anew.get((*matter, side), {})
    numbers = sorted(heard)
    whole = numbers == list(range(SECOND, len(numbers) + SECOND))
    world.must(whole, record, RULE, "every statement up to the last", numbers)
    told = world.clearing.differing.get(matter)
    if not numbers:
        return [], said if told is None else told[f"{side}_cny"]
    rows = [[heard[number].entry, decimal(heard[number].amount)] for number in numbers]
    return rows, rows[-1][1]


def _both(world: World, record: Record, said: dict[str, str]) -> tuple[str, str]:
    """What is told of a debt must be what both sides have stated so far."""
    body, matter = record.body, _matter(world, record)
    sides = {side: _last(world, record, matter, side, said[side]) for side in SIDES}
    for side, (rows, amount) in sides.items():
        stands = body.get(f"{side}_corrections", [])
        world.must(stands == rows, record, RULE, f"corrections {rows}", stands)
        world.must(said[side] == amount, record, RULE, f"{side}: {amount}", said[side])
        own = world.clearing.own.get((*matter, side))
        same = own is None or decimal(own.amount) == said[side]
        world.must(same, record, RULE, f"as in {own}", said[side])
    told: dict[str, Any] = world.clearing.differing.get(matter, body)
    entries = [body[f"{side}_entry"] for side in SIDES]
    same = entries == [told[f"{side}_entry"] for side in SIDES]
    world.must(same, record, RULE, "the entries that were told before", entries)
    return matter


def agreed(world: World, record: Record) -> None:
    """Both sides have stated the same; so do the books of a side that this node keeps."""
    body = record.body
    matter = _both(world, record, dict.fromkeys(SIDES, body["amount_cny"]))
    amount = hundredths_of(body["amount_cny"])
    due = Due(record.index, matter[1], body["debtor"], body["creditor"], amount, matter[0])
    world.clearing.agreed.append(due)
    world.clearing.matters.add(matter)
    world.clearing.differing.pop(matter, None)


def differs(world: World, record: Record) -> None:
    """They have not: told once, and again when one of them has stated it anew."""
    body = record.body
    matter = _both(world, record, {side: body[f"{side}_cny"] for side in SIDES})
    apart = body["debtor_cny"] != body["creditor_cny"]
    world.must(apart, record, RULE, "two amounts", body["debtor_cny"])
    before = world.clearing.differing.get(matter)
    world.must(before != body, record, RULE, "told once", matter)
    world.clearing.differing[matter] = body


CHECKERS: dict[str, Checker] = {
    "obligation.agreed": agreed,
    "obligation.differs": differs,
    "obligation.restated": restated,
}
