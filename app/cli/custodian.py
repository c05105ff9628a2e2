"""`hrt custodian`: make a key for one lot, show that it is still there, release it after the close.

Each key is made for one lot alone, in a file that never leaves the custodian before the release.
"""

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import custody
from app.cli.database import fail
from app.cli.logbook import Logbook
from app.cli.logs import open_logbook, policy_and_log
from app.cli.node_client import NodeClient, NodeError, open_client
from app.cli.notices import LogOption
from app.cli.secret_files import (
    KEY_BYTES,
    SecretFileError,
    decode_key,
    encode_key,
    read_secret,
    save,
    write_new,
)
from app.kernel.ids import ID_PATTERN
from app.seal import SealError, auction_key, open_probe
from app.transparency.checkpoints import parse_checkpoint
from app.transparency.fields import TrustError
from app.transparency.notes import parse_note
from app.transparency.quorum import NONE, WitnessPolicy

KIND = "custodian_key"
ENDED = (TrustError, NodeError, SecretFileError, custody.ReleaseRefusedError)


class KeyReplacedError(Exception):
    """A notice does not name the key that was made for its lot."""


app = typer.Typer(no_args_is_help=True, help="保管人 · Keep a key for sealed bids.")

Folder = Annotated[
    Path, typer.Option("--folder", help="Where keys, checkpoints and proofs are kept.")
]
Lot = Annotated[str, typer.Option(help="The lot's id.")]
Url = Annotated[str, typer.Argument(help="The node; HRT_TOKEN authorises.")]
HERE = Path("custodian")


@app.command("key")
def key(lot: Lot, folder: Folder = HERE) -> None:
    """Make the key for a lot and print its public half, for the lot's notice."""
    if re.fullmatch(ID_PATTERN, lot) is None:
        fail(f"{lot} is not the id of a lot.")
    try:
        typer.echo(make_key(folder, lot))
    except SecretFileError as error:
        fail(str(error), 1)


def make_key(folder: Path, lot: str) -> str:
    """Make a lot's key in a custodian's folder; answers with its public half.

    Raises `SecretFileError` where there is one already.
    """
    private = secrets.token_bytes(KEY_BYTES)
    public = encode_key(auction_key(private))
    content = {"kind": KIND, "lot": lot, "public": public, "private": encode_key(private)}
    write_new(_key_file(folder, lot), content)
    return public


@app.command("answer")
def answer(url: Url, folder: Folder = HERE) -> None:
    """Answer every open probe of the lots whose keys are in the folder, if their notices name them.

    Exit status 1 names a probe that does not open, and a notice with another key in your place.
    """
    unanswered = 0
    try:
        with open_client(url) as node:
            for lot, private in _keys(folder):
                try:
                    for probe in _open_probes(node, lot, auction_key(private)):
                        unanswered += not _answer(node, private, lot, probe)
                except KeyReplacedError as error:
                    typer.echo(f"{lot}: {error}", err=True)
                    unanswered += 1
    except ENDED as error:
        fail(str(error), 1)
    if unanswered:
        raise typer.Exit(1)


@app.command("release")
def release(  # noqa: PLR0913, PLR0917 - the options of a command line
    url: Url,
    lot: Lot,
    policy_file: Annotated[
        Path, typer.Option("--policy", help="A tlog-policy file: which witnesses you trust.")
    ],
    log: LogOption = None,
    folder: Folder = HERE,
    notice: Annotated[
        str | None, typer.Option(help="The hash of the notice that counts, if you are told to.")
    ] = None,
    *,
    unwitnessed: Annotated[
        bool, typer.Option("--unwitnessed", help="With `quorum none`: trust the log's word alone.")
    ] = False,
) -> None:
    """Publish the key of a lot, once the log and its witnesses show that the lot has closed."""
    try:
        policy, verifier = policy_and_log(policy_file, log)
        _check_consent(policy, unwitnessed=unwitnessed)
        file = _key_file(folder, lot)
        private = decode_key(read_secret(file, KIND), "private", file)
        with open_client(url) as node:
            book = open_logbook(node, policy, verifier)
            _continue_memory(folder, verifier.name, book)
            decided = _decided(
                book, lot, auction_key(private), log=verifier, policy=policy, notice=notice
            )
            save(folder / f"{lot}.close.tlog-proof", decided.proof.encode().encode())
            save(folder / f"{lot}.close.json", decided.entry)
            body = {
                "lot": lot,
                "custodian": decided.custodian,
                "private_key": encode_key(private),
            }
            answered = node.post("/v1/custodian-keys", body, key=f"custodian-key-{lot}")
    except ENDED as error:
        fail(f"未释放密钥 · Not released. {error}", 1)
        return
    typer.echo(
        f"{lot}: released; closed at index {decided.proof.index}. State {answered['state']}."
    )


