"""`hrt node recover`: what a restored node has published since its backup is done again."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from app import nodes, reconciliation, transfers, transparency
from app.audit import Mirror, MirrorError
from app.cli.database import database, fail
from app.main import message_handlers, verify_node
from app.nodes import AgainError, RecoveryError
from app.platform.db import Database, Tx, open_database
from app.platform.settings import Settings
from app.transparency.checkpoints import open_checkpoint
from app.transparency.fields import TrustError
from app.transparency.notes import vkey


def recover(
    mirror: Annotated[
        Path, typer.Argument(help="A mirror of this node's log, as `hrt audit --mirror` keeps it.")
    ],
) -> None:
    """Bring a node that was restored from a backup to where its log was published.

    Only transfers between nodes, corrections and what other nodes have sent are done again; where
    the log tells of anything else since, nothing is changed and the first such entry is named.
    """
    settings = Settings()
    try:
        with database(settings) as dsn:
            count = asyncio.run(_recover(settings, dsn, Mirror(mirror)))
    except nodes.NodeError as error:
        fail(f"{error.objection.zh}\n{error.objection.en}", 1)
    except (RecoveryError, AgainError, MirrorError, TrustError, nodes.NodeKeysError) as error:
        fail(str(error), 1)
    except (transparency.LogDamagedError, transparency.LogForkedError) as error:
        fail(str(error), 1)
    else:
        typer.echo(f"{count} entries were done again, to the byte. Start `hrt serve`.")


async def _recover(settings: Settings, dsn: str, mirror: Mirror) -> int:
    db = open_database(settings, dsn)
    try:
        return await _catch_up(db, settings, mirror)
    finally:
        await db.close()


async def _catch_up(db: Database, settings: Settings, mirror: Mirror) -> int:
    handlers = message_handlers(settings)
    async with db.read() as reader:
        own = await nodes.own(reader)
        if own is None:
            raise nodes.NodeError(nodes.Objection.NOT_INITIALISED)
        size = await transparency.log_size(reader)
        entries, root = _entries(settings, mirror, size)
        keys = nodes.load_node_keys(settings, own.name)
        memory = await nodes.recollect(reader, keys, handlers)

    async def work(tx: Tx, memory: nodes.Recollection) -> None:
        acts = {**transfers.REDO, **reconciliation.REDO}
        records = await nodes.rehearse(tx, entries, size, memory, acts)
        await transparency.continue_as_published(tx, records, size + len(entries), root)
        found = await verify_node(tx)
        if found.findings:
            raise RecoveryError(f"The books would not agree: {found.findings[0]}")

    await db.transact(work, memory)
    return len(entries)


def _entries(settings: Settings, mirror: Mirror, size: int) -> tuple[list[bytes], bytes]:
    """What the log has beyond this database, and the root that it has with it."""
    key = mirror.key(vkey(transparency.load_keys(settings).log))
    checkpoint = open_checkpoint(mirror.checkpoint(), key).checkpoint
    published = transparency.published_size(settings, key)
    if checkpoint.size < published:
        raise RecoveryError(
            f"The mirror has {checkpoint.size} entries, but {published} were published: bring a"
            " newer one. Nothing was changed."
        )
    if checkpoint.size < size:
        raise RecoveryError("The mirror is older than this database. Nothing was changed.")
    return list(mirror.entries(checkpoint.size))[size:], checkpoint.root
