"""Debts between provinces over HTTP: stated, approved, instructed, and confirmed by the bank."""

import asyncio
import json
import re
import uuid
from collections import Counter
from dataclasses import replace

import asyncpg
import pytest

from app.audit import audit_records
from app.kernel.units import hundredths
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
from tests.http.clearing import HERE, THERE, THIRD, owe
from tests.http.kept_receipts import publish
from tests.http.support import CASES, NODE, assert_problem


class Clearing:
    """The module's node as one test finds it: what is new on it, and ids of the test's own."""

    def __init__(self, node):
        self.node = node
        self.market = node.market
        self.tag = uuid.uuid4().hex[:6]
        self.before = {}
        self.known = set()
        self.terms = f"terms-{self.tag}"

    async def begin(self):
        self.before = await self._held()
        self.known = {one["id"] for one in await self.market.list("/v1/payment-instructions")}
        return self

    async def switch_on(self, netting="gross"):
        await switch_on(self.market, netting, self.terms)

    async def close(self):
        """Close a window of all that is published; answers with it and its statements."""
        body = {"terms": self.terms}
        window = await sent(self.market, "ministry", NODE, "settlement-windows", body)
        statements = await self.market.list("/v1/settlement-statements")
        return window, [one for one in statements if one["window"] == window["number"]]

    async def instructions(self):
        found = await self.market.list("/v1/payment-instructions")
        return [one for one in found if one["id"] not in self.known]

    def line(self, reference, end_to_end, amount, debtor=None, **how):
        debtor = None if debtor is None else account_of(debtor)
        return Line(f"{self.tag}.{reference}", end_to_end, amount, debtor, **how)

    async def take(self, holder, id_, *lines, **how):
        """The bank's file of the account of a party; answers with the outcomes in order."""
        role = "ministry" if holder == NODE else "fund_centre"
        body = evidence(f"{self.tag}.{id_}", bank_file(account_of(holder), *lines, **how))
        answer = await sent(self.market, role, holder, "bank-evidence", body)
        return [one["outcome"] for one in answer["entries"]]

    async def held(self):
        """By how much accounts between provinces differ from what the test found."""
        now = await self._held()
        codes = now.keys() | self.before.keys()
        moved = {code: now.get(code, 0) - self.before.get(code, 0) for code in codes}
        return {code: amount for code, amount in moved.items() if amount}

    async def _held(self):
        rows = await self.node.owner.fetch(
            "SELECT code, balance FROM ledger_account WHERE kind IN ('due_to', 'due_from')"
        )
        return {row["code"]: row["balance"] for row in rows}

    async def owed(self):
        """THERE owes HERE 10.00 by an approved statement; answers with the instruction's id."""
        await owe(self.node, (THERE, HERE, 1000))
        await self.switch_on()
        _, (statement,) = await self.close()
        await approve(self.market, statement)
        (one,) = await self.instructions()
        return one["id"]

    async def must_verify(self):
        async with self.node.db.read() as reader:
            found = await self.node.app.state.verify(reader)
        assert found.findings == []


@pytest.fixture(scope="module")
async def market(shared):
    """Three provinces with bank accounts, and the ministry's."""
    for code in (HERE, THERE, THIRD):
        await sent(shared.market, "system_admin", NODE, "regions", {"code": code, "name": code})
    for party in (HERE, THERE, THIRD, NODE):
        await register_account(shared.market, party)
    return shared


@pytest.fixture
async def three(market):
    return await Clearing(market).begin()


