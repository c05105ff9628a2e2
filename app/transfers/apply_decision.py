"""The ministry's part of a transfer between nodes: what its log says at each step (R185).

It holds no books of the provinces: a decision is a row, a record, and nothing else.
"""

from collections.abc import Mapping

from app import ledger
from app.kernel.calendar import wire
from app.kernel.ids import NODE
from app.kernel.units import decimal
from app.platform.db import Tx
from app.transfers.rules_messages import Decision, Propose, digest
from app.transfers.rules_ministry import Ministry, MinistryPhase


async def apply(tx: Tx, transfer: str, before: Ministry, after: Ministry) -> int | None:
    """Put the step on record; answers with the record's number."""
    if after.decision is not None and before.decision is None:
        rests = {} if after.look is None else after.look.to_body()
        body = _decided(after.decision) | rests
        return await _note(tx, "crossing.decided", transfer, body)
    if after.applied != before.applied and after.decision is not None:
        (side,) = after.applied - before.applied
        body = {"side": side.value, "decision": digest(after.decision)}
        return await _note(tx, "crossing.applied", transfer, body)
    if after.phase is before.phase or after.terms is None:
        return None
    if after.phase is MinistryPhase.OFFERED:
        return await _note(tx, "crossing.offered", transfer, _offered(after.terms))
    return await _note(tx, "crossing.accepted", transfer, {"proposal": digest(after.terms)})


def _offered(terms: Propose) -> dict[str, object]:
    return {
        "ticket": terms.ticket,
        "from": terms.giver,
        "to": terms.receiver,
        "sent_m2": decimal(terms.area),
        "received_m2": decimal(terms.credit),
        "document": terms.rate.document,
        "yield_out": terms.rate.yield_out,
        "yield_in": terms.rate.yield_in,
        "balance_cny": decimal(terms.balance),
        "valid_until": wire(terms.valid_until),
        "proposal": digest(terms),
    }


def _decided(decision: Decision) -> dict[str, object]:
    return {
        "outcome": decision.outcome.value,
        "reason": decision.reason.value,
        "code": decision.code,
        "document": decision.document,
        "proposal": None if decision.terms is None else digest(decision.terms),
        "acceptance": decision.accept,
        "decision": digest(decision),
    }


async def _note(tx: Tx, kind: str, transfer: str, body: Mapping[str, object]) -> int:
    note = ledger.Note(kind=kind, province=NODE, subject=transfer, body=body)
    return (await ledger.record(tx, [note]))[0]
