"""The ministry's node takes a node's answers: totals first, then accounts of what differs.

Each answer is held against the mirror of that node's log, which stands at the very position that
the answer is about. This node answers itself, without messages.
"""

from collections.abc import Mapping
from dataclasses import replace

from app import nodes
from app.kernel.refusal import LetterRefusal, Rejected
from app.nodes import Received
from app.platform.db import Tx
from app.reconciliation import rules, store, store_mirror
from app.reconciliation.answer_round import (
    DETAIL,
    MATTER,
    number_of,
    record_of,
    whole,
)
from app.reconciliation.close_round import finish
from app.reconciliation.rules import Account, GroupKey, MessageRefusal, PartState, Totals
from app.reconciliation.store import Part, Round

ANSWERS_DIFFER = "answers-differ"
"""The fault of a node whose totals differ from its log while its accounts do not."""


async def take_totals(tx: Tx, received: Received) -> None:
    """Take one page of a node's totals; with the last, compare them with its log."""
    found = await _part_of(tx, received, PartState.ASKED)
    if found is None:
        return
    round_, part = found
    size, pages = whole(received.body, "size"), whole(received.body, "pages")
    stated = record_of(received)
    named = (stated.get("kind"), stated.get("subject"), stated.get("body", {}).get("size"))
    if named != ("reconciliation.answered", str(round_.number), size) or size != part.size:
        raise Rejected(LetterRefusal.UNFOUNDED)
    kept = {**part.totals, str(received.revision): received.body.get("rows")}
    part = replace(part, totals=kept)
    if len(kept) < pages:
        await store.put_part(tx, part)
        return
    try:
        rows = [row for page in sorted(kept, key=int) for row in kept[page]]
        answered = rules.read_rows(rows)
    except (TypeError, ValueError) as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    if rules.digest_of(round_.number, size, answered) != stated["body"].get("digest"):
        raise Rejected(LetterRefusal.UNFOUNDED)
    mail: list[nodes.Message] = []
    await _judge(tx, round_, part, answered, mail)
    await nodes.send(tx, mail)


async def take_accounts(tx: Tx, received: Received) -> None:
    """Take a page of the accounts of a group, and ask for the next."""
    found = await _part_of(tx, received, PartState.DETAIL)
    if found is None:
        return
    round_, part = found
    if received.revision != part.pages or whole(received.body, "size") != part.size:
        raise Rejected(MessageRefusal.NOT_OPEN)
    try:
        page = _accounts(received.body["rows"])
    except (KeyError, TypeError, ValueError) as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    mail: list[nodes.Message] = []
    part = await _compare_page(tx, part, page, more=received.body.get("more") is True)
    await _go_on(tx, round_, part, mail)
    await nodes.send(tx, mail)


def _accounts(rows: object) -> dict[str, Account]:
    if not isinstance(rows, list):
        raise TypeError("a page is a list")
    return {str(code): Account(int(total), int(kept)) for code, total, kept in rows}


async def answer_oneself(tx: Tx, round_: Round, part: Part, mail: list[nodes.Message]) -> None:
    """Judge the own part: its tables against its log."""
    assert part.size is not None, "a position was named"
    await _judge(tx, round_, part, await store_mirror.sum_tables(tx, part.size), mail, own=True)


async def _part_of(tx: Tx, received: Received, state: PartState) -> tuple[Round, Part] | None:
    """The part that an answer is of; None: it comes too late, and has no effect."""
    await store.hold_rounds(tx)
    round_ = await store.open_round(tx)
    number = number_of(received)
    for part in await store.list_parts(tx, [number]):
        if part.node == received.sender:
            if round_ is None or round_.number != number or part.state is not state:
                return None
            return round_, part
    raise Rejected(MessageRefusal.NOT_OPEN)


async def _judge(  # noqa: PLR0913, PLR0917 - a step of a round, its part, and what goes out with it
    tx: Tx,
    round_: Round,
    part: Part,
    answered: Totals,
    mail: list[nodes.Message],
    own: bool = False,  # noqa: FBT001, FBT002 - as above
) -> None:
    differ = rules.compare(answered, await store_mirror.sum_mirror(tx, part.node))
    asked = tuple((*key, "") for key in differ)
    state = PartState.DETAIL if asked else PartState.AGREED
    part = replace(part, state=state, asked=asked, fault=None)
    while own and part.asked:
        *key, after = part.asked[0]
        assert part.size is not None, "a position was named"
        found = await store_mirror.list_tables(tx, part.size, GroupKey(*key), after)
        page = dict(found[: rules.ROWS_MAX])
        part = await _compare_page(tx, part, page, more=len(found) > len(page))
    await _go_on(tx, round_, part, mail)


async def _compare_page(tx: Tx, part: Part, page: Mapping[str, Account], *, more: bool) -> Part:
    """Hold a page of accounts against the mirror, up to its last code or to the group's end."""
    *key, after = part.asked[0]
    last = max(page) if more and page else None
    mirror = await store_mirror.list_mirror(tx, part.node, GroupKey(*key), after, last)
    found = (*part.found, *rules.compare_accounts(page, mirror))
    rest = part.asked[1:]
    asked = [(*key, last), *rest] if last is not None else rest
    return replace(part, found=found, asked=asked)


async def _go_on(tx: Tx, round_: Round, part: Part, mail: list[nodes.Message]) -> None:
    """Ask for the next page, or end the part and with the last one the round."""
    if part.asked:
        part = replace(part, pages=part.pages + 1)
        province, kind, other, after = part.asked[0]
        mail.append(
            nodes.Message(
                to=part.node,
                type=DETAIL,
                transfer=f"{MATTER}{round_.number}",
                revision=part.pages,
                body={
                    "size": part.size,
                    "province": province,
                    "kind": kind,
                    "other": other,
                    "after": after,
                },
            )
        )
    elif part.state is PartState.DETAIL:
        fault = None if part.found else ANSWERS_DIFFER
        part = replace(part, state=PartState.DIFFERS, fault=fault)
    await store.put_part(tx, part)
    await finish(tx, round_, mail)
