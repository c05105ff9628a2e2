"""`hrt seal`: seal a bid on the bidder's own machine, and send it when the bidder wants.

The price is asked for, never given on the command line, and stands in no file: only who has the
`.secret` file, or enough custodians after the close, can read the message.
"""

import json
import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.database import fail
from app.cli.node_client import NodeClient, NodeError, open_client
from app.cli.notices import LogOption, Notice, NoticeError, PolicyOption, logged, read_notice
from app.cli.secret_files import (
    KEY_BYTES,
    SecretFileError,
    decode_key,
    encode_key,
    read_secret,
    save,
    write_new,
)
from app.kernel.capitals import capitals
from app.kernel.units import InvalidAmountError, decimal, hundredths
from app.seal import SealError, message_hash, parse_message
from app.seal import seal as seal_message
from app.transparency.fields import TrustError
from app.transparency.notes import Ed25519Signer, parse_note, sign, vkey

BID_KEY, BID_SECRET = "bid_key", "bid_secret"

app = typer.Typer(no_args_is_help=True, help="密封报价 · Seal a bid for a lot with custodians.")

KeyFile = Annotated[Path, typer.Option("--key", help="The file of the bid key.")]
Bidder = Annotated[str, typer.Option(help="The bidder's id.")]
Url = Annotated[str, typer.Option("--send", metavar="URL", help="The node; HRT_TOKEN authorises.")]


@app.command("key")
def key(
    file: Annotated[Path, typer.Argument(help="Where to keep the key; never written over.")],
    bidder: Bidder,
    lot: Annotated[str, typer.Option(help="The lot's id.")],
) -> None:
    """Make the key that signs this bidder's bids for this lot; register with what is printed."""
    private = secrets.token_bytes(KEY_BYTES)
    try:
        signer = Ed25519Signer(f"{bidder}/{lot}", private)
        write_new(
            file, {"kind": BID_KEY, "bidder": bidder, "lot": lot, "private": encode_key(private)}
        )
    except (SecretFileError, TrustError) as error:
        fail(str(error), 1)
        return
    typer.echo(vkey(signer))


@app.command("bid")
def bid(  # noqa: PLR0913, PLR0917 - the options of a command line
    notice: Annotated[str, typer.Argument(help="The lot's notice: its URL, or a saved file.")],
    key_file: KeyFile,
    folder: Annotated[
        Path, typer.Option("--out", help="Where to put message and secret.")
    ] = Path(),
    seq: Annotated[
        int | None, typer.Option(help="The bid's number; above that of your last one.")
    ] = None,
    send: Annotated[
        str | None, typer.Option(metavar="URL", help="Send it to this node; needs HRT_TOKEN.")
    ] = None,
    policy: PolicyOption = None,
    log: LogOption = None,
) -> None:
    """Ask for the price, seal it, and write `<lot>-<bidder>-<seq>.note` and `.secret`."""
    try:
        found = read_notice(notice)
        if policy is not None:
            logged(found, policy, log)
        own = read_secret(key_file, BID_KEY)
        signer = _signer(own, found, key_file)
        number = seq or _next_number(folder, found.lot, own["bidder"])
        price = _ask_price(found, seen=policy is not None)
        file = _seal(found, signer, own["bidder"], number, price, folder)
        typer.echo(f"{file}\n{file.with_suffix('.secret')}")
        if send is not None:
            _send(file, send)
    except (NoticeError, SecretFileError, NodeError, SealError, TrustError) as error:
        fail(str(error), 1)


@app.command("send")
def send_file(
    file: Annotated[Path, typer.Argument(help="The sealed message (.note).")],
    url: Annotated[str, typer.Argument(help="The node; HRT_TOKEN authorises.")],
) -> None:
    """Send a sealed message and keep the receipt beside it. Sent twice, it counts once."""
    try:
        _send(file, url)
    except (NodeError, TrustError, SealError, OSError) as error:
        fail(str(error), 1)


