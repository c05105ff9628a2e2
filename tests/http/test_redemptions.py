"""Requests to redeem over HTTP: asked by one, decided by another, done by the very command."""

import asyncio
import json

import asyncpg
import pytest

from app.audit import audit_records
from app.kernel.units import hundredths
from app.transparency.receipt_check import check_receipt, check_request
from tests import redemptions
from tests.http.kept_receipts import trust_of
from tests.http.people import hire
from tests.http.redeeming import MONEY, ask, begin, decide
from tests.http.support import NODE, assert_problem, pointers
from tests.redemptions import (
    APPROVALS,
    CENTRE,
    DESK,
    PATHS,
    REFUSALS,
    REQUESTS,
    WITHDRAWALS,
    request_of,
    terms_of,
)
from tests.story import HERE, THERE

REASON = {"reason": "papers_missing"}
VALUES = ("balance_cny", "base_cny", "housing_paid_cny", "cash_paid_cny", "rent_due_cny", "open")


@pytest.fixture(scope="module")
async def funded(shared):
    """A node on which households have money; each test takes its own."""
    await begin(shared, [f"h{n}" for n in range(13)])
    return shared


async def account_of(node, household):
    answer = await node.get("villager", household, f"/v1/housing-accounts/{household}")
    return answer.json()


