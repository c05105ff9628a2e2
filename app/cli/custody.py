"""When a custodian may let go of its key: not before the world has seen that bidding is over.

Pure. The operator would like to read bids early and might log an early close to that end. So the
close must stand in a checkpoint that the custodian's own policy trusts, cosigned by its quorum at
a time (the witnesses', not the operator's) when the lot was to be closed by its notice.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.cli.logbook import Logbook
from app.transparency.fields import TrustError
from app.transparency.notes import Verifier, parse_note, verified
from app.transparency.proofs import TlogProof
from app.transparency.quorum import NONE, WitnessPolicy

SEALING = "lqx-seal/1"
KINDS = ("lot.listed", "lot.frozen", "lot.resumed", "lot.closed")


class ReleaseRefusedError(Exception):
    """The key stays where it is; the text says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """A record of the lot at its place in the log."""

    index: int
    entry: bytes
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Release:
    """Why the key may go: the close with its proof, and when it was to be."""

    proof: TlogProof
    entry: bytes
    closes_at: datetime
    notice: str
    custodian: str


def canonical(value: object) -> bytes:
    """The bytes of a JSON document that hashes are taken of (RFC 8785)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def events_of(book: Logbook, lot: str) -> Iterator[Event]:
    """What the log says of a lot's notices, freezes and close, newest first.

    Down to the first entry: an operator could log a second first notice and hide the one behind
    it, or spell the lot in another way. Raises `TrustError` for a record in another spelling.
    """
    name = lot.encode()
    for index, entry in book.backwards():
        # Only an escape could spell the letters of an id in another way.
        if name not in entry and b"\\u" not in entry:
            continue
        record = json.loads(entry)
        if record["subject"] != lot or record["kind"] not in KINDS:
            continue
        if canonical(record) != entry:
            raise TrustError(f"Record {index} of the log is not in canonical form.")
        yield Event(index, entry, record["kind"], record["body"])


def decide_release(  # noqa: PLR0913 - what is believed, and about what
    book: Logbook,
    lot: str,
    public: bytes,
    *,
    log: Verifier,
    policy: WitnessPolicy,
    notice: str | None = None,
) -> Release:
    """Whether the custodian whose key is `public` may publish the private one.

    `notice` is the hash of the notice that counts, where an earlier one named a later close and
    the custodian knows that it was replaced before bidding opened. Raises `ReleaseRefusedError`,
    or `TrustError` where the log does not agree with itself.
    """
    policy.check(book.note, log)
    events = [*events_of(book, lot)][::-1]
    closes = [event for event in events if event.kind == "lot.closed"]
    if not closes:
        raise ReleaseRefusedError(
            f"The log says nothing of a close of {lot} in its {book.checkpoint.size} entries."
        )
    close = closes[0]
    if len(closes) > 1 or close.body["state"] != "closed":
        raise ReleaseRefusedError(f"{lot} does not wait for keys: it is {close.body['state']}.")
    before = [event for event in events if event.index < close.index]
    pauses = [event for event in before if event.kind in {"lot.frozen", "lot.resumed"}]
    if pauses and pauses[-1].kind == "lot.frozen":
        raise ReleaseRefusedError(f"{lot} was frozen and not resumed: it cannot have closed.")
    last = _last_notice(before, lot)
    custodian = _keeper(last.body["terms"], public)
    if custodian is None:
        raise ReleaseRefusedError(f"The notice of {lot} does not name the public key of this file.")
    if notice is not None and notice != last.body["hash"]:
        raise ReleaseRefusedError(f"The last notice of {lot} is {last.body['hash']}.")
    closes_at = _latest_close(before, last if notice is not None else None)
    _check_time(book.note, closes_at, policy)
    proof = book.proof(close.index)
    # Checked as any third party would, from the file that is kept.
    proof.verify(close.entry, log, policy)
    return Release(proof, close.entry, closes_at, last.body["hash"], custodian)


def _last_notice(events: Iterable[Event], lot: str) -> Event:
    notices = [event for event in events if event.kind == "lot.listed"]
    for event in notices:
        terms = event.body["terms"]
        if hashlib.sha256(canonical(terms)).hexdigest() != event.body["hash"]:
            raise ReleaseRefusedError(f"Notice {event.body['number']} does not have its own hash.")
        if terms["lot"] != lot or terms["sealing"] != SEALING:
            raise ReleaseRefusedError(f"Bids for {lot} are not sealed to custodians.")
    if not notices:
        raise ReleaseRefusedError(f"The log has no notice of {lot} before its close.")
    return notices[-1]


def _keeper(terms: dict[str, Any], public: bytes) -> str | None:
    """The id under which the notice names this public key."""
    key = base64.b64encode(public).decode("ascii")
    return next((id_ for id_, named in terms["custodians"] if named == key), None)


def _latest_close(events: Iterable[Event], counted: Event | None) -> datetime:
    """The latest close that any notice or resumption named.

    Of any: an operator that logs a new notice with an earlier close after bids have come in would
    else get the keys while bidders still bid.
    """
    found = []
    for event in events:
        if event.kind == "lot.resumed":
            found.append(event.body["closes_at"])
        elif counted is None or event.index == counted.index:
            found.append(event.body["terms"]["closes_at"])
    return max(datetime.fromisoformat(one) for one in found)


def _check_time(note_text: str, closes_at: datetime, policy: WitnessPolicy) -> None:
    if policy.quorum == NONE:
        return
    second = int(closes_at.timestamp())
    found = verified(parse_note(note_text), policy.verifiers)
    late = [one for one in found if one.time is not None and one.time >= second]
    if not policy.satisfied_by(policy.cosigners(late)):
        seen = max((one.time for one in found if one.time is not None), default=0)
        raise ReleaseRefusedError(
            f"By its notices the lot closes at {closes_at.isoformat()}, and the quorum has not"
            f" cosigned since ({datetime.fromtimestamp(seen, UTC).isoformat()} at the latest). An"
            " operator that logs a close early wants to read bids early. Where an earlier notice"
            " was replaced in time, name the one that counts by --notice."
        )


def check_memory(book: Logbook, remembered_root: bytes, remembered_size: int) -> None:
    """Make sure that the log continues what was seen before. Raises `ReleaseRefusedError`."""
    if remembered_size > book.checkpoint.size:
        raise ReleaseRefusedError(
            f"This log had {remembered_size} entries before and shows {book.checkpoint.size} now."
        )
    try:
        same = book.root_at(remembered_size) == remembered_root
    except TrustError as error:
        raise ReleaseRefusedError(str(error)) from error
    if not same:
        raise ReleaseRefusedError(
            f"The log shows another history: at size {remembered_size} it had another root. Keep"
            " both checkpoints: each is signed, and together they prove the fork."
        )
