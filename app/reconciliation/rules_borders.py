"""Two provinces' books held against each other, as the mirrors of their logs stand. Pure.

Areas are in 0.01 m², money in fen. What is under way between two nodes is named, and is no fault.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.ledger.rules import AccountKind, AccountRef
from app.reconciliation.rules import CaseKind


class Committed(NamedTuple):
    """A transfer between nodes that the ministry has committed. `applied` as its log has it."""

    id: str
    giver: str
    receiver: str
    sent: int
    received: int
    balance: int
    applied: frozenset[str]


class Transit(NamedTuple):
    """What is under way between two provinces: which matter, of which kind, and how much."""

    matter: str
    giver: str
    receiver: str
    kind: str
    amount: int


class PairFinding(NamedTuple):
    """Two books that do not agree: the accounts, what each should hold, and what it holds."""

    kind: CaseKind
    subject: str
    rows: tuple[tuple[str, int, int], ...]


GIVER, RECEIVER = "giver", "receiver"


@dataclass(frozen=True, slots=True)
class Quota:
    """What crossed from one province to another, as the two logs have it, by transfer."""

    out: Mapping[str, int]
    into: Mapping[str, int]
    matched: Mapping[str, tuple[int, int]]
    """Within one node, where one transaction does both: by transfer, m and n of its two entries."""


def conversion(province: str, other: str) -> str:
    """The account of what left a province for another, or came from it."""
    return AccountRef(AccountKind.CONVERSION, other, province).code


def compare_quota(
    pair: tuple[str, str],
    flows: Mapping[tuple[str, str], Quota],
    committed: Iterable[Committed],
    balances: Mapping[str, int],
) -> tuple[PairFinding | None, list[Transit]]:
    """Hold what crossed between two provinces against what was committed (R183).

    An account of conversions must be what left less what came, each by the decision's own figures.
    A commit counts for a side if its log has the entry, or if the ministry's log says that it was
    applied; what counts for the giver alone is under way. What nobody committed counts for nothing.
    """
    expected = {conversion(*pair): 0, conversion(*reversed(pair)): 0}
    transit = []
    for one in committed:
        if {one.giver, one.receiver} != set(pair):
            continue
        flow = flows.get((one.giver, one.receiver))
        gone = GIVER in one.applied or (flow is not None and one.id in flow.out)
        come = RECEIVER in one.applied or (flow is not None and one.id in flow.into)
        expected[conversion(one.giver, one.receiver)] += one.sent if gone else 0
        expected[conversion(one.receiver, one.giver)] -= one.received if come else 0
        if gone != come:
            amount = one.sent if gone else one.received
            transit.append(
                Transit(one.id, one.giver, one.receiver, "sent" if gone else "received", amount)
            )
    for giver, receiver in (pair, (pair[1], pair[0])):
        flow = flows.get((giver, receiver))
        for sent, received in () if flow is None else flow.matched.values():
            expected[conversion(giver, receiver)] += sent
            expected[conversion(receiver, giver)] -= received
    rows = tuple((code, amount, balances.get(code, 0)) for code, amount in sorted(expected.items()))
    if all(wanted == stands for _, wanted, stands in rows):
        return None, transit
    return PairFinding(CaseKind.CONVERSION, ">".join(sorted(pair)), rows), transit


class Matter(NamedTuple):
    """What a matter did to an account of dues, and whether the last round has seen it already."""

    amount: int
    seen: bool


def compare_dues(
    debtor: str,
    creditor: str,
    books: tuple[Mapping[str, Matter], Mapping[str, Matter]],
    balances: Mapping[str, int],
    committed: Mapping[str, Committed],
) -> tuple[PairFinding | None, list[Transit]]:
    """Hold what a province owes by its own books against what the other claims of it.

    `books` are the matters of the debtor's and the creditor's account. One that stands in one book
    alone is under way: for the account of a household as long as its transfer is, else until the
    round after the one that saw it first.
    """
    owes = AccountRef(AccountKind.DUE_TO, creditor, debtor).code
    claims = AccountRef(AccountKind.DUE_FROM, debtor, creditor).code
    transit, under_way = [], 0
    for matter in sorted(books[0].keys() ^ books[1].keys()):
        side = 0 if matter in books[0] else 1
        one = books[side][matter]
        amount = one.amount if side == 0 else -one.amount
        if _is_under_way(matter, one, amount, side, committed):
            under_way += amount if side == 0 else -amount
            transit.append(Transit(matter, debtor, creditor, "due", amount))
    debt, claim = balances.get(owes, 0), -balances.get(claims, 0)
    if debt - claim == under_way:
        return None, transit
    rows = ((owes, claim + under_way, debt), (claims, under_way - debt, -claim))
    return PairFinding(CaseKind.DUES, f"{debtor}>{creditor}", rows), transit


def _is_under_way(
    matter: str, one: Matter, amount: int, side: int, committed: Mapping[str, Committed]
) -> bool:
    prefix, _, id_ = matter.partition(":")
    if prefix != "move":
        return not one.seen
    transfer = committed.get(id_)
    other = RECEIVER if side == 0 else GIVER
    return transfer is not None and transfer.balance == amount and other not in transfer.applied
