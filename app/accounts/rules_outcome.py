"""Pure rules of what a redemption would do: judged before anything is done, by the same decisions.

One judgement stands behind three answers: whether a request is taken, what the fund centre is
shown before it decides, and, in the commands themselves, what is done.
"""

from dataclasses import dataclass
from datetime import datetime

from app.accounts import rules_homes, rules_rental
from app.accounts.rules import AccountsRefusal, HousingAccount, Use
from app.accounts.rules_homes import (
    BuyAffordable,
    BuyCommercial,
    OffsetMortgage,
    ResellAffordable,
    WithdrawCash,
)
from app.accounts.rules_moving import refuse_standing
from app.accounts.rules_rental import BuyPublic, Rental, RentPublic
from app.kernel.refusal import Refusal
from app.kernel.units import Fen


@dataclass(frozen=True, slots=True)
class Refund:
    """Have the whole balance paid out, and the account closed."""

    household: str


Redeem = (
    BuyAffordable
    | ResellAffordable
    | RentPublic
    | BuyPublic
    | Refund
    | BuyCommercial
    | OffsetMortgage
    | WithdrawCash
)
"""Every command that takes something out of an account for its household."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a redemption is judged by. Years and cap are those of the household's home province.

    `rental` is the one that a purchase names; of other commands the household's active one, else
    the one that ended last.
    """

    account: HousingAccount | None
    rental: Rental | None
    option_years: int
    loan_cap: Fen
    now: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """The account before, what the use pays and leaves, and the rental after it, if it has one."""

    before: HousingAccount
    use: Use
    rental: Rental | None


def judge(command: Redeem, grounds: Grounds) -> Refusal | Outcome:
    """What the command would do now, or why it would be refused (R148-R168)."""
    account, rental = grounds.account, grounds.rental
    away = None if account is None else refuse_standing(account.standing)
    if away is not None:
        return away
    match command:
        case BuyAffordable():
            decided = rules_homes.decide_affordable_purchase(account, command)
        case ResellAffordable():
            decided = rules_homes.decide_affordable_resale(account, command)
        case BuyCommercial():
            decided = rules_homes.decide_commercial_purchase(account, command, grounds.loan_cap)
        case OffsetMortgage():
            decided = rules_homes.decide_mortgage_offset(account, command)
        case WithdrawCash():
            decided = rules_homes.decide_withdrawal(account, command)
        case RentPublic() | BuyPublic() | Refund():
            return _judge_rental(command, grounds)
    return decided if isinstance(decided, AccountsRefusal) else _outcome(grounds, decided, rental)


def _judge_rental(
    command: RentPublic | BuyPublic | Refund, grounds: Grounds
) -> AccountsRefusal | Outcome:
    account, rental, now = grounds.account, grounds.rental, grounds.now
    match command:
        case RentPublic():
            active = rental if rental is not None and rental.active else None
            begun = rules_rental.decide_rental(account, active, command, now)
            if isinstance(begun, AccountsRefusal):
                return begun
            return _outcome(grounds, Use(begun.account, housing=begun.paid), begun.rental)
        case BuyPublic():
            assert rental is not None, "who judges a purchase has found its rental"
            years = grounds.option_years
            decided = rules_rental.decide_public_purchase(account, rental, command, years, now)
        case Refund():
            decided = rules_rental.decide_refund(account, rental, now)
    return decided if isinstance(decided, AccountsRefusal) else _outcome(grounds, *decided)


def _outcome(grounds: Grounds, use: Use, rental: Rental | None) -> Outcome:
    assert grounds.account is not None, "without an account every decision refuses"
    return Outcome(grounds.account, use, rental)
