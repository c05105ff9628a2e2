"""`hrt verify`: recompute every balance, both conservation laws and the whole log."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from app import ledger, transparency
from app.cli.database import database, fail
from app.main import verify_node
from app.platform.db import open_database
from app.platform.settings import Settings
from app.transparency.fields import TrustError


def verify(
    url: Annotated[
        str | None, typer.Option(help="Another database than this node's, for example a restore.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            help="A checkpoint that you kept: the log must still continue it. Repeatable."
        ),
    ] = None,
) -> None:
    """Exit status 0 when everything agrees, 1 with each entry or account at fault otherwise."""
    settings = Settings() if url is None else Settings(database_url=url)
    for file in checkpoint or ():
        if not file.exists():
            fail(f"There is no file {file}.")

    async def work(dsn: str) -> ledger.Verification:
        db = open_database(settings, dsn)
        try:
            async with db.read() as reader:
                kept = await transparency.memories(reader, settings, checkpoint or ())
                return await verify_node(reader, kept)
        finally:
            await db.close()

    with database(settings) as dsn:
        try:
            found = asyncio.run(work(dsn))
        except TrustError as error:
            fail(f"A checkpoint that was kept is not one of this log: {error}.")
            return
    for finding in found.findings:
        typer.echo(finding)
    typer.echo(
        f"{found.records} records, {found.entries} entries, {found.postings} postings:"
        f" balances {'agree' if found.balanced else 'DISAGREE'},"
        f" records {'agree' if found.log_verified else 'DISAGREE'}"
    )
    if found.findings:
        raise typer.Exit(1)
