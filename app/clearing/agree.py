"""What a crossing makes one province owe another is stated by both sides, and then agreed.

Each side states its own entry in the transaction that posts it. The ministry's node hears both; it
puts on record that they agree, or that they differ. Only what is agreed is ever stated in a window.
"""

from app import ledger, nodes
from app.clearing import store_between
from app.clearing.rules_between import STATED, BetweenRefusal
from app.clearing.rules_stated import Stated, StatedSide
from app.kernel.ids import NODE
from app.kernel.refusal import Rejected
from app.kernel.units import decimal
from app.platform.db import Tx


async def state(tx: Tx, stated: Stated, entry: int) -> list[nodes.Message]:
    """State what the own entry `entry` says; answers with the message to be sent, if any.

    Where this is the ministry's node it hears itself at once. Nothing is stated of nothing.
    """
    if stated.amount == 0:
        return []
    await store_between.hold_matter(tx, stated.transfer)
    await _keep(tx, stated, await store_between.leaf_hash(tx, entry), entry)
    ministry = await nodes.ministry(tx)
    if ministry is None:
        await _agree(tx, stated)
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


async def hear(tx: Tx, stated: Stated, entry: str) -> None:
    """Hear what another node has stated, whose entry (a leaf hash) was found to say the same."""
    await store_between.hold_matter(tx, stated.transfer)
    await _keep(tx, stated, entry, None)
    await _agree(tx, stated)


async def _keep(tx: Tx, stated: Stated, entry: str, record: int | None) -> None:
    known = await store_between.find_stated(tx, stated.transfer, stated.kind)
    if stated.side in {one.side for one in known}:
        raise Rejected(BetweenRefusal.STATED_ALREADY)
    await store_between.put_stated(tx, stated, entry, record)


async def _agree(tx: Tx, stated: Stated) -> None:
    """Put on record that both sides say the same, or that they do not."""
    known = await store_between.find_stated(tx, stated.transfer, stated.kind)
    by_side = {one.side: (one, entry) for one, entry in known.items()}
    if len(by_side) < len(StatedSide):
        return
    (debtor, debtor_entry), (creditor, creditor_entry) = (by_side[side] for side in StatedSide)
    same = debtor.amount == creditor.amount
    amounts = {"amount_cny": decimal(debtor.amount)}
    if not same:
        amounts = {
            "debtor_cny": decimal(debtor.amount),
            "creditor_cny": decimal(creditor.amount),
        }
    body = {
        "kind": stated.kind.value,
        "debtor": debtor.debtor,
        "creditor": debtor.creditor,
        "debtor_entry": debtor_entry,
        "creditor_entry": creditor_entry,
        **amounts,
    }
    if same:
        note = ledger.Note(
            kind="obligation.agreed", province=NODE, subject=stated.transfer, body=body
        )
    else:
        note = ledger.Note(
            kind="obligation.differs", province=NODE, subject=stated.transfer, body=body
        )
    (record,) = await ledger.record(tx, [note])
    if same:
        await store_between.insert_agreed(tx, debtor, record)
