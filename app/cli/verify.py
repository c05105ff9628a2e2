"""`hrt verify`: recompute every balance and both conservation laws from the postings."""

import asyncio
from typing import Annotated

import typer

from app import ledger
from app.cli.database import database
from app.main import verify_node
from app.platform.db import open_database
from app.platform.settings import Settings


def verify(
    url: Annotated[
        str | None, typer.Option(help="Another database than this node's, for example a restore.")
    ] = None,
) -> None:
    """Exit status 0 when everything agrees, 1 with each entry or account at fault otherwise."""
    settings = Settings() if url is None else Settings(database_url=url)

    async def work(dsn: str) -> ledger.Verification:
        db = open_database(settings, dsn)
        try:
            async with db.read() as reader:
                return await verify_node(reader)
        finally:
            await db.close()

    with database(settings) as dsn:
        found = asyncio.run(work(dsn))
    for finding in found.findings:
        typer.echo(finding)
    typer.echo(
        f"{found.records} records, {found.entries} entries, {found.postings} postings:"
        f" balances {'agree' if found.balanced else 'DISAGREE'},"
        f" records {'agree' if found.log_verified else 'DISAGREE'}"
    )
    if found.findings:
        raise typer.Exit(1)
