"""The ledger, kept again from its entries: balances, floors, declared moves, conservation.

What an entry's amounts should be is decided by the checkers of its subject; here it must only be
an entry that any ledger could hold.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.audit.records import Posting, Record

BALANCE_MAX = 2**63 - 1

UNBOUNDED = frozenset(
    {
        "bank",
        "due_from",
        "land_opening",
        "conversion",
        "farmland_opening",
        "farmland_made",
        "off_site_granted",
    }
)
RIGHT_TO_BUILD = frozenset(
    {
        "land_opening",
        "homestead",
        "accepted",
        "ticket",
        "certificate",
        "construction",
        "conversion",
    }
)
FARMLAND = frozenset(
    {"farmland_opening", "cropland", "ecological", "farmland_made", "farmland_taken"}
)
OFF_SITE = frozenset({"off_site_granted", "off_site_right"})
MONEY = frozenset(
    {
        "bank",
        "bidder_cash",
        "deposit",
        "escrow",
        "county",
        "township",
        "village_committee",
        "collective",
        "exchange",
        "subsidy_pool",
        "housing",
        "due_to",
        "due_from",
    }
)
_PARTIES = ("county", "township", "village_committee", "collective")

MOVES: dict[str, frozenset[tuple[str, str]]] = {
    "entry.opening_stock": frozenset(
        {
            ("land_opening", "homestead"),
            ("land_opening", "construction"),
            ("farmland_opening", "cropland"),
            ("farmland_opening", "ecological"),
        }
    ),
    "entry.cash_in": frozenset({("bank", "bidder_cash")}),
    "entry.deposit_hold": frozenset({("bidder_cash", "deposit")}),
    "entry.deposit_release": frozenset({("deposit", "bidder_cash")}),
    "entry.deposit_forfeit": frozenset({("deposit", "exchange")}),
    "entry.payment": frozenset(
        {("deposit", "escrow"), ("deposit", "bidder_cash"), ("bidder_cash", "escrow")}
    ),
    "entry.settlement": frozenset(
        {("escrow", kind) for kind in (*_PARTIES, "housing", "due_to")}
        | {("ticket", "certificate")}
    ),
    "entry.settlement_home": frozenset({("due_from", kind) for kind in _PARTIES}),
    "entry.reclamation": frozenset(
        {
            ("homestead", "accepted"),
            ("farmland_made", "cropland"),
            ("farmland_made", "ecological"),
        }
    ),
    "entry.issue": frozenset({("accepted", "ticket")}),
    "entry.land_income": frozenset({("bank", "subsidy_pool")}),
    "entry.subsidy": frozenset({("subsidy_pool", "housing")}),
    "entry.rent": frozenset({("housing", "bank")}),
    "entry.housing_payment": frozenset({("housing", "bank")}),
    "entry.cash_payment": frozenset({("housing", "bank")}),
    "entry.land_sale": frozenset(
        {
            ("certificate", "construction"),
            ("cropland", "farmland_taken"),
            ("off_site_granted", "off_site_right"),
        }
    ),
    "entry.certificate_resale": frozenset({("bidder_cash", "bidder_cash")}),
    "entry.conversion_out": frozenset({("ticket", "conversion")}),
    "entry.conversion_in": frozenset({("conversion", "ticket")}),
    "entry.account_moved_out": frozenset({("housing", "due_to")}),
    "entry.account_moved_in": frozenset({("due_from", "housing")}),
    "entry.provincial_settlement": frozenset(
        {("due_to", "bank"), ("bank", "due_from"), ("due_to", "due_from")}
    ),
    "entry.provincial_netting": frozenset(
        {
            ("due_to", "due_to"),
            ("due_to", "due_from"),
            ("due_from", "due_to"),
            ("due_from", "due_from"),
        }
    ),
    "entry.provincial_payment": frozenset({("due_to", "bank"), ("bank", "due_from")}),
    "entry.correction": frozenset(
        {
            (source, target)
            for group in (MONEY, RIGHT_TO_BUILD, FARMLAND, OFF_SITE)
            for source in group
            for target in group
        }
    ),
}
"""Which kinds of accounts each kind of entry may move between."""

Fault = tuple[str, str, str]
"""A rule that is broken, what was expected, and what stands."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account by the parts of its code."""

    kind: str
    province: str
    owner: str


