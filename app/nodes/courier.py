"""Brings letters to a peer until each has a signed answer: late, twice, but never not at all.

- What was committed is sent; what is sent is kept; so a crash at any place costs a repetition,
  which the receiver answers as it did before.
- The line fails: wait, twice as long each time up to five minutes, evenly drawn; or until the peer
  is heard, since the line is then perhaps good again. One letter is not accepted: it waits in the
  same way whatever is heard, and those behind it go on.
- Only an answer that the peer has signed ends it. Nothing else that comes back is believed.
"""

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus

import httpx
import structlog

from app.nodes import store, store_links
from app.nodes.deliver import deliverable
from app.nodes.envelope import Answer, open_note, parse_answer
from app.nodes.keys import KeyRing
from app.nodes.link_app import PATH, write_delivery
from app.nodes.rules import EXCHANGE_TIMEOUT, REQUEST_TIMEOUT, Peer, longest_pause, try_again
from app.nodes.store_links import Outgoing
from app.nodes.tls import client_context
from app.platform.asking import TooLongError, ask
from app.platform.db import Database, Tx
from app.transparency.fields import TrustError
from app.transparency.notes import parse_vkey, verified

log = structlog.get_logger()

BATCH = 20
ANSWER_BYTES_MAX = 16 * 1024
MISSING_AT_ONCE = 100
UNHANDLED_MAX = 3
"""So many letters in a row that the peer cannot handle are about the peer, and the link waits.

One is about the letter: it waits, and those behind it go on.
"""
UNPROVEN_MILLISECONDS = 300
"""Until it is looked again whether a record is in a published checkpoint."""


class LineError(Exception):
    """The peer was not reached, or it could not handle anything at all now."""


@dataclass(slots=True)
class Patience:
    """When something that failed is to be tried again, by a steady clock in milliseconds."""

    failures: int = 0
    until: int = 0

    def fail(self) -> None:
        """One failure more: draw a pause."""
        self.failures += 1
        longest = longest_pause(self.failures) // timedelta(milliseconds=1)
        self.until = milliseconds() + secrets.randbelow(longest + 1)


