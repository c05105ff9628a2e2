"""The commands behind `POST /v1/bid-limits`, its approval and its withdrawal.

- lower than before, a limit is in force at once; any other change waits for a second person;
- one change waits at a time, and a newer one, also one that is in force at once, replaces it;
- the record of a limit in force holds a salted commitment, and nothing is recorded of what waits.
"""

import secrets
from dataclasses import replace
from datetime import datetime

from app import ledger
from app.auction import firms, rules_firms, store_firms
from app.auction.refusals import AuctionRefusal
from app.auction.rules_firms import Limit, LimitState
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx

SALT_BYTES = 32


async def set_limit(tx: Tx, command: rules_firms.SetLimit) -> Limit:
    """Change the bid limit of one's own firm, or propose the change to the others."""
    firm = tx.by.party
    await store_firms.lock_firm(tx, firm)
    standing = await store_firms.limit_set(tx, firm)
    now = await tx.now()

    at_once = rules_firms.decide_limit(
        command.amount, None if standing is None else standing.amount
    )
    if isinstance(at_once, AuctionRefusal):
        raise Rejected(at_once)
    if await store_firms.find_limit(tx, firm, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    replaced = await store_firms.limit_waiting(tx, firm)
    if replaced is not None:
        await store_firms.update_limit(tx, _decided(tx, replaced, LimitState.WITHDRAWN, now))
    limit = Limit(
        firm=firm,
        id=command.id,
        amount=command.amount,
        lowers=at_once,
        proposed_by=tx.actor,
        proposed_at=now,
        salt=secrets.token_bytes(SALT_BYTES),
    )
    if at_once:
        limit = _in_force(tx, limit, standing, now)
    await store_firms.insert_limit(tx, limit)
    if at_once:
        await ledger.record(tx, [_note(limit, None)])
    return limit


async def approve_limit(tx: Tx, limit: str) -> Limit:
    """Put a change that another person of the firm has proposed in force."""
    found = await _find(tx, limit)
    proposer_acts = await firms.acts_for(tx, found.proposed_by, found.firm)
    refusal = rules_firms.decide_approval(found, tx.actor, proposer_acts=proposer_acts)
    if refusal is not None:
        raise Rejected(refusal)

    standing = await store_firms.limit_set(tx, found.firm)
    approved = _in_force(tx, found, standing, await tx.now())
    await store_firms.update_limit(tx, approved)
    await ledger.record(tx, [_note(approved, approved.proposed_by)])
    return approved


async def withdraw_limit(tx: Tx, limit: str) -> Limit:
    """Withdraw a change that waits, or decline it."""
    found = await _find(tx, limit)
    refusal = rules_firms.decide_withdrawal(found)
    if refusal is not None:
        raise Rejected(refusal)

    withdrawn = _decided(tx, found, LimitState.WITHDRAWN, await tx.now())
    await store_firms.update_limit(tx, withdrawn)
    return withdrawn


async def _find(tx: Tx, limit: str) -> Limit:
    firm = tx.by.party
    await store_firms.lock_firm(tx, firm)
    found = await store_firms.find_limit(tx, firm, limit)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "limit")
    return found


def _decided(tx: Tx, limit: Limit, state: LimitState, now: datetime) -> Limit:
    return replace(limit, state=state, decided_by=tx.actor, decided_at=now)


def _in_force(tx: Tx, limit: Limit, before: Limit | None, now: datetime) -> Limit:
    number = 1 if before is None or before.number is None else before.number + 1
    return replace(_decided(tx, limit, LimitState.SET, now), number=number)


def _note(limit: Limit, proposer: str | None) -> ledger.Note:
    return ledger.Note(
        kind="bid_limit.set",
        province=NODE,
        subject=limit.firm,
        body={"number": limit.number, "commitment": limit.commitment, "proposer": proposer},
    )
