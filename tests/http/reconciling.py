"""A debt that stands in one book alone, its case, and what only reconciliation is refused with."""

import asyncio
from datetime import timedelta

from app import ledger, reconciliation
from app.ledger import AccountKind, AccountRef, Draft, EntryKind, move
from tests.http.kept_receipts import publish
from tests.http.support import NODE

HERE, THERE = "500000", "330000"
HOUSING = AccountRef(AccountKind.HOUSING, "h1", HERE)
DEBT = AccountRef(AccountKind.DUE_TO, THERE, HERE)
AMOUNT = 7000


async def owe_in_one_book(node):
    """A household's money became due to the other province, whose books know nothing of it."""
    cash = AccountRef(AccountKind.BIDDER_CASH, "b1")
    escrow = AccountRef(AccountKind.ESCROW, "l1", HERE)
    facts = {"transfer": "x1", "from": HERE, "to": THERE, "balance": "70.00"}
    rows = (
        (EntryKind.CASH_IN, NODE, AccountRef(AccountKind.BANK, "escrow"), cash),
        (EntryKind.PAYMENT, HERE, cash, escrow),
        (EntryKind.SETTLEMENT, HERE, escrow, HOUSING),
        (EntryKind.ACCOUNT_MOVED_OUT, HERE, HOUSING, DEBT),
    )
    drafts = [
        Draft(
            kind=kind,
            key=f"{kind}:wrong",
            province=province,
            subject="h1",
            moves=move(source, target, AMOUNT),
            facts=facts,
        )
        for kind, province, source, target in rows
    ]
    await node.db.transact(ledger.post, drafts)


async def reconcile(node):
    """A round from its beginning to its end, as a running node does it by itself."""
    await publish(node)
    begun = await node.post("ministry", NODE, "/v1/reconciliations", {"cause": "inspection"})
    assert begun.status_code == 201
    followers = reconciliation.Followers(node.db, node.http, timedelta(0))
    await asyncio.gather(*await followers.read_on())
    shown = (await node.get("ministry", NODE, "/v1/reconciliations")).json()["items"][0]
    assert shown["number"] == begun.json()["number"]
    return shown


def correction(id_, **changed):
    """The entry that takes the debt back."""
    return {
        "id": id_,
        "case": "case-1-1",
        "source": DEBT.code,
        "target": HOUSING.code,
        "amount": "70.00",
        "reason": "posted_in_error",
        "document": "渝规资函〔2026〕88号",
    } | changed


async def refused_in_every_way(node):
    """A case, every wrong way to correct it, and the right one."""
    for code in (HERE, THERE):
        region = {"code": code, "name": code}
        await node.post("system_admin", NODE, "/v1/regions", region)
    await owe_in_one_book(node)
    assert (await reconcile(node))["outcome"] == "differs"
    office, path = ("province", HERE), "/v1/corrections"
    approvals = (*office, "/v1/correction-approvals", {"correction": "fix-1"})
    await node.post("ministry", NODE, "/v1/provincial-settlements", {"a": HERE, "b": THERE})
    await node.post(*office, path, correction("fix-1", case="case-9-9"))
    await node.post(*office, path, correction("fix-1", source=f"county:{HERE}:c"))
    await node.post(*office, path, correction("fix-1", target=f"ticket:{HERE}:t1"))
    for _ in range(2):
        await node.post(*office, path, correction("fix-1"))
    await node.post(*approvals)
    for _ in range(2):
        await node.post(*approvals, person="b")
    assert (await reconcile(node))["outcome"] == "agreed"
    await node.post(*office, path, correction("fix-2"))
