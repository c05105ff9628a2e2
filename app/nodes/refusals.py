"""What is said no to between nodes and to who sets one up. Pure.

None of it is a refusal of the exchange's API: faults are answered on the link port, objections to
who types a command.
"""

from enum import Enum


class Objection(Enum):
    """Why a node cannot be set up so, or does not know a peer: code, Chinese, English."""

    ALREADY_INITIALISED = (
        "node-initialised",
        "本节点已初始化,名称不能更改。查看:hrt node card。",
        "This node is initialised already, and its name never changes. See `hrt node card`.",
    )
    NOT_INITIALISED = (
        "node-not-initialised",
        "本节点尚未初始化。请先运行 hrt node init。",
        "This node is not initialised. Run `hrt node init` first.",
    )
    NAME_TAKEN = (
        "peer-name-taken",
        "已有同名节点。更新其名片请用 hrt node peer update。",
        "A node of this name is known already. To take its new card use `hrt node peer update`.",
    )
    PROVINCE_TAKEN = (
        "peer-province-taken",
        "该省已由另一节点托管。一个省只能由一个节点托管,请核对名片。",
        "Another node hosts this province, and only one can. Compare the card with its operator.",
    )
    SECOND_MINISTRY = (
        "peer-second-ministry",
        "自然资源部的节点已登记。全国只有一个,请核对名片。",
        "A ministry's node is known already, and there is one only. Compare the card.",
    )
    KEY_RETIRED = (
        "peer-key-retired",
        "名片中的报文密钥已停用。请向对方索取新的名片。",
        "The message key on this card was retired. Ask its operator for the card of today.",
    )
    UNKNOWN_PEER = (
        "peer-unknown",
        "没有登记该节点。请先用 hrt node peer add 登记其名片。",
        "No peer of this name is known. Register its card with `hrt node peer add` first.",
    )

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code = code
        self.zh = zh
        self.en = en


class NodeError(Exception):
    """Nothing was done, for this objection."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection.en)
        self.objection = objection


class Fault(Enum):
    """Why a letter is not handled: the code, the HTTP status and what it means in two languages.

    What has a fault goes to quarantine and gets no signed answer: whoever sent it tries again.
    """

    MALFORMED = ("malformed", 422, "报文格式不正确。", "The request is not a well-formed message.")
    OTHER_SENDER = (
        "other-sender",
        403,
        "报文署名的节点不是建立连接的节点。",
        "The message names another sender than the node that brought it.",
    )
    OTHER_RECIPIENT = (
        "other-recipient",
        409,
        "报文的收件节点不是本节点。",
        "The message is for another node.",
    )
    UNKNOWN_KEY = (
        "unknown-key",
        403,
        "报文没有已登记密钥的签名。请核对名片。",
        "The message is not signed by a key on the sender's card here.",
    )
    BAD_SIGNATURE = ("bad-signature", 403, "报文签名不成立。", "The signature does not verify.")
    KEY_NOT_IN_FORCE = (
        "key-not-in-force",
        403,
        "签名密钥已停用或尚未启用。",
        "The signing key is retired, or not yet in force.",
    )
    CLOCK_AHEAD = (
        "clock-ahead",
        409,
        "报文的时间晚于本节点时间五分钟以上。请校准时钟。",
        "The message is dated more than five minutes ahead of this node. Set the clock.",
    )
    NO_PROOF = (
        "proof-missing",
        422,
        "报文所依据的日志记录或其证明缺失,或与报文不符。",
        "The log entry that the message rests on, or its proof, is missing or another.",
    )
    BAD_PROOF = (
        "proof-wrong",
        409,
        "日志证明不成立,或见证人不足。",
        "The log proof does not verify, or too few witnesses cosigned.",
    )
    UNKNOWN_TYPE = (
        "unknown-type",
        409,
        "本节点不认识该类报文。请升级后再收。",
        "This node does not know messages of this type. It is to be upgraded first.",
    )
    NUMBER_TAKEN = (
        "number-taken",
        409,
        "该序号已用于另一份报文。",
        "The sequence number stands on another message already.",
    )
    NUMBER_AHEAD = (
        "number-ahead",
        409,
        "序号远大于已收到的序号。",
        "The sequence number is far ahead of those received.",
    )
    TOO_FAST = (
        "too-fast",
        429,
        "报文过多。请稍后再发。",
        "Too many messages at once. Send the rest later.",
    )
    EQUIVOCATION = (
        "equivocated",
        409,
        "同一事项已收到内容不同的报文,两份均留作证据。",
        "Another message was received for the same matter; both are kept as evidence.",
    )

    def __init__(self, code: str, status: int, zh: str, en: str) -> None:
        self.code = code
        self.status = status
        self.zh = zh
        self.en = en
