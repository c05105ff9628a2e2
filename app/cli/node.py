"""`hrt run`, `serve`, `migrate`, `reset`: the life of a node."""

from typing import Annotated

import typer

from app.cli import demo, demo_nodes
from app.cli.database import database, fail, private_cluster
from app.cli.demo_places import PlacesError
from app.cli.serving import serve_forever
from app.platform import migrate as migrations
from app.platform.postgres import ClusterError
from app.platform.settings import Settings

Host = Annotated[
    str, typer.Option(envvar="HRT_HOST", help="Where to listen; only this machine by default.")
]
Port = Annotated[int, typer.Option(envvar="HRT_PORT", help="The port to listen on.")]


def run(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Start a node with a private PostgreSQL and, the first time, the demo market."""
    settings = Settings(host=host, port=port)
    if settings.database_url is not None:
        fail("HRT_DATABASE_URL is set: serve that database with `hrt serve`.")
    cluster = private_cluster(settings)
    try:
        with cluster:
            dsn = demo.prepare(settings, cluster)
            typer.echo(demo.greeting(settings))
            serve_forever(settings, dsn)
    except ClusterError as error:
        fail(str(error))


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the database in HRT_DATABASE_URL, as production does."""
    settings = Settings(host=host, port=port)
    if settings.database_url is None:
        fail("Set HRT_DATABASE_URL to the address of a PostgreSQL database; see docker/README.md.")
    with database(settings) as dsn:
        serve_forever(settings, dsn)


def migrate() -> None:
    """Bring the schema of HRT_OWNER_DATABASE_URL up to date, as its owner."""
    settings = Settings()
    if settings.owner_database_url is None:
        fail("Set HRT_OWNER_DATABASE_URL to the database's address as the role hrt_owner.")
        return
    migrations.migrate(settings.owner_database_url)


def reset(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete the private database with everything in it, and the three nodes of `hrt nodes`."""
    settings = Settings()
    cluster = private_cluster(settings)
    three = demo_nodes.folder_of(settings)
    there = [folder for folder in (cluster.home, three) if folder.exists()]
    if not there:
        typer.echo("There is nothing to delete.")
        return
    if not yes:
        named = " and ".join(map(str, there))
        typer.confirm(f"Delete what is in {named}?", abort=True)
    try:
        demo_nodes.forget(settings)
    except PlacesError as error:
        fail(str(error), 1)
    cluster.destroy()
    demo.forget(settings)
    typer.echo("Deleted. `make run` begins anew.")
