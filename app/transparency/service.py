"""The log of a running node: checked at the start, then sequenced and published for ever."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import structlog

from app.platform.db import Database
from app.platform.settings import Settings
from app.transparency import cosign, guard, sequencer, store, suites
from app.transparency.keys import Keys
from app.transparency.notes import Signer, Verifier
from app.transparency.publisher import Publisher
from app.transparency.quorum import WitnessPolicy, parse_policy

log = structlog.get_logger()


@dataclass(slots=True)
class Standing:
    """How the log of a running node stands; with a fault nothing is sequenced or shown any more."""

    fault: str | None = None


def read_policy(settings: Settings) -> WitnessPolicy | None:
    """The policy of witnesses that this log publishes under; None: it publishes alone."""
    if settings.log_policy_file is None:
        return None
    return parse_policy(settings.log_policy_file.read_text(encoding="utf-8"))


async def open_log(db: Database, settings: Settings, keys: Keys) -> list[Publisher]:
    """Claim the trees and check them against every memory; answers with who publishes them.

    Raises `guard.LogForkedError` where the database is not the log that was published.
    """
    http = httpx.AsyncClient(timeout=httpx.Timeout(5))
    policy = read_policy(settings)
    signers: dict[str, Signer] = {store.SHA256: keys.log}
    if settings.log_sm3:
        signers[store.SM3] = suites.Sm2Signer(settings.origin + suites.SM3_SUFFIX, keys.sm2)
    publishers = []
    for tree, signer in signers.items():
        await guard.claim(db, tree, signer)
        file = guard.memory_file(settings, signer.name)
        witnessed = policy if tree == store.SHA256 else None
        memories = guard.kept(file, signer)
        if witnessed is not None:
            seen = await cosign.remembered(http, witnessed, Verifier.of(signer))
            memories += [guard.Memory(where, checkpoint) for where, checkpoint in seen]
        async with db.read() as reader:
            await guard.check(reader, tree, memories)
        publishers.append(Publisher(db, tree, signer, file, witnessed, http))
    return publishers


async def advance(db: Database, publishers: list[Publisher]) -> int:
    """Sequence what waits and publish it; answers with how many records got their place."""
    done = await sequencer.sequence(db)
    for publisher in publishers:
        await publisher.publish()
    return done


@asynccontextmanager
async def running(db: Database, settings: Settings, keys: Keys) -> AsyncIterator[Standing]:
    """Keep the log for the length of the block; what comes in its last moment waits in the queue.

    Answers with how it stands.
    """
    publishers = await open_log(db, settings, keys)
    await advance(db, publishers)
    pause = timedelta(milliseconds=settings.log_poll_milliseconds)
    standing = Standing()
    task = asyncio.create_task(_forever(db, publishers, pause, standing))
    try:
        yield standing
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        for publisher in publishers:
            await publisher.http.aclose()


async def _forever(
    db: Database, publishers: list[Publisher], pause: timedelta, standing: Standing
) -> None:
    while True:
        try:
            done = await advance(db, publishers)
        except (sequencer.LogDamagedError, guard.LogForkedError) as error:
            log.critical("log-damaged", reason=str(error))
            standing.fault = "log damaged"
            return
        except Exception as error:  # noqa: BLE001 - the database may be away for a while
            log.warning("log-unavailable", error=type(error).__name__)
            done = 0
        if done < sequencer.BATCH:
            await asyncio.sleep(pause.total_seconds())
