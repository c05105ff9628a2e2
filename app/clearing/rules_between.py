"""Pure: what clearing between nodes refuses, and the words of its messages."""

import re

from app.kernel.refusal import BetweenNodes
from app.kernel.units import Fen, InvalidAmountError, hundredths

STATED, STATEMENT = "pay.stated", "pay.statement"
APPROVED, DISPUTED = "pay.approved", "pay.disputed"
DUE, ACCOUNT, CONFIRMED, RETURN = "pay.due", "pay.account", "pay.confirmed", "pay.return"
TERMS = "pay.terms"


INSTRUCTION = re.compile(r"[0-9a-f]{32}", re.ASCII)
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


class BetweenRefusal(BetweenNodes):
    """Refusals of clearing between nodes."""

    DECIDED_ELSEWHERE = (
        "decided-elsewhere",
        "清算办法和清算窗口由部级节点办理,请在该节点提交。",
        "The ministry clears at its own node: terms and windows are decided there. Send it there.",
    )
    WINDOW_TOO_LARGE = (
        "window-too-large",
        "窗口内两省之间的应付款笔数超过一份结算单的上限。请改用较早的终点。",
        "A pair has more obligations in it than one statement can state. Choose an earlier end.",
    )
    STATEMENT_UNBOOKED = (
        "statement-unbooked",
        "结算单与本省账簿不符,不能签署。请提出异议,并核对所列应付款。",
        "The statement is not what this province's books say, so it is not signed. Dispute it.",
    )
    WRONG_PARTY = (
        "wrong-party",
        "该报文的发送方不代表报文所涉的一方。请核对双方的名片与省份。",
        "The sender does not speak for the party that this is about. Compare the node cards.",
    )
    NOT_COMMITTED = (
        "obligation-unknown",
        "部级节点没有批准过这样的外流,不接受其应付款项。请核对外流编号和金额。",
        "The ministry has committed no such transfer. Check its id, its provinces and the amount.",
    )
    STATED_ALREADY = (
        "obligation-twice",
        "该方已就此款项作过陈述。请将两份报文交监督人员。",
        "This side has stated this already. Show both messages to an auditor.",
    )
    STATED_TOO_LATE = (
        "restated-too-late",
        "双方已就该款项达成一致,不再接受新的陈述。请再作一笔更正,把账簿改回一致的金额。",
        "Both sides have agreed on it, so nothing new is heard. Correct the books back to that.",
    )
    STATED_OTHERWISE = (
        "restated-otherwise",
        "该陈述没有从前一次陈述的金额开始,不予采用。请将两份报文交监督人员。",
        "It does not begin at the amount that was stated before it. Show both to an auditor.",
    )
    NOT_SIGNED = (
        "statement-not-signed",
        "本省尚未签署该结算单,不接受据此的付款安排。请核对结算单。",
        "This province has not signed that statement, so nothing follows from it. Check it.",
    )
    DUE_DIFFERS = (
        "payment-due-differs",
        "付款安排与本省已签署的结算单不符,未入账。请将报文交监督人员。",
        "The payments are not what the signed statements give; nothing is booked. Show an auditor.",
    )
    ACCOUNT_DIFFERS = (
        "bank-account-differs",
        "账户与对方日志中的承诺不符,或已属他方。请对方重新登记账户。",
        "The account is not the one its log commits to, or is another's. Let it be told anew.",
    )
    PAYMENT_UNKNOWN = (
        "payment-unknown",
        "本节点没有该付款指令。请核对指令编号。",
        "This node knows of no such payment. Check the instruction's id.",
    )
    PAYMENT_EXCEEDS = (
        "payment-exceeds",
        "确认的金额超过指令的剩余金额,未入账。请将报文交监督人员。",
        "More is confirmed than is left of the instruction; nothing is booked. Show an auditor.",
    )


class MalformedError(ValueError):
    """A body is not in the form of its message."""


def is_instruction(text: str) -> bool:
    """Whether a text is the id of an instruction."""
    return INSTRUCTION.fullmatch(text) is not None


def nothing_or_more(value: object) -> Fen:
    """An amount of zero or more."""
    try:
        return Fen(hundredths(value))
    except InvalidAmountError as error:
        raise MalformedError from error


def money(value: object) -> Fen:
    """An amount above zero."""
    amount = nothing_or_more(value)
    if amount < 1:
        raise MalformedError
    return amount


def whole(value: object) -> int:
    """A whole number of zero or more, exact in every JSON reader."""
    if type(value) is not int or not 0 <= value < 2**53:
        raise MalformedError
    return value
