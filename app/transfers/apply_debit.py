"""The giver's part of a transfer to another node: what its books and its log say at each step.

Nothing is freed or debited here by the clock or by a person: only as the ministry has decided.
"""

from dataclasses import replace

from app import accounts, ledger, nodes, tickets
from app.clearing import StatedSide
from app.kernel.calendar import wire
from app.kernel.units import decimal
from app.platform.db import Tx
from app.tickets.rules import TicketState
from app.transfers import rules, store
from app.transfers.conversion import Conversion
from app.transfers.parties import parties_here
from app.transfers.rules_crossing import Goods, local_of
from app.transfers.rules_giver import Giver, GiverPhase
from app.transfers.rules_messages import Propose, digest
from app.transfers.rules_protocol import Debit, Effects, Lock, Release
from app.transfers.state_account import state_account


async def apply(
    tx: Tx, transfer: str, before: Giver, after: Giver, effects: Effects
) -> tuple[int | None, list[nodes.Message]]:
    """Do what the giver's machine asks for.

    Answers with the record that says so, and what is said beside the machine's own messages.
    """
    if debits := [effect.terms for effect in effects if isinstance(effect, Debit)]:
        return await _debit(tx, debits[0], str(after.decision))
    return await _without_debit(tx, transfer, before, after, effects), []


async def _without_debit(
    tx: Tx, transfer: str, before: Giver, after: Giver, effects: Effects
) -> int | None:
    for effect in effects:
        match effect:
            case Lock(terms):
                return await _lock(tx, terms)
            case Release(terms):
                return await _release(tx, terms, str(after.decision))
            case _:
                pass
    if after.cancelling and not before.cancelling and after.terms is not None:
        body = {"ticket": after.terms.ticket, "crossing": after.terms.transfer}
        return await _note(tx, "transfer.recalled", after.terms, body)
    if after.phase is GiverPhase.RELEASED and after.terms is None and after != before:
        return await _unknown(tx, transfer, str(after.decision))
    return None


async def _lock(tx: Tx, terms: Propose) -> int:
    """The ticket and the account stand still already: the command that asked has seen to it."""
    goods = Goods.from_cargo(terms.cargo)
    body = {
        "ticket": terms.ticket,
        "to": terms.receiver,
        "city": goods.city,
        "area_m2": decimal(terms.area),
        "crossing": terms.transfer,
        "coefficient": goods.coefficient,
        "received_m2": decimal(terms.credit),
        "balance_cny": decimal(terms.balance),
        "valid_until": wire(terms.valid_until),
        "proposal": digest(terms),
    }
    return await _note(tx, "transfer.requested", terms, body)


async def _debit(tx: Tx, terms: Propose, decision: str) -> tuple[int, list[nodes.Message]]:
    """The area m leaves the books, the account with it; its balance is owed (R183, R185).

    Where the receiver is of this node, the account follows when it credits (`apply_within`).
    """
    goods = Goods.from_cargo(terms.cargo)
    transfer, ticket = await _held(tx, terms)
    extra = {"decision": decision}
    stays = terms.receiver in await parties_here(tx)
    conversion = Conversion.of(terms, decision, stays=stays)
    await store.update_transfer(
        tx,
        replace(
            transfer,
            state=rules.TransferState.APPROVED,
            received=terms.credit,
            coefficient=goods.coefficient,
        ),
    )
    await store.add_route(tx, terms.giver, terms.receiver)
    await tickets.leave(tx, ticket)
    await ledger.post(tx, [conversion.leaves()])
    balance, entry = terms.balance, None
    if not stays:
        to, id_ = terms.receiver, transfer.id
        balance, entry = await accounts.send_account(tx, goods.household, to, id_, extra)
    assert balance == terms.balance, "an account stands still from the proposal on"
    (leaf,) = await ledger.record(tx, [conversion.approval(balance)])
    return leaf, await state_account(tx, terms, StatedSide.DEBTOR, entry)


async def _release(tx: Tx, terms: Propose, decision: str) -> int:
    """The ticket and the account are free again."""
    transfer, ticket = await _held(tx, terms)
    await store.update_transfer(tx, replace(transfer, state=rules.TransferState.REJECTED))
    await tickets.set_state(tx, [ticket.id], TicketState.ISSUED)
    await accounts.release_account(tx, ticket.household)
    return await _note(tx, "transfer.released", terms, {"ticket": ticket.id, "decision": decision})


async def _unknown(tx: Tx, transfer: str, decision: str) -> int:
    """An abort of what this node does not know (any more): its id is not used again."""
    giver, _, id_ = transfer.partition("-")
    body = {"crossing": transfer, "decision": decision}
    note = ledger.Note(kind="transfer.released", province=giver, subject=id_, body=body)
    return (await ledger.record(tx, [note]))[0]


async def _held(tx: Tx, terms: Propose) -> tuple[rules.Transfer, tickets.Ticket]:
    transfer = await store.lock_transfer(tx, local_of(terms))
    assert transfer is not None, "what was proposed was requested"
    ticket = (await tickets.lock(tx, [transfer.ticket]))[transfer.ticket]
    return transfer, ticket


async def _note(tx: Tx, kind: str, terms: Propose, body: dict[str, str]) -> int:
    note = ledger.Note(kind=kind, province=terms.giver, subject=local_of(terms), body=body)
    return (await ledger.record(tx, [note]))[0]
