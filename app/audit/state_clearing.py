"""What the log has told so far of clearing between provinces."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.audit.records import Record


class Due(NamedTuple):
    """What the entry `leaf` of the log made one province owe another, in fen.

    Between nodes `leaf` is an agreement, of what `transfer` made both sides state.
    """

    leaf: int
    kind: str
    debtor: str
    creditor: str
    amount: int
    transfer: str | None = None


class Anew(NamedTuple):
    """A debt that one side has stated anew: from what to what, and by which entry of its log."""

    before: int
    amount: int
    entry: str


@dataclass(slots=True)
class Proposal:
    """What one person proposed and another approves; `of` says whose or what it is."""

    of: str
    by: str | None
    approved: bool = False


@dataclass(slots=True)
class Statement:
    """A statement by its window, with the approvals and disputes that count."""

    id: str
    window: int
    a: str
    b: str
    a_owes: int
    b_owes: int
    hash: str
    approvals: dict[str, str | None] = field(default_factory=dict)
    """By province, who approved for it and did not dispute it since."""
    heard: set[str] = field(default_factory=set)
    """Provinces whose acts have come from other nodes."""
    dues: tuple[Due, ...] = ()
    received: bool = False
    """Whether the ministry's node has told it."""
    carried: bool = False
    """Whether a received one was carried out here."""

    @property
    def between_nodes(self) -> bool:
        """Whether its debts were stated by two nodes."""
        return any(due.transfer is not None for due in self.dues)

    @property
    def approved(self) -> bool:
        """Whether both have."""
        return len(self.approvals) == len({self.a, self.b})

    @property
    def debts(self) -> list[tuple[str, str, int]]:
        """Debtor, creditor and amount, where something is owed."""
        both = ((self.a, self.b, self.a_owes), (self.b, self.a, self.b_owes))
        return [debt for debt in both if debt[2]]


@dataclass(slots=True)
class Instruction:
    """A payment through the bank, and how much of it came."""

    kind: str
    payer: str
    payee: str
    amount: int
    confirmed: int = 0
    about: tuple[int | None, str | None] = (None, None)
    """Window and statement."""
    elsewhere: frozenset[str] = frozenset()
    """Which of the two keeps its books at another node."""
    waits: bool = False
    """Whether the payer's file is still to be made."""
    parts: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Unmatched:
    """An entry of a bank's file that nothing matched."""

    holder: str
    code: str
    reference: str
    amount: int
    currency: str
    resolved: str | None = None
    assigned: str | None = None


Payable = tuple[int, str | None, str, str, int]
"""Window, statement, payer, payee and amount of an instruction that must be made."""


class Payments(NamedTuple):
    """Payments between nodes that approvals of statements have made due."""

    about: tuple[int, str | None]
    elsewhere: frozenset[str]
    rows: list[tuple[str, str, int]]
    begun: Record


@dataclass(slots=True)
class Clearing:
    """All of it."""

    holds: dict[str, bool] = field(default_factory=dict)
    """Whether terms hold quota until it is paid for."""
    holding: bool = False
    """Whether those in force do."""
    sales: dict[str, list[Due]] = field(default_factory=dict)
    """By lot, what its sale made its province owe the homes of its tickets."""
    paid_directly: set[int] = field(default_factory=set)
    """Entries whose debts were settled directly, before there were terms."""
    terms: dict[str, Proposal] = field(default_factory=dict)
    accounts: dict[str, Proposal] = field(default_factory=dict)
    in_force: str | None = None
    dues: list[Due] = field(default_factory=list)
    """Since the end of the last window, in the order of the log."""
    agreed: list[Due] = field(default_factory=list)
    """The same between nodes: what both sides have stated alike."""
    own: dict[tuple[str, str, str], Due] = field(default_factory=dict)
    """By transfer, kind and side, what the books of this node say of a debt between nodes."""
    numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """How often this node has stated each of them, where a correction did so anew."""
    matters: set[tuple[str, str]] = field(default_factory=set)
    """Transfers and kinds on which both sides have agreed."""
    differing: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """The latest record of each on which they have not."""
    anew: dict[tuple[str, str, str], dict[int, Anew]] = field(default_factory=dict)
    """By transfer, kind and side, what was heard of corrections, by number."""
    stated: dict[tuple[str, str], str] = field(default_factory=dict)
    """The received statement that states each of them."""
    objected: dict[str, Record] = field(default_factory=dict)
    """Received statements that the own books do not bear out, until they are disputed."""
    commitments: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """Whose each account is that another node has told."""
    given: dict[tuple[str, str], str] = field(default_factory=dict)
    """The account told for an instruction by a province of another node."""
    between: dict[str, Payments] = field(default_factory=dict)
    """By cause."""
    received: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    """First index, end and netting of windows of the ministry's node."""
    end: int = 0
    windows: dict[int, str] = field(default_factory=dict)
    """The netting of each window."""
    statements: dict[str, Statement] = field(default_factory=dict)
    payable: list[tuple[Payable, Record]] = field(default_factory=list)
    returns: list[tuple[str, int, Record]] = field(default_factory=list)
    """Who must pay back how much, and the record that says so."""
    instructions: dict[str, Instruction] = field(default_factory=dict)
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Whose account a file is of, and how many entries it has."""
    references: set[tuple[str, str]] = field(default_factory=set)
    unmatched: dict[tuple[str, int], Unmatched] = field(default_factory=dict)
    resolutions: dict[str, tuple[Proposal, dict[str, object]]] = field(default_factory=dict)
