"""A debt that stands in one book alone, its case, and what only reconciliation is refused with."""

import asyncio
from datetime import timedelta

from app import clearing, ledger, reconciliation
from app.clearing import Stated, StatedKind, StatedSide
from app.kernel.units import Fen
from app.ledger import AccountKind, AccountRef, Draft, EntryKind, move
from tests.http.kept_receipts import publish
from tests.http.support import NODE

HERE, THERE, ELSEWHERE = "500000", "330000", "410000"
HOUSING = AccountRef(AccountKind.HOUSING, "h1", HERE)
ESCROW = AccountRef(AccountKind.ESCROW, "l1", HERE)
DEBT = AccountRef(AccountKind.DUE_TO, THERE, HERE)
CLAIM = AccountRef(AccountKind.DUE_FROM, HERE, THERE)
AMOUNT = 7000


def entry(kind, province, source, target, amount=100, transfer="x1"):
    facts = {"transfer": transfer, "from": HERE, "to": THERE, "balance": "70.00"}
    return Draft(
        kind=kind,
        key=f"{kind}:{transfer}",
        province=province,
        subject="h1",
        moves=move(source, target, amount),
        facts=facts,
    )


async def stated(node, draft, kind, transfer, side=StatedSide.DEBTOR, creditor=THERE):
    """An entry is posted and stated, as if a transfer between nodes had made the debt."""
    (posting,) = draft.moves
    debt = Stated(
        transfer=f"{THERE}-{transfer}",
        kind=kind,
        side=side,
        debtor=HERE,
        creditor=creditor,
        amount=Fen(posting.amount),
    )

    async def work(tx, draft):
        (posted,) = await ledger.post(tx, [draft])
        await clearing.state(tx, debt, posted.id)

    await node.db.transact(work, draft)


async def owe_in_one_book(node):
    """A household's money became due to the other province, whose books know nothing of it.

    Of two more debts both books know; of one of them both have stated the same.
    """
    cash = AccountRef(AccountKind.BIDDER_CASH, "b1")
    guest = AccountRef(AccountKind.HOUSING, "h9", THERE)
    bank = AccountRef(AccountKind.BANK, "escrow")
    drafts = [
        entry(EntryKind.CASH_IN, NODE, bank, cash, AMOUNT + 300),
        entry(EntryKind.PAYMENT, HERE, cash, ESCROW, AMOUNT + 300),
        entry(EntryKind.SETTLEMENT, HERE, ESCROW, HOUSING, AMOUNT + 200),
        entry(EntryKind.ACCOUNT_MOVED_IN, THERE, CLAIM, guest, transfer="x2"),
    ]
    await node.db.transact(ledger.post, drafts)
    gone, come = EntryKind.ACCOUNT_MOVED_OUT, EntryKind.ACCOUNT_MOVED_IN
    for draft, *about in (
        (entry(gone, HERE, HOUSING, DEBT, AMOUNT), StatedKind.SALE, "x1"),
        (entry(gone, HERE, HOUSING, DEBT, transfer="x2"), StatedKind.ACCOUNT, "x2"),
        (entry(gone, HERE, HOUSING, DEBT, transfer="x3"), StatedKind.SALE, "x3"),
        (entry(come, THERE, CLAIM, guest, 100, "x3"), StatedKind.SALE, "x3", StatedSide.CREDITOR),
    ):
        await stated(node, draft, *about)


async def owe_elsewhere(node):
    """A debt to a third province, in an account of its own."""
    other = AccountRef(AccountKind.DUE_TO, ELSEWHERE, HERE)
    draft = entry(EntryKind.SETTLEMENT, HERE, ESCROW, other, transfer="x4")
    await stated(node, draft, StatedKind.SALE, "x4", creditor=ELSEWHERE)


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
    for code in (HERE, THERE, ELSEWHERE):
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
    await owe_elsewhere(node)
    for transfer, kind, amount in (
        ("x9", "sale", "70.00"),
        ("x2", "account", "70.00"),
        ("x4", "sale", "70.00"),
        ("x3", "sale", "70.00"),
        ("x1", "sale", "70.01"),
    ):
        named = {"transfer": f"{THERE}-{transfer}", "kind": kind}
        await node.post(*office, path, correction("fix-1", amount=amount, obligation=named))
    named = {"transfer": f"{THERE}-x1", "kind": "sale"}
    for _ in range(2):
        await node.post(*office, path, correction("fix-1", obligation=named))
    await node.post(*approvals)
    for _ in range(2):
        await node.post(*approvals, person="b")
    assert (await reconcile(node))["outcome"] == "agreed"
    await node.post(*office, path, correction("fix-2"))
