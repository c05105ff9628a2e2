"""A round begins: nightly at the ministry's node, or by `POST /v1/reconciliations`.

- no other node is the ministry's.

It names the size of the ministry's own log first, and each node's published size after it: so
whatever the ministry's log says of a node, that node's log has too. A round that is still open is
overtaken, and the nodes that it waited for are named.
"""

from datetime import datetime

from app import ledger, nodes, transparency
from app.kernel.ids import NODE
from app.kernel.refusal import Rejected
from app.platform.db import Reader, Tx
from app.platform.jobs import Due, Job
from app.reconciliation import rules, store
from app.reconciliation.rules import DONE, Cause, MessageRefusal, RoundOutcome
from app.reconciliation.store import Part, Round

HERE = "here"
"""How a node that was never initialised calls its own log."""


async def own_log(reader: Reader) -> str:
    """The name of this node's log among the mirrors."""
    own = await nodes.own(reader)
    return HERE if own is None else own.name


async def open_round(tx: Tx, cause: Cause) -> Round:
    """Open a round over this node and every node of a province."""
    if await nodes.ministry(tx) is not None:
        raise Rejected(MessageRefusal.MINISTRY_ELSEWHERE)
    await store.hold_rounds(tx)
    standing = await store.open_round(tx)
    if standing is not None:
        await _overtake(tx, standing)

    last = await store.last_round(tx)
    shown = await transparency.shown_checkpoint(tx)
    size = 0 if shown is None else shown.size
    round_ = Round(1 if last is None else last.number + 1, size, cause, await tx.now())
    own = await nodes.own(tx)
    hosts = {await own_log(tx): () if own is None else own.provinces} | {
        peer.name: peer.provinces for peer in await nodes.peers(tx) if peer.provinces
    }
    parts = [Part(round=round_.number, node=node, provinces=hosts[node]) for node in sorted(hosts)]
    await store.insert_round(tx, round_, parts)
    note = ledger.Note(
        kind="reconciliation.opened",
        province=NODE,
        subject=str(round_.number),
        body={"cause": cause.value, "size": size, "nodes": [[part.node] for part in parts]},
    )
    await ledger.record(tx, [note])
    return round_


async def _overtake(tx: Tx, standing: Round) -> None:
    parts = await store.list_parts(tx, [standing.number])
    await store.close_round(tx, standing.number, RoundOutcome.OVERTAKEN, await tx.now())
    await ledger.record(tx, [closing(standing, RoundOutcome.OVERTAKEN, parts)])


def closing(
    round_: Round, outcome: RoundOutcome, parts: list[Part], opened: int = 0, cured: int = 0
) -> ledger.Note:
    """The record of a round's end: where each node's log stood, and who did not answer."""
    return ledger.Note(
        kind="reconciliation.closed",
        province=NODE,
        subject=str(round_.number),
        body={
            "outcome": outcome.value,
            "nodes": [[p.node, p.size or 0, p.state.value] for p in parts],
            "missing": [[p.node] for p in parts if p.state not in DONE],
            "cases_opened": opened,
            "cases_closed": cured,
        },
    )


async def find_due(reader: Reader, by: datetime, _limit: int) -> list[Due]:
    """The latest night without a round, at the node of a ministry that knows others.

    Nights that were missed are not made up for: one round looks at all that stands.
    """
    own = await nodes.own(reader)
    if own is None or own.role is not nodes.NodeRole.MINISTRY:
        return []
    if not any(peer.provinces for peer in await nodes.peers(reader)):
        return []
    night = rules.last_night(by)
    last = await store.last_round(reader)
    return [Due(night, "round")] if last is None or last.opened_at < night else []


async def nightly(tx: Tx, _id: str) -> None:
    """Open the round of a night, unless one was opened meanwhile."""
    await store.hold_rounds(tx)
    if await find_due(tx, await tx.now(), 1):
        await open_round(tx, Cause.NIGHTLY)


JOB = Job("reconciliation", find_due, nightly)
