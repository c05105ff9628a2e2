"""`hrt check-receipt`: what a saved receipt proves, checked on this machine."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from app.cli.database import fail
from app.kernel.calendar import wire
from app.transparency.fields import TrustError
from app.transparency.notes import parse_vkey
from app.transparency.quorum import NONE, WitnessPolicy, parse_policy
from app.transparency.receipt_check import (
    Checked,
    ReceiptError,
    Trust,
    check_receipt,
    check_request,
)

RECEIPTS = "receipts "
SECONDS = 10
BYTES_MAX = 1024 * 1024


def check_receipt_file(  # noqa: PLR0913, PLR0917 - each is an option of the command
    file: Annotated[Path, typer.Argument(help="The receipt; - reads standard input.")],
    vkey: Annotated[str | None, typer.Option(help="The log's verifier key.")] = None,
    receipts_vkey: Annotated[
        str | None, typer.Option(help="The verifier key that signs the log's receipts.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="A tlog-policy file: logs, witnesses, quorum.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="Where keys are remembered; written the first time.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="A node to fetch keys from; nothing else is asked of it.")
    ] = None,
    request: Annotated[
        Path | None, typer.Option(help="The JSON body that was sent: does the receipt answer it?")
    ] = None,
) -> None:
    """Check a receipt offline. Exit status 0 when it holds, 1 when not, 2 without file or keys."""
    try:
        trust = _trust(vkey, receipts_vkey, policy, _remembered(keys, url))
        checked = check_receipt(_read(file), trust)
        if request is not None:
            check_request(checked.receipt, request.read_bytes())
    except ReceiptError as error:
        typer.echo(f"回执不成立:{error.zh}。", err=True)
        typer.echo(f"The receipt does not hold. {error.en}: {error.detail}.", err=True)
        raise typer.Exit(1) from None
    except (ValueError, OSError, httpx.HTTPError, httpx.InvalidURL) as error:
        fail(str(error))
        return
    for line in (*_chinese(checked, trust), "", *_english(checked, trust), "", *_record(checked)):
        typer.echo(line)


def _read(file: Path) -> str:
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    if len(data) > BYTES_MAX:
        raise TrustError(f"{file} is larger than any receipt")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise TrustError(f"{file} is not UTF-8: it is no receipt") from error


def _remembered(keys: Path | None, url: str | None) -> str | None:
    """The keys that are remembered, or those of the node: written down, so that a change shows."""
    known = keys.read_text(encoding="utf-8") if keys is not None and keys.exists() else None
    if url is None:
        if keys is not None and known is None:
            raise TrustError(f"{keys} does not exist: fetch the keys once with --url")
        return known
    shown = _fetch(url)
    if known is not None and known != shown:
        raise TrustError(
            f"{url} shows other keys or another policy than those remembered in {keys}."
            " Find out why before you trust either; without --url, the remembered ones count"
        )
    if keys is not None and known is None:
        keys.write_text(shown, encoding="utf-8")
    return shown


def _fetch(url: str) -> str:
    """The key of receipts, and below it the policy with the key of the log."""
    texts = []
    with httpx.Client(base_url=url, timeout=SECONDS) as http:
        for path in ("/log/receipts-vkey", "/log/policy"):
            answer = http.get(path)
            answer.raise_for_status()
            texts.append(answer.text)
    return RECEIPTS + "".join(texts)


def _trust(
    vkey: str | None, receipts_vkey: str | None, policy: Path | None, remembered: str | None
) -> Trust:
    """What was given by itself goes before what is remembered."""
    first, _, rest = (remembered or "").partition("\n")
    signs = receipts_vkey or first.removeprefix(RECEIPTS)
    if not signs:
        raise TrustError("Give the keys: --receipts-vkey, a file by --keys, or a node by --url")
    witnesses: WitnessPolicy | None = None
    if policy is not None:
        witnesses = parse_policy(policy.read_text(encoding="utf-8"))
    elif remembered is not None:
        witnesses = parse_policy(rest)
    return Trust(parse_vkey(signs), None if vkey is None else parse_vkey(vkey), witnesses)


def _chinese(checked: Checked, trust: Trust) -> Iterator[str]:
    receipt, proven = checked.receipt, checked.proven
    answer = "已受理" if receipt.code is None else f"已拒绝({receipt.code})"
    yield "回执成立。"
    yield f"日志 {receipt.log} 的运营方签字承认:{_time(receipt.at)} 对请求 {receipt.operation}"
    yield f"答复 {receipt.status},{answer},并以下列记录为凭。回执编号 {receipt.id}。"
    if proven is None:
        yield "该记录尚未证明入日志:这是承诺。请稍后以同一编号取回证明。"
        return
    checkpoint = proven.checkpoint
    yield f"该记录是日志的第 {proven.index} 条(自 0 起),在共 {checkpoint.size} 条的检查点之内。"
    if _asks_for_witnesses(trust):
        yield f"检查点由下列见证方共同签署,达到所要求的数目:{'、'.join(proven.witnesses)}。"
    else:
        yield "没有要求见证方:检查点只有日志自己的签名。"


def _english(checked: Checked, trust: Trust) -> Iterator[str]:
    receipt, proven = checked.receipt, checked.proven
    answer = "accepted" if receipt.code is None else f"refused ({receipt.code})"
    yield "The receipt holds."
    yield f"The operator of the log {receipt.log} has signed: at {_time(receipt.at)}"
    yield f"{receipt.operation} was answered {receipt.status}, {answer},"
    yield f"and the record below stands for it. Receipt {receipt.id}."
    if proven is None:
        yield "The record is not proven to be in the log yet: this is the promise. Fetch the proof"
        yield "later under the same id."
        return
    checkpoint = proven.checkpoint
    yield f"The record is entry {proven.index} (from 0) of the log's first {checkpoint.size}."
    if _asks_for_witnesses(trust):
        yield f"As many witnesses as asked for have cosigned: {', '.join(proven.witnesses)}."
    else:
        yield "No witness was asked for: the log alone has signed the checkpoint."


def _asks_for_witnesses(trust: Trust) -> bool:
    return trust.policy is not None and trust.policy.quorum != NONE


def _time(at: str) -> str:
    try:
        return wire(datetime.fromisoformat(at))
    except ValueError:
        return at


def _record(checked: Checked) -> Iterator[str]:
    yield "记录 · record"
    yield f"  leaf: {checked.receipt.leaf}"
    for name, value in _flat(checked.record, ""):
        text = f"{name}: {value}"
        # Whoever wrote the record might else draw over what stands above.
        yield f"  {text if text.isprintable() else ascii(text)}"


def _flat(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Each value of the record with its place: `body.price_cny`, `postings.0.2`."""
    if isinstance(value, dict | list) and value:
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    else:
        yield name, "–" if value is None or value in ({}, []) else value
