"""Takes a message in: believes nothing before it is verified, and then does all of it or nothing.

The row of the inbox and the effects of the message are one transaction, so a message that was
answered has had its effect exactly once, whatever crashes. The answer is signed after the commit.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from app import ledger
from app.kernel.ids import NODE
from app.kernel.refusal import Refusal, Rejected
from app.ledger.rules import LedgerRefusal
from app.nodes import store, store_links
from app.nodes.envelope import (
    Answer,
    Envelope,
    EnvelopeError,
    open_note,
    parse_answer,
    parse_envelope,
    text_hash,
)
from app.nodes.refusals import Fault
from app.nodes.rules import SKEW, Delivery, MessageKey, Peer, Received, count, judge_number, missing
from app.platform.db import Database, Tx
from app.transparency.fields import TrustError
from app.transparency.merkle import leaf_hash
from app.transparency.notes import NOTE_BYTES_MAX, Note, SignatureError, parse_vkey, verified
from app.transparency.proofs import parse_proof
from app.transparency.quorum import parse_policy

log = structlog.get_logger()

Handler = Callable[[Tx, Received], Awaitable[None]]
"""What a message of one type does. It runs in the transaction of the inbox row.

`Rejected` undoes its effects and is answered as a signed refusal, now and at every repetition.
Anything else that it raises undoes all, and the sender tries again; so does a frozen account.
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery whose form is right, and how it is to be taken."""

    peer: str
    delivery: Delivery
    note: Note
    envelope: Envelope
    handler: Handler
    refused: str | None = None


class _RefusedError(Exception):
    """A handler has refused: its effects are undone, and the letter is kept as refused."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


async def receive(
    db: Database, peer: str, delivery: Delivery, handlers: Mapping[str, Handler]
) -> Answer | Fault:
    """Take a delivery of the peer that the connection is of; answers with what is to be signed.

    A fault was put into quarantine and is not signed: the sender goes on trying. Any exception
    means that nothing was kept.
    """
    letter = open_letter(peer, delivery, handlers)
    if isinstance(letter, Fault):
        return await _set_aside(db, peer, delivery.note, letter)
    try:
        result = await db.transact(_take, letter)
    except _RefusedError as error:
        refused = replace(letter, refused=error.refusal.code)
        result = await db.transact(_take, refused)
    if isinstance(result, Fault):
        return await _set_aside(db, peer, delivery.note, result)
    return result


async def set_aside(db: Database, peer: str, content: bytes) -> Fault:
    """Put what is not even a delivery into quarantine."""
    return await _set_aside(db, peer, content, Fault.MALFORMED)


async def _set_aside(db: Database, peer: str, note: str | bytes, fault: Fault) -> Fault:
    content = note.encode("utf-8", "replace") if isinstance(note, str) else note

    async def work(tx: Tx, content: bytes) -> None:
        await store_links.quarantine(tx, peer, fault.code, content, await tx.now())

    await db.transact(work, content[:NOTE_BYTES_MAX])
    log.warning("message-quarantined", peer=peer, reason=fault.code)
    return fault


def open_letter(peer: str, delivery: Delivery, handlers: Mapping[str, Handler]) -> Letter | Fault:
    """Read a delivery of a peer; nothing is verified yet."""
    try:
        note = open_note(delivery.note)
        envelope = parse_envelope(note.text)
    except EnvelopeError:
        return Fault.MALFORMED
    if envelope.sender != peer:
        return Fault.OTHER_SENDER
    if (envelope.leaf is None) != (delivery.entry is None and delivery.proof is None):
        return Fault.NO_PROOF
    handler = handlers.get(envelope.type)
    if handler is None:
        return Fault.UNKNOWN_TYPE
    return Letter(peer, delivery, note, envelope, handler)


async def _take(tx: Tx, letter: Letter) -> Answer | Fault:
    """Judge and take a letter. Of two deliveries of one peer the second waits for the first."""
    envelope = letter.envelope
    counted = await store_links.lock_in(tx, letter.peer)
    fault = await verify(tx, letter)
    if fault is not None:
        return fault
    hash_ = text_hash(letter.note.text)
    kept = await store_links.find_matter(tx, envelope)
    if kept is not None:
        if kept.hash.hex() == hash_:
            return parse_answer(kept.answer)
        return await _accuse(tx, letter, kept)
    taken = await store_links.is_taken(tx, letter.peer, envelope.seq)
    fault = judge_number(counted, envelope.seq, taken=taken)
    if fault is not None:
        return fault

    come = [*await store_links.beyond(tx, letter.peer, counted.through), envelope.seq]
    counted = count(counted, envelope.seq, come)
    answer = Answer(
        sender=envelope.to,
        to=letter.peer,
        seq=envelope.seq,
        hash=hash_,
        at=await tx.now(),
        missing=missing(counted, come),
        refused=letter.refused,
    )
    await store_links.put_in(tx, envelope, letter.delivery, answer)
    await store_links.count_in(tx, letter.peer, counted)
    if letter.refused is None:
        await _handle(tx, letter)
    return answer


