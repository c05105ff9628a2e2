"""The command behind `POST /v1/transfer-acceptances`: the receiving province accepts (R182)."""

from dataclasses import replace

from app import ledger
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.transfers import answer_crossing, rules, store


async def accept_transfer(tx: Tx, transfer: str) -> rules.Transfer:
    """Accept a transfer that is requested; the ministry may approve it from now on."""
    incoming = await answer_crossing.find_incoming(tx, transfer)
    if incoming is not None:
        return await answer_crossing.accept(tx, incoming)
    found = await store.lock_transfer(tx, transfer)
    if found is None or not tx.by.concerns(found.receiver_stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "transfer")
    refusal = rules.decide_acceptance(found)
    if refusal is not None:
        raise Rejected(refusal)

    accepted = replace(found, state=rules.TransferState.ACCEPTED)
    await store.update_transfer(tx, accepted)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="transfer.accepted",
                province=accepted.receiver,
                subject=accepted.id,
                body={"ticket": accepted.ticket, "from": accepted.home},
            )
        ],
    )
    return accepted
