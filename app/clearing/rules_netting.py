"""Pure netting: from what is owed to who pays whom, and the entries that say so.

Whatever the way, each province ends with what it began with: the sum of what it is owed less what
it owes is the same before and after, and all of it together is zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.clearing.rules import AGENT, Netting, due_from, due_to
from app.kernel.units import Fen
from app.ledger.rules import Move, move


@dataclass(frozen=True, slots=True)
class Debt:
    """What one province owes another by approved statements."""

    debtor: str
    creditor: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class Payment:
    """What one pays another through the bank."""

    payer: str
    payee: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class Netted:
    """What becomes of debts: moves in each one's books, and the payments that are left."""

    moves: dict[str, tuple[Move, ...]]
    payments: tuple[Payment, ...]


def positions(debts: Sequence[Debt]) -> dict[str, Fen]:
    """What each is owed less what it owes, by code; their sum is zero."""
    nets: dict[str, int] = {}
    for debt in debts:
        nets[debt.debtor] = nets.get(debt.debtor, 0) - debt.amount
        nets[debt.creditor] = nets.get(debt.creditor, 0) + debt.amount
    return {code: Fen(net) for code, net in sorted(nets.items())}


def net(netting: Netting, debts: Sequence[Debt]) -> Netted:
    """Net debts: of one pair, where gross or bilateral; of a whole window, where multilateral.

    There is at most one debt from one to another, each above zero.
    """
    if netting is Netting.MULTILATERAL:
        return _multilateral(debts)
    if netting is Netting.BILATERAL:
        return _bilateral(debts)
    return Netted({}, tuple(Payment(d.debtor, d.creditor, d.amount) for d in debts))


def _offset(province: str, other: str, amount: int) -> tuple[Move, ...]:
    """In the books of `province`: its debt to the other meets its claim on it."""
    return move(due_to(other, province), due_from(other, province), amount)


def _bilateral(debts: Sequence[Debt]) -> Netted:
    owed = {(d.debtor, d.creditor): d.amount for d in debts}
    moves: dict[str, tuple[Move, ...]] = {}
    payments = []
    for (debtor, creditor), amount in sorted(owed.items()):
        back = owed.get((creditor, debtor), Fen(0))
        if back:
            offset = _offset(debtor, creditor, min(amount, back))
            moves[debtor] = moves.get(debtor, ()) + offset
        if amount > back:
            payments.append(Payment(debtor, creditor, Fen(amount - back)))
    return Netted(moves, tuple(payments))


def _multilateral(debts: Sequence[Debt]) -> Netted:
    """Every debt becomes one to the agent and one of the agent's; each then pays one net."""
    moves: dict[str, tuple[Move, ...]] = {}
    owes: dict[str, int] = {}
    owed: dict[str, int] = {}

    def add(province: str, more: tuple[Move, ...]) -> None:
        if more:
            moves[province] = moves.get(province, ()) + more

    for debt in sorted(debts, key=lambda d: (d.debtor, d.creditor)):
        debtor, creditor, amount = debt.debtor, debt.creditor, debt.amount
        add(debtor, move(due_to(creditor, debtor), due_to(AGENT, debtor), amount))
        add(creditor, move(due_from(AGENT, creditor), due_from(debtor, creditor), amount))
        add(AGENT, move(due_from(debtor, AGENT), due_to(creditor, AGENT), amount))
        owes[debtor] = owes.get(debtor, 0) + amount
        owed[creditor] = owed.get(creditor, 0) + amount
    payments = []
    for province in sorted(owes.keys() | owed.keys()):
        out, in_ = owes.get(province, 0), owed.get(province, 0)
        add(province, _offset(province, AGENT, min(out, in_)))
        add(AGENT, _offset(AGENT, province, min(out, in_)))
        if out > in_:
            payments.append(Payment(province, AGENT, Fen(out - in_)))
        elif in_ > out:
            payments.append(Payment(AGENT, province, Fen(in_ - out)))
    return Netted(dict(sorted(moves.items())), tuple(payments))
