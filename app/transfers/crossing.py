"""Runs the machines of a transfer between nodes: state, books, log and letters in one transaction.

The story of one step
---------------------
1. The crossing is locked in the role that steps, and its machine says what follows
   (`rules_giver`, `rules_ministry`, `rules_receiver`). A fault changes nothing and is refused.
2. The new state is written, and the role's `apply_…` does what was asked in books and log.
3. What is said to a side of another node waits in the outbox, resting on the record of this step;
   a side of this node hears it at once, in the same transaction.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from app import identity, nodes, policy
from app.kernel.calendar import local_date
from app.kernel.ids import reference
from app.kernel.refusal import Refusal, Rejected
from app.platform.db import Tx
from app.transfers import (
    apply_credit,
    apply_debit,
    apply_decision,
    rules_crossing,
    rules_giver,
    rules_ministry,
    rules_receiver,
    store_crossing,
)
from app.transfers.parties import parties_here
from app.transfers.refusals import ProtocolRefusal
from app.transfers.rules_crossing import CrossingRefusal, Goods
from app.transfers.rules_giver import Giver
from app.transfers.rules_messages import Decision, Message, Offer, Propose, Side, Status, revision
from app.transfers.rules_ministry import Ministry
from app.transfers.rules_protocol import (
    MINISTRY,
    Alarm,
    Arrived,
    Effects,
    Event,
    FaultCode,
    Send,
    fault_of,
    is_of,
)
from app.transfers.rules_receiver import Receiver
from app.transfers.store_crossing import Machine

log = structlog.get_logger()

ON_ITS_WAY = "ticket-on-its-way"
"""The code of an objection to a second proposal of a ticket that is pending or has left."""

REPORTS_OWED = "reports-owed"
"""The code of an objection to any proposal of a node that does not apply what was committed."""

_BEGIN: dict[Side, Callable[[], Machine]] = {
    Side.GIVER: Giver,
    Side.MINISTRY: Ministry,
    Side.RECEIVER: Receiver,
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message under way within a step: from whom, and what it says."""

    sender: frozenset[str]
    message: Message


async def advance(
    tx: Tx, role: Side, transfer: str, event: Event, beside: Sequence[nodes.Message] = ()
) -> Machine:
    """Take one step in a role, with all that follows from it in this node; answers with the state.

    `beside` are messages that go out with those of the step. Raises `Rejected`
    (`ProtocolRefusal`), with nothing changed, where the step is not allowed.
    """
    steps = _Steps(tx, list(beside))
    machine = await steps.step(role, transfer, event)
    await nodes.send(tx, steps.mail)
    return machine


async def take(tx: Tx, letter: Letter) -> None:
    """Take a message that has been verified in every role of this node that it is for."""
    steps = _Steps(tx, [])
    await steps.hear(letter)
    await nodes.send(tx, steps.mail)


@dataclass(slots=True)
class _Steps:
    """The steps of one transaction, and the mail that they have written."""

    tx: Tx
    mail: list[nodes.Message]

    async def step(self, role: Side, transfer: str, event: Event) -> Machine:
        """Step one machine, and carry out what follows."""
        held = await store_crossing.lock(self.tx, role, transfer)
        before = _BEGIN[role]() if held is None else held.machine
        after, effects = _decide(before, event)
        fault = fault_of(effects)
        if fault is not None:
            raise Rejected(refusal_of(fault))
        if after != before:
            await store_crossing.put(self.tx, role, transfer, after)
        leaf, stated = await _apply(self.tx, transfer, before, after, effects)
        self.mail += stated
        for effect in effects:
            if isinstance(effect, Send):
                await self.say(effect, transfer, after, leaf)
            elif isinstance(effect, Alarm):
                log.warning("transfer-alarm", transfer=transfer, role=role, code=effect.code)
        return after

    async def say(self, said: Send, transfer: str, machine: Machine, leaf: int | None) -> None:
        """Put a message into the mail, or let the side hear it that is of this node."""
        message = said.message
        if said.again:
            leaf = await store_crossing.find_decided(self.tx, transfer)
        node = await _node_of(self.tx, said.to, transfer, machine)
        if node is None:
            await self.hear(Letter(await parties_here(self.tx), message))
            return
        mail = nodes.Message(
            to=node,
            type=message.type,
            transfer=transfer,
            revision=revision(message) + said.again,
            body=message.to_body(),
            leaf=leaf if message.type in rules_crossing.RESTS_ON else None,
        )
        # One node may host both sides: it is told once, and both hear it.
        if mail not in self.mail:
            self.mail.append(mail)

    async def hear(self, letter: Letter) -> None:
        """Step every machine of this node that a message is for."""
        here = await parties_here(self.tx)
        for role in await _roles(self.tx, letter, here):
            # Time is asked for under the lock.
            await store_crossing.lock(self.tx, role, letter.message.transfer)
            event = Arrived(
                sender=letter.sender,
                here=here,
                message=letter.message,
                now=await self.tx.now(),
                objection=await _objection(self.tx, letter),
            )
            await self.step(role, letter.message.transfer, event)


