"""What a crossing makes one province owe another is stated by both sides, and then agreed.

Each side states its own entry in the transaction that posts it, and states it anew in that of a
correction. The ministry's node hears both; it puts on record that they agree, or that they differ.
Only what is agreed is ever stated in a window, and nothing is heard of it any more.
"""

from app import ledger, nodes
from app.clearing import store_stated
from app.clearing.rules_between import STATED, BetweenRefusal
from app.clearing.rules_restated import (
    Said,
    Why,
    fits,
    of_side,
    restated_body,
    standing,
    told_body,
)
from app.clearing.rules_stated import Stated, StatedSide
from app.kernel.ids import NODE
from app.kernel.refusal import Rejected
from app.kernel.units import decimal
from app.platform.db import Tx


async def state(tx: Tx, stated: Stated, entry: int, why: Why | None = None) -> list[nodes.Message]:
    """State what the own entry `entry` says; answers with the message to be sent, if any.

    Where this is the ministry's node it hears itself at once. Nothing is stated of nothing, unless
    something was stated before.
    """
    if stated.number == 1 and stated.amount == 0:
        return []
    await store_stated.hold_matters(tx, [stated.transfer])
    said = Said(stated, await store_stated.leaf_hash(tx, entry), await tx.now(), why)
    await _keep(tx, said, entry)
    ministry = await nodes.ministry(tx)
    if ministry is None:
        await _agree(tx, said)
        return []
    return [
        nodes.Message(
            to=ministry.name,
            type=STATED,
            transfer=stated.transfer,
            revision=stated.revision,
            body=stated.to_body(),
            leaf=entry,
        )
    ]


async def hear(tx: Tx, stated: Stated, entry: str, why: Why | None = None) -> None:
    """Hear what another node has stated, whose entry (a leaf hash) was found to say the same."""
    await store_stated.hold_matters(tx, [stated.transfer])
    said = Said(stated, entry, await tx.now(), why)
    await _keep(tx, said, None)
    await _agree(tx, said)


async def _keep(tx: Tx, said: Said, record: int | None) -> None:
    stated = said.stated
    known = await store_stated.find_stated(tx, stated.transfer, stated.kind)
    own = of_side(known, stated.side)
    if stated.number in {one.stated.number for one in own}:
        raise Rejected(BetweenRefusal.STATED_ALREADY)
    if await store_stated.is_settled(tx, stated.transfer, stated.kind):
        raise Rejected(BetweenRefusal.STATED_TOO_LATE)
    if not fits(own, stated):
        raise Rejected(BetweenRefusal.STATED_OTHERWISE)
    await store_stated.put_stated(tx, said, record)


async def _agree(tx: Tx, said: Said) -> None:
    """Put on record what was stated anew, and whether both sides then say the same."""
    stated = said.stated
    if stated.number > 1:
        note = ledger.Note(
            kind="obligation.restated",
            province=NODE,
            subject=stated.transfer,
            body=restated_body(stated, said.entry),
        )
        await ledger.record(tx, [note])
    known = await store_stated.find_stated(tx, stated.transfer, stated.kind)
    sides = [of_side(known, side) for side in StatedSide]
    debtor, creditor = (standing(side) for side in sides)
    if debtor is None or creditor is None:
        return
    body = told_body(*sides)
    if debtor.amount != creditor.amount:
        note = ledger.Note(
            kind="obligation.differs",
            province=NODE,
            subject=stated.transfer,
            body=body
            | {
                "debtor_cny": decimal(debtor.amount),
                "creditor_cny": decimal(creditor.amount),
            },
        )
        await ledger.record(tx, [note])
        return
    note = ledger.Note(
        kind="obligation.agreed",
        province=NODE,
        subject=stated.transfer,
        body=body | {"amount_cny": decimal(debtor.amount)},
    )
    (record,) = await ledger.record(tx, [note])
    await store_stated.insert_agreed(tx, debtor, record)
