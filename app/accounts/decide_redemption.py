"""The commands behind `POST /v1/redemption-approvals` and `POST /v1/redemption-refusals`.

- the account stands in the caller's province;
- the request is open, and somebody else made it.

An approval runs the very command that was asked for, in the same transaction. Where the account no
longer allows it the refusal is that command's own, nothing is kept, and the request stays open.
"""

from dataclasses import dataclass, replace

from app import ledger
from app.accounts import rules_redemptions, store_redemptions
from app.accounts.buy_affordable import buy_affordable
from app.accounts.buy_commercial import buy_commercial
from app.accounts.buy_public import buy_public
from app.accounts.lock_redemption import lock_redemption
from app.accounts.offset_mortgage import offset_mortgage
from app.accounts.refund_account import refund_account
from app.accounts.rent_public import rent_public
from app.accounts.resell_affordable import resell_affordable
from app.accounts.rules import Contract, HousingAccount
from app.accounts.rules_homes import (
    BuyAffordable,
    BuyCommercial,
    OffsetMortgage,
    ResellAffordable,
    WithdrawCash,
)
from app.accounts.rules_outcome import Redeem, Refund
from app.accounts.rules_redemptions import (
    EFFECTS,
    Redemption,
    RedemptionState,
    RefuseRedemption,
)
from app.accounts.rules_rental import BuyPublic, Rental, RentPublic
from app.accounts.terms import command_of
from app.accounts.withdraw_cash import withdraw_cash
from app.kernel.refusal import Rejected
from app.ledger.rules import Note
from app.platform.db import Tx

CONTRACT = "contract.signed"


@dataclass(frozen=True, slots=True)
class Approved:
    """A request, and what became of it: the answer of the command that was run."""

    request: Redemption
    done: Contract | Rental | HousingAccount


async def approve_redemption(tx: Tx, request: str) -> Approved:
    """Do what another person has asked for."""
    found = await _lock_open(tx, request)
    done = await redeem(tx, command_of(found.kind, found.terms))
    kind = EFFECTS.get(found.kind, CONTRACT)
    approved = replace(
        found,
        state=RedemptionState.APPROVED,
        decided_by=tx.actor,
        decided_at=await tx.now(),
        effect=next(record.id for record in tx.records if record.kind == kind),
    )
    await _close(tx, approved, "redemption.approved", {})
    return Approved(approved, done)


async def refuse_redemption(tx: Tx, command: RefuseRedemption) -> Redemption:
    """Say no to what another person has asked for, and why."""
    found = await _lock_open(tx, command.request)
    refused = replace(
        found,
        state=RedemptionState.REFUSED,
        reason=command.reason,
        decided_by=tx.actor,
        decided_at=await tx.now(),
    )
    await _close(tx, refused, "redemption.refused", {"reason": command.reason.value})
    return refused


async def redeem(tx: Tx, command: Redeem) -> Contract | Rental | HousingAccount:  # noqa: PLR0911
    """Run a command as if it had come by its own endpoint."""
    match command:
        case BuyAffordable():
            return await buy_affordable(tx, command)
        case ResellAffordable():
            return await resell_affordable(tx, command)
        case RentPublic():
            return await rent_public(tx, command)
        case BuyPublic():
            return await buy_public(tx, command)
        case Refund():
            return await refund_account(tx, command.household)
        case BuyCommercial():
            return await buy_commercial(tx, command)
        case OffsetMortgage():
            return await offset_mortgage(tx, command)
        case WithdrawCash():
            return await withdraw_cash(tx, command)


async def _lock_open(tx: Tx, request: str) -> Redemption:
    found = await lock_redemption(tx, request, to_decide=True)
    refusal = rules_redemptions.decide_decision(found, tx.actor)
    if refusal is not None:
        raise Rejected(refusal)
    return found


async def _close(tx: Tx, request: Redemption, kind: str, more: dict[str, str]) -> None:
    await store_redemptions.update_redemption(tx, request)
    note = Note(
        kind=kind,
        province=request.province,
        subject=request.id,
        body={"household": request.household, "kind": request.kind.value} | more,
    )
    await ledger.record(tx, [note])
