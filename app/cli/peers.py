"""`hrt node`: this node's name and keys, its card, and the nodes that it talks with."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app import nodes, transfers
from app.cli import recover
from app.cli.database import database, fail
from app.cli.peering import card_of, name_node, take_card
from app.cli.secret_files import save
from app.kernel.refusal import Rejected
from app.nodes import NodeRole
from app.nodes.rules import KEY_BYTES, are_provinces, is_name
from app.platform.db import Database, open_database
from app.platform.settings import Settings
from app.transparency.fields import TrustError
from app.transparency.notes import vkey
from app.transparency.quorum import parse_policy

R = TypeVar("R")

app = typer.Typer(
    no_args_is_help=True,
    help="This node among others: name, keys, card, peers. 本节点及与其往来的节点。",
)
peer = typer.Typer(no_args_is_help=True, help="The nodes that this one exchanges messages with.")
app.add_typer(peer, name="peer")
app.command("recover")(recover.recover)

Url = Annotated[str, typer.Option(help="Where others reach the link port: https://host:port.")]
LogUrl = Annotated[str, typer.Option(help="Where the API with the log is served.")]
CardFile = Annotated[Path, typer.Argument(metavar="CARD", help="The card that the peer gave you.")]
Policy = Annotated[
    Path | None,
    typer.Option(help="C2SP tlog-policy: which witnesses must have cosigned the peer's log."),
]
Compared = Annotated[
    str | None,
    typer.Option(
        "--fingerprint", help="As its operator told it by another way; else you are asked."
    ),
]


@app.command("init")
def init(
    name: Annotated[str, typer.Argument(help="A province's code, `ministry`, or another name.")],
    url: Url,
    log_url: LogUrl,
    province: Annotated[
        list[str] | None, typer.Option(help="CODE:NAME of a province that is hosted here.")
    ] = None,
    *,
    ministry: Annotated[bool, typer.Option("--ministry", help="The ministry's node.")] = False,
) -> None:
    """Give this node its name and its keys. The name never changes."""
    settings = Settings()
    named = [one.partition(":")[::2] for one in province or []]
    codes = tuple(code for code, _ in named)
    if not is_name(name) or not are_provinces(codes) or not all(called for _, called in named):
        fail("A name is of [a-z0-9-]{1,32}; a province is given as CODE:NAME, such as 500000:重庆.")
    if not codes and not ministry:
        fail("A node hosts provinces (--province CODE:NAME), or it is the ministry's (--ministry).")
    role = NodeRole.MINISTRY if ministry else NodeRole.PROVINCE
    urls = _urls(url, log_url)
    node = nodes.Node(name, role, codes, urls[0])

    called = tuple(called for _, called in named)
    _do(lambda db: name_node(db, settings, node, called, urls[1]), settings)
    typer.echo(f"{name}: initialised. Start `hrt serve` anew, and hand out `hrt node card`.")


@app.command("card")
def card(
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write it to a file.")] = None,
) -> None:
    """Print this node's card for the operators of others; its fingerprint goes by another way."""
    settings = Settings()

    made, text = _do(lambda db: card_of(db, settings), settings)
    if out is None:
        typer.echo(text, nl=False)
    else:
        save(out, text.encode())
    typer.echo(f"Fingerprint: {made.fingerprint}", err=True)


@app.command("move")
def move(url: Url, log_url: LogUrl) -> None:
    """Note new addresses of this node. Peers need its new card then."""
    urls = _urls(url, log_url)
    _do(lambda db: db.transact(nodes.move_node, urls), Settings())
    typer.echo("Noted. Hand out `hrt node card` anew.")


@app.command("rotate")
def rotate() -> None:
    """Sign with a new message key from now on; every peer is told by a message of the old one."""
    settings = Settings()

    async def work(db: Database) -> int:
        async with db.read() as reader:
            own = await nodes.own(reader)
        if own is None:
            raise nodes.NodeError(nodes.Objection.NOT_INITIALISED)
        key = nodes.add_message_key(settings, own.name, secrets.token_bytes(KEY_BYTES))
        return await db.transact(nodes.rotate_key, key)

    told = _do(work, settings)
    typer.echo(f"Signing with a new message key; {told} peers will be told.")


@app.command("renew")
def renew() -> None:
    """Make a new key and certificate for the link port. Peers need the new card at once."""
    settings = Settings()

    async def work(db: Database) -> None:
        async with db.read() as reader:
            own = await nodes.own(reader)
            if own is None:
                raise nodes.NodeError(nodes.Objection.NOT_INITIALISED)
            nodes.renew_certificate(settings, own.name, await nodes.system_now(reader))

    _do(work, settings)
    typer.echo("Renewed. Start `hrt serve` anew, and hand out `hrt node card`.")


