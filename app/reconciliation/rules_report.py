"""The national report (R198): what was issued is what is held, used, and under way. Pure.

Every figure is added up from mirrored logs at named positions. Areas are in 0.01 m² of the province
whose books they stand in; what crosses a border is shown on both sides, with its coefficient as an
exact fraction, so nothing is lost in a conversion unseen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.ledger.rules import AccountKind, EntryKind
from app.reconciliation.rules_borders import Transit
from app.reconciliation.rules_mirror import OUT, Crossed

_CORRECTION = EntryKind.CORRECTION.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceRow:
    """Quota in one province's books: `issued + arrived + corrected` is the sum of all after it."""

    province: str
    log: str
    issued: int
    arrived: int
    corrected: int
    tickets: int
    certificates: int
    used: int
    left: int

    @property
    def balances(self) -> bool:
        """Whether nothing was made and nothing lost in these books."""
        came = self.issued + self.arrived + self.corrected
        return came == self.tickets + self.certificates + self.used + self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionRow:
    """What went from one province to another by one coefficient: m left, n = floor(m x k) came.

    `rounded` is how much of m x k the floors cut off. `in_transit` is of `sent`, and has not come.
    """

    giver: str
    receiver: str
    document: str
    coefficient: Fraction
    sent: int
    received: int
    in_transit: int
    rounded: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtRow:
    """What a province owes another by each one's books, and how much of it one has not booked."""

    debtor: str
    creditor: str
    debtor_says: int
    creditor_says: int
    in_transit: int


@dataclass(frozen=True, slots=True)
class National:
    """The whole of it, and whether it adds up."""

    provinces: tuple[ProvinceRow, ...]
    conversions: tuple[ConversionRow, ...]
    debts: tuple[DebtRow, ...]
    transit: tuple[Transit, ...]

    @property
    def issued(self) -> int:
        """All that was issued, each ticket in the measure of its home."""
        return sum(row.issued for row in self.provinces)

    @property
    def held(self) -> int:
        """Tickets and certificates, where they stand."""
        return sum(row.tickets + row.certificates for row in self.provinces)

    @property
    def used(self) -> int:
        """What became construction."""
        return sum(row.used for row in self.provinces)

    @property
    def corrected(self) -> int:
        """What entries of correction added."""
        return sum(row.corrected for row in self.provinces)

    @property
    def in_transit(self) -> int:
        """What left one province's books and has not come into the other's."""
        return sum(row.in_transit for row in self.conversions)

    @property
    def converted_away(self) -> int:
        """By how much conversions made less, or more where negative, of all that has come."""
        return sum(row.sent - row.in_transit - row.received for row in self.conversions)

    @property
    def balances(self) -> bool:
        """Whether all issued is held, used, under way or converted, in every book and in all."""
        after = self.held + self.used + self.in_transit + self.converted_away
        return all(row.balances for row in self.provinces) and (
            self.issued + self.corrected == after
        )

    def nets(self) -> dict[str, int]:
        """By province what the others owe it less what it owes them, by its own books, in fen."""
        nets: dict[str, int] = {}
        for row in self.debts:
            nets[row.debtor] = nets.get(row.debtor, 0) - row.debtor_says
            nets[row.creditor] = nets.get(row.creditor, 0) + row.creditor_says
        return dict(sorted(nets.items()))


Flows = Mapping[tuple[str, str, str, str], int]
"""Postings added up by book, kind of entry, and kinds of source and target."""


def province_row(province: str, log: str, flows: Flows, kinds: Mapping[str, int]) -> ProvinceRow:
    """The figures of one province's books; `kinds` are its balances by kind of account."""

    def moved(entry: EntryKind, source: AccountKind, target: AccountKind) -> int:
        return flows.get((province, entry.value, source.value, target.value), 0)

    k, e = AccountKind, EntryKind
    inside = {kind.value for kind in (k.TICKET, k.CERTIFICATE)}
    corrected = sum(
        (amount if target in inside else 0) - (amount if source in inside else 0)
        for (book, entry, source, target), amount in flows.items()
        if (book, entry) == (province, _CORRECTION)
    )
    return ProvinceRow(
        province=province,
        log=log,
        issued=moved(e.ISSUE, k.ACCEPTED, k.TICKET),
        arrived=moved(e.CONVERSION_IN, k.CONVERSION, k.TICKET),
        corrected=corrected,
        tickets=kinds.get(k.TICKET.value, 0),
        certificates=kinds.get(k.CERTIFICATE.value, 0),
        used=moved(e.LAND_SALE, k.CERTIFICATE, k.CONSTRUCTION),
        left=moved(e.CONVERSION_OUT, k.TICKET, k.CONVERSION),
    )


def conversion_rows(crossed: Iterable[Crossed]) -> list[ConversionRow]:
    """What crossed, by pair and coefficient, from the entries of both sides' logs.

    What came before its departure is mirrored counts as under way the other way round.
    """
    rows: dict[tuple[str, str, str, Fraction], list[Crossed]] = {}
    for one in crossed:
        key = (one.giver, one.receiver, one.document, Fraction(one.yield_out, one.yield_in))
        rows.setdefault(key, []).append(one)
    found = []
    for giver, receiver, document, coefficient in sorted(rows):
        all_of = rows[giver, receiver, document, coefficient]
        came = [one for one in all_of if one.side != OUT]
        sent = sum(one.sent for one in all_of if one.side == OUT)
        found.append(
            ConversionRow(
                giver=giver,
                receiver=receiver,
                document=document,
                coefficient=coefficient,
                sent=sent,
                received=sum(one.received for one in came),
                in_transit=sent - sum(one.sent for one in came),
                rounded=sum((one.sent * coefficient - one.received for one in came), Fraction(0)),
            )
        )
    return found


def debt_rows(
    debts: Iterable[tuple[str, str]], balances: Mapping[str, int], transit: Iterable[Transit]
) -> list[DebtRow]:
    """Debts other than zero, by debtor and creditor."""
    under_way: dict[tuple[str, str], int] = {}
    for one in transit:
        if one.kind == "due":
            pair = (one.giver, one.receiver)
            under_way[pair] = under_way.get(pair, 0) + one.amount
    rows = [
        DebtRow(
            debtor=debtor,
            creditor=creditor,
            debtor_says=balances.get(f"{AccountKind.DUE_TO}:{debtor}:{creditor}", 0),
            creditor_says=-balances.get(f"{AccountKind.DUE_FROM}:{creditor}:{debtor}", 0),
            in_transit=under_way.get((debtor, creditor), 0),
        )
        for debtor, creditor in sorted(debts)
    ]
    return [row for row in rows if row.debtor_says or row.creditor_says or row.in_transit]
