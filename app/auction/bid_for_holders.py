"""The exchange bids for those who left a maximum: at the opening, and whenever they are outbid.

Under the lot's row lock, in the transaction of what gave cause for it. The node itself makes these
bids, and their records say so; a command's receipt never binds one of them.
"""

import secrets
from dataclasses import replace

from app import ledger
from app.auction import rules, rules_maximum, store, store_bids, store_maximum
from app.auction.rules_maximum import Setting
from app.kernel.calendar import wire
from app.kernel.units import decimal
from app.platform.db import Tx

SALT_BYTES = 32


async def at_the_opening(tx: Tx, lot: rules.Lot) -> rules.Lot:
    """Bring a lot that nobody has bid on to what its maxima made of it when bidding opened.

    Whoever locks a lot after its opening asks this first, so that an outcome never depends on how
    soon a job came round.
    """
    unbid = lot.mode is rules.Mode.ASCENDING and lot.leader is None
    if not unbid or lot.state is not rules.LotState.LIVE or await tx.now() < lot.opens_at:
        return lot
    return await answer(tx.at(lot.opens_at), lot, await store_maximum.settings_of(tx, lot.id))


async def answer(tx: Tx, lot: rules.Lot, settings: list[Setting]) -> rules.Lot:
    """Make the bids that are needed now; `tx` is the node's own."""
    maxima = store_maximum.standing(settings)
    after, made = rules_maximum.bid_for_holders(lot, maxima, await tx.now())
    if not made:
        return lot
    paddle = {setting.bidder: setting.paddle for setting in settings}
    bids = [replace(bid, paddle=paddle[bid.bidder], by_maximum=True) for _, bid in made]
    await store_bids.insert_bids(tx, bids, [secrets.token_bytes(SALT_BYTES) for _ in bids])
    await store.update_lot(tx, after)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="bid.placed",
                province=lot.province,
                subject=lot.id,
                body={
                    "paddle": bid.paddle,
                    "number": bid.number,
                    "price_cny": decimal(bid.price),
                    "closes_at": wire(then.closes_at),
                    "by": "maximum",
                },
            )
            for bid, (then, _) in zip(bids, made, strict=True)
        ],
    )
    return after
