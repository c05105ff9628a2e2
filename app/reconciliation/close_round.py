"""A round ends when every node's part has: provinces are compared, cases open and close.

What differs is frozen at the nodes that keep it, and nothing else stops. A case of an earlier
round that this one does not find again is cured.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app import ledger, nodes, transfers
from app.kernel.ids import NODE
from app.kernel.units import decimal
from app.platform.db import Reader, Tx
from app.reconciliation import freeze, rules, rules_borders, store, store_mirror
from app.reconciliation.answer_round import FREEZE, LIFT
from app.reconciliation.open_round import HERE, closing, own_log
from app.reconciliation.rules import (
    CASE_ACCOUNTS_MAX,
    DONE,
    ENTRIES_MAX,
    Case,
    CaseKind,
    Held,
    PartState,
    RoundOutcome,
)
from app.reconciliation.rules_borders import Committed, PairFinding, Quota, Transit
from app.reconciliation.rules_mirror import OUT
from app.reconciliation.store import Part, Round

FROZEN_REVISION = 1


@dataclass(frozen=True, slots=True)
class Hosts:
    """Which log keeps the books of which province; the ministry's node keeps `NODE`'s own."""

    own: str
    elsewhere: Mapping[str, str]
    here: frozenset[str] | None
    """The provinces of this node; None: it was never initialised, and keeps all books."""

    def knows(self, province: str) -> bool:
        """Whether the books of a province are in any log of the round."""
        return self.here is None or province in {NODE, *self.here, *self.elsewhere}

    def log_of(self, province: str) -> str:
        """The log of a province's books."""
        return self.elsewhere.get(province, self.own)


def hosts_of(own: str, parts: Iterable[Part]) -> Hosts:
    """Who keeps which books, as a round has asked them."""
    elsewhere = {code: part.node for part in parts if part.node != own for code in part.provinces}
    here = {code for part in parts if part.node == own for code in part.provinces}
    return Hosts(own, elsewhere, None if own == HERE else frozenset(here))


@dataclass(slots=True)
class Borders:
    """What the mirrors say of borders, and what of it does not agree."""

    balances: dict[str, int] = field(default_factory=dict)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    debts: set[tuple[str, str]] = field(default_factory=set)
    committed: list[Committed] = field(default_factory=list)
    flows: dict[tuple[str, str], Quota] = field(default_factory=dict)
    found: list[PairFinding] = field(default_factory=list)
    transit: list[Transit] = field(default_factory=list)


async def compare_borders(reader: Reader, hosts: Hosts, size: int) -> Borders:
    """Hold the books of every two provinces against each other, as the mirrors stand."""
    borders = Borders(committed=await list_committed(reader, size))
    for log, kind, book, other, balance in await store_mirror.list_borders(reader):
        if hosts.log_of(book) != log or not hosts.knows(other):
            continue
        borders.balances[f"{kind}:{book}:{other}"] = balance
        match ledger.AccountKind(kind):
            case ledger.AccountKind.CONVERSION:
                borders.pairs.add((min(book, other), max(book, other)))
            case ledger.AccountKind.DUE_TO:
                borders.debts.add((book, other))
            case _:
                borders.debts.add((other, book))
    borders.pairs |= {
        (min(one.giver, one.receiver), max(one.giver, one.receiver))
        for one in borders.committed
        if hosts.knows(one.giver) and hosts.knows(one.receiver)
    }
    borders.flows = await list_quota(reader, hosts, borders.committed)
    for pair in sorted(borders.pairs):
        found, transit = rules_borders.compare_quota(
            pair, borders.flows, borders.committed, borders.balances
        )
        _note(borders, found, transit)
    by_id = {one.id: one for one in borders.committed}
    for debtor, creditor in sorted(borders.debts):
        owes, claims = f"due_to:{debtor}:{creditor}", f"due_from:{creditor}:{debtor}"
        books = (
            await store_mirror.list_dues(reader, hosts.log_of(debtor), owes),
            await store_mirror.list_dues(reader, hosts.log_of(creditor), claims),
        )
        found, transit = rules_borders.compare_dues(
            debtor, creditor, books, borders.balances, by_id
        )
        _note(borders, found, transit)
    return borders


