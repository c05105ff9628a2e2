"""What is known of housing accounts and rentals."""

from dataclasses import dataclass, field
from datetime import date, datetime

from app.kernel.calendar import add_months, midnight
from app.kernel.shares import half_up_div


@dataclass(slots=True)
class Rental:
    """A public rental. Area in 0.01 m²; rent and subsidy in fen per m² and month."""

    id: str
    household: str
    area: int
    rent: int
    subsidy: int
    begun_on: date
    charges: int = 0
    active: bool = True

    @property
    def charge(self) -> int:
        """`area x max(rent - subsidy, 0)`, half up to the fen (R156)."""
        return half_up_div(self.area * max(self.rent - self.subsidy, 0), 100)

    @property
    def next_at(self) -> datetime:
        """00:00 of `begun_on + k months`."""
        return midnight(add_months(self.begun_on, self.charges))


@dataclass(slots=True)
class Redemption:
    """A request to redeem: of whom, of which kind, who asked, and whether it is decided."""

    household: str
    kind: str
    asked_by: str | None
    is_open: bool = True


@dataclass(slots=True)
class Housing:
    """A household's housing account; what it holds is in the book."""

    household: str
    home: str
    province: str
    issued_on: date
    open: bool = True
    base: int = 0
    subsidy: int = 0
    housing_paid: int = 0
    cash_paid: int = 0
    rent_due: int = 0
    homes: int = 0
    events: int = 0
    years: set[int] = field(default_factory=set)
    moved: int = 0
    """What came along from another node, less what went along to one."""
    stays: bool = True
    """False from the proposal of a transfer to another node on."""
    rental: Rental | None = None
    """The latest rental, active or ended."""
    asked: set[str] = field(default_factory=set)
    """The kinds of its requests that wait."""
    used: tuple[str, datetime, str | None] | None = None
    """The latest use: its kind, as a request would name it, its instant and its actor."""

    @property
    def code(self) -> str:
        """The ledger account."""
        return f"housing:{self.province}:{self.household}"

    @property
    def should_hold(self) -> int:
        """`base + subsidy + moved - housing paid - cash paid`: what the ledger must say as well."""
        return self.base + self.subsidy + self.moved - self.housing_paid - self.cash_paid

    @property
    def due_at(self) -> datetime | None:
        """When the next rent falls due."""
        if self.rental is None or not self.rental.active:
            return None
        return self.rental.next_at