def _check_consent(policy: WitnessPolicy, *, unwitnessed: bool) -> None:
    if policy.quorum == NONE and not unwitnessed:
        raise custody.ReleaseRefusedError(
            "The policy asks for no witness, so the operator alone would say when bidding is over."
            " Name witnesses and a quorum, or say --unwitnessed."
        )
    if policy.quorum != NONE and unwitnessed:
        raise custody.ReleaseRefusedError(
            f"--unwitnessed goes with `quorum none`; this policy asks for {policy.quorum}."
        )


def _decided(book: Logbook, lot: str, public: bytes, **trusted: Any) -> custody.Release:
    try:
        return custody.decide_release(book, lot, public, **trusted)
    except TrustError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise custody.ReleaseRefusedError(
            f"The log's records of {lot} are not in their form ({type(error).__name__})."
        ) from error


def _continue_memory(folder: Path, origin: str, book: Logbook) -> None:
    """Refuse a log that does not continue what was seen before, and remember what it shows now."""
    name = hashlib.sha256(origin.encode()).hexdigest()[:16]
    file = folder / f"log-{name}.checkpoint"
    if file.exists():
        seen = parse_checkpoint(parse_note(file.read_text(encoding="utf-8")).text)
        try:
            custody.check_memory(book, seen.root, seen.size)
        except custody.ReleaseRefusedError:
            save(folder / f"log-{name}.contradiction", book.note.encode())
            raise
    save(file, book.note.encode())


def _keys(folder: Path) -> Iterator[tuple[str, bytes]]:
    files = sorted(folder.glob("*.key"))
    if not files:
        raise SecretFileError(f"There is no key in {folder}.")
    for file in files:
        content = read_secret(file, KIND)
        yield str(content["lot"]), decode_key(content, "private", file)


def _open_probes(node: NodeClient, lot: str, public: bytes) -> Iterator[dict[str, Any]]:
    """Unanswered probes of the custodian whom the lot's notice names with this key.

    Raises `KeyReplacedError`: whoever made the key that stands there could read bids early.
    """
    try:
        terms = node.json(f"/v1/lots/{lot}/notice")["terms"]
    except NodeError as error:
        typer.echo(f"{lot}: {error}", err=True)
        return
    named = {public_key: id_ for id_, public_key in terms["custodians"] or ()}
    own = named.get(encode_key(public))
    if own is None:
        raise KeyReplacedError("the notice does not name the public key of this file. Object now.")
    for probe in node.items(f"/v1/lots/{lot}/probes"):
        if probe["custodian"] == own and probe["answered_at"] is None:
            yield probe


def _answer(node: NodeClient, private: bytes, lot: str, probe: dict[str, Any]) -> bool:
    context = f"{lot}:{probe['custodian']}:{probe['id']}".encode()
    try:
        nonce = open_probe(private, base64.b64decode(probe["sealed"], validate=True), context)
    except (SealError, binascii.Error):
        # Anyone may send a probe, also one that was sealed to nobody.
        typer.echo(f"{lot}: probe {probe['id']} does not open with the key of this lot.", err=True)
        return False
    body = {"probe": probe["id"], "nonce": encode_key(nonce)}
    node.post("/v1/probe-answers", body, key=f"probe-answer-{probe['id']}")
    typer.echo(f"{lot}: probe {probe['id']} answered.")
    return True


def _key_file(folder: Path, lot: str) -> Path:
    return folder / f"{lot}.key"
