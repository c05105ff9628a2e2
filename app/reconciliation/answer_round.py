"""A province's node answers the ministry's: totals, then accounts; and freezes what differs.

Totals rest on a record of this node's log, which holds their digest: whoever answered falsely has
signed it twice.
"""

import json
from collections.abc import Mapping
from typing import Any

from app import ledger, nodes, transparency
from app.kernel.ids import NODE
from app.kernel.refusal import LetterRefusal, Rejected
from app.ledger.rules import AccountKind
from app.nodes import Received
from app.platform.db import Tx
from app.reconciliation import freeze, rules, store, store_mirror
from app.reconciliation.rules import Case, CaseKind, GroupKey, MessageRefusal

ASKED, TOTALS = "recon.asked", "recon.totals"
DETAIL, ACCOUNTS = "recon.detail", "recon.accounts"
FREEZE, LIFT = "recon.freeze", "recon.lift"
MATTER = "recon-"
"""How the matter of a round's messages begins; its number follows."""


class OutOfTurnError(RuntimeError):
    """A message came before the one that it follows; the sender tries again."""


async def take_asked(tx: Tx, received: Received) -> None:
    """Add up this node's tables at the position that the ministry names, and answer."""
    await _from_ministry(tx, received)
    round_, size = number_of(received), whole(received.body, "size")
    shown = await transparency.shown_checkpoint(tx)
    if shown is None or size > shown.size:
        raise Rejected(MessageRefusal.AHEAD)
    totals = await store_mirror.sum_tables(tx, size)
    pages = rules.pages_of(rules.rows_of(totals))
    note = ledger.Note(
        kind="reconciliation.answered",
        province=NODE,
        subject=str(round_),
        body={
            "size": size,
            "pages": len(pages),
            "digest": rules.digest_of(round_, size, totals),
        },
    )
    (leaf,) = await ledger.record(tx, [note])
    await nodes.send(
        tx,
        [
            nodes.Message(
                to=received.sender,
                type=TOTALS,
                transfer=received.transfer,
                revision=number,
                body={"size": size, "pages": len(pages), "rows": rows},
                leaf=leaf,
            )
            for number, rows in enumerate(pages, 1)
        ],
    )


async def take_detail(tx: Tx, received: Received) -> None:
    """Answer with the accounts of a group, from behind a code."""
    await _from_ministry(tx, received)
    body = received.body
    try:
        key = GroupKey(
            str(body["province"]), str(AccountKind(str(body["kind"]))), str(body["other"])
        )
    except (KeyError, ValueError) as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    size, after = whole(body, "size"), str(body.get("after", ""))
    found = await store_mirror.list_tables(tx, size, key, after)
    page = found[: rules.ROWS_MAX]
    answer = {
        "size": size,
        "rows": [[code, str(account.total), str(account.kept)] for code, account in page],
        "more": len(found) > len(page),
    }
    await nodes.send(
        tx,
        [
            nodes.Message(
                to=received.sender,
                type=ACCOUNTS,
                transfer=received.transfer,
                revision=received.revision,
                body=answer,
            )
        ],
    )


async def take_freeze(tx: Tx, received: Received) -> None:
    """Freeze the accounts of a case that are in this node's books."""
    await _from_ministry(tx, received)
    _founded(received, "reconciliation_case.opened")
    body = received.body
    try:
        codes = [str(code) for code in _list(body["accounts"])]
        kind = CaseKind(str(body["kind"]))
        subject, found = str(body["subject"]), _map(body["found"])
        refs = [ledger.AccountRef.of(code) for code in codes]
    except (KeyError, ValueError, TypeError) as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    own = await nodes.own(tx)
    assert own is not None, "a node that receives messages is initialised"
    if any(ref.province not in {*own.provinces, NODE} for ref in refs):
        raise Rejected(LetterRefusal.MALFORMED)
    case = Case(
        id=received.transfer,
        round=whole(body, "round"),
        kind=kind,
        subject=subject,
        accounts=tuple((own.name, code) for code in codes),
        found=found,
        opened_at=await tx.now(),
    )
    await freeze.open_case(tx, case, codes)


async def take_lift(tx: Tx, received: Received) -> None:
    """Free the accounts of a case that a later round has found cured."""
    await _from_ministry(tx, received)
    _founded(received, "reconciliation_case.closed")
    case = await store.lock_case(tx, received.transfer)
    if case is None:
        raise OutOfTurnError
    await freeze.close_case(tx, case, whole(received.body, "round"))


async def _from_ministry(tx: Tx, received: Received) -> None:
    ministry = await nodes.ministry(tx)
    if ministry is None or ministry.name != received.sender:
        raise Rejected(MessageRefusal.NOT_THE_MINISTRYS)


def _founded(received: Received, kind: str) -> None:
    record = record_of(received)
    if (record.get("kind"), record.get("subject")) != (kind, received.transfer):
        raise Rejected(LetterRefusal.UNFOUNDED)


def record_of(received: Received) -> dict[str, Any]:
    """The record that a message rests on, which its sender's log has proven to hold."""
    record = {} if received.entry is None else json.loads(received.entry)
    return record if isinstance(record, dict) else {}


def number_of(received: Received) -> int:
    """The number of the round that a message is about."""
    text = received.transfer.removeprefix(MATTER)
    if not received.transfer.startswith(MATTER) or not text.isdecimal():
        raise Rejected(LetterRefusal.MALFORMED)
    return int(text)


def whole(body: Mapping[str, object], name: str) -> int:
    """A whole number of zero or more in a message."""
    value = body.get(name)
    if type(value) is not int or not 0 <= value < 2**53:
        raise Rejected(LetterRefusal.MALFORMED)
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list) or len(value) > rules.CASE_ACCOUNTS_MAX:
        raise TypeError
    return value


def _map(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError
    return value
