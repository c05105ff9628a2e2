"""Which database a command works on: the one that is set, or the private one of this folder."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from app.platform.postgres import ClusterError, PrivateCluster
from app.platform.settings import Settings

DATABASE = "hrt"


def private_cluster(settings: Settings) -> PrivateCluster:
    """The private PostgreSQL in the home folder."""
    return PrivateCluster(settings.home / "pg")


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the application's database, served for the length of the block."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    cluster = private_cluster(settings)
    if not cluster.home.exists():
        fail(
            "There is no database here yet. Begin with `make run` (or `hrt run`),"
            " or set HRT_DATABASE_URL."
        )
    try:
        with cluster:
            yield cluster.dsn("hrt_app", DATABASE)
    except ClusterError as error:
        fail(str(error))


def fail(message: str, status: int = 2) -> None:
    """End the command with a message on standard error."""
    typer.echo(message, err=True)
    raise typer.Exit(status)
