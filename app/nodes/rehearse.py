"""What a node did before its database was lost is done again, to the byte.

A node that was restored from a backup is behind what it has published. Its entries are public, and
its letters are with its peers. So each missing entry is written anew by the very step that wrote
it: at the instant and for the person that stand in it, by the letter that it answers or by the act
(`Act`) of a person, through the same machines and books. What comes out must be the published
bytes, or nothing at all is changed.

The story of one recovery
-------------------------
1. `recollect` asks every peer for the letters of the link that this database does not know.
2. `rehearse` does what they and the missing entries tell of, in one transaction: `transparency`
   then gives the records their published places, and compares the root with the published one.
3. Letters that this node had written stand in the outbox again under their old numbers, with their
   answers. What was written and never came anywhere is written anew, and waits as any letter does.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app import transparency
from app.kernel.principal import Principal, Role
from app.kernel.refusal import Rejected
from app.nodes import again, announce, store, store_links
from app.nodes.again import AgainError, Told, Writer
from app.nodes.envelope import Answer, Envelope, open_note, parse_answer, parse_envelope
from app.nodes.keys import NodeKeys
from app.nodes.receive import Handler, Letter, open_letter, received, verify
from app.nodes.refusals import Fault
from app.nodes.rules import Message, MessageKey, Peer, count
from app.nodes.send import Rehearsal, row_of, send
from app.nodes.store_links import Outgoing
from app.nodes.tls import client_context
from app.platform.db import Reader, Tx
from app.transparency.fields import TrustError
from app.transparency.notes import Note, parse_vkey, verified

ACTOR = "node"
"""Who stands in the records of what nobody asked for."""


@dataclass(frozen=True, slots=True)
class Written:
    """A letter that this node wrote before, and the answer that it got."""

    envelope: Envelope
    text: str
    answer_note: str
    answer: Answer


Said = Callable[[str, str], Mapping[str, Any] | None]
"""The body of a letter that this node wrote, by type and matter."""

Act = Callable[[Rehearsal, Mapping[str, Any], Said], Awaitable[None]]
"""Does again what a person did, of which the record tells. Raises `RecoveryError`."""


class RecoveryError(Exception):
    """The node cannot be brought back so; the text says why and what to do. Nothing was changed."""


class _OtherError(Exception):
    """Something else was written than what stands in the log."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What peers still have of what this node forgot, per peer in order of numbers."""

    written: Mapping[str, Sequence[Written]]
    letters: Sequence[tuple[Letter, Answer]]

    def said(self, type_: str, transfer: str) -> Mapping[str, Any] | None:
        """The body of a letter that this node wrote."""
        for letters in self.written.values():
            for one in letters:
                if (one.envelope.type, one.envelope.transfer) == (type_, transfer):
                    return one.envelope.body
        return None


async def recollect(reader: Reader, keys: NodeKeys, handlers: Mapping[str, Handler]) -> Memory:
    """Ask every peer for what this database does not know of the link to it.

    Raises `AgainError` where one does not answer, or tells what nobody has signed.
    """
    handlers = {**announce.HANDLERS, **handlers}
    own_keys = [parse_vkey(key.vkey) for key in await store.own_keys(reader)]
    written: dict[str, list[Written]] = {}
    letters: list[tuple[Letter, Answer]] = []
    for link in await store_links.links(reader, "", 1000):
        peer = await store.peer(reader, link.peer)
        assert peer is not None, "it was just listed"
        peer_keys = await store.peer_keys(reader, peer.name)
        context = client_context(keys, peer)
        written[peer.name] = [
            _own(told, peer, own_keys, peer_keys)
            async for told in again.ask(context, peer, Writer.ASKER, link.sent)
        ]
        letters += [
            _theirs(told, peer, own_keys, handlers)
            async for told in again.ask(context, peer, Writer.ASKED, link.received)
            if not await store_links.is_taken(reader, peer.name, told.seq)
        ]
    letters.sort(key=lambda pair: (pair[1].at, pair[0].peer, pair[0].envelope.seq))
    return Memory(written, letters)


def _own(told: Told, peer: Peer, own: Sequence[Any], theirs: Sequence[MessageKey]) -> Written:
    """A letter of this node: its own signature stands under it, and the peer's under the answer."""
    try:
        note = open_note(told.delivery.note)
        envelope = parse_envelope(note.text)
        answered = open_note(told.answer)
        answer = parse_answer(answered.text)
        signed = _signed(note, own) and _signed(answered, [parse_vkey(k.vkey) for k in theirs])
    except TrustError as error:
        raise AgainError(f"{peer.name} tells what is no letter of this node: {error}") from error
    if not signed or (envelope.to, envelope.seq, answer.seq) != (peer.name, told.seq, told.seq):
        raise AgainError(f"{peer.name} tells a letter that this node did not sign")
    return Written(envelope, note.text, told.answer, answer)


