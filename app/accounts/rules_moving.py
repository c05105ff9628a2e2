"""Pure rules of an account that leaves for another node, or comes from one (R185)."""

from dataclasses import dataclass

from app.accounts.rules import AccountsRefusal, HousingAccount, Standing
from app.kernel.refusal import BetweenNodes, Refusal
from app.kernel.units import Fen


class MovingRefusal(BetweenNodes):
    """Refusals of accounts that are on their way between nodes."""

    ACCOUNT_LEAVING = (
        "account-leaving",
        "该户的票正申请外流至另一节点,住房账户暂停使用。请待批复,或先取消外流申请。",
        "The household's ticket is on its way to another node. Wait for the decision, or cancel.",
    )
    ACCOUNT_GONE = (
        "account-gone",
        "该住房账户已随票转至接收省份的节点,请到该省办理。",
        "The account has moved to the receiving province with its ticket. Use it at that node.",
    )
    RENTAL_GOES_ON = (
        "rental-active",
        "该农户正在承租公租房。请先结束租约,再申请外流至另一节点。",
        "The household rents a public home here. End the rental before the account leaves.",
    )


@dataclass(frozen=True, slots=True)
class Luggage:
    """What an account takes along to another node, all of it fixed while the account is leaving."""

    balance: Fen
    open: bool
    affordable_homes: int
    subsidised: tuple[int, ...]


def decide_leave(account: HousingAccount | None, *, renting: bool) -> Refusal | None:
    """An account may leave for another node unless a home is rented here (R185)."""
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if account.standing is not Standing.HERE:
        return refuse_standing(account.standing)
    return MovingRefusal.RENTAL_GOES_ON if renting else None


def refuse_standing(standing: Standing) -> MovingRefusal | None:
    """Nothing is done with an account that is on its way, or with another node."""
    return {
        Standing.HERE: None,
        Standing.LEAVING: MovingRefusal.ACCOUNT_LEAVING,
        Standing.GONE: MovingRefusal.ACCOUNT_GONE,
    }[standing]
