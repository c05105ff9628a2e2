"""Asks witnesses for their cosignatures: the log's side of c2sp.org/tlog-witness.

A witness that is away, slow or wrong costs the log its cosignature and nothing else; whether those
that came are enough is for the policy to say.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import structlog

from app.transparency.checkpoints import Checkpoint, open_checkpoint
from app.transparency.fields import TrustError, number
from app.transparency.notes import Note, Signature, Verifier, parse_note, verified
from app.transparency.proofs import AddCheckpoint
from app.transparency.quorum import Witness, WitnessPolicy

log = structlog.get_logger()

R = TypeVar("R")
OldProof = Callable[[int], Awaitable[list[bytes]]]
SECONDS_MAX = 5
ANSWER_BYTES_MAX = 64 * 1024
OK, NOT_FOUND, CONFLICT = 200, 404, 409


class WitnessError(Exception):
    """A witness did not do what it should; the text says what."""


async def collect(  # noqa: PLR0913, PLR0917 - what is asked of whom, and how it is proved
    http: httpx.AsyncClient,
    policy: WitnessPolicy,
    note: Note,
    size: int,
    old_proof: OldProof,
    known: dict[str, int] | None = None,
) -> Note:
    """The note of a checkpoint of `size` with the cosignatures of the policy's witnesses.

    All with an address are asked at once. `old_proof(old)` gives the consistency proof from a
    size to this one. `known`, by name of the witness, says what each cosigned last; it is brought
    up to date, so that the next checkpoint needs one request to each.
    """
    sizes = {} if known is None else known
    asked = [witness for witness in policy.witnesses if witness.url is not None]
    lines = await asyncio.gather(
        *(_guarded(_cosigned(http, w, note, size, old_proof, sizes), w.name) for w in asked)
    )
    return note.with_signatures(*(line for found in lines for line in found or ()))


async def remembered(
    http: httpx.AsyncClient, policy: WitnessPolicy, signer: Verifier
) -> list[tuple[str, Checkpoint]]:
    """The last checkpoint that each witness cosigned of a log: (address, checkpoint).

    Signed by the log itself too: no witness can make up one that would keep the log from starting.
    """
    asked = [witness for witness in policy.witnesses if witness.url is not None]
    found = await asyncio.gather(*(_guarded(_last(http, w, signer), w.name) for w in asked))
    return [seen for seen in found if seen is not None]


async def _guarded(work: Awaitable[R], name: str) -> R | None:
    try:
        async with asyncio.timeout(SECONDS_MAX):
            return await work
    except (httpx.HTTPError, TimeoutError, TrustError, WitnessError) as error:
        log.warning("witness-failed", witness=name, error=type(error).__name__, reason=str(error))
        return None


async def _cosigned(  # noqa: PLR0913, PLR0917 - as `collect`, for one witness
    http: httpx.AsyncClient,
    witness: Witness,
    note: Note,
    size: int,
    old_proof: OldProof,
    sizes: dict[str, int],
) -> tuple[Signature, ...]:
    """One witness's cosignatures of the note."""
    old = min(sizes.get(witness.name, 0), size)
    status, answer = await _ask(http, witness, note, size, old, old_proof)
    if status == CONFLICT:
        old = number(answer.removesuffix("\n"), "the size that the witness names")
        if old > size:
            # Perhaps another process of this node was faster. If not, the database is behind, and
            # `guard` says so at the next start.
            raise WitnessError(f"it has cosigned size {old} already, {size - old:+} of ours")
        status, answer = await _ask(http, witness, note, size, old, old_proof)
    if status != OK:
        raise WitnessError(f"it answered {status}: {answer[:200]!r}")
    cosigned = parse_note(f"{note.text}\n{answer}")
    # With an empty line of its own the answer could lengthen the text, and sign that.
    if cosigned.text != note.text or not verified(cosigned, [witness.verifier]):
        raise WitnessError("its answer has no cosignature under the key of the policy")
    sizes[witness.name] = size
    return _lines(cosigned, witness)


async def _ask(  # noqa: PLR0913, PLR0917 - as above
    http: httpx.AsyncClient,
    witness: Witness,
    note: Note,
    size: int,
    old: int,
    old_proof: OldProof,
) -> tuple[int, str]:
    hashes = [] if old in {0, size} else await old_proof(old)
    body = AddCheckpoint(old, tuple(hashes), note.encode()).encode()
    return await _exchange(http, "POST", f"{witness.url}/add-checkpoint", body)


async def _last(
    http: httpx.AsyncClient, witness: Witness, signer: Verifier
) -> tuple[str, Checkpoint] | None:
    """What one witness remembers of a log; None when it has never cosigned it."""
    name = hashlib.sha256(signer.name.encode()).hexdigest()
    url = f"{witness.url}/{name}/checkpoint"
    status, answer = await _exchange(http, "GET", url)
    if status == NOT_FOUND:
        return None
    if status != OK:
        raise WitnessError(f"it answered {status}: {answer[:200]!r}")
    opened = open_checkpoint(answer, signer, [witness.verifier])
    if not opened.cosignatures:
        raise WitnessError("what it remembers does not carry its own cosignature")
    return url, opened.checkpoint


async def _exchange(
    http: httpx.AsyncClient, method: str, url: str, body: str | None = None
) -> tuple[int, str]:
    """Status and text of an answer, of which no more is read than any witness has to say."""
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    async with http.stream(method, url, content=body, headers=headers) as response:
        answer = bytearray()
        async for chunk in response.aiter_bytes():
            answer += chunk
            if len(answer) > ANSWER_BYTES_MAX:
                raise WitnessError("its answer is too long")
    return response.status_code, answer.decode("utf-8", "replace")


def _lines(note: Note, witness: Witness) -> tuple[Signature, ...]:
    key = (witness.verifier.name, witness.verifier.id)
    return tuple(line for line in note.signatures if (line.name, line.id) == key)
