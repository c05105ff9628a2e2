"""A lot, a household and a desk for tests of papers; whole numbers that are easy to follow."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.auction.rules import Lot, LotState, Mode, Terms
from app.dossiers.rules import Movement, year_of
from app.identity.rules import Bidder, Collective, Household, Region, Zone
from app.papers.figures import Language
from app.papers.rules import Desk, Proof
from app.papers.rules_household import Holding
from app.papers.rules_lot import Quota, Sale
from app.policy.rules import SealedTie
from app.tickets.rules import Ticket, TicketState

NOW = datetime(2026, 11, 22, 1, 2, 3, 456, UTC)
SALT = bytes(32)
PROVINCE = Region("500000", "重庆市", None)
COUNTY = Region("500236", "奉节县", Zone.FARM_PRODUCT)
LOT = Lot(
    id="l1",
    province="500000",
    mode=Mode.ASCENDING,
    area=54_000,
    start_price=54_000_00,
    reserve_price=60_000_00,
    increment=1_000_00,
    deposit=10_000_00,
    opens_at=datetime(2026, 4, 13, 1, tzinfo=UTC),
    closes_at=datetime(2026, 4, 13, 2, tzinfo=UTC),
    draw_seed=None,
    terms=Terms(
        policy="500000.2026",
        extension=timedelta(minutes=5),
        min_bidders=1,
        sealed_tie=SealedTie.EARLIEST,
        payment_term=timedelta(days=10),
    ),
    notice=1,
    notice_hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    state=LotState.SOLD,
    bids=7,
    winner="b1",
    price=62_000_05,
    payment_due_at=datetime(2026, 4, 23, 2, tzinfo=UTC),
)
SALE = Sale(
    lot=LOT,
    price=62_000_05,
    winner=Bidder("b1", "渝北城市建设投资有限公司", SALT),
    province=PROVINCE,
    paddle=417,
    entry=42,
)
PAID = replace(SALE, lot=replace(LOT, state=LotState.PAID))
QUOTA = Quota(area=54_000, remaining=24_050, cost=62_000_05, remaining_cost=27_613_90, entry=57)
HOUSEHOLD = Household("h1", "向德贵", "v1", "500236", 3, SALT)
HOLDING = Holding(
    ticket=Ticket(
        id="t1",
        application="a1",
        household="h1",
        collective="v1",
        county="500236",
        home_province="500000",
        province="500000",
        area=18_000,
        reclamation_cost=10_800_00,
        financing_cost=1_200_00,
        issued_at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC),
        state=TicketState.HANDED_IN,
    ),
    household=HOUSEHOLD,
    collective=Collective("v1", "永乐镇大坝村股份经济合作联合社", "500236", 30, SALT),
    county=COUNTY,
    home=PROVINCE,
    province=PROVINCE,
    present="t1",
    entry=17,
)
KINDS = ("settlement", "rent", "subsidy", "housing_payment", "cash_payment")


def movements(count):
    """One big payment in the year before, and then as many small ones as asked for."""
    account = "housing:500000:h1"
    before = datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)
    yield Movement(1, 3, account, "settlement", "t1", before, 250_000_00)
    for n in range(count):
        kind = KINDS[n % len(KINDS)]
        amount = (1 if kind in {"settlement", "subsidy"} else -1) * (123_45 + 7 * n)
        at = datetime(2025, 12, 31, 16, tzinfo=UTC) + timedelta(hours=n * 7)
        yield Movement(n + 2, 2 * n + 5, account, kind, f"t{n}", at, amount)


def statement(count, year=2026):
    return year_of("h1", year, list(movements(count)))


@pytest.fixture(params=Language)
def desk(request):
    """A desk in each language."""
    proof = Proof("localhost/hrt/log", 1234, "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=")
    return Desk(request.param, NOW, "https://exchange.example", proof)
