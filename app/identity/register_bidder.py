"""The command behind `POST /v1/bidders`."""

import secrets

from app import ledger
from app.identity import read, rules, store
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def register_bidder(tx: Tx, command: rules.RegisterBidder) -> rules.Bidder:
    """Register a bidder, with no cash yet."""
    if await read.find_bidder(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")
    bidder = rules.Bidder(command.id, command.name, secrets.token_bytes(rules.SALT_BYTES))
    await store.insert_bidder(tx, bidder)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="bidder.registered",
                province=NODE,
                subject=bidder.id,
                body={"name_commitment": rules.name_commitment(bidder.name_salt, bidder.name)},
            )
        ],
    )
    return bidder