@dataclass(slots=True)
class Book:
    """Every balance, in hundredths, as the entries so far give it."""

    balances: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    keys: set[str] = field(default_factory=set)
    accounts: dict[str, Account] = field(default_factory=dict)
    between_nodes: set[frozenset[str]] = field(default_factory=set)
    """Pairs of provinces of which only one keeps its books here."""
    offsets: dict[str, int] = field(default_factory=dict)
    """How far an account's stated balance lay off when it was last found to: one slip that every
    later statement repeats is one finding."""

    def balance(self, code: str) -> int:
        """What an account holds."""
        return self.balances.get(code, 0)

    def account(self, code: str) -> Account:
        """An account by its code."""
        known = self.accounts.get(code)
        if known is None:
            known = self.accounts[code] = Account(*code.split(":", 2))
        return known

    def post(self, record: Record) -> Iterator[Fault]:
        """Book an entry, and say what no entry may do. What stands is booked in any case."""
        if record.key in self.keys:
            yield "unique-key", "a key that no earlier entry has", str(record.key)
        self.keys.add(str(record.key))
        declared = MOVES[record.kind]
        for source, target, moved, after_source, after_target in record.postings:
            kinds = (self.account(source).kind, self.account(target).kind)
            if kinds not in declared or source == target:
                yield "declared-move", f"a move declared for {record.kind}", f"{source} to {target}"
            elif kinds[0] not in MONEY and not self._stays(source, target):
                yield "one-province", "land that stays in its province", f"{source} to {target}"
            self.balances[source] -= moved
            self.balances[target] += moved
            for code, stated in ((source, after_source), (target, after_target)):
                if self.balances[code] != stated or code in self.offsets:
                    yield from self._stated(code, stated)
        yield from self._floors(record.postings)

    def _stays(self, source: str, target: str) -> bool:
        return self.account(source).province == self.account(target).province

    def _stated(self, code: str, stated: int) -> Iterator[Fault]:
        off = stated - self.balances[code]
        if off == 0:
            del self.offsets[code]
        elif off != self.offsets.get(code):
            self.offsets[code] = off
            yield "balance", f"{code} at {self.balances[code]} hundredths", str(stated)

    def _floors(self, postings: Sequence[Posting]) -> Iterator[Fault]:
        for posting in postings:
            for code in posting[:2]:
                balance = self.balances[code]
                if balance < 0 and self.account(code).kind not in UNBOUNDED:
                    yield "floor", f"{code} at zero or more", str(balance)
                elif abs(balance) > BALANCE_MAX:
                    yield "floor", f"{code} within the range of a balance", str(balance)

    def laws(self) -> Iterator[Fault]:
        """The sums that must be zero over the whole log."""
        sums: dict[str, int] = defaultdict(int)
        for code, balance in self.balances.items():
            account = self.account(code)
            two_books = frozenset((account.province, account.owner)) not in self.between_nodes
            for law in _laws_of(account, two_books=two_books):
                sums[law] += balance
        for law, total in sorted(sums.items()):
            if total != 0:
                yield "conservation", f"{law}: zero", str(total)


def _laws_of(account: Account, *, two_books: bool) -> list[str]:
    kind, province, owner = account.kind, account.province, account.owner
    laws = []
    if kind in MONEY:
        laws.append("money of all accounts")
    if kind in RIGHT_TO_BUILD:
        laws.append(f"right to build in {province}")
    if kind in FARMLAND:
        laws.append(f"farmland in {province}")
    if kind in OFF_SITE:
        laws.append(f"off-site rights in {province}")
    if kind == "due_to" and two_books:
        laws.append(f"what {province} owes {owner}, in the two books")
    if kind == "due_from" and two_books:
        laws.append(f"what {owner} owes {province}, in the two books")
    return laws