def _note(borders: Borders, found: PairFinding | None, transit: list[Transit]) -> None:
    borders.transit += transit
    if found is not None:
        borders.found.append(found)


async def list_committed(reader: Reader, size: int) -> list[Committed]:
    """What the ministry's node has committed, and who has applied it as its log had it."""
    return [
        Committed(
            terms.transfer,
            terms.giver,
            terms.receiver,
            terms.area,
            terms.credit,
            terms.balance,
            applied,
        )
        for terms, applied in await transfers.list_committed(reader, size)
    ]


async def list_quota(
    reader: Reader, hosts: Hosts, committed: Iterable[Committed]
) -> dict[tuple[str, str], Quota]:
    """What crossed from each province to each other, by transfer; only from books of their log."""
    known = {one.id for one in committed}
    sides: dict[tuple[str, str], tuple[dict[str, int], dict[str, int]]] = {}
    for log, one in await store_mirror.list_crossed(reader):
        leaves = one.side == OUT
        if hosts.log_of(one.giver if leaves else one.receiver) != log:
            continue
        out, into = sides.setdefault((one.giver, one.receiver), ({}, {}))
        if leaves:
            out[one.id] = one.sent
        else:
            into[one.id] = one.received
    flows = {}
    for (giver, receiver), (out, into) in sides.items():
        together = hosts.log_of(giver) == hosts.log_of(receiver)
        both = (out.keys() & into.keys()) - known if together else ()
        flows[giver, receiver] = Quota(out, into, {id_: (out[id_], into[id_]) for id_ in both})
    return flows


async def finish(tx: Tx, round_: Round, mail: list[nodes.Message]) -> None:
    """Close the round if no part of it is open; what is to be frozen or freed goes into `mail`."""
    parts = await store.list_parts(tx, [round_.number])
    if any(part.state not in DONE for part in parts):
        return
    own = await own_log(tx)
    hosts = hosts_of(own, parts)
    borders = await compare_borders(tx, hosts, round_.size)
    standing = await store.lock_open_cases(tx)
    held = {
        part.node: frozenset(one.code for one in part.found)
        for part in parts
        if part.state is PartState.DIFFERS
    }
    pairs = {f"{one.kind} {one.subject}" for one in borders.found}
    at = _Closing(tx, round_, own, {part.node for part in parts}, mail)

    cured = [case for case in standing if not rules.still_differs(case, held, pairs)]
    for case in cured:
        await at.cure(case)
    left = [case for case in standing if case not in cured]
    cases = await _cases_of_tables(tx, parts, left)
    cases += await _cases_of_pairs(tx, hosts, borders, left)
    for number, (kind, subject, accounts, found) in enumerate(cases, 1):
        await at.open(f"case-{round_.number}-{number}", kind, subject, accounts, found)

    outcome = RoundOutcome.DIFFERS if held or borders.found else RoundOutcome.AGREED
    await store_mirror.settle(tx, [part.node for part in parts])
    doubted = set(held) | {hosts.log_of(r[0].split(":")[1]) for f in borders.found for r in f.rows}
    await store_mirror.forget_touches(tx, {part.node for part in parts} - doubted)
    await store.close_round(tx, round_.number, outcome, await tx.now())
    await ledger.record(tx, [closing(round_, outcome, parts, len(cases), len(cured))])


_Case = tuple[CaseKind, str, list[tuple[str, str]], dict[str, object]]


