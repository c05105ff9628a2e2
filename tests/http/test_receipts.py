"""Who was answered holds the exchange's signed word for it, and later the proof."""

import json
import re
import uuid

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import ledger, transparency
from app.platform import receipts
from app.platform.settings import Settings
from app.replay import load_case, play
from app.replay.play import PATHS
from app.transparency.notes import Verifier
from app.transparency.proofs import parse_proof
from app.transparency.receipt_check import (
    ReceiptError,
    Step,
    Trust,
    check_receipt,
    check_request,
)
from tests import sealed
from tests.http.kept_receipts import STATE, a_region, publish, trust_of
from tests.http.support import CASES, NODE, OWN_CASES, assert_problem

PROBLEM = "application/problem+json"

PROMISED = {
    "/v1/regions": "region.registered",
    "/v1/collectives": "collective.registered",
    "/v1/households": "household.registered",
    "/v1/bidders": "bidder.registered",
    "/v1/cash-deposits": "entry.cash_in",
    "/v1/policies": "policy.proposed",
    "/v1/policy-approvals": "policy.approved",
    "/v1/coefficients": "coefficient.proposed",
    "/v1/coefficient-approvals": "coefficient.approved",
    "/v1/applications": "application.applied",
    "/v1/revocations": "application.revoked",
    "/v1/holds": "application.held",
    "/v1/hold-releases": "application.hold_ended",
    "/v1/village-reviews": "application.reviewed",
    "/v1/objections": "objection.raised",
    "/v1/rulings": "objection.ruled",
    "/v1/township-determinations": "application.determined",
    "/v1/county-approvals": "application.approved",
    "/v1/city-approvals": "application.city_approved",
    "/v1/evidence": "evidence.filed",
    "/v1/acceptances": "entry.reclamation",
    "/v1/tickets": "entry.issue",
    "/v1/hand-ins": "ticket.handed_in",
    "/v1/lots": "lot.listed",
    "/v1/notices": "lot.listed",
    "/v1/freezes": "lot.frozen",
    "/v1/resumptions": "lot.resumed",
    "/v1/registrations": "lot.registered",
    "/v1/bids": "bid.placed",
    "/v1/maximum-bids": "maximum.set",
    "/v1/bid-limit-approvals": "bid_limit.set",
    "/v1/bid-proposal-approvals": "bid.placed",
    "/v1/sealed-bids": "commit",
    "/v1/custodian-keys": "custodian.released",
    "/v1/bid-keys": "bid.key_published",
    "/v1/payments": "lot.paid",
    "/v1/land-incomes": "land_income.booked",
    "/v1/subsidies": "subsidy.paid",
    "/v1/affordable-purchases": "contract.signed",
    "/v1/affordable-resales": "contract.signed",
    "/v1/rentals": "rental.begun",
    "/v1/rental-ends": "rental.ended",
    "/v1/public-purchases": "contract.signed",
    "/v1/refunds": "account.refunded",
    "/v1/commercial-purchases": "contract.signed",
    "/v1/mortgage-offsets": "contract.signed",
    "/v1/cash-withdrawals": "account.withdrawn",
    "/v1/redemption-requests": "redemption.requested",
    "/v1/redemption-approvals": "redemption.approved",
    "/v1/redemption-refusals": "redemption.refused",
    "/v1/redemption-withdrawals": "redemption.withdrawn",
    "/v1/plots": "plot.selected",
    "/v1/land-sales": "entry.land_sale",
    "/v1/transfers": "transfer.requested",
    "/v1/transfer-acceptances": "transfer.accepted",
    "/v1/transfer-approvals": "transfer.approved",
    "/v1/transfer-rejections": "transfer.rejected",
    "/v1/transfer-cancellations": "transfer.recalled",
    "/v1/provincial-settlements": "provinces.settled",
    "/v1/clearing-terms": "clearing_terms.proposed",
    "/v1/clearing-terms-approvals": "clearing_terms.approved",
    "/v1/bank-accounts": "bank_account.proposed",
    "/v1/bank-account-approvals": "bank_account.approved",
    "/v1/settlement-windows": "settlement_window.closed",
    "/v1/statement-approvals": "settlement_statement.approved",
    "/v1/statement-disputes": "settlement_statement.disputed",
    "/v1/bank-evidence": "bank_file.received",
    "/v1/evidence-resolutions": "bank_entry.resolution_proposed",
    "/v1/evidence-resolution-approvals": "bank_entry.resolved",
    "/v1/reconciliations": "reconciliation.opened",
    "/v1/corrections": "correction.proposed",
    "/v1/correction-approvals": "entry.correction",
}
"""Commands whose answers carry a receipt, and the record that it binds."""


