"""Pure rules between provinces: a transfer's steps, its conversion, and the netting of debts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.clearing.rules import due_from, due_to
from app.kernel.ids import province_of
from app.kernel.principal import Stake
from app.kernel.refusal import BetweenNodes, Refusal
from app.kernel.units import Area, Fen
from app.ledger.rules import AMOUNT_MAX, AccountKind, AccountRef, Move, move
from app.policy.rules import Coefficient
from app.tickets.rules import Ticket, TicketState

INTERPROVINCIAL = "interprovincial"
"""The bank account through which provinces pay each other."""


class TransferRefusal(Refusal):
    """Refusals between provinces, in the order of their checks."""

    TICKET_WRONG_STATE = (
        "wrong-state",
        "只有已核发、尚未交入也未锁定的票可以申请外流。请先查询该票的状态。",
        "Only a ticket that is issued, and not handed in or locked, may flow out. Read its state.",
    )
    HELD = (
        "held",
        "该户表示没有同意,此件已停办,不能流出。请由县级审批人听取后结束停办。",
        "The household says that it did not agree: it goes nowhere. Let the county hear it first.",
    )
    CITY_APPROVAL_MISSING = (
        "city-approval-missing",
        "尚无接收省份的城市批准该户落户,或接收省份就是本省。请先取得该省城市的批准。",
        "No city of another, receiving province has approved this household. Get that first.",
    )
    WRONG_STATE = (
        "wrong-state",
        "该外流申请的当前状态不允许此操作。请先查询它的状态。",
        "The transfer's present state does not allow this. Read its state first.",
    )
    NOT_ACCEPTED_BY_RECEIVER = (
        "not-accepted-by-receiver",
        "接收省份尚未同意接收。请待其同意后再批准。",
        "The receiving province has not accepted yet. Approve once it has.",
    )
    NO_COEFFICIENT = (
        "no-coefficient",
        "今天没有有效的调节系数,或换算所得面积不足 0.01 平方米、超出可记录范围。请先批准系数。",
        "No coefficient in force gives 0.01 m² or more, within range. Have one approved first.",
    )
    NOTHING_DUE = (
        "nothing-due",
        "两省之间没有应付款项,无需结算。请核对两个省份。",
        "Nothing is due between the two provinces. Check which two you mean.",
    )


class ElsewhereRefusal(BetweenNodes):
    """Refusals of what this node does not decide, because it is another's or stays here."""

    ANOTHER_NODE = (
        "decided-elsewhere",
        "该外流由其他节点办理:接收省份和部级在各自节点决定。转出方可在决定之前取消申请。",
        "Receiver and ministry decide this at their own nodes. The giver may cancel before that.",
    )
    BETWEEN_NODES = (
        "settled-between-nodes",
        "其中一省在另一节点,双方账目不能由一方结清。请通过清算办理。",
        "One of the two is another node's: no node settles for both. Settle it through clearing.",
    )
    STAYS_HERE = (
        "decided-here",
        "该外流在本节点内办理,不需要取消:请由接收省份或部级退回。",
        "This transfer stays in this node. Let the receiving province or the ministry decline it.",
    )


class TransferState(StrEnum):
    """How far a transfer is; the last two end it."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    REJECTED = "rejected"


class Rejecter(StrEnum):
    """Who rejects a transfer."""

    RECEIVER = "receiver"
    MINISTRY = "ministry"


class RejectionReason(StrEnum):
    """Why a transfer is declined: chosen from a list, for free text could name persons."""

    NO_NEED = "no_need"
    CITY_WITHDREW = "city_withdrew"
    PAPERS_INCOMPLETE = "papers_incomplete"
    YIELDS_DISPUTED = "yields_disputed"
    AGAINST_PLAN = "against_plan"
    OTHER = "other"


PENDING = frozenset({TransferState.REQUESTED, TransferState.ACCEPTED})
"""States in which a transfer may still be rejected."""


@dataclass(frozen=True, slots=True)
class RequestOutflow:
    """The ticket's holder asks to take it to the province `to` (R181)."""

    id: str
    ticket: str
    to: str


@dataclass(frozen=True, slots=True)
class ApproveTransfer:
    """The ministry approves; between nodes under the number `document` (文号) of its approval."""

    transfer: str
    document: str | None = None


@dataclass(frozen=True, slots=True)
class RejectTransfer:
    """The receiving province or the ministry declines."""

    transfer: str
    by: Rejecter
    reason: RejectionReason | None = None


