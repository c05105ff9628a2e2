"""A lot's notice as it is written, and the command behind `POST /v1/notices`: another one.

Until bidding opens the exchange may give notice of other terms, all of them anew and with the full
notice period again. The hash of each notice stands in the log, and a sealed bid names the one that
it was made for.
"""

import json
import secrets
from dataclasses import replace
from datetime import datetime

from app import ledger, tickets
from app.auction import rules, rules_notice, store, store_bids, store_seal
from app.identity import find_custodians
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.tickets.rules import Ticket

SALT_BYTES = 32


async def give_notice(tx: Tx, command: rules_notice.NewNotice) -> tuple[rules.Lot, datetime]:
    """Replace a lot's notice (R120, R121); answers with the lot and the instant."""
    lot = await store.find_lot(tx, command.lot, lock=True)
    if lot is None or not tx.by.concerns(lot.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    await require_custodians(tx, command.custody)
    bundle = await tickets.find(tx, list(await store.tickets_of(tx, lot.id)))
    registered = await store_bids.has_registrations(tx, lot.id)
    now = await tx.now()

    renewed = rules_notice.decide_notice(
        lot, command, list(bundle.values()), now, registered=registered
    )
    if isinstance(renewed, rules.AuctionRefusal):
        raise Rejected(renewed)
    if isinstance(renewed, str):
        raise Rejected(CommonRefusal.INVALID_REQUEST, renewed)
    await require_fresh_keys(tx, lot.id, command.custody)

    renewed = with_reserve_salt(replace(renewed, notice=(lot.notice or 0) + 1))
    given = await write_notice(tx, renewed, list(bundle.values()), command.custody)
    await store.renew_lot(tx, given)
    return given, now


async def require_custodians(tx: Tx, custody: rules_notice.Custody | None) -> None:
    """Refuse a notice that names a custodian who is not registered."""
    if custody is None:
        return
    named = [custodian.id for custodian in custody.custodians]
    if len(await find_custodians(tx, named)) < len(set(named)):
        raise Rejected(CommonRefusal.NOT_FOUND, "custodians")


async def require_fresh_keys(tx: Tx, lot: str, custody: rules_notice.Custody | None) -> None:
    """Refuse a key of another lot: publishing it there would open the bids of this one."""
    if custody is None:
        return
    keys = [custodian.public for custodian in custody.custodians]
    if await store_seal.keys_used_elsewhere(tx, lot, keys):
        raise Rejected(rules.AuctionRefusal.CUSTODIAN_KEY_REUSED, "custodians")


def with_reserve_salt(lot: rules.Lot) -> rules.Lot:
    """The lot with the salt under which its reserve price is committed to."""
    salt = None if lot.reserve_price is None else secrets.token_bytes(SALT_BYTES)
    return replace(lot, reserve_salt=salt)


async def write_notice(
    tx: Tx, lot: rules.Lot, bundle: list[Ticket], custody: rules_notice.Custody | None
) -> rules.Lot:
    """Write the lot's notice; answers with the lot under it."""
    assert lot.notice is not None, "a notice has a number"
    custodians = () if custody is None else custody.custodians
    terms = rules_notice.terms_of(lot, bundle, custodians)
    notice = rules_notice.Notice(lot.id, lot.notice, await tx.now(), terms)
    await store.insert_notice(tx, notice)
    await store_seal.insert_custodians(tx, lot.id, notice.number, custodians)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="lot.listed",
                province=lot.province,
                subject=lot.id,
                policy=lot.terms.policy,
                body={"number": notice.number, "hash": notice.hash, "terms": json.loads(terms)},
            )
        ],
    )
    return replace(lot, notice_hash=notice.hash)