def _theirs(
    told: Told, peer: Peer, own: Sequence[Any], handlers: Mapping[str, Handler]
) -> tuple[Letter, Answer]:
    """A letter of the peer, and the answer that this node has signed."""
    letter = open_letter(peer.name, told.delivery, handlers)
    if isinstance(letter, Fault):
        raise AgainError(f"{peer.name} tells what is no letter: {letter.code}")
    try:
        answered = open_note(told.answer)
        answer = parse_answer(answered.text)
        signed = _signed(answered, own)
    except TrustError as error:
        raise AgainError(f"{peer.name} tells what is no answer of this node: {error}") from error
    if not signed or answer.seq != letter.envelope.seq:
        raise AgainError(f"{peer.name} tells an answer that this node did not sign")
    return letter, answer


def _signed(note: Note, keys: Iterable[Any]) -> bool:
    return bool(verified(note, list(keys)))


@dataclass(slots=True)
class _Run:
    """One recovery: what is still to be written, and what was said on the way."""

    tx: Tx
    memory: Memory
    acts: Mapping[str, Act]
    missing: dict[bytes, int | None]
    waiting: list[tuple[Letter, Answer]]
    said: list[Message] = field(default_factory=list)

    async def silent(self) -> None:
        """Take the letters that wrote nothing when they came: others may need what they told."""
        for pair in list(self.waiting):
            await self._try(pair, pair[1].at, writes=False)

    async def redo(self, index: int, body: bytes) -> None:
        """Write one entry of the log again, with all that its transaction wrote."""
        record = json.loads(body)
        at = datetime.fromisoformat(record["at"])
        if record["actor"] == ACTOR:
            for pair in list(self.waiting):
                if await self._try(pair, at) and self.missing[body] is not None:
                    return
        act = self.acts.get(record["kind"])
        if act is not None:
            principal = Principal("recovery", record["actor"], Role.SYSTEM_ADMIN, "000000")
            rehearsal = Rehearsal(self.tx, None if record["actor"] == ACTOR else principal, at)
            try:
                await act(rehearsal, record, self.memory.said)
                self._keep(rehearsal)
            except (Rejected, _OtherError) as error:
                raise RecoveryError(_cannot(index, record["kind"])) from error
        if self.missing[body] is None:
            raise RecoveryError(_cannot(index, record["kind"]))

    async def rest(self) -> None:
        """Take what had been answered and whose effect was never published: it has one now."""
        for letter, answer in list(self.waiting):
            rehearsal = Rehearsal(self.tx, None, await self.tx.now())
            try:
                async with store_links.savepoint(self.tx):
                    await _take(rehearsal, letter, answer)
            except Rejected:
                # It would be refused now: a person has to look at it, but its number is known.
                await _take(rehearsal, letter, answer, handle=False)
            self.said += rehearsal.said

    async def _try(self, pair: tuple[Letter, Answer], at: datetime, *, writes: bool = True) -> bool:
        rehearsal = Rehearsal(self.tx, None, at)
        try:
            async with store_links.savepoint(self.tx):
                await _take(rehearsal, *pair)
                wrote = bool(rehearsal.records) or bool(rehearsal.said)
                self._check(rehearsal, fits=wrote is writes)
        except (_OtherError, Rejected, store_links.ConflictError):
            return False
        self._keep(rehearsal)
        self.waiting.remove(pair)
        return True

    def _check(self, rehearsal: Rehearsal, *, fits: bool = True) -> None:
        if not fits or not self._fits(rehearsal):
            raise _OtherError

    def _fits(self, rehearsal: Rehearsal) -> bool:
        return all(self.missing.get(one.body, 0) is None for one in rehearsal.records) and len(
            {one.body for one in rehearsal.records}
        ) == len(rehearsal.records)

    def _keep(self, rehearsal: Rehearsal) -> None:
        self._check(rehearsal)
        self.missing.update((one.body, one.id) for one in rehearsal.records)
        self.said += rehearsal.said


def _cannot(index: int, kind: str) -> str:
    return (
        f"Entry {index} of the log ({kind}) cannot be done again from what is public and what"
        " peers have: restore the database to its newest moment from the archive of its WAL."
        " Nothing was changed."
    )


