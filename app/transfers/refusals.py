"""Refusals of the protocol between nodes."""

from app.kernel.refusal import BetweenNodes


class ProtocolRefusal(BetweenNodes):
    """Faults of the protocol between nodes, as `rules_protocol.FaultCode` names them."""

    WRONG_PARTY = (
        "wrong-party",
        "该报文的发送方或接收方与此外流申请不符。请核对双方的名片与省份。",
        "This message is from or for another party than the transfer's. Compare the node cards.",
    )
    FOREIGN_ID = (
        "foreign-id",
        "外流编号不属于转出省份。请核对编号。",
        "The transfer's id is not one of its giver's. Check the id.",
    )
    OTHER_PROPOSAL = (
        "other-proposal",
        "与该编号下已提出的申请内容不一致。请核对原申请。",
        "It differs from what was proposed under this id. Compare it with the proposal.",
    )
    OTHER_CREDIT = (
        "other-credit",
        "换算面积与调节系数不符。请按系数重新计算。",
        "The converted area is not what the coefficient gives. Compute it again.",
    )
    OTHER_ACCEPTANCE = (
        "other-acceptance",
        "批准所附的同意与该申请不符。请核对接收省份的同意。",
        "The approval names no acceptance of this proposal. Compare it with the receiver's.",
    )
    NO_DOCUMENT = (
        "no-document",
        "批准未注明文号。请补上文号。",
        "The approval names no document number. Add it.",
    )
    SECOND_DECISION = (
        "second-decision",
        "与已执行的决定不同。一项外流只有一个决定,请将两份报文交监督人员。",
        "It differs from the decision that was applied. There is one only: show an auditor both.",
    )
    NEVER_PROPOSED = (
        "never-proposed",
        "本节点没有提出过该外流申请。请核对编号。",
        "This node has proposed no such transfer. Check the id.",
    )
    NOT_DECIDED = (
        "not-decided",
        "该外流申请尚未决定。请等待决定。",
        "This transfer is not decided yet. Wait for the decision.",
    )
    WRONG_STATE = (
        "wrong-state",
        "该外流申请的当前状态不允许此操作。请先查询它的状态。",
        "The transfer's present state does not allow this. Read its state first.",
    )
    NOT_ACCEPTED = (
        "not-accepted-by-receiver",
        "接收省份尚未同意接收。请待其同意后再批准。",
        "The receiving province has not accepted yet. Approve once it has.",
    )
    LAPSED = (
        "lapsed",
        "该外流申请已过有效期。请由转出省份重新申请。",
        "The proposal is no longer valid. Let the giver ask anew.",
    )
    LOG_UNREAD = (
        "giver-log-unread",
        "转出省份的日志尚未读到该票的锁定,不能批准。请稍后再试;about 中注明日志何时起无法读取。",
        "The giver's log is not read up to the lock yet. Try again soon; `about` says since when.",
    )
    NOT_HELD = (
        "ticket-not-held",
        "转出省份自己的日志没有该票、面积不符或该票已另作他用,外流已决定终止。证据见本节点日志。",
        "By the giver's own log it does not hold this: the transfer was ended. The log has proof.",
    )
