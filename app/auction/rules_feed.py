"""Pure rules of a lot's feed: which of its records everybody is told, as events that are numbered.

Every node derives the same events from the same records, so a number means the same everywhere and
for ever. They say no more than the public queries of the lot: sealed bids are never among them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.kernel.calendar import wire

KINDS = (
    "lot.listed",
    "bid.placed",
    "lot.frozen",
    "lot.resumed",
    "lot.closed",
    "lot.opened",
    "bid.opened",
    "lot.decided",
    "lot.paid",
    "lot.defaulted",
)
"""The kinds of record that events come from; all are written under the lot's row lock."""

Said = list[tuple[str, dict[str, Any]]]
"""Kinds of events with what they say."""

_RESULT = ("state", "winner", "price_cny", "reserve_price_cny", "payment_due_at")


@dataclass(frozen=True, slots=True)
class Happening:
    """A public record of a lot: its number, kind, instant and body."""

    lot: str
    record: int
    kind: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """What watchers are told. `seq` counts the events of the lot from 1 without a gap."""

    seq: int
    kind: str
    lot: str
    at: datetime
    facts: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """The event as it is sent."""
        return {"seq": self.seq, "lot": self.lot, "at": wire(self.at), **self.facts}


@dataclass(frozen=True, slots=True)
class Story:
    """How far the events of a lot have been told; `closes_at` is when it closes by them."""

    seq: int = 0
    record: int = 0
    closes_at: str | None = None


def tell(story: Story, happening: Happening) -> tuple[Story, list[Event]]:
    """The events of the next record of a lot, and the story after them."""
    said, closes_at = _said(story, happening)
    events = [
        Event(story.seq + nth, kind, happening.lot, happening.at, facts)
        for nth, (kind, facts) in enumerate(said, start=1)
    ]
    return replace(
        story, seq=story.seq + len(events), record=happening.record, closes_at=closes_at
    ), events


def _said(
    story: Story, happening: Happening
) -> tuple[list[tuple[str, dict[str, Any]]], str | None]:
    kind, body = happening.kind, happening.body
    if kind == "lot.listed":
        # Lots that were listed before notices were hashed have no terms in their record.
        terms = body.get("terms", body)
        facts = {"number": body.get("number"), "hash": body.get("hash")}
        facts |= {"opens_at": terms.get("opens_at"), "closes_at": terms.get("closes_at")}
        return [("notice", facts)], terms.get("closes_at")
    if kind == "bid.placed":
        return _bid(story, body)
    if kind in {"lot.frozen", "lot.resumed"}:
        closes_at = body["closes_at"]
        facts = {"closes_at": closes_at, "reason": body.get("reason")}
        return [(kind.removeprefix("lot."), facts)], closes_at
    return [_ending(kind, body)], story.closes_at


def _bid(story: Story, body: Mapping[str, Any]) -> tuple[Said, str | None]:
    if "price_cny" not in body:
        return [], story.closes_at
    closes_at = body["closes_at"]
    facts = {name: body[name] for name in ("number", "paddle", "price_cny", "closes_at")}
    said: Said = [("bid", facts | {"by": body.get("by")})]
    if closes_at != story.closes_at:
        said.append(("extended", {"closes_at": closes_at}))
    return said, closes_at


def _ending(kind: str, body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if kind in {"lot.closed", "lot.decided"}:
        return kind.removeprefix("lot."), _facts(body, _RESULT)
    if kind == "lot.opened":
        bids = [
            {"number": number, "paddle": paddle, "price_cny": price}
            for number, paddle, price, _ in body["bids"]
        ]
        return "opened", {"bids": bids}
    if kind == "bid.opened":
        return "opened", _facts(body, ("h", "price_cny", "void"))
    return kind.removeprefix("lot."), {}


def _facts(body: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: body.get(name) for name in names}


def encode(name: str, document: Mapping[str, Any], id_: int | None = None) -> bytes:
    """A server-sent event; a browser sends `id_` back as `Last-Event-ID` when it comes again."""
    told = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    line = "" if id_ is None else f"id: {id_}\n"
    return f"{line}event: {name}\ndata: {told}\n\n".encode()
