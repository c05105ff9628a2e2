"""The command behind `POST /v1/bids`.

- the lot's row is locked before the clock is read, so bids have one order and one time;
- the rules judge a list against one state; a request is the list of one;
- the bid, the lot after it and the record are written together or not at all;
- what the rules refuse is recorded too, so nobody can later deny that the bid was made;
- the records name the bidder's paddle, and nobody as their actor;
- what its firm has not agreed to is no bid of the firm, so it leaves no trace (`approve_bid`);
- whoever left a maximum is bid for before it, at the opening, and after it, when it is outbid.
"""

import secrets
from dataclasses import replace

from app import ledger
from app.auction import (
    bid_for_holders,
    rules,
    rules_firms,
    rules_notice,
    store,
    store_bids,
    store_firms,
    store_maximum,
)
from app.identity import require_bidder
from app.kernel.calendar import wire
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Refused, Rejected
from app.kernel.units import decimal
from app.platform.db import Tx

SALT_BYTES = 32


async def place_bid(
    tx: Tx, command: rules.PlaceBid, *, by_two: bool = False
) -> tuple[rules.Bid, rules.Lot] | Refused:
    """Bid on a lot (R123); answers with the bid and the lot after it, or with its refusal.

    `by_two`: a second person of the firm has approved it.
    """
    alone = not by_two and tx.by.concerns(Stake(bidder=command.bidder))
    limit = await store_firms.limit_held(tx, command.bidder) if alone else None
    lot = await store.find_lot(tx, command.lot, lock=True)
    if lot is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    registration = await store_bids.find_registration(tx, lot.id, command.bidder)
    if registration is None:
        await require_bidder(tx, command.bidder)
    if not tx.by.concerns(Stake(bidder=command.bidder)):
        raise Rejected(CommonRefusal.NOT_FOUND, "bidder")
    if lot.has_custodians:
        raise Rejected(rules.AuctionRefusal.SEALING_REQUIRED, "price_cny")
    if rules_firms.needs_second(limit, command.price):
        raise Rejected(rules.AuctionRefusal.SECOND_PERSON_NEEDED, "price_cny")
    registered = set() if registration is None else {registration.bidder}
    now = await tx.now()
    lot = await bid_for_holders.at_the_opening(tx, lot)

    lot, (verdict,) = rules.judge_bids(lot, [command], registered, now)
    if isinstance(verdict, rules.AuctionRefusal):
        paddle = None if registration is None else registration.paddle
        await ledger.record(tx, [_refusal(lot, command, verdict, paddle)])
        return Refused(verdict)

    assert registration is not None, "only a registered bidder has a bid"
    bid = replace(verdict, paddle=registration.paddle)
    salt = secrets.token_bytes(SALT_BYTES)
    await store_bids.insert_bids(tx, [bid], [salt])
    await store.update_lot(tx, lot)
    await ledger.record(tx, [_note(lot, bid, registration.paddle, salt)])
    if lot.mode is rules.Mode.ASCENDING:
        settings = await store_maximum.settings_of(tx, lot.id)
        lot = await bid_for_holders.answer(tx.at(now), lot, settings)
    return bid, lot


def _note(lot: rules.Lot, bid: rules.Bid, paddle: int, salt: bytes) -> ledger.Note:
    body: dict[str, object] = {"paddle": paddle, "number": bid.number}
    if lot.mode is rules.Mode.SEALED:
        body["commitment"] = rules_notice.price_commitment(salt, paddle, bid.price)
    else:
        body |= {"price_cny": decimal(bid.price), "closes_at": wire(lot.closes_at)}
    return ledger.Note(
        kind="bid.placed", province=lot.province, subject=lot.id, body=body, anonymous=True
    )


def _refusal(
    lot: rules.Lot, command: rules.PlaceBid, refusal: rules.AuctionRefusal, paddle: int | None
) -> ledger.Note:
    body: dict[str, object] = {"paddle": paddle, "code": refusal.code}
    if lot.mode is rules.Mode.ASCENDING:
        body["price_cny"] = decimal(command.price)
    return ledger.Note(
        kind="bid.refused", province=lot.province, subject=lot.id, body=body, anonymous=True
    )
