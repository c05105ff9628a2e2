"""What an auction refuses, and what to do instead."""

from app.kernel.refusal import Refusal


class AuctionRefusal(Refusal):
    """Refusals of listing, registration, bidding, freezing."""

    NOTICE_TOO_SHORT = (
        "notice-too-short",
        "公告期不足。请把开始时间推迟到公告期满之后。",
        "The notice would be too short. Let the bidding open after the full notice period.",
    )
    TICKET_NOT_AVAILABLE = (
        "ticket-not-available",
        "所列复垦票中有未交至本交易中心或已在其他标的中的。请只列可用的票。",
        "A ticket is not handed in at this exchange, or none is named. List available tickets.",
    )
    TICKET_HELD = (
        "held",
        "所列复垦票中有已停办的:该户表示没有同意。请先去掉这些票,县级听取后再列。",
        "The household of a ticket says that it did not agree. Leave it out until it is heard.",
    )
    START_PRICE_BELOW_COSTS = (
        "start-price-below-costs",
        "起始价按面积分摊后不足以覆盖某张票的复垦与融资费用。请提高起始价。",
        "The start price would not cover the costs of each ticket. Raise it.",
    )
    CLOSED = (
        "closed",
        "该标的已截止。",
        "The lot has closed; nothing more can be done on it.",
    )
    ALREADY_REGISTERED = (
        "already-registered",
        "该竞买人已报名此标的,无需再次报名。",
        "This bidder is registered for the lot already; it may bid once the lot is open.",
    )
    INSUFFICIENT_FUNDS = (
        "insufficient-funds",
        "可用资金不足。请先向托管账户汇入资金。",
        "The free cash does not suffice. Transfer money to the escrow account first.",
    )
    NOT_REGISTERED = (
        "not-registered",
        "该竞买人尚未报名。请先报名并缴纳保证金。",
        "This bidder is not registered for the lot. Register first.",
    )
    FROZEN = (
        "frozen",
        "该标的暂停竞价。恢复后截止时间会顺延,请稍后再报价。",
        "The lot is frozen. Bid after it is resumed; its close will move by the time lost.",
    )
    NOT_OPEN = (
        "not-open",
        "竞价尚未开始。请在开始时间之后报价。",
        "Bidding has not opened yet. Bid from the opening time on.",
    )
    ALREADY_LEADING = (
        "already-leading",
        "您目前领先,无需提高自己的报价。",
        "You lead already; there is no need to outbid yourself.",
    )
    BID_BELOW_START = (
        "bid-below-start",
        "报价低于起始价。请按起始价或更高价报价。",
        "The bid is below the start price. Bid the start price or more.",
    )
    BID_BELOW_INCREMENT = (
        "bid-below-increment",
        "报价低于当前价加加价幅度。请提高报价。",
        "The bid is below the current price plus one increment. Bid more.",
    )
    MAXIMUM_NOT_USED = (
        "maximum-not-used",
        "只有增价竞价的标的可以设置最高价。密封报价请直接提交。",
        "Only ascending lots take a maximum. Send a sealed bid as it is.",
    )
    MAXIMUM_BELOW_BID = (
        "maximum-below-bid",
        "您已领先,最高价不能低于您已报出的价格。请提高,或撤销最高价。",
        "You lead with a bid above this maximum. Set it to that bid or more, or withdraw it.",
    )
    NO_MAXIMUM = (
        "no-maximum",
        "没有可撤销的最高价。请先设置最高价。",
        "No maximum stands that could be withdrawn. Set one first.",
    )
    NOT_WINNER = (
        "not-winner",
        "只有竞得人可以付款。请核对标的和竞买人。",
        "Only the winner may pay for the lot. Check the lot and the bidder.",
    )
    WRONG_STATE = (
        "wrong-state",
        "标的当前状态不允许此操作。请先查询标的的最新状态。",
        "The lot's present state does not allow this. Read its state first.",
    )
    BIDDING_OPENED = (
        "bidding-opened",
        "竞价已经开始或标的已结束,公告条款不能再变更。如有必要请另行挂牌。",
        "Bidding has opened, so the terms stay. List the tickets anew if they must differ.",
    )
    DEPOSIT_FIXED = (
        "deposit-fixed",
        "已有竞买人按原保证金报名,保证金不能变更。请沿用原金额。",
        "Somebody has registered with the present deposit. Keep its amount.",
    )
    CUSTODIAN_KEY_REUSED = (
        "custodian-key-reused",
        "保管人公钥已用于其他标的。每个标的须由保管人生成新的密钥。",
        "A custodian's key stands in another lot's notice. Each lot needs keys of its own.",
    )
    SEALING_REQUIRED = (
        "sealing-required",
        "该标的只接受加密报价。请在本机加密后提交到 /v1/sealed-bids,切勿发送明文价格。",
        "This lot takes encrypted bids only. Seal the bid and send it to /v1/sealed-bids.",
    )
    SEALING_NOT_USED = (
        "sealing-not-used",
        "该标的不使用保管人加密。请按公告的方式报价。",
        "This lot has no custodians. Bid in the way its notice says.",
    )
    NOTICE_OUTDATED = (
        "notice-outdated",
        "报价是按另一份公告加密的。请读取现行公告后重新加密。",
        "The bid was sealed for another notice. Read the present one and seal it anew.",
    )
    SIGNATURE_INVALID = (
        "signature-invalid",
        "报价没有报名时登记的密钥的有效签名。请用该密钥重新签名。",
        "The bid is not signed by the key of its registration. Sign it with that key.",
    )
    SEQ_NOT_RISING = (
        "seq-not-rising",
        "报价序号必须大于您此前的序号。请换一个更大的序号重新加密。",
        "The number of the bid must be above those of your earlier ones. Seal it with a larger.",
    )
    NOT_CLOSED = (
        "not-closed",
        "标的尚未截止或已经开标,密钥未被保存。请只在截止后、开标前公布,此前务必保密。",
        "The lot does not wait to be opened. Nothing was kept; hold the key back until the close.",
    )
    KEY_MISMATCH = (
        "key-mismatch",
        "密钥与公告或报价的承诺不符,未被保存。请核对标的和密钥。",
        "The key is not the one that notice or bid commits to. Check the lot and the key.",
    )
    KEY_PUBLISHED = (
        "key-published",
        "该密钥已经公布,无需再次操作。",
        "This key has been published already; nothing needs to be done.",
    )
    PROBE_FAILED = (
        "probe-failed",
        "应答与探测不符。请用本标的的私钥解开探测后再应答。",
        "The answer is not what the probe holds. Open it with the private key of this lot.",
    )
    PROBE_ANSWERED = (
        "probe-answered",
        "该探测已应答,无需再次操作。",
        "This probe has been answered already; nothing needs to be done.",
    )
    SECOND_PERSON_NEEDED = (
        "second-person-needed",
        "该报价超出本企业的单人报价限额。请先提议(/v1/bid-proposals),再由本企业另一人批准。",
        "This is above your firm's bid limit. Propose it, and let a second person approve it.",
    )
    SAME_PERSON = (
        "same-person",
        "提议人不能批准自己的提议。请由本企业另一人批准。",
        "You proposed this yourself. Let another person of your firm approve it.",
    )
    PROPOSAL_DECIDED = (
        "proposal-decided",
        "该提议已经批准、撤回或被新的提议取代。请查询最新的提议。",
        "This proposal was approved, withdrawn or replaced. Read your firm's present ones.",
    )
    PROPOSER_GONE = (
        "proposer-gone",
        "提议人已不再代表本企业。请撤回该提议,由在任人员重新提议。",
        "Who proposed this no longer acts for the firm. Withdraw it and propose it anew.",
    )
    LIMIT_UNCHANGED = (
        "limit-unchanged",
        "限额与现行限额相同,无需变更。",
        "This is the limit that is in force already; nothing needs to be done.",
    )
