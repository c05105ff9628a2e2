"""The command behind `POST /v1/maximum-bids`.

- judged under the lot's row lock, at an instant read after it, as a bid;
- what the exchange must bid now is bid in the same transaction;
- the amount stands in no record and in no answer: a salted commitment does, which looks the same
  when a maximum is withdrawn; refusals are not recorded, they would tell the amount.
"""

import secrets

from app import ledger
from app.auction import (
    bid_for_holders,
    rules,
    rules_firms,
    rules_maximum,
    store,
    store_bids,
    store_firms,
    store_maximum,
)
from app.auction.rules_maximum import Setting
from app.identity import require_bidder
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx

SALT_BYTES = 32


async def set_maximum(
    tx: Tx, command: rules_maximum.SetMaximum, *, by_two: bool = False
) -> tuple[Setting, rules.Lot]:
    """Set, change or withdraw a bidder's maximum; answers with it and the lot after it.

    `by_two`: a second person of the firm has approved it. One alone may withdraw.
    """
    alone = not by_two and tx.by.concerns(Stake(bidder=command.bidder))
    most = await store_firms.limit_held(tx, command.bidder) if alone else None
    lot = await store.find_lot(tx, command.lot, lock=True)
    if lot is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    registration = await store_bids.find_registration(tx, lot.id, command.bidder)
    if registration is None:
        await require_bidder(tx, command.bidder)
    if not tx.by.concerns(Stake(bidder=command.bidder)):
        raise Rejected(CommonRefusal.NOT_FOUND, "bidder")
    if command.limit is not None and rules_firms.needs_second(most, command.limit):
        raise Rejected(rules.AuctionRefusal.SECOND_PERSON_NEEDED, "maximum_cny")
    now = await tx.now()
    lot = await bid_for_holders.at_the_opening(tx, lot)
    settings = await store_maximum.settings_of(tx, lot.id)
    mine = next((s for s in settings if s.bidder == command.bidder), None)
    own = next(iter(store_maximum.standing([] if mine is None else [mine])), None)

    refusal = rules_maximum.decide_maximum(
        lot, command, own, now, registered=registration is not None
    )
    if refusal is not None:
        raise Rejected(refusal)

    assert registration is not None, "only a registered bidder has a maximum"
    number = 1 + max((s.number for s in settings), default=0)
    setting = Setting(
        lot=lot.id,
        bidder=command.bidder,
        paddle=registration.paddle,
        limit=command.limit,
        at=now,
        number=number,
        # The same amount again keeps its place among equal ones.
        since=own.since if own is not None and own.limit == command.limit else number,
        salt=secrets.token_bytes(SALT_BYTES),
    )
    await store_maximum.insert_setting(tx, setting)
    await ledger.record(tx, [_note(lot, setting)])
    others = [s for s in settings if s.bidder != command.bidder]
    return setting, await bid_for_holders.answer(tx.at(now), lot, [*others, setting])


def _note(lot: rules.Lot, setting: Setting) -> ledger.Note:
    return ledger.Note(
        kind="maximum.set",
        province=lot.province,
        subject=lot.id,
        body={"paddle": setting.paddle, "commitment": setting.commitment},
        anonymous=True,
    )