async def rehearse(
    tx: Tx, entries: Sequence[bytes], first: int, memory: Memory, acts: Mapping[str, Act]
) -> list[int]:
    """Write the published entries from leaf `first` on once more, with all their effects.

    Answers with the numbers of their records in the order of the log. Raises `RecoveryError`.
    """
    known = await transparency.unplaced(tx)
    missing = {body: known.get(body) for body in entries}
    if len(missing) < len(entries):
        raise RecoveryError("Two entries of the log are the same: it cannot be done again.")
    run = _Run(tx, memory, acts, missing, list(memory.letters))
    for letter, _ in memory.letters:
        fault = await verify(tx, letter)
        if fault is not None:
            raise RecoveryError(f"A letter of {letter.peer} does not verify: {fault.code}.")
    await run.silent()
    for index, body in enumerate(entries, first):
        if missing[body] is None:
            await run.redo(index, body)
    await run.rest()
    await _write(tx, memory, run.said)
    return [record for record in missing.values() if record is not None]


async def _take(tx: Rehearsal, letter: Letter, answer: Answer, *, handle: bool = True) -> None:
    """Into the inbox with what it was answered, and to its handler unless it was refused."""
    counted = await store_links.lock_in(tx, letter.peer)
    come = [
        *await store_links.beyond(tx, letter.peer, counted.through),
        letter.envelope.seq,
    ]
    await store_links.put_in(tx, letter.envelope, letter.delivery, answer)
    await store_links.count_in(tx, letter.peer, count(counted, letter.envelope.seq, come))
    if handle and answer.refused is None:
        await letter.handler(tx, received(letter))


async def _write(tx: Tx, memory: Memory, said: Sequence[Message]) -> None:
    """Fill the outbox: what peers hold under its number, and what they never got behind it.

    A number below the last one that nothing is known of stands on a letter that was never brought.
    It goes to something that was said and never came, or to nothing (`announce.VOID`).
    """
    own = await store.own(tx)
    assert own is not None, "whoever has peers is initialised"
    leaves: dict[str, int] = await store_links.records_of(
        tx,
        [
            bytes.fromhex(one.envelope.leaf)
            for all_ in memory.written.values()
            for one in all_
            if one.envelope.leaf is not None
        ],
    )
    matters = {
        (peer, one.envelope.type, one.envelope.transfer, one.envelope.revision)
        for peer, letters in memory.written.items()
        for one in letters
    }
    unheard = [
        message
        for message in said
        if (message.to, message.type, message.transfer, message.revision) not in matters
    ]
    hashes = await store_links.leaf_hashes(
        tx, {message.leaf for message in unheard if message.leaf is not None}
    )
    for peer, letters in memory.written.items():
        counted = (await store_links.lock_out(tx, {peer}))[peer]
        by_number = {one.envelope.seq: one for one in letters}
        for seq in range(counted + 1, max(by_number, default=0) + 1):
            kept = by_number.get(seq)
            if kept is not None:
                await _stand(tx, kept, leaves)
                continue
            mine = next((one for one in unheard if one.to == peer), None)
            if mine is None:
                mine = Message(peer, announce.VOID, f"void-{seq}", 1, {})
            else:
                unheard.remove(mine)
            leaf = None if mine.leaf is None else hashes[mine.leaf].hex()
            row = row_of(own.node.name, mine, seq, await tx.now(), leaf)
            await store_links.put_out(tx, [row], {peer: seq})
    await send(tx, unheard)


async def _stand(tx: Tx, kept: Written, leaves: Mapping[str, int]) -> None:
    """Put a letter into the outbox as it was, with its answer."""
    one = kept.envelope
    message = Message(
        one.to,
        one.type,
        one.transfer,
        one.revision,
        one.body,
        None if one.leaf is None else leaves.get(one.leaf),
    )
    if one.leaf is not None and message.leaf is None:
        raise RecoveryError(
            f"Letter {one.seq} to {one.to} rests on an entry that the mirror does not have."
            " Bring a newer mirror."
        )
    row = row_of(one.sender, message, one.seq, one.sent_at, one.leaf)
    if row["text"] != kept.text:
        raise RecoveryError(f"Letter {one.seq} to {one.to} has another text than its parts.")
    await store_links.put_out(tx, [row], {one.to: one.seq})
    letter = Outgoing(one.to, one.seq, kept.text, row["hash"], message.leaf, None, one.type)
    await store_links.keep_answer(tx, letter, kept.answer_note, kept.answer.refused, kept.answer.at)
