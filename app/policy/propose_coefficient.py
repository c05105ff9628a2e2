"""The command behind `POST /v1/coefficients`: one person of the ministry proposes a coefficient."""

from dataclasses import dataclass
from datetime import date

from app import ledger
from app.kernel.ids import NODE, is_province
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.policy import rules, store
from app.policy.share_coefficient import refuse_elsewhere


@dataclass(frozen=True, slots=True)
class ProposeCoefficient:
    """A coefficient to be approved by a second person."""

    id: str
    giver: str
    receiver: str
    yield_out: int
    yield_in: int
    valid_from: date
    valid_to: date
    document: str


async def propose_coefficient(tx: Tx, command: ProposeCoefficient) -> rules.Coefficient:
    """Keep a proposal. Two coefficients of one pair may not share a day, proposed or approved."""
    await refuse_elsewhere(tx)
    for field, code in (("from", command.giver), ("to", command.receiver)):
        if not is_province(code):
            raise Rejected(CommonRefusal.NOT_FOUND, field)
    if command.giver == command.receiver:
        raise Rejected(CommonRefusal.INVALID_REQUEST, "to")
    if command.valid_to < command.valid_from:
        raise Rejected(CommonRefusal.INVALID_REQUEST, "valid_to")
    wanted = rules.Coefficient(
        command.id,
        command.giver,
        command.receiver,
        command.yield_out,
        command.yield_in,
        command.valid_from,
        command.valid_to,
        command.document,
        tx.actor,
    )
    if await store.overlapping(tx, wanted):
        raise Rejected(rules.PolicyRefusal.OVERLAP, "valid_from")
    if await store.lock_coefficient(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    await store.insert_coefficient(tx, wanted)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="coefficient.proposed",
                province=NODE,
                subject=command.id,
                body={
                    "from": command.giver,
                    "to": command.receiver,
                    "yield_out": command.yield_out,
                    "yield_in": command.yield_in,
                    "valid_from": command.valid_from.isoformat(),
                    "valid_to": command.valid_to.isoformat(),
                    "document": command.document,
                },
            )
        ],
    )
    return wanted
