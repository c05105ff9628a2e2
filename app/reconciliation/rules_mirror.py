"""What a log says by itself: what its entries do to accounts. Pure.

The mirror believes no table of the node whose log it is. From the entries alone it adds up every
account, what was debited and credited across borders, and by what matter provinces came to owe.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.kernel.ids import reference
from app.kernel.units import hundredths
from app.ledger.rules import AccountKind, AccountRef, EntryKind

ENTRY = "entry."
OUT, IN = "out", "in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """An entry by which a ticket left a province's books or came into them. Areas in 0.01 m².

    `id` is that of the transfer among nodes; where it stays within one node, as the node has it.
    """

    side: str
    id: str
    giver: str
    receiver: str
    sent: int
    received: int
    yield_out: int
    yield_in: int
    document: str
    leaf: int


class Due(NamedTuple):
    """What a matter did to an account of dues, and the first entry that did."""

    amount: int
    leaf: int


@dataclass(slots=True)
class Effects:
    """What entries do, added up. Amounts in hundredths; flows by book and kinds of accounts."""

    accounts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    touched: set[tuple[str, int]] = field(default_factory=set)
    flows: dict[tuple[str, str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    crossed: list[Crossed] = field(default_factory=list)
    dues: dict[tuple[str, str], Due] = field(default_factory=dict)


DUES = frozenset({AccountKind.DUE_TO, AccountKind.DUE_FROM})


def add(effects: Effects, leaf: int, entry: bytes) -> None:
    """Add what one entry of a log does; raises `ValueError` where it cannot be followed."""
    record = json.loads(entry)
    if not record["kind"].startswith(ENTRY):
        return
    kind = record["kind"].removeprefix(ENTRY)
    for source, target, moved, *_ in record["postings"]:
        amount = int(moved)
        giving, taking = AccountRef.of(source), AccountRef.of(target)
        effects.flows[giving.province, kind, giving.kind.value, taking.kind.value] += amount
        for ref, delta in ((giving, -amount), (taking, amount)):
            effects.accounts[ref.code] += delta
            effects.touched.add((ref.code, leaf))
            # A correction is of one book alone: it stands in the balance, and is no matter of two.
            if ref.kind in DUES and kind != EntryKind.CORRECTION:
                _owe(effects, ref.code, matter_of(record), Due(delta, leaf))
    crossed = _crossed(record, kind, leaf)
    if crossed is not None:
        effects.crossed.append(crossed)


def _owe(effects: Effects, code: str, matter: str, due: Due) -> None:
    before = effects.dues.get((code, matter), Due(0, due.leaf))
    effects.dues[code, matter] = Due(before.amount + due.amount, before.leaf)


MOVED = "move:"
"""How matters begin by which a household's account went to another province."""


def matter_of(record: dict[str, Any]) -> str:
    """By what provinces came to owe: the same text in both books, whatever each calls the entry."""
    kind, key, facts = record["kind"].removeprefix(ENTRY), str(record["key"]), record["facts"]
    match kind:
        case EntryKind.ACCOUNT_MOVED_OUT | EntryKind.ACCOUNT_MOVED_IN:
            local = kind == EntryKind.ACCOUNT_MOVED_OUT and "decision" in facts
            id_ = reference(facts["from"], facts["transfer"]) if local else facts["transfer"]
            return f"{MOVED}{id_}"
        case EntryKind.SETTLEMENT | EntryKind.SETTLEMENT_HOME:
            return "sale:" + key.split(":", 1)[1]
        case EntryKind.PROVINCIAL_PAYMENT:
            # One file names it at the payee's node, the number of its part at the payer's.
            return f"payment:{record['subject']}:{facts['reference']}"
        case _:
            # What both sides post for one cause differs by the province at the end alone.
            return key.removesuffix(f":{record['province']}")


def _crossed(record: dict[str, Any], kind: str, leaf: int) -> Crossed | None:
    if kind not in {EntryKind.CONVERSION_OUT, EntryKind.CONVERSION_IN}:
        return None
    facts, subject, leaves = record["facts"], record["subject"], kind == EntryKind.CONVERSION_OUT
    source, target, moved, *_ = record["postings"][0]
    border = AccountRef.of(target if leaves else source)
    here, other = border.province, border.owner
    home = here if leaves else other
    # Its home calls it by its own name; so does a receiver in the same node.
    local = "decision" in facts and (leaves or not subject.startswith(f"{home}-"))
    return Crossed(
        side=OUT if leaves else IN,
        id=reference(home, subject) if local else subject,
        giver=here if leaves else other,
        receiver=other if leaves else here,
        sent=int(moved) if leaves else hundredths(facts["sent_m2"]),
        received=hundredths(facts["received_m2"]) if leaves else int(moved),
        yield_out=int(facts["yield_out"]),
        yield_in=int(facts["yield_in"]),
        document=str(facts["document"]),
        leaf=leaf,
    )


def add_all(effects: Effects, first: int, entries: Iterable[bytes]) -> None:
    """Add what entries do from an index on; raises `ValueError` as `add` does."""
    for leaf, entry in enumerate(entries, first):
        try:
            add(effects, leaf, entry)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise ValueError(f"entry {leaf} cannot be followed") from error
