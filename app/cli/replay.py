"""`hrt replay`: play a case through the HTTP API of a private node with a simulated clock."""

import asyncio
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import Progress

from app import identity
from app.cli.credential import issue
from app.cli.database import DATABASE, fail
from app.cli.serving import served
from app.kernel.ids import NODE
from app.kernel.principal import Role
from app.platform import jobs
from app.platform.db import Database
from app.platform.migrate import migrate
from app.platform.postgres import ClusterError, PrivateCluster
from app.platform.settings import ClockKind, Settings
from app.replay import Case, CaseError, Market, differences, load_case, play

BEFORE_ALL_CASES = datetime(1970, 1, 1, tzinfo=UTC)


def replay(
    case: Annotated[Path, typer.Argument(help="The case file.")],
    expected: Annotated[
        Path | None, typer.Argument(help="With --check: the outcome to compare with.")
    ] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Where to write the outcome; - prints it.")
    ] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Print each difference from the expected outcome.")
    ] = False,
) -> None:
    """Exit status 0 when it was played (and agrees), 1 when it differs, 2 for an unusable file."""
    if check == (expected is None):
        fail("Give the expected outcome together with --check: hrt replay --check CASE EXPECTED")
    wanted = _read_expected(expected)
    try:
        outcome = play_file(load_case(case))
    except (CaseError, ClusterError) as error:
        fail(f"{case}: {error}")
        return
    if json_out is not None:
        text = json.dumps(outcome, ensure_ascii=False, indent=1) + "\n"
        if str(json_out) == "-":
            typer.echo(text, nl=False)
        else:
            json_out.write_text(text, encoding="utf-8")
    if not check:
        _summarise(outcome)
        return
    found = list(differences(outcome, wanted))
    for line in found:
        typer.echo(line)
    typer.echo(f"{outcome['case']}: {len(found)} differences", err=True)
    if found:
        raise typer.Exit(1)


def play_file(case: Case) -> dict[str, Any]:
    """Play a case on a fresh private database, which is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="hrt-replay-") as folder:
        # Nothing of this database outlives the command, so it need not survive a crash.
        cluster = PrivateCluster(Path(folder) / "pg", durable=False)
        with cluster:
            cluster.create_database(DATABASE)
            migrate(cluster.dsn("hrt_owner", DATABASE))
            outcome = asyncio.run(
                play_on(case, cluster.dsn("hrt_app", DATABASE), Path(folder) / "home")
            )
        cluster.destroy()
        return outcome


async def play_on(case: Case, dsn: str, home: Path) -> dict[str, Any]:
    """Play a case on an empty migrated database; the node keeps its keys in `home`."""
    settings = Settings(clock=ClockKind.SIMULATED, require_durable=False, pool_size=5, home=home)
    async with served(settings, dsn) as (address, db):
        token = await first_credential(db)
        async with httpx.AsyncClient(base_url=address, timeout=60) as http:
            with Progress(console=Console(stderr=True), transient=True) as bar:
                task = bar.add_task(case.name, total=len(case.steps))
                return await play(
                    case, Market(http, token), lambda n: bar.update(task, completed=n)
                )


async def first_credential(db: Database) -> str:
    """Start the simulated clock, and let a security administrator issue all other credentials."""
    await db.transact(jobs.set_clock, BEFORE_ALL_CASES)
    forever = datetime(8999, 1, 1, tzinfo=UTC)
    return await issue(db, identity.IssueCredential("replay", Role.SECURITY_ADMIN, NODE, forever))


def _read_expected(expected: Path | None) -> Any:
    if expected is None:
        return None
    try:
        return json.loads(expected.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        fail(f"{expected}: cannot be read as JSON: {error}")
        return None


def _summarise(outcome: dict[str, Any]) -> None:
    refused = [step for step in outcome["steps"] if not step["ok"]]
    typer.echo(
        f"{outcome['case']}: {len(outcome['steps'])} steps, {len(refused)} refused", err=True
    )
    for step in refused:
        typer.echo(f"  step {step['n']}: {step['code']}", err=True)
