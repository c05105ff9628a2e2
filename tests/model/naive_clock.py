"""The clock: the three events that time brings, in order of due time, then kind, then id."""

from datetime import datetime, time
from typing import TYPE_CHECKING

from . import naive_auction as auction
from . import naive_housing as housing
from .naive_fields import SHANGHAI
from .naive_world import Record, add_months

if TYPE_CHECKING:
    from .naive_market import NaiveMarket

CLOSE, DEFAULT, RENT = 0, 1, 2


def next_rent_at(rental: Record) -> datetime:
    """00:00 in Asia/Shanghai of the day on which the next monthly charge falls."""
    day = add_months(rental["began_on"], rental["months_charged"])
    return datetime.combine(day, time(0, 0), SHANGHAI)


def pending(market: "NaiveMarket") -> list[tuple[datetime, int, str]]:
    """Everything that time will bring as the market stands now: (due time, kind, id)."""
    events = []
    for name, lot in market.lots.items():
        if lot["state"] == "open":
            events.append((lot["closes_at"], CLOSE, name))
        if lot["state"] == "sold":
            events.append((lot["payment_due"], DEFAULT, name))
    for name, rental in market.rentals.items():
        if rental["active"]:
            events.append((next_rent_at(rental), RENT, name))
    return events


def run_until(market: "NaiveMarket", instant: datetime) -> None:
    """Takes the first due event until none is due, so that what arises on the way has its turn."""
    while True:
        due = [event for event in pending(market) if event[0] <= instant]
        if not due:
            return
        at, kind, name = min(due)
        market.now = at
        if kind == CLOSE:
            auction.close(market, name)
        elif kind == DEFAULT:
            auction.default(market, name)
        else:
            housing.charge_month(market, market.rentals[name])
