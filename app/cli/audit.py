"""`hrt audit`: mirror a log and derive again everything that it says, without an account."""

import tempfile
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.audit import Mirror, MirrorError, Verdict, audit_mirror, source_of
from app.cli.database import fail
from app.transparency.fields import TrustError
from app.transparency.quorum import WitnessPolicy, parse_policy


def audit(
    place: Annotated[str, typer.Argument(help="A node's address, or a mirrored folder.")],
    mirror: Annotated[
        Path | None, typer.Option(help="Where to keep the log; later audits continue from it.")
    ] = None,
    vkey: Annotated[
        str | None,
        typer.Option(help="The log's verifier key, from a source other than the node itself."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="A C2SP policy file: which witnesses must have cosigned.")
    ] = None,
) -> None:
    """Exit status 0 when all agrees, 1 with the first record at fault, 2 when it cannot be read."""
    try:
        wanted = None if policy is None else parse_policy(policy.read_text(encoding="utf-8"))
        if mirror is not None:
            verdict = _update(Mirror(mirror), place, vkey, wanted)
        elif Path(place).is_dir():
            folder = Mirror(Path(place))
            verdict = audit_mirror(folder, folder.key(vkey), wanted)
        else:
            with tempfile.TemporaryDirectory(prefix="hrt-audit-") as folder_name:
                verdict = _update(Mirror(Path(folder_name)), place, vkey, wanted)
    except (MirrorError, TrustError, OSError) as error:
        fail(f"{place}: {error}")
        return
    _show(verdict, pinned=vkey is not None)
    if not verdict.clean:
        raise typer.Exit(1)


def _update(
    mirror: Mirror, place: str, pinned: str | None, policy: WitnessPolicy | None
) -> Verdict:
    with closing(source_of(place)) as source:
        mirror.fetch(source, pinned)
    verdict = audit_mirror(mirror, mirror.key(pinned), policy)
    if verdict.continues:
        mirror.accept(verdict.checkpoint.size)
    else:
        aside = mirror.refuse(verdict.checkpoint.size)
        typer.echo(f"Not taken into the mirror; kept as evidence in {aside}", err=True)
    return verdict


def _show(verdict: Verdict, *, pinned: bool) -> None:
    report, checkpoint = verdict.report, verdict.checkpoint
    for fault in verdict.faults:
        typer.echo(f"log: {fault}")
    first = report.first
    if first is not None:
        typer.echo(f"first: {first.line()}")
        for finding in report.kept[1:]:
            typer.echo(f"  then {finding.line()}")
        for rule, count in sorted(report.counts.items()):
            typer.echo(f"{rule}: {count}")
    if not pinned:
        typer.echo("The log's key was taken from the log itself; pin it with --vkey.", err=True)
    cosigned = ", ".join(verdict.witnesses) or "no witness that was asked for"
    typer.echo(
        f"{checkpoint.origin}: {checkpoint.size} records, root {checkpoint.root.hex()},"
        f" cosigned by {cosigned}:"
        f" tree {'agrees' if not verdict.faults else 'DISAGREES'},"
        f" records {'agree' if report.clean else 'DISAGREE'}"
    )
