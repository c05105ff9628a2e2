"""Housing accounts: what a household has from its ticket, and every way to live in the city by it.

An account exists, empty, from the issue of the household's ticket. Three things fill it: the
villager's share of a settled ticket (`credited`), a subsidy of the calendar year, and nothing
else. It pays for affordable, public and commercial homes, for rent and mortgages, and in cash
where a rule says so. Only a refund closes it; what arrives later is paid out in cash at once.

The story of every step
-----------------------
1. `lock_for_credit` takes the account's row, charges the rent that fell due meanwhile, each month
   at its own instant, and reads the balance, which is the ledger's.
2. A pure decision of `rules`, `rules_homes` or `rules_rental` refuses, or answers with the account
   after the step.
3. The row, the postings, the contract and the record are written in one transaction.

A household asks for a use by a request (`rules_redemptions`): judged at once by the same rules, it
moves nothing until a second person at the fund centre approves it, and then it is the same command.

`RENT_JOB` charges the rent of accounts that nobody touches. `move_account` takes an account into
another province's books, where its balance becomes due between the two; to another node it goes
in steps. Always, and held by the rules, by constraints and by the ledger: base + subsidy + what
moved in from another node = balance + housing paid + cash paid.
"""

from app.accounts.credit_accounts import credited
from app.accounts.explain import EXPLAINERS
from app.accounts.lock_accounts import lock_for_credit
from app.accounts.move_account import (
    hold_account,
    move_account,
    release_account,
    send_account,
    take_account,
)
from app.accounts.rent_job import RENT_JOB
from app.accounts.routes import router
from app.accounts.routes_redemptions import router as redemptions_router
from app.accounts.rules import HousingAccount, housing_account
from app.accounts.rules_moving import Luggage
from app.accounts.verify import verify_counters

__all__ = [
    "EXPLAINERS",
    "RENT_JOB",
    "HousingAccount",
    "Luggage",
    "credited",
    "hold_account",
    "housing_account",
    "lock_for_credit",
    "move_account",
    "redemptions_router",
    "release_account",
    "router",
    "send_account",
    "take_account",
    "verify_counters",
]
