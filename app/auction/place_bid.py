"""The command behind `POST /v1/bids`.

- the lot's row is locked before the clock is read, so bids have one order and one time;
- the rules judge a list against one state; a request is the list of one;
- the bid, the lot after it and the record are written together or not at all.
"""

import hashlib
import secrets

from app import ledger
from app.auction import rules, store
from app.identity import require_bidder
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.platform.db import Tx

SALT_BYTES = 32


async def place_bid(tx: Tx, command: rules.PlaceBid) -> tuple[rules.Bid, rules.Lot]:
    """Bid on a lot (R123); answers with the bid and the lot after it."""
    lot = await store.find_lot(tx, command.lot, lock=True)
    if lot is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    bidder = await require_bidder(tx, command.bidder)
    if not tx.by.concerns(Stake(bidder=bidder.id)):
        raise Rejected(CommonRefusal.NOT_FOUND, "bidder")
    registered = {bidder.id} if await store.is_registered(tx, lot.id, bidder.id) else set()

    lot, (verdict,) = rules.judge_bids(lot, [command], registered, await tx.now())
    if isinstance(verdict, rules.AuctionRefusal):
        raise Rejected(verdict)

    salt = secrets.token_bytes(SALT_BYTES)
    await store.insert_bids(tx, [verdict], [salt])
    await store.update_lot(tx, lot)
    await ledger.record(tx, [_note(lot, verdict, salt)])
    return verdict, lot


def commitment(salt: bytes, bid: rules.Bid) -> str:
    """What binds a sealed bid before its price may be read: SHA-256 over salt, bidder, price."""
    return hashlib.sha256(salt + f"{bid.bidder}:{decimal(bid.price)}".encode()).hexdigest()


def _note(lot: rules.Lot, bid: rules.Bid, salt: bytes) -> ledger.Note:
    body: dict[str, object] = {"bidder": bid.bidder, "number": bid.number}
    if lot.mode is rules.Mode.SEALED:
        body["commitment"] = commitment(salt, bid)
    else:
        body["price"] = decimal(bid.price)
    return ledger.Note(kind="bid.placed", province=lot.province, subject=lot.id, body=body)
