"""`hrt credential`: the first credential of a node, issued by who has its database."""

import asyncio
from typing import Annotated

import typer

from app import identity
from app.cli.database import database
from app.kernel.ids import NODE
from app.kernel.principal import Role
from app.kernel.refusal import Rejected
from app.platform.db import Database, open_database
from app.platform.settings import Settings


async def issue(db: Database, command: identity.IssueCredential) -> str:
    """Issue a credential as the node itself; answers with its token."""
    _, token = await db.transact(identity.issue_credential, command)
    return token


def credential(
    person: Annotated[str, typer.Argument(help="A pseudonym of the holder, never a name.")],
    role: Annotated[Role, typer.Argument(help="The role.")] = Role.SECURITY_ADMIN,
    party: Annotated[str, typer.Argument(help="The party acted for; 000000 is the node.")] = NODE,
) -> None:
    """Issue a credential and print its token, once. All others can then be issued by HTTP."""
    settings = Settings()

    async def work(dsn: str) -> str:
        db = open_database(settings, dsn)
        try:
            return await issue(db, identity.IssueCredential(person, role, party))
        finally:
            await db.close()

    with database(settings) as dsn:
        try:
            typer.echo(asyncio.run(work(dsn)))
        except Rejected as refused:
            typer.echo(f"{refused.refusal.zh}\n{refused.refusal.en}", err=True)
            raise typer.Exit(1) from None
