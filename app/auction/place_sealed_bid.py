"""The command behind `POST /v1/sealed-bids`: a bid that nobody here can read.

- it is judged under the lot's row lock, as every bid, by its head and its signature;
- its record names the hash of the message and neither lot nor bidder, so that not even the number
  of bids can be read from the log; the answer tells the bidder nothing that it did not send;
- a refused one is recorded in the same way;
- a firm with a bid limit has it approved by a second person, whatever its price is.
"""

from app import ledger
from app.auction import (
    rules,
    rules_firms,
    rules_seal,
    store,
    store_bids,
    store_firms,
    store_seal,
)
from app.auction.rules_seal import Desk, Envelope, PlaceSealedBid, SealedBid
from app.identity import require_bidder
from app.kernel.ids import NODE
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Refused, Rejected
from app.platform.db import Tx


async def place_sealed_bid(
    tx: Tx, command: PlaceSealedBid, *, by_two: bool = False
) -> SealedBid | Refused:
    """Take a sealed bid (R123), or refuse it; either stands in the log.

    `by_two`: a second person of the firm has approved it.
    """
    envelope = rules_seal.read_envelope(command.note)
    if envelope is None or envelope.message.head.seq > rules_seal.SEQ_MAX:
        raise Rejected(CommonRefusal.INVALID_REQUEST, "note")
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
    if not lot.has_custodians:
        raise Rejected(rules.AuctionRefusal.SEALING_NOT_USED, "lot")
    if rules_firms.needs_second(limit, None):
        raise Rejected(rules.AuctionRefusal.SECOND_PERSON_NEEDED, "note")
    terms = rules_seal.terms_of(lot, await store_seal.custodians_of(tx, lot.id, lot.notice))
    last_seq = await store_seal.last_seq(tx, lot.id, command.bidder)
    desk = Desk(lot, terms, registration, last_seq)
    now = await tx.now()

    refusal = rules_seal.judge_envelope(desk, command, envelope, now)
    if refusal is not None:
        await ledger.record(tx, [_refusal(envelope, refusal)])
        return Refused(refusal)

    note = ledger.Note(
        kind="commit",
        province=NODE,
        subject=envelope.hash,
        body={"h": envelope.hash},
        anonymous=True,
    )
    (record,) = await ledger.record(tx, [note])
    bid = SealedBid(
        hash=envelope.hash,
        lot=lot.id,
        bidder=command.bidder,
        seq=envelope.message.head.seq,
        at=now,
        record=record,
        note=command.note,
    )
    await store_seal.insert_sealed_bid(tx, bid)
    return bid


def _refusal(envelope: Envelope, refusal: rules.AuctionRefusal) -> ledger.Note:
    return ledger.Note(
        kind="bid.refused",
        province=NODE,
        subject=envelope.hash,
        body={"paddle": None, "code": refusal.code, "h": envelope.hash},
        anonymous=True,
    )
