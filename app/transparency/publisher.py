"""Signs what is committed, collects cosignatures, remembers it outside, and only then shows it."""

from dataclasses import dataclass, field
from pathlib import Path

import httpx
import structlog

from app.platform.db import Database
from app.transparency import cosign, guard, read, store
from app.transparency.checkpoints import Checkpoint
from app.transparency.notes import Note, Signer, sign
from app.transparency.quorum import QuorumError, WitnessPolicy

log = structlog.get_logger()


@dataclass(slots=True)
class Publisher:
    """Publishes the checkpoints of one tree.

    `memory` is where the last one is kept outside the database. With a policy that asks for
    witnesses, nothing is shown before its quorum has cosigned.
    """

    db: Database
    tree: str
    signer: Signer
    memory: Path
    policy: WitnessPolicy | None
    http: httpx.AsyncClient
    _known: dict[str, int] = field(default_factory=dict)

    async def publish(self) -> bool:
        """Publish the head as it is committed now; False when there is nothing new to show.

        A log that stands still is witnessed anew every half minute: its age can be told from the
        cosignatures, and one that was made just before a close does not stay the last.

        Raises `guard.LogForkedError` where the database has been put back under the running node.
        """
        if not await self._is_due():
            return False
        # Before the head: a rival that is faster moves the head first, and then the memory.
        memories = guard.kept(self.memory, self.signer)
        async with self.db.read() as reader:
            await guard.check(reader, self.tree, memories)
            head = (await store.heads(reader))[self.tree]
            note = sign(Checkpoint(self.signer.name, head.size, head.root).text(), self.signer)
        if self.policy is not None:
            witnessed = await self._witnessed(note, head.size)
            if witnessed is None:
                return False
            note = witnessed
        guard.remember(self.memory, note.encode(), head.size)
        await self.db.transact(store.add_publication, (self.tree, head.size, note.encode()))
        return True

    async def _is_due(self) -> bool:
        async with self.db.read() as reader:
            head = (await store.heads(reader))[self.tree]
            shown = await store.last_publication(reader, self.tree)
        if shown is None or shown.size < head.size:
            return True
        return self.policy is not None and shown.is_old

    async def _witnessed(self, note: Note, size: int) -> Note | None:
        assert self.policy is not None, "asked for only where there is a policy"

        async def proof(old: int) -> list[bytes]:
            async with self.db.read() as reader:
                return await read.consistency(reader, self.tree, old, size)

        cosigned = await cosign.collect(self.http, self.policy, note, size, proof, self._known)
        try:
            self.policy.check(cosigned.encode())
        except QuorumError as error:
            log.warning("checkpoint-not-witnessed", size=size, reason=str(error))
            return None
        return cosigned
