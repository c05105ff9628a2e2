"""Three real nodes reconcile: what agrees, what does not, what is frozen for it, and what cures."""

import asyncio
import contextlib
from contextlib import AsyncExitStack

import asyncpg
import pytest

from app import ledger
from app.kernel.refusal import Rejected
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.main import verify_node
from app.platform.postgres_process import free_port
from app.reconciliation import store_mirror
from tests.nodes.reconciled import (
    SECONDS_MAX,
    audited,
    begin,
    cases,
    frozen,
    log_of,
    move_log,
    owe_alone,
    rounds,
    run,
    superuser,
    tamper,
    well,
)
from tests.nodes.three import HERE, MINISTRY, THERE, sell, three_nodes
from tests.story import COUNTY

HOUSEHOLDS = [f"h{n}" for n in range(6)]


@pytest.fixture(scope="module")
async def three(cluster, tmp_path_factory):
    async with (
        three_nodes(cluster, tmp_path_factory.mktemp("recon"), HOUSEHOLDS) as three,
        AsyncExitStack() as stack,
    ):
        for office in (three.here, three.there):
            await stack.enter_async_context(log_of(three, office))
        yield three


async def test_on_a_clean_day_all_agree(three):
    arrived = await three.cross("h0", "x0")
    await sell(three, [arrived], "l0")
    shown = await run(three)
    assert shown["outcome"] == "agreed"
    assert {p["node"]: p["state"] for p in shown["parts"]} == {
        HERE: "agreed",
        THERE: "agreed",
        MINISTRY: "agreed",
    }
    assert await cases(three.ministry) == []
    for office in three.all:
        assert await frozen(office) == []
        assert await office.refused() == []
    await well(three)


async def test_rows_that_somebody_changed_are_found_and_nothing_else_stops(three, cluster):
    ticket = await three.here.story.issue("h1")
    async with superuser(cluster, three.here) as owner:
        changed = await tamper(owner, ticket, 2000)
    assert f"ticket:{HERE}:{ticket}" in changed
    assert (await run(three))["outcome"] == "differs"

    (case,) = await cases(three.ministry)
    assert (case["kind"], case["subject"]) == ("tables", HERE)
    assert sorted(one["account"] for one in case["accounts"]) == changed
    (larger,) = [one for one in case["accounts"] if one["account"].startswith("ticket:")]
    assert (larger["expected"], larger["stands"], larger["kept"]) == ("100.00", "120.00", "120.00")
    assert len(larger["entries"]) == 1
    assert [await frozen(office) for office in three.all] == [changed, [], []]
    (told,) = await cases(three.here)
    assert (told["id"], told["accounts"]) == (case["id"], case["accounts"])

    assert await code_of(three.here, pay_out(changed[0])) == "account-frozen"
    # Households of other villages go on, and so does the other province.
    await three.here.story.issue("h2")
    cash = {"id": "more", "bidder": "b0", "amount_cny": "1.00"}
    await three.there.must("exchange", THERE, "/v1/cash-deposits", cash)
    # The same account is not found a second time, and its case stays.
    assert (await run(three))["outcome"] == "differs"
    assert len(await cases(three.ministry)) == 1

    async with superuser(cluster, three.here) as owner:
        await tamper(owner, ticket, -2000)
        await owner.execute("UPDATE ledger_account SET floor = 0 WHERE code = ANY($1)", changed)
    assert (await run(three))["outcome"] == "agreed"
    assert [await frozen(office) for office in three.all] == [[], [], []]
    assert await cases(three.ministry) == []
    async with three.here.node.db.read() as reader:
        assert (await verify_node(reader)).findings == []
    # It had answered by its tables while they were wrong, and its own log says so for ever.
    assert await audited(three.here) == {"reconciliation.answered"}


def pay_out(code):
    """Some entry that touches an account of quota, and is declared."""
    source = AccountRef.of(code)
    target = AccountRef(AccountKind.TICKET, "t.none", HERE)
    moves = move(source, target, 1)
    return Draft(kind=EntryKind.ISSUE, key="issue:none", province=HERE, subject="n", moves=moves)


async def code_of(office, draft):
    try:
        await office.node.db.transact(ledger.post, [draft])
    except Rejected as error:
        return error.refusal.code
    return None