@dataclass(frozen=True, slots=True)
class SettleProvinces:
    """Two provinces settle what they owe each other."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """A ticket on its way from `home` to `receiver`; `received` and `coefficient` once approved.

    One that `crosses` goes to another node: receiver and ministry decide elsewhere.
    """

    id: str
    ticket: str
    home: str
    receiver: str
    state: TransferState
    sent: Area
    received: Area | None = None
    coefficient: str | None = None
    crosses: bool = False

    @property
    def receiver_stake(self) -> Stake:
        """Who accepts or declines it for the receiving province (R182)."""
        return Stake(province=self.receiver)


MINISTRY_STAKE = Stake()
"""What concerns roles of the node alone: no province may act for the ministry (R185)."""


def outflow_stake(ticket: Ticket) -> Stake:
    """Who may ask for the outflow: the household, and its county and home province for it."""
    return Stake(household=ticket.household, county=ticket.county, province=ticket.home_province)


def decide_outflow(
    ticket: Ticket, city: str | None, command: RequestOutflow, *, is_held: bool = False
) -> TransferRefusal | Transfer:
    """Whether the ticket may be locked for the outflow (R181).

    `city` is the city that approved the household last; `is_held`: its household did not agree.
    """
    if ticket.state is not TicketState.ISSUED:
        return TransferRefusal.TICKET_WRONG_STATE
    if is_held:
        return TransferRefusal.HELD
    if city is None or province_of(city) != command.to or command.to == ticket.home_province:
        return TransferRefusal.CITY_APPROVAL_MISSING
    return Transfer(
        command.id,
        ticket.id,
        ticket.home_province,
        command.to,
        TransferState.REQUESTED,
        ticket.area,
    )


def decide_acceptance(transfer: Transfer) -> Refusal | None:
    """The receiving province accepts what was requested, once (R182)."""
    if transfer.crosses:
        return ElsewhereRefusal.ANOTHER_NODE
    if transfer.state is not TransferState.REQUESTED:
        return TransferRefusal.WRONG_STATE
    return None


def decide_approval(
    transfer: Transfer, coefficient: Coefficient | None
) -> Refusal | tuple[Coefficient, Area]:
    """The coefficient in force and the area that the receiving province gets by it (R183-R186)."""
    if transfer.crosses:
        return ElsewhereRefusal.ANOTHER_NODE
    if transfer.state not in PENDING:
        return TransferRefusal.WRONG_STATE
    if transfer.state is not TransferState.ACCEPTED:
        return TransferRefusal.NOT_ACCEPTED_BY_RECEIVER
    if coefficient is None:
        return TransferRefusal.NO_COEFFICIENT
    received = coefficient.convert(transfer.sent)
    if not 0 < received <= AMOUNT_MAX:
        return TransferRefusal.NO_COEFFICIENT
    return coefficient, received


def decide_rejection(transfer: Transfer) -> Refusal | None:
    """A transfer may be rejected until it is approved."""
    if transfer.crosses:
        return ElsewhereRefusal.ANOTHER_NODE
    return None if transfer.state in PENDING else TransferRefusal.WRONG_STATE


def conversion_account(other: str, province: str) -> AccountRef:
    """In the books of `province`: quota that left for, or came from, the province `other`."""
    return AccountRef(AccountKind.CONVERSION, other, province)


@dataclass(frozen=True, slots=True)
class Position:
    """What one province owes another at this moment, before any netting."""

    debtor: str
    creditor: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class Netting:
    """Two gross positions: `netted` against each other, and the rest `paid`."""

    payer: str
    payee: str
    payer_owes: Fen
    payee_owes: Fen

    @property
    def netted(self) -> Fen:
        """What both owe each other is done without money."""
        return self.payee_owes

    @property
    def paid(self) -> Fen:
        """What the payer pays; zero where both owe the same."""
        return Fen(self.payer_owes - self.payee_owes)


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settlement between two provinces as it is kept; `number` counts them in their order."""

    number: int
    id: str
    netting: Netting
    at: datetime


def decide_netting(command: SettleProvinces, a_owes: Fen, b_owes: Fen) -> TransferRefusal | Netting:
    """Who pays whom: the one that owes more, and `a` where both owe the same."""
    if command.a == command.b or a_owes == b_owes == 0:
        return TransferRefusal.NOTHING_DUE
    if a_owes >= b_owes:
        return Netting(command.a, command.b, a_owes, b_owes)
    return Netting(command.b, command.a, b_owes, a_owes)


def payer_moves(netting: Netting) -> tuple[Move, ...]:
    """In the payer's books: its debt meets its claim, and the rest is paid out."""
    payer, payee = netting.payer, netting.payee
    debt = due_to(payee, payer)
    return move(debt, due_from(payee, payer), netting.netted) + move(
        debt, AccountRef(AccountKind.BANK, INTERPROVINCIAL, payer), netting.paid
    )


def payee_moves(netting: Netting) -> tuple[Move, ...]:
    """In the payee's books: its debt meets its claim, and the rest of the claim is paid in."""
    payer, payee = netting.payer, netting.payee
    claim = due_from(payer, payee)
    return move(due_to(payer, payee), claim, netting.netted) + move(
        AccountRef(AccountKind.BANK, INTERPROVINCIAL, payee), claim, netting.paid
    )
