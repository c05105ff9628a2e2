"""Debts between provinces out of thin air, and what only clearing is refused with."""

import json
from dataclasses import replace

import asyncpg
import pytest

from app import ledger
from app.audit import audit_records
from app.kernel.units import hundredths
from app.ledger import AccountKind, AccountRef, Draft, EntryKind, move
from app.replay import load_case, play
from tests.clearing import (
    Line,
    account_of,
    approve,
    bank_file,
    evidence,
    register_account,
    sent,
    switch_on,
)
from tests.http.kept_receipts import publish
from tests.http.support import CASES, NODE, assert_problem

HERE, THERE, THIRD = "500000", "330000", "340000"


async def owe(node, *debts):
    """Debts as a sale elsewhere makes them: (debtor, creditor, fen), of entries of their own."""

    async def post(tx, rows):
        number = await node.owner.fetchval("SELECT count(*) FROM record")
        drafts = []
        for n, (debtor, creditor, amount) in enumerate(rows):
            cash = AccountRef(AccountKind.BIDDER_CASH, "b")
            escrow = AccountRef(AccountKind.ESCROW, "l", debtor)
            debt = AccountRef(AccountKind.DUE_TO, creditor, debtor)
            claim = AccountRef(AccountKind.DUE_FROM, debtor, creditor)
            county = AccountRef(AccountKind.COUNTY, "c", creditor)
            drafts += [
                Draft(kind=kind, key=f"{kind}:{number}.{n}", province=p, subject="l", moves=moves)
                for kind, p, moves in (
                    (
                        EntryKind.CASH_IN,
                        NODE,
                        move(AccountRef(AccountKind.BANK, "x"), cash, amount),
                    ),
                    (EntryKind.PAYMENT, debtor, move(cash, escrow, amount)),
                    (EntryKind.SETTLEMENT, debtor, move(escrow, debt, amount)),
                    (EntryKind.SETTLEMENT_HOME, creditor, move(claim, county, amount)),
                )
            ]
        await ledger.post(tx, drafts)

    await node.db.transact(post, debts)
    await publish(node)


async def refused_in_every_way(node):
    """Two provinces, of which one owes; every step once where it is refused."""
    market, windows = node.market, ("ministry", NODE, "/v1/settlement-windows")
    for code in (HERE, THERE):
        await sent(market, "system_admin", NODE, "regions", {"code": code, "name": code})
    await publish(node)
    await node.post(*windows, {"terms": "terms"})
    await switch_on(market)
    await node.post("ministry", NODE, "/v1/clearing-terms-approvals", {"terms": "terms"})
    await node.post(*windows, {"terms": "terms", "end": 10**6})
    await node.post(*windows, {"terms": "terms"})
    await node.post("ministry", NODE, "/v1/provincial-settlements", {"a": HERE, "b": THERE})
    await owe(node, (THERE, HERE, 1000))
    await sent(market, *windows[:2], "settlement-windows", {"terms": "terms"})
    (statement,) = await market.list("/v1/settlement-statements")
    signs = {"statement": statement["id"], "hash": "0" * 64}
    await node.post("province", HERE, "/v1/statement-approvals", signs)
    signs["hash"] = statement["hash"]
    await sent(market, "province", HERE, "statement-approvals", signs)
    await node.post("province", THERE, "/v1/statement-approvals", signs)
    for province in (HERE, THERE):
        await register_account(market, province)
    other = {"id": "x", "province": THERE, "name": "x", "account": account_of(HERE)}
    await node.post("province", THERE, "/v1/bank-accounts", other | {"bank": "1" * 12})
    body = {"id": "y", "province": HERE, "name": "x", "account": "123456", "bank": "1" * 12}
    await sent(market, "province", HERE, "bank-accounts", body)
    await node.post("province", HERE, "/v1/bank-account-approvals", {"account": "y"})
    await sent(market, "province", THERE, "statement-approvals", signs)
    await refused_files(node)
    await refused_between_nodes(node)