def _decide(state: Machine, event: Event) -> tuple[Machine, Effects]:
    match state:
        case Giver():
            return rules_giver.decide(state, event)
        case Ministry():
            return rules_ministry.decide(state, event)
        case Receiver():
            return rules_receiver.decide(state, event)


async def _apply(
    tx: Tx, transfer: str, before: Machine, after: Machine, effects: Effects
) -> tuple[int | None, list[nodes.Message]]:
    match before, after:
        case Giver(), Giver():
            return await apply_debit.apply(tx, transfer, before, after, effects)
        case Ministry(), Ministry():
            return await apply_decision.apply(tx, transfer, before, after), []
        case Receiver(), Receiver() if after != before:
            return await apply_credit.apply(tx, transfer, after, effects)
        case _:
            return None, []


async def _node_of(tx: Tx, side: Side, transfer: str, machine: Machine) -> str | None:
    """The peer of a side; None where it is this node."""
    if side is Side.MINISTRY:
        peer = await nodes.ministry(tx)
    elif side is Side.GIVER:
        peer = await nodes.peer_of(tx, transfer[:6])
    else:
        assert machine.terms is not None, "whoever writes to the receiver knows the proposal"
        peer = await nodes.peer_of(tx, machine.terms.receiver)
    return None if peer is None else peer.name


async def _roles(tx: Tx, letter: Letter, here: frozenset[str]) -> list[Side]:
    """In which roles this node hears a message; the giver first, which frees what it holds."""
    message = letter.message
    match message:
        case Offer():
            return [Side.RECEIVER]
        case Decision():
            roles = [Side.GIVER] if any(is_of(code, message.transfer) for code in here) else []
            terms = message.terms
            at_receiver = terms is not None and terms.receiver in here
            return [*roles, *([Side.RECEIVER] if at_receiver else [])]
        case Status() if MINISTRY in letter.sender:
            known = [
                role
                for role in (Side.GIVER, Side.RECEIVER)
                if await store_crossing.find(tx, role, message.transfer) is not None
            ]
            return known[:1]
        case _:
            if MINISTRY not in here:
                raise Rejected(refusal_of(FaultCode.WRONG_PARTY))
            return [Side.MINISTRY]


async def _objection(tx: Tx, letter: Letter) -> str | None:
    """What this node finds in its own books against a proposal, or against an offer."""
    message = letter.message
    if not isinstance(message, Propose | Offer):
        return None
    terms = message if isinstance(message, Propose) else message.terms
    today = local_date(await tx.now())
    known = await policy.coefficient_in_force(tx, terms.giver, terms.receiver, today)
    objection = rules_crossing.object_to(terms, known)
    if objection is not None:
        return objection
    if isinstance(message, Offer):
        # A household of this node comes as itself, and needs no name for a guest.
        at_home = terms.giver in await parties_here(tx)
        return None if at_home else await _name_taken(tx, terms)
    if await store_crossing.owes_reports(tx, letter.sender, await tx.now()):
        return REPORTS_OWED
    return ON_ITS_WAY if await store_crossing.is_on_its_way(tx, terms) else None


async def _name_taken(tx: Tx, terms: Propose) -> str | None:
    guest = reference(terms.giver, Goods.from_cargo(terms.cargo).household)
    if await identity.find_household(tx, guest) is not None:
        return CrossingRefusal.NAME_TAKEN.code
    return None


def refusal_of(fault: FaultCode) -> Refusal:
    """The refusal that tells of a fault."""
    return ProtocolRefusal[fault.name]


def record_of(entry: bytes | None) -> dict[str, Any]:
    """The record that a message rests on, which its sender's log has proven to hold."""
    record = {} if entry is None else json.loads(entry)
    return record if isinstance(record, dict) else {}
