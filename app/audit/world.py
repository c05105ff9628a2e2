"""What the log has told so far: the state that each next record is judged against.

Checkers change it as the record says, even when they object: the records that follow were made
from what stands, and one slip should be one finding.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.audit.book import Book
from app.audit.policies_state import Coefficients, Policies
from app.audit.records import Record
from app.audit.report import Finding, Report, shown
from app.audit.state_auction import Certificate, Lot, Plot
from app.audit.state_clearing import Clearing
from app.audit.state_crossing import Crossings
from app.audit.state_housing import Housing, Redemption, Rental
from app.audit.state_land import Application, Objection, Party, Ticket, Transfer
from app.audit.state_reconciliation import Reconciliation

NODE = "000000"
NODE_ITSELF = "node"
SAME_TRANSACTION = timedelta(minutes=1)
CLOCK_SLACK = timedelta(minutes=10)

Moves = tuple[tuple[str, str, int], ...]
"""Source, target and amount of each posting."""


class BrokenError(Exception):
    """The record cannot be judged further; its finding has been added."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A record as the ones before it say it must be. `key` and `moves` are None for a note."""

    kind: str
    rule: str
    province: str
    subject: str
    body: Mapping[str, Any]
    policy: str | None = None
    key: str | None = None
    moves: Moves | None = None


def _moves(record: Record) -> Moves:
    return tuple(posting[:3] for posting in record.postings)


def _head(one: Record | Expected) -> tuple[str, str, str | None, str | None]:
    return one.province, one.subject, one.policy, one.key


@dataclass(slots=True)
class Script:
    """Records that one transaction still owes, in their order."""

    begun: Record
    rest: deque[Expected]


