"""Reads a lot's notice for who wants to seal a bid, and compares it with the log."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from app.cli.custody import SEALING, canonical, events_of
from app.cli.logs import open_logbook, policy_and_log
from app.cli.node_client import NodeError, open_client
from app.kernel.units import InvalidAmountError, hundredths
from app.seal import Custodian, SealError, Terms

PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="A tlog-policy file: which witnesses you trust."),
]
LogOption = Annotated[
    str | None, typer.Option("--vkey", help="The log's key, where the policy names no log.")
]


class NoticeError(Exception):
    """The notice cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of a lot whose bids are sealed to custodians. The start price is in fen."""

    source: str
    hash: str
    terms: dict[str, Any]
    sealing: Terms
    start_price: int

    @property
    def lot(self) -> str:
        """The lot's id."""
        return self.sealing.auction

    def summary(self) -> list[str]:
        """What a bidder should look at before sealing."""
        custodians = ", ".join(one.id for one in self.sealing.custodians)
        return [
            f"标的 · Lot {self.lot}, 起始价 · start price {self.terms['start_price_cny']}",
            f"截止 · Closes at {self.terms['closes_at']}",
            f"保管人 · {self.sealing.threshold} of these custodians open it: {custodians}",
            f"公告散列 · Hash of the notice {self.hash}",
        ]


def read_notice(source: str) -> Notice:
    """Read the notice at a URL or in a file. Raises `NoticeError` or `NodeError`."""
    if source.startswith(("http://", "https://")):
        parts = urlsplit(source)
        with open_client(f"{parts.scheme}://{parts.netloc}") as node:
            document = node.json(parts.path)
    else:
        try:
            document = json.loads(Path(source).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise NoticeError(f"{source} cannot be read: {type(error).__name__}.") from error
    return parse_notice(source, document)


def parse_notice(source: str, document: Any) -> Notice:
    """A notice as the node shows it: {"hash", "terms", …}. Raises `NoticeError`."""
    try:
        terms, claimed = document["terms"], document["hash"]
        if hashlib.sha256(canonical(terms)).hexdigest() != claimed:
            raise NoticeError("The notice does not have the hash that it claims.")
        if terms["sealing"] != SEALING:
            raise NoticeError(f"Bids for lot {terms['lot']} are not sealed to custodians.")
        custodians = tuple(
            Custodian(id_, base64.b64decode(public, validate=True))
            for id_, public in terms["custodians"]
        )
        sealing = Terms(claimed, terms["lot"], terms["threshold"], custodians)
        return Notice(source, claimed, terms, sealing, hundredths(terms["start_price_cny"]))
    except (KeyError, TypeError, ValueError, binascii.Error, InvalidAmountError) as error:
        raise NoticeError(f"This is no notice of a lot ({type(error).__name__}).") from error
    except SealError as error:
        raise NoticeError(f"Nothing can be sealed under this notice: {error.text}.") from error


def logged(notice: Notice, policy_file: Path, log: str | None) -> None:
    """Make sure that this notice is the lot's last in the log of its node.

    An operator could show each bidder custodians of its own. Raises `NoticeError`, `NodeError` or
    `TrustError`.
    """
    if not notice.source.startswith(("http://", "https://")):
        raise NoticeError("Give the notice by its URL to compare it with the node's log.")
    policy, verifier = policy_and_log(policy_file, log)
    parts = urlsplit(notice.source)
    with open_client(f"{parts.scheme}://{parts.netloc}") as node:
        events = events_of(open_logbook(node, policy, verifier), notice.lot)
        notices = (event.body["hash"] for event in events if event.kind == "lot.listed")
        last = next(notices, "none")
    if last != notice.hash:
        raise NoticeError(
            f"The log's last notice of {notice.lot} is {last}, not the one that the node shows."
            " Do not bid; keep both."
        )


__all__ = [
    "LogOption",
    "NodeError",
    "Notice",
    "NoticeError",
    "PolicyOption",
    "logged",
    "parse_notice",
    "read_notice",
]
