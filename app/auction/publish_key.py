"""The commands behind `POST /v1/custodian-keys` and `POST /v1/bid-keys`.

Keys are published after the close and never before: what comes too early is refused, and the node
keeps nothing of it. With the last key that is needed the bids are opened in the same transaction.
"""

import base64

from app import ledger
from app.auction import current, rules, rules_seal, store_seal
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def publish_custodian_key(
    tx: Tx, command: rules_seal.CustodianKey
) -> tuple[rules_seal.CustodianKey, rules.Lot]:
    """Take the key of a custodian (R124); answers with it and the lot, which it may have opened."""
    lot = await current.lock_current_lot(tx, command.lot)
    if lot is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    named = await store_seal.custodians_of(tx, lot.id, lot.notice)
    custodian = next((c for c in named if c.id == command.custodian), None)
    if custodian is None or not tx.by.concerns(Stake(custodian=custodian.id)):
        raise Rejected(CommonRefusal.NOT_FOUND, "custodian")
    published = await store_seal.custodian_keys(tx, lot.id)
    now = await tx.now()

    refusal = rules_seal.decide_key(lot, custodian, command.private, published)
    if refusal is not None:
        raise Rejected(refusal)

    await store_seal.insert_custodian_key(tx, lot.id, custodian.id, command.private, now)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="custodian.released",
                province=lot.province,
                subject=lot.id,
                body={
                    "custodian": custodian.id,
                    "private_key": base64.b64encode(command.private).decode(),
                },
            )
        ],
    )
    if len(published) + 1 == lot.threshold:
        lot = await current.open_lot(tx.at(now), lot)
    return command, lot


async def publish_bid_key(tx: Tx, command: rules_seal.BidKey) -> rules_seal.BidKey:
    """Take the key of a bid from its bidder, for the case that custodians have lost theirs."""
    sealed = await store_seal.find_sealed_bid(tx, command.commit)
    if sealed is None or not tx.by.concerns(Stake(bidder=sealed.bidder)):
        raise Rejected(CommonRefusal.NOT_FOUND, "commit")
    lot = await current.lock_current_lot(tx, sealed.lot)
    assert lot is not None, "a sealed bid is for a lot"
    published = sealed.hash in await store_seal.deks_of(tx, [sealed.hash])
    now = await tx.now()

    refusal = rules_seal.decide_dek(lot, sealed, command.dek, published=published)
    if refusal is not None:
        raise Rejected(refusal)

    await store_seal.insert_dek(tx, sealed.hash, command.dek, now)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="bid.key_published",
                province=lot.province,
                subject=lot.id,
                body={"h": sealed.hash, "dek": base64.b64encode(command.dek).decode()},
                anonymous=True,
            )
        ],
    )
    return command
