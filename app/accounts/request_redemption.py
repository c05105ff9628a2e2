"""The commands behind `POST /v1/redemption-requests` and their withdrawal.

- the household is the caller's, and the terms are of this very household;
- the command that it asks for would be accepted now: what is refused today is said today;
- no other request of the household and kind waits.

Nothing moves (R144): the request waits for the fund centre where the account stands.
"""

import secrets
from dataclasses import replace

from app import ledger
from app.accounts import rules_outcome, rules_redemptions, store, store_redemptions
from app.accounts.find_grounds import find_grounds
from app.accounts.lock_accounts import lock_account
from app.accounts.lock_redemption import lock_redemption
from app.accounts.rules import HousingAccount
from app.accounts.rules_outcome import Redeem
from app.accounts.rules_redemptions import Redemption, RedemptionState, RequestRedemption
from app.accounts.rules_rental import BuyPublic, RentPublic
from app.kernel.calendar import wire
from app.kernel.refusal import CommonRefusal, Refusal, Rejected
from app.ledger.rules import Note
from app.platform.db import Tx


async def request_redemption(tx: Tx, asked: RequestRedemption) -> Redemption:
    """Ask for a redemption in a household's name."""
    household, account = await lock_account(tx, asked.household)
    await _check_own(tx, asked.command, asked.household)
    grounds = await find_grounds(tx, asked.command, account, household.province)
    outcome = rules_outcome.judge(asked.command, grounds)
    if isinstance(outcome, Refusal):
        raise Rejected(outcome)
    has_open = await store_redemptions.has_open(tx, asked.household, asked.kind)
    refusal = rules_redemptions.decide_request(has_open=has_open)
    if refusal is not None:
        raise Rejected(refusal)
    if isinstance(asked.command, RentPublic) and await store.find_rental(tx, asked.command.id):
        raise Rejected(CommonRefusal.ID_TAKEN, "terms/id")
    if await store_redemptions.find_redemption(tx, asked.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    request = await _open(tx, asked, outcome.before)
    await store_redemptions.insert_redemption(tx, request)
    note = Note(
        kind="redemption.requested",
        province=request.province,
        subject=request.id,
        body={
            "household": request.household,
            "kind": request.kind.value,
            "commitment": request.commitment,
            "due_at": wire(request.due_at),
        },
    )
    await ledger.record(tx, [note])
    return request


async def withdraw_redemption(tx: Tx, request: str) -> Redemption:
    """Take back a request that nobody has decided yet."""
    found = await lock_redemption(tx, request)
    refusal = rules_redemptions.decide_withdrawal(found)
    if refusal is not None:
        raise Rejected(refusal)

    withdrawn = replace(
        found,
        state=RedemptionState.WITHDRAWN,
        decided_by=tx.actor,
        decided_at=await tx.now(),
    )
    await store_redemptions.update_redemption(tx, withdrawn)
    note = Note(
        kind="redemption.withdrawn",
        province=found.province,
        subject=found.id,
        body={"household": found.household, "kind": found.kind.value},
    )
    await ledger.record(tx, [note])
    return withdrawn


async def _check_own(tx: Tx, command: Redeem, household: str) -> None:
    """The terms name this household, or a rental of it."""
    if isinstance(command, BuyPublic):
        rental = await store.find_rental(tx, command.rental)
        if rental is None or rental.household != household:
            raise Rejected(CommonRefusal.NOT_FOUND, "terms/rental")
    elif command.household != household:
        raise Rejected(CommonRefusal.INVALID_REQUEST, "terms/household")


async def _open(tx: Tx, asked: RequestRedemption, account: HousingAccount) -> Redemption:
    return Redemption(
        id=asked.id,
        household=asked.household,
        kind=asked.kind,
        terms=asked.terms,
        salt=secrets.token_bytes(rules_redemptions.SALT_BYTES),
        province=account.province,
        home_province=account.home_province,
        asked_by=tx.actor,
        asked_at=await tx.now(),
    )
