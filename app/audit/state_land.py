"""What is known of parties, applications, tickets and transfers."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Party:
    """A collective (with its members), or a household (with its heads) of one."""

    id: str
    county: str
    province: str
    size: int
    collective: str = ""
    application: "Application | None" = None


@dataclass(slots=True)
class Application:
    """A household's application. Areas in 0.01 m², costs in fen."""

    id: str
    household: Party
    lawful: int
    policy: str
    state: str
    cooling_off_ends: datetime
    area_text: str
    lawful_text: str
    notice_ends: datetime | None = None
    city: str | None = None
    open_objections: int = 0
    evidence: list["Evidence"] = field(default_factory=list)
    accepted: int = 0
    ecological: bool = False
    has_parcel: bool = False
    filed_by: str | None = None
    determined_by: str | None = None
    hold: str | None = None
    steps_by: set[str | None] = field(default_factory=set)
    """Who took a step on it for the household."""
    held_by: set[str | None] = field(default_factory=set)
    reclamation: int = 0
    financing: int = 0
    ticket: "Ticket | None" = None
    is_foreign: bool = False
    """Whether it is another node's: its ticket has come from there."""

    @property
    def is_ended(self) -> bool:
        """Whether nothing will come of it."""
        return self.state in {"revoked", "rejected"}

    @property
    def province(self) -> str:
        """The household's home province."""
        return self.household.province


@dataclass(slots=True)
class Objection:
    """An objection; ruled once."""

    id: str
    application: Application
    ruled: bool = False


@dataclass(slots=True)
class Evidence:
    """A piece in the file of an application."""

    id: str
    kind: str
    replaced: bool = False


@dataclass(slots=True)
class Ticket:
    """A ticket: where it stands, and what its price must first repay."""

    id: str
    application: Application
    province: str
    area: int
    issued_at: datetime
    state: str = "issued"

    @property
    def costs(self) -> int:
        """Both costs, in fen."""
        return self.application.reclamation + self.application.financing

    @property
    def account(self) -> str:
        """The ledger account of its quota."""
        return f"ticket:{self.province}:{self.id}"


@dataclass(slots=True)
class Transfer:
    """A ticket's way to another province."""

    id: str
    ticket: Ticket
    home: str
    receiver: str
    state: str = "requested"
    converted: dict[str, str] = field(default_factory=dict)