@app.command("publish-key")
def publish_key(
    file: Annotated[Path, typer.Argument(help="The bid's .secret file.")],
    url: Annotated[str, typer.Argument(help="The node; HRT_TOKEN authorises.")],
) -> None:
    """After the close, when too many custodians have lost their keys: let your own bid be read."""
    try:
        own = read_secret(file, BID_SECRET)
        dek = decode_key(own, "dek", file)
        commit = str(own["message"])
        typer.confirm(f"Anybody can read the bid {commit} then. Publish its key?", abort=True)
        with open_client(url) as node:
            body = {"commit": commit, "dek": encode_key(dek)}
            node.post("/v1/bid-keys", body, key=f"bid-key-{commit}")
    except (NodeError, SecretFileError, KeyError) as error:
        fail(str(error), 1)


def _signer(own: dict[str, Any], notice: Notice, file: Path) -> Ed25519Signer:
    if own.get("lot") != notice.lot:
        raise SecretFileError(f"{file} is the key for lot {own.get('lot')}, not {notice.lot}.")
    return Ed25519Signer(f"{own['bidder']}/{notice.lot}", decode_key(own, "private", file))


def _next_number(folder: Path, lot: str, bidder: str) -> int:
    prefix = f"{lot}-{bidder}-"
    numbers = [file.stem.removeprefix(prefix) for file in folder.glob(f"{prefix}*.note")]
    return 1 + max((int(number) for number in numbers if number.isdecimal()), default=0)


def _ask_price(notice: Notice, *, seen: bool) -> str:
    """Ask until it is confirmed; a malformed one or one that cannot win ends the command."""
    for line in notice.summary():
        typer.echo(line)
    if not seen:
        typer.echo("公告散列未与日志核对 · Not compared with the log: give --policy to do so.")
    text = typer.prompt("报价(元,两位小数) · Price in yuan with two places").strip()
    try:
        fen = hundredths(text)
    except InvalidAmountError as error:
        raise NoticeError('Give the price with two places, such as "66000000.00".') from error
    if fen < notice.start_price:
        raise NoticeError(f"The start price is {decimal(notice.start_price)}: a bid below is lost.")
    typer.confirm(f"{decimal(fen)} 元({capitals(fen)})。密封此报价? Seal this price?", abort=True)
    return decimal(fen)


def _seal(  # noqa: PLR0913, PLR0917 - what a message is made of, and where it goes
    notice: Notice, signer: Ed25519Signer, bidder: str, number: int, price: str, folder: Path
) -> Path:
    dek = secrets.token_bytes(KEY_BYTES)
    message = seal_message(notice.sealing, bidder, number, {"price_cny": price}, dek)
    file = folder / f"{notice.lot}-{bidder}-{number}.note"
    # The secret first: a message that nobody could open by hand must not exist.
    write_new(
        file.with_suffix(".secret"),
        {
            "kind": BID_SECRET,
            "lot": notice.lot,
            "bidder": bidder,
            "seq": number,
            "message": message_hash(message),
            "dek": encode_key(dek),
        },
    )
    with file.open("x", encoding="utf-8") as out:
        out.write(sign(message.decode() + "\n", signer).encode())
    return file


def _send(file: Path, url: str) -> None:
    note = parse_note(file.read_text(encoding="utf-8"))
    data = note.text.removesuffix("\n").encode()
    head = parse_message(data).head
    body = {"lot": head.auction, "bidder": head.bidder, "note": note.encode()}
    with open_client(url) as node:
        answer = _sent(node, body, f"sealed-bid-{message_hash(data)}", file)
    receipt = answer.get("receipt")
    if receipt is None:
        raise NodeError("The node took the bid and gave no receipt. Ask for one: it must.")
    save(file.with_suffix(".receipt"), receipt["note"].encode())
    typer.echo(json.dumps({n: answer[n] for n in ("lot", "commit", "at")}, ensure_ascii=False))
    typer.echo(
        f"{file.with_suffix('.receipt')}: keep it; `hrt check-receipt` proves the bid by it."
    )


def _sent(node: NodeClient, body: dict[str, Any], key: str, file: Path) -> Any:
    try:
        return node.post("/v1/sealed-bids", body, key=key)
    except NodeError as error:
        if error.receipt is not None:
            save(file.with_suffix(".refusal"), error.receipt.encode())
        raise