async def shown(node, id_, who=CENTRE):
    answer = await node.get(*who, f"{REQUESTS}/{id_}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_is_approved_is_what_the_command_itself_does(funded):
    """One household asks for each use and is approved, the other one sends the commands."""
    for kind, path in PATHS.items():
        before = await account_of(funded, "h0")
        await redemptions.ask(funded.market, f"q.{kind}", kind, "h0")
        assert await account_of(funded, "h0") == before
        foretold = (await shown(funded, f"q.{kind}"))["outcome"]
        lines = [hundredths_of(line["amount"]) for line in foretold["lines"]]
        assert sum(lines) == hundredths_of(foretold["balance_after_cny"])

        answer = await redemptions.approve(funded.market, f"q.{kind}")
        directly = await funded.market.send("villager", "h1", path, terms_of(kind, "h1"))
        assert "receipt" in directly, directly
        done = next(
            answer[name] for name in ("contract", "rental", "account") if answer[name] is not None
        )
        own = {"number", "household", "id", "ledger_account", "receipt"}
        assert without(own, done) == without(own, directly)
        after, other = await account_of(funded, "h0"), await account_of(funded, "h1")
        assert [after[name] for name in VALUES] == [other[name] for name in VALUES], kind
        assert after["balance_cny"] == foretold["balance_after_cny"]
        assert foretold["closes"] == (not after["open"])
        closed = await shown(funded, f"q.{kind}")
        assert (closed["state"], closed["outcome"], closed["hindrance"]) == ("approved", None, None)


def hundredths_of(text):
    return -hundredths(text[1:]) if text.startswith("-") else hundredths(text)


def without(names, document):
    return {name: value for name, value in document.items() if name not in names}


async def test_what_would_be_refused_today_is_refused_today(funded):
    state = await funded.state()
    for kind, changed, code in (
        ("affordable_purchase", {"price_cny": "15000.01"}, "gap-method-missing"),
        ("affordable_resale", {}, "no-affordable-home"),
        ("commercial_purchase", {"first_home": False}, "not-first-home"),
        ("mortgage_offset", {"only_home": False}, "not-only-home"),
        ("cash_withdrawal", {"has_city_home": False}, "no-city-home"),
        ("refund", {}, "refund-needs-public-rental"),
    ):
        assert_problem(await ask(funded, "h2.1", kind, "h2", **changed), 409, code)
    assert_problem(await ask(funded, "h2.1", "public_purchase", "h2"), 404, "not-found")
    for kind in ("refund", "affordable_purchase"):
        elsewhere = request_of("h2.1", kind, "h1") | {"household": "h2"}
        answer = await funded.post("villager", "h2", REQUESTS, elsewhere)
        document = assert_problem(answer, 422, "invalid-request")
        assert pointers(document) == ["/terms/household"]
    assert_problem(await ask(funded, "h2.1", "refund", "h1", ("villager", "h2")), 404, "not-found")
    after = await funded.state()
    assert {t for t in after if after[t] != state[t]} <= {"credential", "record", "tlog_pending"}


async def test_terms_are_those_of_the_command_and_nothing_else(funded):
    whole = request_of("h3.1", "affordable_purchase", "h3")
    for changed, code, at_fault in (
        ({"price_cny": "1.000"}, "invalid-amount", "/terms/price_cny"),
        ({"price_cny": None}, "invalid-request", "/terms/price_cny"),
        ({"surplus": "spend"}, "invalid-request", "/terms/surplus"),
        ({"name": "谭远福"}, "invalid-request", "/terms/name"),
    ):
        body = whole | {"terms": whole["terms"] | changed}
        document = assert_problem(await funded.post("villager", "h3", REQUESTS, body), 422, code)
        assert pointers(document) == [at_fault]
    for kind, terms, at_fault in (
        ("low_rent_exchange", whole["terms"], "/kind"),
        ("refund", whole["terms"], "/terms/price_cny"),
        ("affordable_purchase", [], "/terms"),
        ("affordable_purchase", None, "/terms"),
    ):
        body = whole | {"kind": kind, "terms": terms}
        document = assert_problem(
            await funded.post("villager", "h3", REQUESTS, body), 422, "invalid-request"
        )
        assert pointers(document)[0] == at_fault
    taken = await ask(funded, "h3.1", "affordable_purchase", "h3")
    assert taken.json()["terms"] == whole["terms"]


async def test_whoever_asked_decides_nothing(funded):
    await ask(funded, "h4.1", "affordable_purchase", "h4", DESK)
    for path, more in ((APPROVALS, {}), (REFUSALS, REASON)):
        assert_problem(await decide(funded, path, "h4.1", DESK, **more), 409, "same-person")
    answer = await decide(funded, APPROVALS, "h4.1", DESK, person="b")
    assert answer.status_code == 201, answer.text
    request = answer.json()["request"]
    assert request["asked_by"] != request["decided_by"]
    for path, more in ((APPROVALS, {}), (REFUSALS, REASON)):
        assert_problem(await decide(funded, path, "h4.1", CENTRE, **more), 409, "wrong-state")


async def test_what_the_account_no_longer_allows_stays_open_with_the_same_refusal(funded):
    await redemptions.ask(funded.market, "h5.1", "affordable_purchase", "h5", price_cny=MONEY)
    away = terms_of("cash_withdrawal", "h5")
    await funded.market.send("villager", "h5", PATHS["cash_withdrawal"], away)
    found = await shown(funded, "h5.1")
    assert (found["outcome"], found["hindrance"]["code"]) == (None, "gap-method-missing")
    before = await funded.state()
    for _ in range(2):
        refusal = await decide(funded, APPROVALS, "h5.1")
        assert_problem(refusal, 409, "gap-method-missing")
        assert refusal.json()["title"] == found["hindrance"]["zh"]
    changed = {table for table, rows in (await funded.state()).items() if rows != before[table]}
    assert changed <= {"credential", "record", "tlog_pending", "idempotency"}
    assert (await shown(funded, "h5.1"))["state"] == "open"
    refused = await decide(funded, REFUSALS, "h5.1", reason="terms_differ")
    assert (refused.json()["state"], refused.json()["reason"]) == ("refused", "terms_differ")


async def test_one_request_of_a_kind_waits_however_many_are_sent_at_once(funded):
    answers = await asyncio.gather(
        *(ask(funded, f"h6.{n}", "mortgage_offset", "h6") for n in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    refused = {a.json()["code"] for a in answers if a.status_code == 409}
    assert refused == {"already-requested"}
    (open_,) = [a.json()["id"] for a in answers if a.status_code == 201]
    assert (await ask(funded, "h6.8", "affordable_purchase", "h6")).status_code == 201
    assert (await ask(funded, "h6.9", "mortgage_offset", "h7")).status_code == 201
    await redemptions.withdraw(funded.market, open_, "h6")
    assert_problem(await decide(funded, APPROVALS, open_), 409, "wrong-state")
    assert_problem(await ask(funded, open_, "mortgage_offset", "h6"), 409, "id-taken")
    await redemptions.ask(funded.market, "h6.10", "mortgage_offset", "h6")


async def test_of_two_who_approve_at_once_one_does_it(funded):
    await redemptions.ask(funded.market, "h8.1", "commercial_purchase", "h8")
    answers = await asyncio.gather(
        *(decide(funded, APPROVALS, "h8.1", person=person) for person in "abcd")
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    contracts = await funded.market.list("/v1/contracts")
    assert [one["kind"] for one in contracts if one["household"] == "h8"] == ["commercial_purchase"]


async def test_who_is_not_concerned_finds_nothing(funded):
    await redemptions.ask(funded.market, "h9.1", "affordable_purchase", "h9")
    strangers = (("villager", "h1"), ("fund_centre", THERE), ("operator", THERE))
    for who in (*strangers, ("province", THERE)):
        assert (await funded.get(*who, REQUESTS)).json()["items"] == []
        assert_problem(await funded.get(*who, f"{REQUESTS}/h9.1"), 404, "not-found")
    for who in strangers[1:]:
        assert_problem(await decide(funded, APPROVALS, "h9.1", who), 404, "not-found")
        assert_problem(await decide(funded, REFUSALS, "h9.1", who, **REASON), 404, "not-found")
    for who in (strangers[0], strangers[2]):
        assert_problem(await decide(funded, WITHDRAWALS, "h9.1", who), 404, "not-found")
    for who in (("villager", "h9"), CENTRE, DESK, ("province", HERE), ("supervisor", NODE)):
        assert (await shown(funded, "h9.1", who))["outcome"]["balance_cny"] == MONEY
    # What a household declares of itself is not for its village or county.
    for who in (("collective", "v0"), ("county_clerk", "500236")):
        assert_problem(await funded.get(*who, REQUESTS), 403, "forbidden")


async def test_the_queue_begins_with_what_is_due_first_and_comes_in_pages(funded):
    for n, kind in enumerate(("mortgage_offset", "affordable_purchase", "commercial_purchase")):
        # Ids in another order than the asking.
        await redemptions.ask(funded.market, f"h10.{9 - n}", kind, "h10")
    await redemptions.refuse(funded.market, "h10.8")
    of = ("villager", "h10", REQUESTS)
    answer = (await funded.get(*of)).json()
    assert [one["id"] for one in answer["items"]] == ["h10.9", "h10.8", "h10.7"]
    due = [one["due_at"] for one in answer["items"]]
    assert due == sorted(due)
    waiting = (await funded.get(*of, state="open", limit=1)).json()
    assert [one["id"] for one in waiting["items"]] == ["h10.9"]
    rest = (await funded.get(*of, state="open", limit=1, cursor=waiting["next"])).json()
    assert ([one["id"] for one in rest["items"]], rest["next"]) == (["h10.7"], None)


async def test_the_log_tells_who_asked_and_decided_and_not_for_what_terms(funded):
    asked = await redemptions.ask(funded.market, "h12.1", "cash_withdrawal", "h12", urgent=True)
    await redemptions.refuse(funded.market, "h12.1", "facts_unconfirmed")
    rows = await funded.owner.fetch("SELECT body FROM record WHERE subject = 'h12.1' ORDER BY id")
    requested, refused = (json.loads(row["body"]) for row in rows)
    named = {"household": "h12", "kind": "cash_withdrawal"}
    assert requested["body"] == named | {
        "commitment": asked["commitment"],
        "due_at": asked["due_at"],
    }
    assert refused["body"] == named | {"reason": "facts_unconfirmed"}
    assert requested["actor"] != refused["actor"]
    for row in rows:
        assert asked["salt"] not in row["body"].decode()
        assert "urgent" not in row["body"].decode()


async def test_the_database_holds_what_was_approved_to_what_was_done(funded):
    await redemptions.ask(funded.market, "h2.1", "affordable_purchase", "h2")
    await redemptions.ask(funded.market, "h2.2", "commercial_purchase", "h2")
    await redemptions.approve(funded.market, "h2.1")
    effect = await funded.owner.fetchval("SELECT effect FROM redemption WHERE id = 'h2.1'")
    kept = await funded.owner.fetchrow("SELECT kind, subject FROM record WHERE id = $1", effect)
    assert tuple(kept) == ("contract.signed", "h2")
    decision = "decided_by = 'x', decided_at = now() + interval '9000 days'"
    for change, error in (
        (f"state = 'approved', effect = {effect}, {decision}", "something else was done"),
        (f"state = 'approved', {decision}", "something else was done"),
        (f"state = 'refused', {decision}", "refused_for_a_reason"),
        ("state = 'withdrawn'", "is_decided"),
        (
            (
                "state = 'refused', reason = 'papers_missing', decided_at = asked_at, "
                "decided_by = asked_by"
            ),
            "two_people",
        ),
        ("terms = '{}'", "never changed"),
        ("due_at = due_at + interval '1 day'", "never changed"),
        ("reason = 'no_budget', state = 'refused', " + decision, "reason_check"),
    ):
        with pytest.raises(asyncpg.PostgresError, match=error):
            await funded.owner.execute(f"UPDATE redemption SET {change} WHERE id = 'h2.2'")
    for statement, error in (
        ("UPDATE redemption SET state = 'open' WHERE id = 'h2.1'", "never changed"),
        ("DELETE FROM redemption", "append-only"),
        (
            """
            INSERT INTO redemption (id, household, kind, terms, salt, asked_by, asked_at, due_at,
                                    state)
            SELECT 'h2.3', household, kind, terms, salt, asked_by, asked_at, due_at, state
            FROM redemption WHERE id = 'h2.2'
            """,
            "one_request_is_open",
        ),
    ):
        with pytest.raises(asyncpg.PostgresError, match=error):
            await funded.owner.execute(statement)


async def test_whoever_is_signed_in_with_a_browser_asks_and_does_nothing_at_once(funded):
    household, centre = ("villager", "h7"), CENTRE
    browsers = [await hire(funded, f"p-{who[0]}", who) for who in (household, centre)]
    for kind, path in PATHS.items():
        for browser in browsers:
            answer = await browser.post(path, terms_of(kind, "h7"), key=f"{kind}-at-once")
            assert_problem(answer, 409, "request-needed")
    body = request_of("h7.1", "affordable_purchase", "h7")
    asked = await browsers[0].post(REQUESTS, body, key="asked")
    assert asked.json()["asked_by"] == "p-villager"
    done = await browsers[1].post(APPROVALS, {"request": "h7.1"}, key="decided")
    assert done.json()["request"]["decided_by"] == "p-fund_centre"


async def test_every_answer_has_a_receipt_of_what_it_says(funded):
    trust = await trust_of(funded)
    answers = [
        await ask(funded, "h11.1", "mortgage_offset", "h11"),
        await ask(funded, "h11.2", "affordable_purchase", "h11"),
        await ask(funded, "h11.3", "cash_withdrawal", "h11"),
        await decide(funded, WITHDRAWALS, "h11.1", ("villager", "h11")),
        await decide(funded, APPROVALS, "h11.2"),
        await decide(funded, REFUSALS, "h11.3", **REASON),
    ]
    kinds = [*["requested"] * 3, "withdrawn", "approved", "refused"]
    for answer, kind in zip(answers, kinds, strict=True):
        checked = check_receipt(answer.json()["receipt"]["note"], trust)
        assert checked.record["kind"] == f"redemption.{kind}"
        check_request(checked.receipt, answer.request.content)


async def test_an_auditor_who_reads_the_log_of_all_this_finds_no_fault(funded):
    rows = await funded.owner.fetch("SELECT body FROM record ORDER BY id")
    assert audit_records([bytes(row[0]) for row in rows]).kept == []
