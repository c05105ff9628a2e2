"""`hrt witness`: which logs this node witnesses, and the key that it cosigns with."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from app import transparency
from app.cli.database import database, fail
from app.platform.db import Database, Tx, open_database
from app.platform.settings import Settings
from app.transparency.notes import KeyFormatError, Verifier, parse_vkey, vkey
from app.transparency.witness import may_sign_logs

R = TypeVar("R")

app = typer.Typer(
    no_args_is_help=True, help="Witness the logs of other nodes. 见证其他节点的日志。"
)


@app.command("add")
def add(
    key: Annotated[str, typer.Argument(metavar="VKEY", help="The log's key, from its operator.")],
    origin: Annotated[
        str | None, typer.Option(help="The log's origin, where it is not the name of its key.")
    ] = None,
) -> None:
    """Begin to witness a log. Compare the key by another way than the network first."""
    try:
        log = parse_vkey(key)
    except KeyFormatError as error:
        fail(f"{key} is no verifier key: {error}")
        return
    if not may_sign_logs(log):
        fail(f"{key} is the key of a witness, not of a log.")
    named = origin or log.name

    async def work(tx: Tx, asked: tuple[str, Verifier]) -> bool:
        return await transparency.witness_log(tx, *asked)

    if not _with_database(lambda db: db.transact(work, (named, log))):
        fail(f"{named} is witnessed already; its key never changes. See `hrt witness list`.", 1)
    typer.echo(f"{named}: witnessed from its next checkpoint on.")


@app.command("list")
def list_() -> None:
    """Each witnessed log with the size last cosigned; exit status 1 with evidence against one."""

    async def work(db: Database) -> bool:
        async with db.read() as reader:
            for log in await transparency.list_witnessed_logs(reader):
                root = "-" if log.root is None else log.root.hex()
                typer.echo(f"{log.origin}\t{log.size}\t{root}\t{log.vkey}")
            evidence = await transparency.list_witness_evidence(reader)
        for origin, kind, size in evidence:
            typer.echo(f"{origin}: {kind} at size {size}, kept as evidence", err=True)
        return bool(evidence)

    if _with_database(work):
        raise typer.Exit(1)


@app.command("key")
def key() -> None:
    """Print the verifier key of this node's witness, for the policy files of others."""
    try:
        typer.echo(vkey(transparency.load_keys(Settings()).witness))
    except transparency.KeysError as error:
        fail(str(error))


def _with_database(work: Callable[[Database], Awaitable[R]]) -> R:
    settings = Settings()

    async def run(dsn: str) -> R:
        db = open_database(settings, dsn)
        try:
            return await work(db)
        finally:
            await db.close()

    with database(settings) as dsn:
        return asyncio.run(run(dsn))