@app.command("links")
def links() -> None:
    """How the link to each peer stands; exit status 1 when one needs somebody to look at it."""

    async def work(db: Database) -> bool:
        bad = False
        async with db.read() as reader:
            now = await reader.now()
            typer.echo(
                "peer\tsent\tacknowledged\treceived\tbacklog\twaiting_s\trefused\tquarantined"
            )
            for link in await nodes.links(reader):
                seconds = link.waits(now) // timedelta(seconds=1)
                numbers = (link.sent, link.acknowledged, link.received, link.backlog)
                wrong = (link.refused, link.quarantined)
                typer.echo("\t".join(map(str, (link.peer, *numbers, seconds, *wrong))))
                bad = bad or link.is_overdue(now) or link.equivocations > 0
        return bad

    if _do(work, Settings()):
        raise typer.Exit(1)


@app.command("evidence")
def evidence(
    folder: Annotated[Path, typer.Argument(help="Where to write the notes; a new folder.")],
) -> None:
    """Write the pairs of notes by which peers have said two different things of one matter."""

    async def work(db: Database) -> int:
        async with db.read() as reader:
            found = await nodes.equivocations(reader)
        for number, one in enumerate(found, 1):
            for name, note in (("held", one.held_note), ("other", one.other_note)):
                save(folder / f"{number:03d}-{one.peer}-{name}.note", note.encode())
        return len(found)

    typer.echo(f"{_do(work, Settings())} pairs of notes in {folder}.")


@app.command("ask")
def ask(
    transfer: Annotated[str, typer.Argument(help="As it is named among nodes: 500000-x1.")],
) -> None:
    """Ask the ministry's node for its decision on a transfer that this node takes part in."""

    async def work(db: Database) -> None:
        await db.transact(transfers.ask, transfer)

    try:
        _do(work, Settings())
    except Rejected:
        fail(f"This node takes part in no transfer {transfer} that another node decides.", 1)
    typer.echo("Asked. A decision, where there is one, comes as a letter and is applied.")


@peer.command("add")
def add(file: CardFile, policy: Policy = None, fingerprint: Compared = None) -> None:
    """Exchange messages with the node of this card. Its provinces become known here."""
    _set(file, policy, fingerprint, known=False)


@peer.command("update")
def update(file: CardFile, policy: Policy = None, fingerprint: Compared = None) -> None:
    """Take the new card of a peer; keys that are not on it are out of force at once."""
    _set(file, policy, fingerprint, known=True)


@peer.command("remove")
def remove(name: str) -> None:
    """Exchange no more messages with a peer. What was exchanged stays."""
    _do(lambda db: db.transact(nodes.remove_peer, name), Settings())
    typer.echo(f"{name}: removed.")


@peer.command("list")
def list_() -> None:
    """Each peer with its provinces, addresses and the key of its log."""

    async def work(db: Database) -> None:
        async with db.read() as reader:
            for one in await nodes.peers(reader):
                hosted = ",".join(one.provinces) or "-"
                typer.echo(f"{one.name}\t{one.role}\t{hosted}\t{one.url}\t{one.log_url}\t{one.log}")

    _do(work, Settings())


def _set(file: Path, policy: Path | None, fingerprint: str | None, *, known: bool) -> None:
    try:
        card = nodes.read_card(file.read_text(encoding="utf-8"))
        trusted = None if policy is None else policy.read_text(encoding="utf-8")
        logs = [] if trusted is None else parse_policy(trusted).logs
    except (OSError, UnicodeDecodeError, TrustError) as error:
        fail(f"{file}: {error}")
        return
    if logs and card.log not in {vkey(log.verifier) for log in logs}:
        fail(f"{policy} is about other logs than that of {card.name}.")
    _compare(card, fingerprint)

    command = nodes.SetPeer(card, trusted, known)
    new = _do(lambda db: db.transact(take_card, command), Settings())
    typer.echo(f"{card.name}: {'updated' if known else 'added'}.")
    if new:
        typer.echo(f"New provinces here: {', '.join(new)}")


def _urls(url: str, log_url: str) -> tuple[str, str]:
    try:
        return nodes.check_url(url, "url"), nodes.check_url(log_url, "log_url")
    except nodes.CardError as error:
        fail(str(error))
        raise


def _compare(card: nodes.Card, fingerprint: str | None) -> None:
    hosted = ", ".join(f"{code} {called}" for code, called in card.provinces) or "-"
    typer.echo(f"{card.name} ({card.role}): {hosted}\n{card.url}\n{card.log}")
    typer.echo(f"Fingerprint: {card.fingerprint}")
    if fingerprint is None:
        typer.confirm("Has its operator told you this fingerprint by another way?", abort=True)
    elif fingerprint.split() != card.fingerprint.split():
        fail("The fingerprint is another: this is not the card that its operator told you of.", 1)


def _do(work: Callable[[Database], Awaitable[R]], settings: Settings) -> R:
    async def run(dsn: str) -> R:
        db = open_database(settings, dsn)
        try:
            return await work(db)
        finally:
            await db.close()

    with database(settings) as dsn:
        try:
            return asyncio.run(run(dsn))
        except nodes.NodeError as error:
            typer.echo(f"{error.objection.zh}\n{error.objection.en}", err=True)
            raise typer.Exit(1) from None
        except (nodes.NodeKeysError, nodes.CardError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None