async def _cases_of_tables(tx: Tx, parts: Iterable[Part], standing: Iterable[Case]) -> list[_Case]:
    """A case for each node whose tables differ from its log, of accounts that are in no other."""
    cases: list[_Case] = []
    known = [case for case in standing if case.kind is CaseKind.TABLES]
    for part in parts:
        if part.state is not PartState.DIFFERS:
            continue
        of_node = [case for case in known if case.subject == part.node]
        frozen = {code for case in of_node for code in case.codes}
        new = [one for one in part.found if one.code not in frozen]
        if not part.found and not of_node:
            cases.append((CaseKind.TABLES, part.node, [], {"accounts": [], "entries": {}}))
        for first in range(0, len(new), CASE_ACCOUNTS_MAX):
            some = new[first : first + CASE_ACCOUNTS_MAX]
            touched = await store_mirror.list_touches(
                tx, part.node, [one.code for one in some], ENTRIES_MAX
            )
            found: dict[str, object] = {
                "size": part.size,
                "accounts": [_told(one) for one in some],
                "entries": touched,
            }
            accounts = [(part.node, one.code) for one in some]
            cases.append((CaseKind.TABLES, part.node, accounts, found))
    return cases


def _told(one: Held) -> list[str]:
    return [one.code, decimal(one.log), decimal(one.total), decimal(one.kept)]


async def _cases_of_pairs(
    tx: Tx, hosts: Hosts, borders: Borders, standing: Iterable[Case]
) -> list[_Case]:
    """A case for each two books that do not agree, unless there is one already."""
    known = {f"{case.kind} {case.subject}" for case in standing}
    cases: list[_Case] = []
    for one in borders.found:
        if f"{one.kind} {one.subject}" in known:
            continue
        accounts = [(hosts.log_of(code.split(":")[1]), code) for code, _, _ in one.rows]
        entries: dict[str, list[int]] = {}
        for log, code in accounts:
            entries |= await store_mirror.list_touches(tx, log, [code], ENTRIES_MAX)
        provinces = set(one.subject.split(">"))
        found: dict[str, object] = {
            "accounts": [
                [code, decimal(wanted), decimal(stands)] for code, wanted, stands in one.rows
            ],
            "entries": entries,
            "in_transit": [
                [t.matter, t.kind, decimal(t.amount)]
                for t in borders.transit
                if {t.giver, t.receiver} == provinces
            ],
        }
        cases.append((one.kind, one.subject, accounts, found))
    return cases


@dataclass(slots=True)
class _Closing:
    """What the end of a round does with cases, here and by messages at other nodes."""

    tx: Tx
    round_: Round
    own: str
    asked: set[str]
    mail: list[nodes.Message]

    async def open(
        self,
        id_: str,
        kind: CaseKind,
        subject: str,
        accounts: list[tuple[str, str]],
        found: dict[str, object],
    ) -> None:
        case = Case(
            id=id_,
            round=self.round_.number,
            kind=kind,
            subject=subject,
            accounts=tuple(accounts),
            found=found,
            opened_at=await self.tx.now(),
        )
        body = {
            "round": case.round,
            "kind": kind.value,
            "accounts": [[node, code] for node, code in accounts],
        }
        note = ledger.Note(kind="reconciliation_case.opened", province=NODE, subject=id_, body=body)
        (leaf,) = await ledger.record(self.tx, [note])
        await freeze.open_case(self.tx, case, [code for node, code in accounts if node == self.own])
        for node in sorted({node for node, _ in accounts} - {self.own}):
            told: dict[str, object] = {
                "round": case.round,
                "kind": kind.value,
                "subject": subject,
                "accounts": [code for where, code in accounts if where == node],
                "found": found,
            }
            self._say(node, FREEZE, id_, told, leaf)

    async def cure(self, case: Case) -> None:
        note = ledger.Note(
            kind="reconciliation_case.closed",
            province=NODE,
            subject=case.id,
            body={"round": self.round_.number},
        )
        (leaf,) = await ledger.record(self.tx, [note])
        await freeze.close_case(self.tx, case, self.round_.number)
        for node in sorted({node for node, _ in case.accounts} & self.asked - {self.own}):
            self._say(node, LIFT, case.id, {"round": self.round_.number}, leaf)

    def _say(self, node: str, type_: str, case: str, body: dict[str, object], leaf: int) -> None:
        self.mail.append(
            nodes.Message(
                to=node,
                type=type_,
                transfer=case,
                revision=FROZEN_REVISION,
                body=body,
                leaf=leaf,
            )
        )