async def test_a_debt_in_one_book_alone_is_corrected_by_a_new_entry(three, cluster):
    here = three.here
    debt, housing = await owe_alone(here, "h3")
    claim = f"due_from:{THERE}:{HERE}"
    owed = await here.balance(debt.code)
    assert (await run(three))["outcome"] == "differs"

    (case,) = await cases(three.ministry)
    assert (case["kind"], case["subject"]) == ("dues", f"{HERE}>{THERE}")
    wrong = {one["account"]: (one["node"], one["expected"]) for one in case["accounts"]}
    assert wrong[debt.code] == (HERE, f"{(owed - 7000) // 100}.00")
    assert [await frozen(office) for office in three.all] == [[debt.code], [claim], []]
    assert [len(await cases(office)) for office in three.all] == [1, 1, 1]

    body = {
        "id": "fix-1",
        "case": case["id"],
        "source": debt.code,
        "target": housing.code,
        "amount": "70.00",
        "reason": "posted_in_error",
        "document": "渝规资函〔2027〕88号",
    }
    beside = body | {"source": f"county:{HERE}:{COUNTY}"}
    land = body | {"target": f"conversion:{HERE}:{THERE}"}
    for wanted, changed in (
        ("correction-beside-the-case", beside),
        ("correction-of-other-value", land),
    ):
        answer = await here.send("province", HERE, "/v1/corrections", changed)
        assert answer["code"] == wanted
    elsewhere = await three.there.send("province", THERE, "/v1/corrections", body)
    assert elsewhere["code"] == "correction-beside-the-case"
    await here.must("province", HERE, "/v1/corrections", body)
    approval = {"correction": "fix-1"}
    alone = await here.send("province", HERE, "/v1/correction-approvals", approval)
    assert alone["code"] == "same-person"
    await here.must("province", HERE, "/v1/correction-approvals", approval, "b")
    # Booked, and still frozen: a round has to find it cured.
    assert await here.balance(debt.code) == owed - 7000
    assert await frozen(here) == [debt.code]
    await by_no_other_way(cluster, here, debt.code)

    assert (await run(three))["outcome"] == "agreed"
    assert [await frozen(office) for office in three.all] == [[], [], []]
    assert [await cases(office) for office in three.all] == [[], [], []]


async def by_no_other_way(cluster, office, code):
    """The database itself keeps a frozen account frozen, and its balance still."""
    name = await office.one("SELECT current_database()")
    app = await asyncpg.connect(cluster.dsn("hrt_app", name))
    try:
        with pytest.raises(asyncpg.RestrictViolationError, match="by its open cases alone"):
            await app.execute("UPDATE ledger_account SET frozen = false WHERE code = $1", code)
        with pytest.raises(asyncpg.RestrictViolationError, match="moves by postings only"):
            await app.execute("UPDATE ledger_account SET balance = 0 WHERE code = $1", code)
        with pytest.raises(asyncpg.RestrictViolationError, match="is frozen"):
            await app.execute(POSTED_AROUND, code)
    finally:
        await app.close()


POSTED_AROUND = """
    WITH number AS (SELECT nextval('record_id_seq') AS id),
    noted AS (
        INSERT INTO record (id, kind, province, subject, at, body, leaf_hash)
        SELECT id, 'entry.account_moved_out', '500000', 'h', now(), '{}', sha256('\\x007b7d')
        FROM number),
    entered AS (
        INSERT INTO ledger_entry (record_id, kind, key, province, subject, actor, at)
        SELECT id, 'account_moved_out', 'around', '500000', 'h', 'n', now() FROM number)
    INSERT INTO ledger_posting
        (entry_id, position, source_id, target_id, amount, source_balance, target_balance)
    SELECT number.id, 0, h.id, a.id, 1, 0, 0 FROM number, ledger_account a, ledger_account h
    WHERE a.code = $1 AND h.code = 'housing:500000:h3'
"""


async def test_a_node_that_is_away_is_named_and_holds_up_no_other(three):
    (peer,) = await three.ministry.rows("SELECT log_url FROM peer WHERE name = :n", n=THERE)
    await move_log(three, three.there, f"http://127.0.0.1:{free_port(0)}")
    number = (await begin(three))["number"]
    agreed = dict.fromkeys((HERE, MINISTRY), ("agreed", None))
    shown = await standing(three, number, agreed | {THERE: ("waiting", "log-unreachable")})
    assert shown["outcome"] is None
    await move_log(three, three.there, peer.log_url)
    assert (await run(three))["outcome"] == "agreed"
    (overtaken,) = [r for r in await rounds(three) if r["number"] == number]
    assert overtaken["outcome"] in {"overtaken", "agreed"}