@pytest.fixture
async def answers(node):
    """Every answer that the node gives to a command, in order."""
    kept = []

    async def keep(response):
        if response.request.method == "POST":
            await response.aread()
            kept.append(response)

    node.http.event_hooks = {"response": [keep]}
    return kept


async def record_of(node, receipt):
    """The record that a receipt binds, as the database keeps it."""
    return await node.owner.fetchrow(
        "SELECT r.* FROM receipt c JOIN record r ON r.id = c.record_id WHERE c.id = $1", receipt
    )


def test_the_commands_that_promise_a_receipt_are_these(shared):
    document = shared.app.openapi()
    found = set()
    for path, operations in document["paths"].items():
        content = operations.get("post", {}).get("responses", {}).get("201", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if "$ref" in schema:
            named = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            if "receipt" in named["properties"]:
                assert "receipt" in named["required"], path
                found.add(path)
    assert found == PROMISED.keys()


PLAYED = (
    CASES / "d-two-provinces.yaml",
    CASES / "e-refusals.yaml",
    OWN_CASES / "what-others-leave.yaml",
)
"""Between them they take every command that promises."""


@pytest.mark.parametrize("case", PLAYED, ids=lambda case: case.stem)
async def test_every_promised_receipt_comes_with_the_answer_and_verifies(node, answers, case):
    await play(load_case(case), node.market)
    trust = await trust_of(node)
    met = 0
    for answer in answers:
        path, document = answer.request.url.path, answer.json()
        on_record = path == "/v1/bids" and answer.status_code == 409
        promised = answer.status_code == 201 and path in PROMISED
        assert ("receipt" in document) == (promised or on_record), path
        if "receipt" not in document:
            continue
        checked = check_receipt(document["receipt"]["note"], trust)
        said = checked.receipt
        assert said.id == document["receipt"]["id"]
        assert (said.operation, said.status) == (f"POST {path}", answer.status_code)
        assert said.code == document.get("code" if on_record else "", None)
        assert checked.record["kind"] == ("bid.refused" if on_record else PROMISED[path])
        check_request(said, answer.request.content)
        row = await record_of(node, said.id)
        assert (row["body"], row["leaf_hash"].hex()) == (said.entry.encode(), said.leaf)
        met += 1
    assert met > 20
    assert await node.owner.fetchval("SELECT count(*) FROM receipt") == met


def test_the_cases_above_take_every_step_that_promises():
    lines = [line for case in PLAYED for line in case.read_text(encoding="utf-8").splitlines()]
    taken = {
        PATHS[found[1]]
        for line in lines
        if "# refused: " not in line and (found := re.search(r"do: (\w+)", line))
    }
    assert set(PATHS.values()) & PROMISED.keys() <= taken


async def test_a_repeated_request_is_answered_with_the_same_bytes(node):
    key = uuid.uuid4().hex
    first = await a_region(node, key)
    again = await a_region(node, key)
    assert first.json()["receipt"]["note"].startswith('{"at":')
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await node.owner.fetchval("SELECT count(*) FROM receipt") == 1


async def a_refused_bid(node):
    """A bid on an open lot that the rules refuse, sent under a key of its own; twice."""
    case = load_case(CASES / "e-refusals.yaml")
    refused = []

    async def keep(response):
        await response.aread()
        if response.request.url.path == "/v1/bids" and response.status_code == 409:
            refused.append(response)

    node.http.event_hooks = {"response": [keep]}
    await play(case, node.market)
    node.http.event_hooks = {}
    first = refused[0]
    again = await node.http.post(
        "/v1/bids", content=first.request.content, headers=dict(first.request.headers)
    )
    return first, again


async def test_a_refused_bid_is_on_record_and_repeated_as_such(node):
    first, again = await a_refused_bid(node)
    document, repeated = first.json(), again.json()
    assert first.headers["content-type"] == again.headers["content-type"] == PROBLEM
    assert again.status_code == 409
    assert again.headers["Idempotency-Replayed"] == "true"
    # Each answer has the id of its own request; all else is the same.
    assert document.pop("request_id") == first.headers["x-request-id"]
    assert repeated.pop("request_id") == again.headers["x-request-id"]
    assert document == repeated
    row = await record_of(node, document["receipt"]["id"])
    assert row["kind"] == "bid.refused"
    assert json.loads(row["body"])["body"]["code"] == document["code"]
    said = check_receipt(document["receipt"]["note"], await trust_of(node)).receipt
    assert (said.status, said.code) == (409, document["code"])


async def test_a_sealed_bid_has_a_receipt_that_says_neither_lot_nor_price(node):
    await sealed.open_market(node)
    note = sealed.sealed(await sealed.terms(node), "b1", 1, sealed.PRICES["b1"])
    taken = await sealed.bid(node, "b1", note)
    again = await sealed.bid(node, "b1", note)
    assert (taken.status_code, again.status_code) == (201, 409)
    trust = await trust_of(node)
    for answer, kind in ((taken, "commit"), (again, "bid.refused")):
        checked = check_receipt(answer.json()["receipt"]["note"], trust)
        assert checked.record["kind"] == kind
        assert checked.record["body"]["h"] == taken.json()["commit"]
        assert checked.record["actor"] is None
        check_request(checked.receipt, answer.request.content)
        for secret in ('"l1"', '"b1"', sealed.PRICES["b1"]):
            assert secret not in checked.receipt.entry


async def test_the_proof_comes_under_the_same_id_once_the_record_is_published(node):
    answer = (await a_region(node)).json()
    place = f"/v1/receipts/{answer['receipt']['id']}"

    before = await node.http.get(place)
    assert before.text == answer["receipt"]["note"]
    assert before.headers[STATE] == "promised"
    assert before.headers["content-disposition"].endswith('.txt"')

    await publish(node)
    after = await node.http.get(place)
    assert after.headers[STATE] == "proven"
    assert after.headers["content-disposition"].endswith('.tlog-proof"')
    assert after.headers["cache-control"] == "no-store"
    assert after.headers["content-type"] == "text/plain; charset=utf-8"
    assert parse_proof(after.text).extra.decode() == answer["receipt"]["note"]
    checked = check_receipt(after.text, await trust_of(node))
    assert checked.record["subject"] == "500000"
    assert checked.proven.checkpoint.size > checked.proven.index


async def test_a_receipt_is_found_by_its_id_alone(node):
    await a_region(node)
    for id_ in (
        uuid.uuid4().hex,
        "500000",
        "0" * 31,
        "F" * 32,
        "%00",
        "x" * 3000,
        "0" * 32 + "%0A",
    ):
        assert_problem(await node.http.get(f"/v1/receipts/{id_}"), 404, "not-found")


async def test_a_receipt_of_another_node_is_refused(node, tmp_path):
    answer = (await a_region(node)).json()
    theirs = transparency.load_keys(Settings(home=tmp_path / "other"))
    trust = Trust(Verifier.of(theirs.receipts), Verifier.of(theirs.log))
    with pytest.raises(ReceiptError) as caught:
        check_receipt(answer["receipt"]["note"], trust)
    assert caught.value.step is Step.SIGNATURE
    await publish(node)
    proven = (await node.http.get(f"/v1/receipts/{answer['receipt']['id']}")).text
    ours = await trust_of(node)
    with pytest.raises(ReceiptError) as caught:
        check_receipt(proven, Trust(ours.receipts, Verifier.of(theirs.log)))
    assert caught.value.step is Step.CHECKPOINT


async def test_receipts_stay_as_they_are(node):
    await a_region(node)
    for change in (
        "UPDATE receipt SET status = 200",
        "DELETE FROM receipt",
        "TRUNCATE receipt CASCADE",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await node.owner.execute(change)
    async with node.db.engine.connect() as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("UPDATE receipt SET code = 'x'"))


def noted(subject):
    return [ledger.Note(kind="test.noted", province=NODE, subject=subject)]


async def test_an_attempt_that_is_run_again_leaves_no_record_for_the_receipt(node):
    attempts = []

    async def work(tx, _):
        attempts.append(list(tx.records))
        await ledger.record(tx, noted("s1"))
        await ledger.record(tx.at(await tx.now()), noted("s2"))
        if len(attempts) == 1:
            await tx.run(text("DO $$ BEGIN RAISE unique_violation; END $$"))
        return tx.records

    (written,) = await node.db.transact(work, None)
    assert attempts == [[], []]
    assert written.kind == "test.noted"
    # What the node itself did beside the command is nobody's request, and no receipt's.
    kept = await node.owner.fetchrow("SELECT id, body FROM record WHERE subject = 's1'")
    assert (kept["id"], kept["body"]) == (written.id, written.body)


async def test_a_receipt_binds_the_last_record_of_its_kinds(node):
    async def work(tx, _):
        await ledger.record(tx, [*noted("s1"), *noted("s2")])
        await ledger.record(tx, [ledger.Note(kind="test.other", province=NODE, subject="s3")])
        return await receipts.bind(tx, ("test.noted",), "POST /x", bytes(32), (201, None))

    receipt = await node.db.transact(work, None)
    assert json.loads(receipt.entry)["subject"] == "s2"
    async with node.db.read() as reader:
        assert await receipts.find(reader, receipt.id) == receipt


async def test_a_promise_without_its_record_is_a_crash_that_keeps_nothing(node):
    async def work(tx, _):
        await ledger.record(tx, noted("s1"))
        return await receipts.bind(tx, ("test.other",), "POST /x", bytes(32), (201, None))

    before = await node.state()
    with pytest.raises(AssertionError, match="promises a receipt"):
        await node.db.transact(work, None)
    assert await node.state() == before