def received(letter: Letter) -> Received:
    """A letter that was verified, as its handler gets it."""
    envelope = letter.envelope
    return Received(
        sender=envelope.sender,
        type=envelope.type,
        transfer=envelope.transfer,
        revision=envelope.revision,
        body=envelope.body,
        sent_at=envelope.sent_at,
        hash=text_hash(letter.note.text),
        entry=letter.delivery.entry,
        note=letter.delivery.note,
    )


async def _handle(tx: Tx, letter: Letter) -> None:
    # The same transaction, whose instant nobody has read yet: the handler asks after its locks.
    handling = Tx(tx.connection, tx.clock)
    try:
        await letter.handler(handling, received(letter))
    except Rejected as rejected:
        if rejected.refusal is LedgerRefusal.ACCOUNT_FROZEN:
            # No answer to what was said: it waits until the account's case is closed.
            raise
        raise _RefusedError(rejected.refusal) from rejected


async def verify(tx: Tx, letter: Letter) -> Fault | None:
    """What is wrong with a letter: for whom it is, who signed it, when, and the proof it needs."""
    own, peer = await store.own(tx), await store.peer(tx, letter.peer)
    if own is None or peer is None:
        return Fault.OTHER_SENDER
    envelope = letter.envelope
    if envelope.to != own.node.name:
        return Fault.OTHER_RECIPIENT
    now = await tx.now()
    fault = _check_signature(letter.note, await store.peer_keys(tx, letter.peer), now)
    if fault is None and envelope.sent_at > now + SKEW:
        fault = Fault.CLOCK_AHEAD
    if fault is None and envelope.leaf is not None:
        fault = _check_proof(peer, envelope.leaf, letter.delivery)
    return fault


def _check_signature(note: Note, keys: Sequence[MessageKey], now: datetime) -> Fault | None:
    try:
        signed = [key for key in keys if verified(note, [parse_vkey(key.vkey)])]
    except SignatureError:
        return Fault.BAD_SIGNATURE
    if not signed:
        return Fault.UNKNOWN_KEY
    return None if any(key.in_force(now) for key in signed) else Fault.KEY_NOT_IN_FORCE


def _check_proof(peer: Peer, leaf: str, delivery: Delivery) -> Fault | None:
    entry, proof = delivery.entry, delivery.proof
    if entry is None or proof is None or leaf_hash(entry).hex() != leaf:
        return Fault.NO_PROOF
    policy = None if peer.policy is None else parse_policy(peer.policy)
    try:
        parse_proof(proof).verify(entry, parse_vkey(peer.log), policy)
    except TrustError:
        return Fault.BAD_PROOF
    return None


async def _accuse(tx: Tx, letter: Letter, kept: store_links.Kept) -> Answer:
    """Keep both notes, put the fact on record, and say so under our signature."""
    envelope, hash_, at = letter.envelope, text_hash(letter.note.text), await tx.now()
    is_first = await store_links.accuse(tx, envelope, kept.note, letter.delivery.note, at)
    content = letter.delivery.note.encode()
    await store_links.quarantine(tx, letter.peer, Fault.EQUIVOCATION.code, content, at)
    if is_first:
        log.error("node-equivocated", peer=letter.peer, type=envelope.type)
        note = ledger.Note(
            kind="node.equivocated",
            province=NODE,
            subject=letter.peer,
            body={
                "type": envelope.type,
                "transfer": envelope.transfer,
                "revision": envelope.revision,
                "held": kept.hash.hex(),
                "other": hash_,
            },
        )
        await ledger.record(tx, [note])
    return Answer(
        sender=envelope.to,
        to=letter.peer,
        seq=envelope.seq,
        hash=hash_,
        # As it was with the note that is held: who asks again gets the same answer.
        at=parse_answer(kept.answer).at,
        refused=Fault.EQUIVOCATION.code,
    )