async def test_a_debt_is_paid_in_parts_and_gone_when_the_bank_has_said_so(three):
    market = three.market
    await owe(three.node, (THERE, HERE, 1000))
    refused = await three.node.post(
        "ministry", NODE, "/v1/settlement-windows", {"terms": three.terms}
    )
    assert_problem(refused, 409, "clearing-off")
    await three.switch_on()
    pair = {"a": HERE, "b": THERE}
    direct = await three.node.post("ministry", NODE, "/v1/provincial-settlements", pair)
    assert_problem(direct, 409, "paid-through-the-bank")

    _, (statement,) = await three.close()
    assert (statement["a_owes_cny"], statement["b_owes_cny"]) == ("10.00", "0.00")
    wrong = {"statement": statement["id"], "hash": "0" * 64}
    answer = await three.node.post("province", HERE, "/v1/statement-approvals", wrong)
    assert_problem(answer, 409, "statement-differs")
    dispute = {"statement": statement["id"], "reason": "amount_differs"}
    await sent(market, "fund_centre", HERE, "statement-disputes", dispute)
    assert await three.instructions() == []
    await approve(market, statement)
    (paid,) = await three.instructions()
    assert (paid["payer"], paid["payee"], paid["amount_cny"]) == (THERE, HERE, "10.00")
    # An instruction discharges nothing.
    debt = {f"due_to:{THERE}:{HERE}": 1000, f"due_from:{HERE}:{THERE}": -1000}
    assert await three.held() == debt

    id_, payer = paid["id"], THERE
    assert await three.take(HERE, "f1", three.line("r1", id_, 400, payer)) == ["partial"]
    assert await three.held() == {code: held_ * 6 // 10 for code, held_ in debt.items()}
    lines = (three.line("r1", id_, 400, payer), three.line("r2", id_, 600, payer))
    assert await three.take(HERE, "f2", *lines, message="camt.053.001.08") == [
        "repeated",
        "confirmed",
    ]
    assert await three.held() == {}
    (paid,) = await three.instructions()
    assert (paid["state"], paid["remaining_cny"]) == ("confirmed", "0.00")
    # Nothing is left, and nothing new: the next window would be empty.
    await publish(three.node)
    answer = await three.node.post(
        "ministry", NODE, "/v1/settlement-windows", {"terms": three.terms}
    )
    assert_problem(answer, 409, "window-empty")
    await three.must_verify()


@pytest.mark.parametrize(
    ("netting", "payments"),
    [
        (
            "gross",
            {(HERE, THERE, 500), (THERE, HERE, 300), (THERE, THIRD, 400), (THIRD, HERE, 100)},
        ),
        ("bilateral", {(HERE, THERE, 200), (THERE, THIRD, 400), (THIRD, HERE, 100)}),
        ("multilateral", {(HERE, NODE, 100), (THERE, NODE, 200), (NODE, THIRD, 300)}),
    ],
)
async def test_debts_are_netted_as_two_people_of_the_ministry_decided(three, netting, payments):
    debts = (HERE, THERE, 500), (THERE, HERE, 300), (THERE, THIRD, 400), (THIRD, HERE, 100)
    await owe(three.node, *debts)
    await three.switch_on(netting)
    _, statements = await three.close()
    assert len(statements) == 3
    for statement in statements:
        await approve(three.market, statement)
    made = await three.instructions()
    assert {(i["payer"], i["payee"], hundredths(i["amount_cny"])) for i in made} == payments
    due = await three.held()
    assert Counter(due.values()).total() == 2 * len(payments)
    assert sum(due.values()) == 0
    for n, one in enumerate(made):
        line = three.line(f"r{n}", one["id"], hundredths(one["amount_cny"]), one["payer"])
        assert await three.take(one["payee"], f"f{n}", line) == ["confirmed"]
    assert await three.held() == {}
    await three.must_verify()


async def test_what_matches_nothing_waits_for_two_people_and_nothing_is_lost(three):
    market, id_ = three.market, await three.owed()
    lines = (
        three.line("r1", id_, 1001, THERE),
        three.line("r2", "invoice 7", 700, THIRD),
        three.line("r3", id_, 300, THIRD),
        three.line("r4", id_, 500, THERE, currency="USD"),
        three.line("r2", "invoice 7", 800, THIRD),
        three.line("r5", id_, 200, THERE, reversal=True),
    )
    assert await three.take(HERE, "f1", *lines) == [
        "too-much",
        "unknown-instruction",
        "wrong-debtor",
        "wrong-currency",
        "duplicate-reference",
        "reversal",
    ]
    assert len(await three.held()) == 2

    async def propose(id_, entry, kind, instruction=None):
        body = {
            "id": id_,
            "file": f"{three.tag}.f1",
            "entry": entry,
            "kind": kind,
            "instruction": instruction,
        }
        return await three.node.post("fund_centre", HERE, "/v1/evidence-resolutions", body)

    async def approve_(id_, person="b"):
        path = "/v1/evidence-resolution-approvals"
        body = {"resolution": id_}
        return await three.node.post("fund_centre", HERE, path, body, person=person)

    assert_problem(await propose("q", 1, "assign", id_), 409, "resolution-unfit")
    assert_problem(await propose("q", 4, "return"), 409, "resolution-unfit")
    assert (await propose("q1", 2, "return")).status_code == 201
    assert (await propose("q2", 3, "assign", id_)).status_code == 201
    assert (await propose("q3", 5, "set_aside")).status_code == 201
    assert_problem(await approve_("q2", "a"), 409, "same-person")
    for resolution in ("q1", "q2", "q3"):
        assert (await approve_(resolution)).status_code == 201
    assert_problem(await approve_("q1"), 409, "wrong-state")
    first, back = await three.instructions()
    assert (first["confirmed_cny"], first["state"]) == ("3.00", "partial")
    assert (back["kind"], back["payer"], back["payee"]) == ("return", HERE, THIRD)
    assert (await three.held())[f"due_to:{THERE}:{HERE}"] == 700
    # The return is confirmed where it arrives, and moves nothing between the two.
    assert await three.take(THIRD, "f2", three.line("z1", back["id"], 700)) == ["confirmed"]
    assert (await three.held())[f"due_to:{THERE}:{HERE}"] == 700
    entries = await market.list("/v1/bank-entries")
    mine = [one for one in entries if one["file"] == f"{three.tag}.f1"]
    assert [one["entry"] for one in mine if one["waits"]] == [1, 4, 6]
    await three.must_verify()


async def test_files_that_come_at_once_count_each_reference_once(three):
    id_ = await three.owed()
    line = three.line("r1", id_, 400, THERE)
    outcomes = await asyncio.gather(*(three.take(HERE, f"f{n}", line) for n in range(4)))
    assert sorted(one for (one,) in outcomes) == ["partial", "repeated", "repeated", "repeated"]
    assert (await three.held())[f"due_to:{THERE}:{HERE}"] == 600


async def test_a_file_is_taken_from_whose_account_it_is_and_from_nobody_else(three):
    id_ = await three.owed()
    content = bank_file(account_of(HERE), three.line("r1", id_, 1000, THERE))
    before = await three.node.counts("bank_file", "bank_entry", "ledger_entry")
    body = evidence(f"{three.tag}.f1", content)
    answer = await three.node.post("fund_centre", THERE, "/v1/bank-evidence", body)
    assert_problem(answer, 409, "bank-file-not-yours")
    spoilt = evidence(f"{three.tag}.f1", content.replace(b"CRDT", b"NONE"))
    answer = await three.node.post("fund_centre", HERE, "/v1/bank-evidence", spoilt)
    document = assert_problem(answer, 409, "bank-file-malformed")
    assert document["about"]["place"].endswith("Ntry/CdtDbtInd")
    assert await three.node.counts(*before) == before

    path = f"/v1/payment-instructions/{id_}/file"
    file = await three.node.get("fund_centre", THERE, path)
    assert file.headers["content-disposition"].endswith(f'"pain001-{id_}.xml"')
    assert f">{id_}<" in file.text
    for role, party in (("fund_centre", HERE), ("province", THIRD), ("supervisor", NODE)):
        assert_problem(await three.node.get(role, party, path), 404, "not-found")


async def test_a_statement_and_an_account_of_others_do_not_exist(three):
    await owe(three.node, (THERE, HERE, 1000))
    await three.switch_on()
    _, (statement,) = await three.close()
    path = f"/v1/settlement-statements/{statement['id']}"
    assert_problem(await three.node.get("province", THIRD, path), 404, "not-found")
    mine = (await three.node.get("province", HERE, path)).json()
    assert [one["amount_cny"] for one in mine["obligations"]] == ["10.00"]
    body = {"statement": statement["id"], "hash": statement["hash"]}
    answer = await three.node.post("province", THIRD, "/v1/statement-approvals", body)
    assert_problem(answer, 404, "not-found")
    accounts = (await three.node.get("province", THIRD, "/v1/bank-accounts")).json()["items"]
    assert [one["province"] for one in accounts] == [THIRD]
    other = {"id": "x", "province": HERE, "name": "x", "account": "123456", "bank": "1" * 12}
    answer = await three.node.post("province", THIRD, "/v1/bank-accounts", other)
    assert_problem(answer, 404, "not-found")
    taken = other | {"province": THIRD, "account": account_of(HERE)}
    answer = await three.node.post("province", THIRD, "/v1/bank-accounts", taken)
    assert_problem(answer, 409, "bank-account-taken")


async def test_the_database_too_knows_what_may_not_be(three):
    """Whoever writes around the application: windows, approvals, references and amounts hold."""
    id_ = await three.owed()
    assert await three.take(HERE, "f1", three.line("r1", id_, 400, THERE)) == ["partial"]
    owner = three.node.owner
    for wrong in (
        (
            "INSERT INTO settlement_window SELECT number + 1, first_index, end_index + 1, previous,"
            " terms, netting, closed_at FROM settlement_window ORDER BY number DESC LIMIT 1"
        ),
        "UPDATE settlement_statement SET state = 'open'",
        "UPDATE payment_instruction SET confirmed_fen = amount_fen + 1",
        "UPDATE payment_instruction SET confirmed_fen = 0 WHERE confirmed_fen > 0",
        "UPDATE payment_instruction SET payee = payer",
        "UPDATE bank_account SET account = '123456'",
        "DELETE FROM bank_entry",
        (
            "INSERT INTO bank_entry (file, number, holder, reference, amount, currency, credit,"
            " booked, reversal, outcome) SELECT file, number + 90, holder, reference, amount,"
            " currency, credit, booked, reversal, 'too-much' FROM bank_entry"
            " WHERE outcome = 'partial' LIMIT 1"
        ),
    ):
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(wrong)


async def test_no_bank_account_stands_in_the_log_and_anybody_makes_the_statement_again(node):
    market = node.market
    case = load_case(CASES / "d-two-provinces.yaml")
    steps = [step for step in case.steps if step.do != "settle_provinces"]
    await play(replace(case, steps=steps), market)
    for province in (HERE, THERE):
        await register_account(market, province)
    clearing = Clearing(node)
    await clearing.switch_on("bilateral")
    await publish(node)
    window, statements = await clearing.close()
    assert statements
    for statement in statements:
        await approve(market, statement)
    for n, one in enumerate(await clearing.instructions()):
        line = Line(f"SECRET-{n}", one["id"], hundredths(one["amount_cny"]))
        assert await clearing.take(one["payee"], f"f{n}", line) == ["confirmed"]
    leaves = [
        bytes(r["body"]) for r in await node.owner.fetch("SELECT body FROM record ORDER BY id")
    ]
    log = b"\n".join(leaves).decode()
    assert not re.search("SECRET|000777|102331000018|财政厅", log)
    report = audit_records(leaves)
    assert report.first is None, report.first.line()
    closed = next(json.loads(leaf) for leaf in leaves if b'"settlement_window.closed"' in leaf)
    assert closed["body"]["end"] == window["end"]
    await what_is_changed_is_found(node)


async def what_is_changed_is_found(node):
    """By `hrt verify`, which holds what is kept beside the ledger against the log."""
    changes = {
        "bank_account": "SET bank = '102331000019' WHERE province = '330000'",
        "bank_file": "SET content = content || ' '::bytea WHERE id LIKE '%.f0'",
        "payment_instruction": "SET confirmed_fen = confirmed_fen - 1",
    }
    for table, change in changes.items():
        await node.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await node.owner.execute(f"UPDATE {table} {change}")
    async with node.db.read() as reader:
        found = (await node.app.state.verify(reader)).findings
    named = {one.split(" is ")[0].split(":")[0].rsplit(" ", 1)[0] for one in found}
    assert named == {"bank account", "bank file", "instruction"}