async def refused_between_nodes(node):
    """One of two provinces is another node's from now on."""
    await owe(node, (THERE, HERE, 500))
    await node.owner.execute(
        "INSERT INTO peer (name, role, url, log_vkey, log_url, certificate, sealing_key)"
        " VALUES ('far', 'province', 'https://far', 'v', 'https://far', '\\x00', $1)",
        bytes(32),
    )
    await node.owner.execute("INSERT INTO peer_province VALUES ($1, 'far')", THERE)
    await node.post("ministry", NODE, "/v1/settlement-windows", {"terms": "terms"})


async def refused_files(node):
    """A file of others, one that is none, and money that cannot go back or elsewhere."""
    (due,) = await node.market.list("/v1/payment-instructions")
    amount = hundredths(due["amount_cny"])
    content = bank_file(account_of(HERE), Line("r1", due["id"], amount + 1, "nobodys1"))
    await node.post("fund_centre", THERE, "/v1/bank-evidence", evidence("f1", content))
    await node.post("fund_centre", HERE, "/v1/bank-evidence", evidence("f1", content[:-9]))
    await sent(node.market, "fund_centre", HERE, "bank-evidence", evidence("f1", content))
    for kind, instruction in (("return", None), ("assign", due["id"])):
        body = {"id": "q", "file": "f1", "entry": 1, "kind": kind, "instruction": instruction}
        await node.post("fund_centre", HERE, "/v1/evidence-resolutions", body)


async def quota_waits_for_its_money(node):
    """A ticket of another province is sold; its quota lands once the bank says that it is paid."""
    case = load_case(CASES / "d-two-provinces.yaml")
    sold = next(n for n, step in enumerate(case.steps) if step.do == "pay")
    await play(replace(case, steps=case.steps[: sold + 1]), node.market)
    await switch_on(node.market, "bilateral", hold_until_paid=True)
    body = {"id": "p1", "lot": "l1", "bidder": "b1", "county": "330212", "area_m2": "10.00"}
    refused = await node.post("bidder", "b1", "/v1/plots", body)
    assert_problem(refused, 409, "quota-unpaid")
    with pytest.raises(asyncpg.RestrictViolationError, match="not paid for"):
        await node.owner.execute(
            "INSERT INTO plot (id, lot, bidder, county, province, area, selected_at)"
            " VALUES ('p1', 'l1', 'b1', '330212', '330000', 1, now())"
        )
    await publish(node)
    for province in (HERE, THERE):
        await register_account(node.market, province)
    await sent(node.market, "ministry", NODE, "settlement-windows", {"terms": "terms"})
    (statement,) = await node.market.list("/v1/settlement-statements")
    await approve(node.market, statement)
    (due,) = await node.market.list("/v1/payment-instructions")
    assert due["payer"] == THERE
    whole = hundredths(due["amount_cny"])
    for n, part in enumerate((whole - 1, 1)):
        refused = await node.post("bidder", "b1", "/v1/plots", body)
        assert_problem(refused, 409, "quota-unpaid")
        content = bank_file(account_of(HERE), Line(f"r{n}", due["id"], part))
        await sent(node.market, "fund_centre", HERE, "bank-evidence", evidence(f"f{n}", content))
    assert (await node.post("bidder", "b1", "/v1/plots", body)).status_code == 201
    records = await node.owner.fetch("SELECT body FROM record ORDER BY id")
    report = audit_records(bytes(row["body"]) for row in records)
    assert [finding.line() for finding in report.kept] == []
    early = [row["body"] for row in records]
    place = next(n for n, one in enumerate(early) if json.loads(one)["kind"] == "plot.selected")
    paid = next(n for n, one in enumerate(early) if json.loads(one)["kind"] == "payment.confirmed")
    early.insert(paid - 1, early.pop(place))
    assert "quota-held" in audit_records(early).counts