@dataclass(slots=True)
class World:
    """Everything known at one place of the log."""

    report: Report = field(default_factory=Report)
    book: Book = field(default_factory=Book)
    latest: datetime | None = None
    regions: dict[str, str | None] = field(default_factory=dict)
    collectives: dict[str, Party] = field(default_factory=dict)
    households: dict[str, Party] = field(default_factory=dict)
    bidders: set[str] = field(default_factory=set)
    limits: dict[str, int] = field(default_factory=dict)
    """How many bid limits each bidder has set."""
    custodians: set[str] = field(default_factory=set)
    credentials: dict[str, bool] = field(default_factory=dict)
    logins: set[str] = field(default_factory=set)
    policies: Policies = field(default_factory=Policies)
    coefficients: Coefficients = field(default_factory=Coefficients)
    applications: dict[str, Application] = field(default_factory=dict)
    parcels: dict[str, Application] = field(default_factory=dict)
    """The application that each outline was given for last, by the outline's hash."""
    objections: dict[str, Objection] = field(default_factory=dict)
    holds: set[str] = field(default_factory=set)
    evidence: set[str] = field(default_factory=set)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    lots: dict[str, Lot] = field(default_factory=dict)
    commits: dict[str, Record] = field(default_factory=dict)
    lot_of_key: dict[str, str] = field(default_factory=dict)
    """The lot for which each custodian's public key was made."""
    certificates: dict[str, Certificate] = field(default_factory=dict)
    plots: dict[str, Plot] = field(default_factory=dict)
    housing: dict[str, Housing] = field(default_factory=dict)
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    rentals: dict[str, Rental] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    incomes: set[int] = field(default_factory=set)
    settlements: set[int] = field(default_factory=set)
    equivocations: set[tuple[str, str, str, int]] = field(default_factory=set)
    """Matters (peer, type, transfer, revision) of which a peer has said two different things."""
    clearing: Clearing = field(default_factory=Clearing)
    crossings: Crossings = field(default_factory=Crossings)
    reconciliation: Reconciliation = field(default_factory=Reconciliation)
    scripts: dict[tuple[str, str], Script] = field(default_factory=dict)

    def find(self, record: Record, rule: str, expected: object, stands: object) -> None:
        """Add a finding about a record."""
        self.report.add(
            Finding(record.index, record.kind, record.subject, rule, shown(expected), shown(stands))
        )

    def stop(self, record: Record, rule: str, expected: object, stands: object) -> BrokenError:
        """Add a finding, and answer with what ends the judging of this record."""
        self.find(record, rule, expected, stands)
        return BrokenError(rule)

    def must(self, held: object, record: Record, rule: str, expected: str, stands: object) -> None:
        """Add a finding unless it holds."""
        if not held:
            self.find(record, rule, expected, stands)

    # --------------------------------------------------------------- records that were foreseen

    def match(self, record: Record, expected: Expected) -> None:
        """Compare a record with what it must be, field by field."""
        rule = expected.rule
        if record.kind != expected.kind:
            raise self.stop(record, rule, f"{expected.kind} {expected.subject}", record.kind)
        moved = expected.moves is None or _moves(record) == expected.moves
        if moved and record.body == expected.body and _head(record) == _head(expected):
            return
        for name in ("province", "subject", "policy", "key"):
            wanted, stands = getattr(expected, name), getattr(record, name)
            if wanted != stands:
                self.find(record, rule, f"{name} {wanted}", stands)
        for name, wanted in expected.body.items():
            if record.body.get(name) != wanted:
                self.find(record, rule, f"{name} {wanted}", record.body.get(name))
        for name in record.body.keys() - expected.body.keys():
            self.find(record, rule, f"no {name}", record.body[name])
        if not moved:
            self.find(record, rule, f"moves {expected.moves}", _moves(record))

    def foresee(self, scope: tuple[str, str], record: Record, owed: Iterable[Expected]) -> None:
        """Match the record with the first of what a transaction owes, and wait for the rest."""
        rest = deque(owed)
        first = rest.popleft()
        if rest:
            self.scripts[scope] = Script(record, rest)
        self.match(record, first)

    def owe(self, scope: tuple[str, str], record: Record, owed: Expected) -> None:
        """Wait for one more record of the transaction that this record belongs to."""
        script = self.scripts.get(scope)
        if script is None:
            self.scripts[scope] = Script(record, deque([owed]))
        else:
            script.rest.append(owed)

    def go_on(self, scope: tuple[str, str], record: Record) -> bool:
        """Match the record with what is owed next in its scope; False where nothing is owed."""
        script = self.scripts.get(scope)
        if script is None:
            return False
        expected = script.rest[0]
        if expected.kind != record.kind:
            # What is owed is missing: named once, at the record that began it.
            del self.scripts[scope]
            self.find(
                script.begun,
                "incomplete",
                f"{expected.kind} {expected.subject} in the same transaction",
                f"{record.kind} as record {record.index}",
            )
            return False
        script.rest.popleft()
        if not script.rest:
            del self.scripts[scope]
        self.together(script.begun, record)
        self.match(record, expected)
        return True

    def together(self, begun: Record, record: Record) -> None:
        """Records of one transaction have one instant and one actor."""
        if record.at != begun.at or record.actor != begun.actor:
            self.find(
                record,
                "one-transaction",
                f"{begun.at.isoformat()} by {begun.actor}, as record {begun.index}",
                f"{record.at.isoformat()} by {record.actor}",
            )

    # --------------------------------------------------------------------------------- the clock

    def by_clock(self, record: Record, due: datetime | None, rule: str) -> None:
        """What falls due is done by the node itself, dated at the instant when it fell due."""
        if record.actor != NODE_ITSELF or record.at != due:
            self.find(
                record,
                rule,
                f"by the node at {None if due is None else due.isoformat()}",
                f"by {record.actor} at {record.at.isoformat()}",
            )

    def is_over(self, record: Record) -> bool:
        """Whether the log goes on long enough behind a record for its transaction to be over."""
        return self.latest is not None and self.latest > record.at + SAME_TRANSACTION
