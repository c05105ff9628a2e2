"""What two nodes have written each other, told once more to the one that lost its memory.

The link port answers `POST /link/letters` to a peer with the letters of their link, and to nobody
else: those that the asker wrote, as they were received here, and those that were written to it and
that it has answered. Each comes with the signatures, proofs and answers that make it evidence, so
the asker need not believe a word of it.
"""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import httpx

from app.nodes import store, store_links
from app.nodes.deliver import deliverable
from app.nodes.envelope import parse_answer
from app.nodes.keys import KeyRing
from app.nodes.rules import REQUEST_TIMEOUT, SEQUENCE_MAX, Delivery, Peer
from app.platform.asking import ask as ask_for
from app.platform.db import Reader
from app.transparency.notes import sign

PATH = "/link/letters"
AT_ONCE = 20
ANSWER_BYTES_MAX = 8 * 1024 * 1024
PAGE_TIMEOUT = timedelta(minutes=2)


class Writer(StrEnum):
    """Whose letters are asked for."""

    ASKER = "asker"
    ASKED = "asked"


class AgainError(Exception):
    """A peer does not tell what was written; it says which and why."""


@dataclass(frozen=True, slots=True)
class Told:
    """A letter of the past and the signed answer that it got."""

    seq: int
    delivery: Delivery
    answer: str


async def tell(
    reader: Reader, ring: KeyRing, peer: str, writer: Writer, after: int
) -> list[dict[str, Any]]:
    """The next letters of the link to a peer, in order of their numbers; the last page is empty."""
    told = []
    if writer is Writer.ASKER:
        key = ring.signer(await store.own_key_in_use(reader))
        for seq, delivery, answer in await store_links.received_letters(
            reader, peer, after, AT_ONCE
        ):
            told.append(_page(seq, delivery, sign(parse_answer(answer).text(), key).encode()))
        return told
    for letter, answer in await store_links.sent_letters(reader, peer, after, AT_ONCE):
        delivery_now = await deliverable(reader, ring, letter)
        if delivery_now is not None:
            told.append(_page(letter.seq, delivery_now, answer))
    return told


def _page(seq: int, delivery: Delivery, answer: str) -> dict[str, Any]:
    return {
        "seq": seq,
        "note": delivery.note,
        "entry": None if delivery.entry is None else delivery.entry.decode(),
        "proof": delivery.proof,
        "answer": answer,
    }


def read_question(body: bytes) -> tuple[Writer, int] | None:
    """Whose letters are asked for, and after which number; None where it is no question."""
    try:
        members = json.loads(body)
        writer, after = Writer(members["written_by"]), members["after"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    whole = type(after) is int and 0 <= after <= SEQUENCE_MAX
    return (writer, after) if whole else None


async def ask(
    context: ssl.SSLContext, peer: Peer, writer: Writer, after: int
) -> AsyncIterator[Told]:
    """Ask a peer for all letters after a number. Raises `AgainError`; nothing is verified here."""
    timeout = httpx.Timeout(REQUEST_TIMEOUT.total_seconds())
    async with httpx.AsyncClient(verify=context, timeout=timeout, trust_env=False) as http:
        while True:
            page = await _page_of(http, peer, {"written_by": writer.value, "after": after})
            for told in page:
                if told.seq <= after:
                    raise AgainError(f"{peer.name} tells its letters in another order")
                after = told.seq
                yield told
            if not page:
                return


async def _page_of(
    http: httpx.AsyncClient, peer: Peer, question: Mapping[str, object]
) -> list[Told]:
    try:
        status, content = await ask_for(
            http,
            "POST",
            peer.url + PATH,
            body=json.dumps(question).encode(),
            most=ANSWER_BYTES_MAX,
            within=PAGE_TIMEOUT,
        )
    except httpx.HTTPError as error:
        raise AgainError(f"{peer.name} is not reached ({type(error).__name__})") from error
    if status != HTTPStatus.OK:
        raise AgainError(f"{peer.name} answers with status {status}")
    try:
        return [_told(one) for one in json.loads(content)["letters"]]
    except (ValueError, KeyError, TypeError) as error:
        raise AgainError(f"{peer.name} answers with something else") from error


def _told(members: Mapping[str, Any]) -> Told:
    texts = [members["note"], members["answer"]]
    texts += [text for text in (members["entry"], members["proof"]) if text is not None]
    if type(members["seq"]) is not int or not all(type(text) is str for text in texts):
        raise TypeError("a letter is of texts")
    entry = members["entry"]
    delivery = Delivery(
        members["note"], None if entry is None else entry.encode(), members["proof"]
    )
    return Told(members["seq"], delivery, members["answer"])
