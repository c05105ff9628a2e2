"""Uses of a housing account as the market decides them, for the client's calculators to agree with.

    python -m tests.vectors.housing_uses

Writes `housing_uses.json` anew: small numbers that collide, and some large ones, from a fixed seed.
"""

import json
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from app.accounts.rules import HousingAccount, Use
from app.accounts.rules_homes import (
    AffordableGap,
    BuyAffordable,
    BuyCommercial,
    OffsetMortgage,
    Surplus,
    decide_affordable_purchase,
    decide_commercial_purchase,
    decide_mortgage_offset,
)
from app.accounts.rules_rental import (
    BuyPublic,
    PublicGap,
    Rental,
    charge_once,
    decide_public_purchase,
)
from app.kernel.calendar import SHANGHAI
from app.kernel.units import Area, Fen, decimal

FILE = Path(__file__).with_suffix(".json")
SEED = 20_261_122
EACH = 60
ISSUED = date(2026, 4, 5)
LATER = datetime(2031, 4, 5, tzinfo=SHANGHAI) + timedelta(days=1)
MONTHS = 4


def vectors() -> dict[str, list[dict[str, Any]]]:
    """Cases by use: what is asked, and what the market decides."""
    draw = random.Random(SEED)
    return {
        "affordable": [_affordable(draw) for _ in range(EACH)],
        "commercial": [_commercial(draw) for _ in range(EACH)],
        "mortgage": [_mortgage(draw) for _ in range(EACH)],
        "public": [_public(draw) for _ in range(EACH)],
        "rent": [_rent(draw) for _ in range(EACH)],
    }


def _amount(draw: random.Random, least: int = 0) -> int:
    return draw.randint(least, draw.choice((3, 12, 1_000, 90_000_000)) + least)


def _account(balance: int) -> HousingAccount:
    return HousingAccount(
        household="h1",
        collective="v1",
        county="500236",
        home_province="500000",
        issued_on=ISSUED,
        province="500000",
        balance=Fen(balance),
        base=Fen(balance),
    )


def _outcome(use: Any) -> dict[str, Any]:
    assert isinstance(use, Use)
    assert use.terms is not None
    return {
        "from_account": decimal(use.housing),
        "gap": decimal(use.terms.gap),
        "cash": decimal(use.cash),
        "left": decimal(use.account.balance),
    }


def _affordable(draw: random.Random) -> dict[str, Any]:
    balance, price = _amount(draw), _amount(draw, 1)
    surplus = draw.choice(list(Surplus))
    command = BuyAffordable("h1", Fen(price), surplus, AffordableGap.LUMP_SUM)
    asked = {"balance": decimal(balance), "price": decimal(price), "surplus": surplus.value}
    return asked | _outcome(decide_affordable_purchase(_account(balance), command))


def _commercial(draw: random.Random) -> dict[str, Any]:
    balance, price, loan, cap = _amount(draw), _amount(draw, 1), _amount(draw), _amount(draw)
    decided = decide_commercial_purchase(
        _account(balance),
        BuyCommercial("h1", Fen(price), first_home=True, loan=Fen(loan)),
        Fen(cap),
    )
    asked = {
        "balance": decimal(balance),
        "price": decimal(price),
        "loan": decimal(loan),
        "cap": decimal(cap),
    }
    if not isinstance(decided, Use):
        return asked | {"refused": decided.code}
    assert decided.terms is not None
    return asked | _outcome(decided) | {"drawn": decimal(decided.terms.loan or 0)}


def _mortgage(draw: random.Random) -> dict[str, Any]:
    balance, principal = _amount(draw), _amount(draw, 1)
    command = OffsetMortgage("h1", Fen(principal), first_home=True, only_home=True)
    outcome = _outcome(decide_mortgage_offset(_account(balance), command))
    del outcome["gap"]  # what the account does not pay stays the lender's, and is no contract
    return {"balance": decimal(balance), "principal": decimal(principal)} | outcome


def _rental(draw: random.Random) -> Rental:
    return Rental(
        id="r1",
        household="h1",
        area=Area(_amount(draw, 1)),
        rent_per_m2=Fen(draw.randint(0, 40)),
        subsidy_per_m2=Fen(draw.randint(0, 30)),
        begun_on=ISSUED,
    )


def _terms(rental: Rental) -> dict[str, Any]:
    return {
        "area": decimal(rental.area),
        "rent": decimal(rental.rent_per_m2),
        "subsidy": decimal(rental.subsidy_per_m2),
    }


def _public(draw: random.Random) -> dict[str, Any]:
    balance, price, rental = _amount(draw), _amount(draw, 1), _rental(draw)
    gap = draw.choice((PublicGap.LUMP_SUM, PublicGap.RENT_REST))
    decided = decide_public_purchase(
        _account(balance), rental, BuyPublic("r1", Fen(price), gap), 5, LATER
    )
    assert isinstance(decided, tuple)
    use, after = decided
    assert use.terms is not None
    asked = {"balance": decimal(balance), "price": decimal(price), "gap_by": gap.value}
    answer = {
        "owned": decimal(use.terms.owned or 0),
        "rented": decimal(use.terms.rented or 0),
        "charge": decimal(after.charge if after.active else 0),
    }
    return asked | _terms(rental) | _outcome(use) | answer


def _rent(draw: random.Random) -> dict[str, Any]:
    balance, rental = _amount(draw), _rental(draw)
    account = _account(balance)
    asked = {"balance": decimal(balance)} | _terms(rental) | {"charge": decimal(rental.charge)}
    months = []
    for _ in range(MONTHS):
        charged = charge_once(account, rental)
        account, rental = charged.account, charged.rental
        due = charged.charge - charged.paid
        months.append([decimal(charged.paid), decimal(due), decimal(account.balance)])
    return asked | {"months": months}


def text() -> str:
    """The vectors as the file holds them."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
