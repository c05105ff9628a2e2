"""A naive, in-memory market: the oracle that plays a case from the text of the case format.

Everything is a dict, every sum a Fraction or a whole number of fen or 0.01 m2, and nothing is fast.
It shares no code with the product. `play(case)` gives the outcome that the product must give.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import naive_auction as auction
from . import naive_clock as clock
from . import naive_fields as fields
from . import naive_housing as housing
from . import naive_landing as landing
from . import naive_outcome, naive_world
from . import naive_transfers as transfers
from . import naive_withdrawal as withdrawal
from .naive_world import Record

# Each handler judges all its rules before it changes anything, and returns the first refusal.
HANDLERS: dict[str, Callable[[Any, Record], str | None]] = {
    "apply": withdrawal.apply,
    "revoke": withdrawal.revoke,
    "village_review": withdrawal.village_review,
    "object": withdrawal.object_to,
    "rule": withdrawal.rule,
    "township_determine": withdrawal.township_determine,
    "county_approve": withdrawal.county_approve,
    "city_approve": withdrawal.city_approve,
    "accept_reclamation": withdrawal.accept_reclamation,
    "issue": withdrawal.issue,
    "hand_in": withdrawal.hand_in,
    "list": auction.list_lot,
    "register": auction.register,
    "bid": auction.bid,
    "freeze": auction.freeze,
    "resume": auction.resume,
    "pay": auction.pay,
    "land_income": housing.land_income,
    "subsidise": housing.subsidise,
    "buy_affordable": housing.buy_affordable,
    "resell_affordable": housing.resell_affordable,
    "exchange_low_rent": housing.exchange_low_rent,
    "rent_public": housing.rent_public,
    "end_rental": housing.end_rental,
    "buy_public": housing.buy_public,
    "refund": housing.refund,
    "buy_commercial": housing.buy_commercial,
    "offset_mortgage": housing.offset_mortgage,
    "withdraw_cash": housing.withdraw_cash,
    "select_plot": landing.select_plot,
    "land_sale": landing.land_sale,
    "outflow": transfers.outflow,
    "accept_transfer": transfers.accept_transfer,
    "approve_transfer": transfers.approve_transfer,
    "reject_transfer": transfers.reject_transfer,
    "settle_provinces": transfers.settle_provinces,
}


class NaiveMarket:
    """The whole market of one case, as dicts by id."""

    def __init__(self, case: Record) -> None:
        """A fresh market from a case whose top level is valid."""
        self.name = case["case"]
        self.now: datetime | None = None
        self.answers: list[str | None] = []
        self.policies = naive_world.read_policies(case)
        self.regions = naive_world.read_regions(case)
        self.collectives = naive_world.read_collectives(case, self.regions)
        self.households: dict[str, Record] = {
            one["id"]: {"collective": one["collective"], "heads": one["heads"]}
            for one in case.get("households") or []
        }
        self.bidders = naive_world.read_bidders(case)
        self.coefficients = naive_world.read_coefficients(case)
        self.applications: dict[str, Record] = {}
        self.objections: dict[str, Record] = {}
        self.tickets: dict[str, Record] = {}
        self.accounts: dict[str, Record] = {}
        self.rentals: dict[str, Record] = {}
        self.lots: dict[str, Record] = {}
        self.certificates: dict[str, Record] = {}
        self.plots: dict[str, Record] = {}
        self.transfers: dict[str, Record] = {}
        self.contracts: list[Record] = []
        self.parties: dict[str, int] = defaultdict(int)
        self.positions: dict[tuple[str, str], int] = defaultdict(int)
        self.provincial_settlements: list[Record] = []
        # Counted where money crosses the border of a province, apart from every balance.
        self.money_in: dict[str, int] = defaultdict(int)
        self.money_out: dict[str, int] = defaultdict(int)

    def home_of(self, household: str) -> str:
        """The province of a household's collective."""
        province: str = self.collectives[self.households[household]["collective"]]["province"]
        return province

    def time(self) -> datetime:
        """The market's clock, in Asia/Shanghai."""
        assert self.now is not None
        return self.now

    def is_known(self, kind: str, name: str) -> bool:
        """Whether an id names something of that kind; a county is no province and the reverse."""
        if kind in ("region", "county", "province"):
            region = self.regions.get(name)
            return region is not None and (
                kind == "region" or region["is_province"] == (kind == "province")
            )
        return name in getattr(self, kind + "s")

    def _not_found(self, do: str, given: Record) -> str | None:
        for name, optional_kind in fields.FIELDS[do].items():
            value, kind = given.get(name), optional_kind.removeprefix("?")
            if value is None:
                continue
            if kind == "tickets" and not all(self.is_known("ticket", one) for one in value):
                return "not-found"
            if kind.startswith("ref:") and not self.is_known(kind.removeprefix("ref:"), value):
                return "not-found"
        return None

    def _judge(self, step: Record) -> str | None:
        do = step.get("do")
        given = {name: value for name, value in step.items() if name not in ("at", "do")}
        refusal = fields.shape_refusal(do, given)
        if refusal:
            return refusal
        assert isinstance(do, str)
        refusal = fields.amount_refusal(do, given) or self._not_found(do, given)
        if refusal:
            return refusal
        return HANDLERS[do](self, fields.parsed(do, given))

    def step(self, step: Record) -> str | None:
        """Runs the clock to the step and takes it: None when taken, else the code of refusal."""
        self.run_until(step["at"])
        answer = self._judge(step)
        self.answers.append(answer)
        return answer

    def run_until(self, at: object) -> None:
        """Does everything due at or before `at`, in order, and sets the clock there."""
        instant = fields.to_time(at)
        assert instant is not None, at
        clock.run_until(self, instant)
        self.now = instant

    def outcome(self) -> Record:
        """What everyone ends with, in the shape of the case format."""
        return naive_outcome.outcome_of(self)


def play(case: Record) -> Record:
    """The outcome of a whole case."""
    market = NaiveMarket(case)
    for step in case.get("steps") or []:
        market.step(step)
    if case.get("until") is not None:
        market.run_until(case["until"])
    return market.outcome()
