"""An approved coefficient goes from the ministry's node to those of both its provinces (R183).

All three then compute n from the same dated fraction. A node that is not the ministry's takes
coefficients from it, and decides on none.
"""

import json
from collections.abc import Mapping
from datetime import date

from app import ledger, nodes
from app.kernel.calendar import local_date
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Reader, Tx
from app.policy import rules, store
from app.policy.rules import Coefficient, CoefficientRefusal, PolicyRefusal

TYPE = "coefficient.set"
FIRST = 1
"""The revision of the first message about a coefficient to a peer."""
APPROVED = "coefficient.approved"
"""The kind of record that such a message rests on."""


async def refuse_elsewhere(reader: Reader) -> None:
    """Raise `Rejected` where another node is the ministry's."""
    if await nodes.ministry(reader) is not None:
        raise Rejected(CoefficientRefusal.MINISTRY_ELSEWHERE)


async def share_coefficient(tx: Tx, coefficient: Coefficient, leaf: int) -> None:
    """Send an approved coefficient, resting on the record `leaf`, to the nodes of its provinces."""
    await nodes.hold_peers(tx)
    ends = {coefficient.giver, coefficient.receiver}
    messages = [
        _message(peer, coefficient, leaf)
        for peer in await nodes.peers(tx)
        if ends & set(peer.provinces)
    ]
    await nodes.send(tx, messages)


def _message(
    peer: nodes.Peer, coefficient: Coefficient, leaf: int, revision: int = FIRST
) -> nodes.Message:
    return nodes.Message(
        to=peer.name,
        type=TYPE,
        transfer=coefficient.id,
        revision=revision,
        body=_body(coefficient),
        leaf=leaf,
    )


async def tell_peer(tx: Tx, peer: nodes.Peer) -> None:
    """Send a peer what it was not told yet of its provinces, where this is the ministry's node.

    A peer that comes later, or hosts one province more, computes by the same coefficients. What it
    has refused it is told anew: it may not have known the other province then.
    """
    own = await nodes.own(tx)
    if own is None or own.role is not nodes.NodeRole.MINISTRY:
        return
    await nodes.hold_peers(tx)
    today = local_date(await tx.now())
    told = await nodes.said(tx, peer.name, TYPE)
    concern = await store.list_concerning(tx, peer.provinces, today)
    missing = [one for one in concern if one.id not in told or told[one.id].refused is not None]
    leaves = await ledger.latest_records(tx, APPROVED, [one.id for one in missing])
    messages = [
        _message(peer, one, leaves[one.id], told[one.id].revision + 1 if one.id in told else FIRST)
        for one in missing
    ]
    await nodes.send(tx, messages)


async def take_coefficient(tx: Tx, received: nodes.Received) -> None:
    """Put a coefficient of the ministry in force here, under its id and its document."""
    ministry = await nodes.ministry(tx)
    if ministry is None or ministry.name != received.sender or not _is_approved(received):
        raise Rejected(CoefficientRefusal.NOT_THE_MINISTRYS)
    wanted = _read(received.transfer, received.body)
    standing = await store.lock_coefficient(tx, wanted.id)
    if standing is not None:
        if standing != wanted:
            raise Rejected(CommonRefusal.ID_TAKEN)
        return
    if await store.overlapping(tx, wanted):
        raise Rejected(PolicyRefusal.OVERLAP)
    await store.insert_coefficient(tx, wanted)
    await store.approve_coefficient(tx, wanted.id, str(wanted.approved_by))
    body = {name: value for name, value in _body(wanted).items() if not name.endswith("_by")}
    await ledger.record(
        tx,
        [ledger.Note(kind="coefficient.received", province=NODE, subject=wanted.id, body=body)],
    )


HANDLERS: Mapping[str, nodes.Handler] = {TYPE: take_coefficient}


def _is_approved(received: nodes.Received) -> bool:
    record = {} if received.entry is None else json.loads(received.entry)
    return (record.get("kind"), record.get("subject")) == (APPROVED, received.transfer)


def _body(coefficient: Coefficient) -> dict[str, str | int]:
    assert coefficient.approved_by is not None, "only an approved coefficient is sent"
    return {
        "from": coefficient.giver,
        "to": coefficient.receiver,
        "yield_out": coefficient.yield_out,
        "yield_in": coefficient.yield_in,
        "valid_from": coefficient.valid_from.isoformat(),
        "valid_to": coefficient.valid_to.isoformat(),
        "document": coefficient.document,
        "proposed_by": coefficient.proposed_by,
        "approved_by": coefficient.approved_by,
    }


def _read(id_: str, body: Mapping[str, object]) -> Coefficient:
    """The coefficient that a message tells of; `Rejected` where it is none."""
    try:
        texts = {name: str(body[name]) for name in _TEXTS}
        wanted = rules.Coefficient(
            id=id_,
            giver=texts["from"],
            receiver=texts["to"],
            yield_out=_positive(body["yield_out"]),
            yield_in=_positive(body["yield_in"]),
            valid_from=date.fromisoformat(texts["valid_from"]),
            valid_to=date.fromisoformat(texts["valid_to"]),
            document=texts["document"],
            proposed_by=texts["proposed_by"],
            approved_by=texts["approved_by"],
        )
    except (KeyError, ValueError) as error:
        raise Rejected(CoefficientRefusal.NOT_THE_MINISTRYS) from error
    if _body(wanted) != body:
        raise Rejected(CoefficientRefusal.NOT_THE_MINISTRYS)
    return wanted


_TEXTS = ("from", "to", "valid_from", "valid_to", "document", "proposed_by", "approved_by")


def _positive(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError("a yield is a whole number above zero")
    return value