async def standing(three, number, wanted):
    """The round, as soon as its parts have these states and faults."""
    for _ in range(SECONDS_MAX * 20):
        (shown,) = [r for r in await rounds(three) if r["number"] == number]
        states = {p["node"]: (p["state"], p["fault"]) for p in shown["parts"]}
        if states == wanted:
            return shown
        await asyncio.sleep(0.05)
    raise AssertionError(states)


async def test_a_log_that_comes_byte_by_byte_holds_up_no_other(three):
    places, over = {}, asyncio.Event()
    for office in (three.here, three.there):
        (peer,) = await three.ministry.rows(
            "SELECT log_url FROM peer WHERE name = :n", n=office.node.name
        )
        places[office.node.name] = peer.log_url

    async def byte_by_byte(_reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with contextlib.suppress(OSError):
            while not over.is_set():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.1)
        writer.close()

    async with await asyncio.start_server(byte_by_byte, "127.0.0.1", 0) as slow:
        port = slow.sockets[0].getsockname()[1]
        await move_log(three, three.there, f"http://127.0.0.1:{port}")
        await move_log(three, three.here, f"http://127.0.0.1:{free_port(0)}")
        number = (await begin(three))["number"]
        waits = {MINISTRY: ("agreed", None), THERE: ("waiting", None)}
        await standing(three, number, waits | {HERE: ("waiting", "log-unreachable")})
        # It is there again, and is asked again although the other is still being read.
        await move_log(three, three.here, places[HERE])
        await standing(three, number, waits | {HERE: ("agreed", None)})
        await move_log(three, three.there, places[THERE])
        over.set()
    assert (await run(three))["outcome"] == "agreed"


async def test_the_national_report_adds_up(three):
    """Four tickets of 100 m² each were issued; one went away as 66.66 and was sold there."""
    await run(three)
    report = await three.ministry.market.read("/v1/reports/national")
    assert report["balances"]
    assert report["issued_m2"] == "400.00"
    assert report["held_m2"] == "366.66"
    assert report["used_m2"] == report["in_transit_m2"] == report["corrected_m2"] == "0.00"
    assert report["converted_away_m2"] == "33.34"
    there, here = report["provinces"]
    assert (here["province"], here["issued_m2"], here["tickets_m2"], here["left_m2"]) == (
        HERE,
        "400.00",
        "300.00",
        "100.00",
    )
    assert (there["province"], there["arrived_m2"], there["certificates_m2"]) == (
        THERE,
        "66.66",
        "66.66",
    )
    (conversion,) = report["conversions"]
    # 100 × 2/3 = 66.66 and 2/300 m²
    assert (conversion["coefficient"], conversion["rounded_m2"]) == ("2/3", "1/150")
    assert (conversion["sent_m2"], conversion["received_m2"]) == ("100.00", "66.66")
    (owed,) = [d for d in report["debts"] if d["debtor"] == THERE]
    assert owed["debtor_says_cny"] == owed["creditor_says_cny"] == "7250.00"
    assert {n["province"]: n["net_cny"] for n in report["nets"]}[HERE] == "7250.00"
    sizes = {p["log"]: p["size"] for p in report["positions"]}
    assert sizes[HERE] <= await three.here.one("SELECT max(size) FROM tlog_publication")


async def test_a_province_that_answers_falsely_is_caught_by_its_own_log(three, monkeypatch):
    honest = store_mirror.sum_tables

    async def falsely(reader, size):
        totals = await honest(reader, size)
        if f"n{THERE}" in str(reader.connection.engine.url):
            key = next(key for key in totals if key.kind == "certificate")
            totals[key] = totals[key]._replace(total=totals[key].total + 100)
        return totals

    monkeypatch.setattr(store_mirror, "sum_tables", falsely)
    shown = await run(three)
    assert {p["node"]: p["fault"] for p in shown["parts"]}[THERE] == "answers-differ"
    (case,) = await cases(three.ministry)
    assert (case["subject"], case["accounts"]) == (THERE, [])
    assert [await frozen(office) for office in three.all] == [[], [], []]
    assert await audited(three.there) == {"reconciliation.answered"}
    monkeypatch.undo()
    assert (await run(three))["outcome"] == "agreed"
    assert await cases(three.ministry) == []
