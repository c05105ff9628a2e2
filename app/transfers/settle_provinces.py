"""The command behind `POST /v1/provincial-settlements`: two provinces net and pay.

- both provinces exist, and one of them sends it, or the ministry;
- this node does not pay through the bank (`app.clearing`), and keeps the books of both;
- no case of reconciliation is open about what they owe each other;
- they are two, and at least one owes the other something.
"""

import uuid

from app import clearing, identity, ledger, nodes
from app.clearing.rules import due_from, due_to
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Fen, decimal
from app.ledger.rules import Draft, EntryKind, Note
from app.platform.db import Tx
from app.transfers import rules, store


async def settle_provinces(tx: Tx, command: rules.SettleProvinces) -> rules.Settlement:
    """Net what each owes the other at this moment; afterwards neither owes anything."""
    await identity.require_province(tx, command.a, "a")
    await identity.require_province(tx, command.b, "b")
    if not tx.by.concerns(Stake(province=command.a), Stake(province=command.b)):
        raise Rejected(CommonRefusal.NOT_FOUND, "a")
    await clearing.require_direct(tx)
    if not (await nodes.hosts(tx, command.a) and await nodes.hosts(tx, command.b)):
        raise Rejected(rules.ElsewhereRefusal.BETWEEN_NODES)
    a_owes, b_owes = await _positions(tx, command)
    now = await tx.now()

    netting = rules.decide_netting(command, a_owes, b_owes)
    if isinstance(netting, rules.TransferRefusal):
        raise Rejected(netting)

    settlement = await store.insert_settlement(tx, str(uuid.uuid4()), netting, now)
    await ledger.post(tx, _drafts(settlement.id, netting))
    await ledger.record(
        tx,
        [
            Note(
                kind="provinces.settled",
                province=netting.payer,
                subject=settlement.id,
                body={"number": settlement.number} | _facts(netting),
            )
        ],
    )
    return settlement


async def _positions(tx: Tx, command: rules.SettleProvinces) -> tuple[Fen, Fen]:
    """What a owes b and what b owes a, held still in both books until this transaction ends."""
    if command.a == command.b:
        return Fen(0), Fen(0)
    a_debt, b_debt = due_to(command.b, command.a), due_to(command.a, command.b)
    a_claim, b_claim = due_from(command.b, command.a), due_from(command.a, command.b)
    held = await ledger.lock_free_balances(tx, [a_debt, b_debt, a_claim, b_claim])
    assert held[a_debt] == -held[b_claim], "the two books say the same of what a owes b"
    assert held[b_debt] == -held[a_claim], "the two books say the same of what b owes a"
    return Fen(held[a_debt]), Fen(held[b_debt])


def _facts(netting: rules.Netting) -> dict[str, str]:
    return {
        "payer": netting.payer,
        "payee": netting.payee,
        "payer_owes_cny": decimal(netting.payer_owes),
        "payee_owes_cny": decimal(netting.payee_owes),
        "netted_cny": decimal(netting.netted),
        "paid_cny": decimal(netting.paid),
    }


def _drafts(id_: str, netting: rules.Netting) -> list[Draft]:
    """One entry in each province's books; the payer owed something, so neither is empty."""
    return [
        Draft(
            kind=EntryKind.PROVINCIAL_SETTLEMENT,
            key=f"provincial-settlement:{id_}:{province}",
            province=province,
            subject=id_,
            moves=moves,
            facts=_facts(netting),
        )
        for province, moves in (
            (netting.payer, rules.payer_moves(netting)),
            (netting.payee, rules.payee_moves(netting)),
        )
    ]
