"""The command behind `POST /v1/transfer-rejections`: the receiver or the ministry declines.

- the transfer exists, and the sender is the one it names in `by`;
- it is not ended yet.
"""

from dataclasses import replace

from app import ledger, tickets
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.tickets.rules import TicketState
from app.transfers import answer_crossing, rules, store


async def reject_transfer(tx: Tx, command: rules.RejectTransfer) -> rules.Transfer:
    """End the transfer; the ticket is free again in its home province."""
    between_nodes = await _between_nodes(tx, command)
    if between_nodes is not None:
        return between_nodes
    found = await store.lock_transfer(tx, command.transfer)
    if found is None or not _speaks_for(tx, command.by, found):
        raise Rejected(CommonRefusal.NOT_FOUND, "transfer")
    await tickets.lock(tx, [found.ticket])
    refusal = rules.decide_rejection(found)
    if refusal is not None:
        raise Rejected(refusal)

    rejected = replace(found, state=rules.TransferState.REJECTED)
    await store.update_transfer(tx, rejected)
    await tickets.set_state(tx, [found.ticket], TicketState.ISSUED)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="transfer.rejected",
                province=rejected.home,
                subject=rejected.id,
                body={"ticket": rejected.ticket, "by": command.by.value}
                | ({} if command.reason is None else {"reason": command.reason.value}),
            )
        ],
    )
    return rejected


async def _between_nodes(tx: Tx, command: rules.RejectTransfer) -> rules.Transfer | None:
    """Decline a transfer from another node, or one that the ministry decides here."""
    code = "unstated" if command.reason is None else command.reason.value
    if command.by is rules.Rejecter.MINISTRY:
        found = await answer_crossing.find_to_decide(tx, command.transfer)
        return None if found is None else await answer_crossing.refuse(tx, found, code)
    found = await answer_crossing.find_incoming(tx, command.transfer)
    if found is None or tx.by.role is Role.MINISTRY:
        return None
    return await answer_crossing.decline(tx, found, code)


def _speaks_for(tx: Tx, by: rules.Rejecter, transfer: rules.Transfer) -> bool:
    """A rejection names its author in the record, so neither may sign for the other."""
    if by is rules.Rejecter.MINISTRY:
        return tx.by.concerns(rules.MINISTRY_STAKE)
    return tx.by.role is not Role.MINISTRY and tx.by.concerns(transfer.receiver_stake)