@dataclass(slots=True)
class Courier:
    """Carries the letters of one link. `wake` is set when there may be something to carry."""

    db: Database
    ring: KeyRing
    peer: Peer
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[int, Patience] = field(default_factory=dict)
    _again: set[int] = field(default_factory=set)
    _line: Patience = field(default_factory=Patience)
    _unhandled: int = 0
    _heard: int | None = None
    _speaks: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self) -> None:
        """Know that the peer has just spoken to this node: the line to it may be good again."""
        self._heard = milliseconds()
        self._speaks.set()

    async def run(self) -> None:
        """For ever; ends by being cancelled."""
        async with self._client() as http:
            while True:
                await self.wake.wait()
                self.wake.clear()
                self._heard = None
                try:
                    while await self._carry(http):
                        pass
                except LineError as error:
                    await self._pause(str(error))
                except Exception as error:  # noqa: BLE001 - the database may be away for a while
                    await self._pause(type(error).__name__)

    async def _pause(self, reason: str) -> None:
        self._line.fail()
        failed = milliseconds()
        # The first failure is told, and then only that it stays: not a line for each attempt.
        if self._line.failures in {1, 5} or self._line.failures % 50 == 0:
            log.warning(
                "link-failed", peer=self.peer.name, failures=self._line.failures, error=reason
            )
        while (left := try_again(failed, self._line.until, self._heard) - milliseconds()) > 0:
            self._speaks.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timedelta(milliseconds=left).total_seconds()):
                    await self._speaks.wait()
        self.wake.set()

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=client_context(self.ring.keys, self.peer),
            timeout=httpx.Timeout(REQUEST_TIMEOUT.total_seconds()),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=3),
            trust_env=False,
        )

    async def _carry(self, http: httpx.AsyncClient) -> bool:
        """Carry the first that are due; False when none is."""
        now = milliseconds()
        without = [seq for seq, patience in self._waiting.items() if patience.until > now]
        async with self.db.read() as reader:
            letters = await store_links.next_letters(reader, self.peer.name, without, BATCH)
            asked = sorted(self._again)[:MISSING_AT_ONCE]
            if asked:
                letters += await store_links.answered_letters(reader, self.peer.name, asked)
        self._again.difference_update(asked)
        for letter in letters:
            await self._carry_one(http, letter)
        return bool(letters)

    async def _carry_one(self, http: httpx.AsyncClient, letter: Outgoing) -> None:
        async with self.db.read() as reader:
            delivery = await deliverable(reader, self.ring, letter)
        patience = self._waiting.setdefault(letter.seq, Patience())
        if delivery is None:
            # Its record is not in a witnessed checkpoint yet; those behind it need not wait.
            patience.until = milliseconds() + UNPROVEN_MILLISECONDS
            return
        response = await self._post(http, write_delivery(delivery))
        answer = None if response is None else await self._read(letter, *response)
        if answer is None:
            patience.fail()
            self._count_unhandled(response)
            return
        self._unhandled = 0
        await self.db.transact(self._keep, (letter, answer))
        del self._waiting[letter.seq]
        self._line = Patience()

    def _count_unhandled(self, response: tuple[int, str] | None) -> None:
        if response is None or response[0] < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._unhandled = 0
            return
        self._unhandled += 1
        if self._unhandled >= UNHANDLED_MAX:
            self._unhandled = 0
            raise LineError(f"status {response[0]}")

    async def _post(self, http: httpx.AsyncClient, body: bytes) -> tuple[int, str] | None:
        """The status and text of an answer; None where it is longer than any answer is."""
        try:
            status, content = await ask(
                http,
                "POST",
                self.peer.url + PATH,
                body=body,
                headers={"Content-Type": "application/json"},
                most=ANSWER_BYTES_MAX,
                within=EXCHANGE_TIMEOUT,
            )
        except TooLongError:
            return None
        except httpx.HTTPError as error:
            raise LineError(type(error).__name__) from error
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise LineError(f"status {status}")
        return status, content.decode("utf-8", "replace")

    async def _read(self, letter: Outgoing, status: int, content: str) -> tuple[str, Answer] | None:
        """The answer, where it is one: signed by the peer, about this very letter."""
        if status not in {HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT}:
            self._tell(letter, f"status {status}")
            return None
        async with self.db.read() as reader:
            now = await reader.now()
            keys = await store.peer_keys(reader, self.peer.name)
        try:
            note = open_note(content)
            answer = parse_answer(note.text)
            signed = verified(note, [parse_vkey(key.vkey) for key in keys if key.in_force(now)])
        except TrustError:
            self._tell(letter, f"status {status}, not signed")
            return None
        about = (answer.sender, answer.seq, answer.hash)
        if not signed or about != (self.peer.name, letter.seq, letter.hash.hex()):
            self._tell(letter, "an answer about something else, or signed by nobody known")
            return None
        return content, answer

    def _tell(self, letter: Outgoing, reason: str) -> None:
        if self._waiting[letter.seq].failures == 0:
            log.warning(
                "message-not-accepted",
                peer=self.peer.name,
                seq=letter.seq,
                type=letter.type,
                reason=reason,
            )

    async def _keep(self, tx: Tx, kept: tuple[Outgoing, tuple[str, Answer]]) -> None:
        letter, (note, answer) = kept
        at = await tx.now()
        first = await store_links.keep_answer(tx, letter, note, answer.refused, at)
        if not first:
            return
        if answer.refused is not None:
            log.warning(
                "message-refused",
                peer=self.peer.name,
                seq=letter.seq,
                type=letter.type,
                code=answer.refused,
            )
        # Those that wait for an answer come anyway; these are letters that the peer had answered
        # and does not know any more.
        self._again.update(answer.missing)


def milliseconds() -> int:
    """A steady clock that knows no date."""
    return time.monotonic_ns() // 1_000_000
