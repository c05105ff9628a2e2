"""A debt between nodes that the two sides stated differently, until it is corrected and paid."""

import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import permutations

import asyncpg
import pytest
from sqlalchemy import text

from app import clearing
from app.audit.stream import audit_records
from app.clearing import Stated, StatedKind, StatedSide, Why
from app.clearing.rules_between import BetweenRefusal
from app.kernel.refusal import Rejected
from app.kernel.units import Fen, decimal, hundredths
from app.main import verify_node
from app.replay.client import NODE
from app.transfers.take_stated import take_stated
from tests.clearing import Line, account_of, register_account
from tests.nodes.forgeries_between import FORGERIES_ANEW
from tests.nodes.reconciled import audited, cases, frozen, log_of, run
from tests.nodes.redone import LETTERS, copied, recovered
from tests.nodes.restating import (
    AT_ODDS,
    DOCUMENT,
    DUE,
    NEW,
    correct,
    fix,
    matters,
    reckons_a_yuan_more,
)
from tests.nodes.settling import close, instructions, owed, published, sign, take
from tests.nodes.three import HERE, THERE, again, forged, sell, three_nodes
from tests.story import COSTS, COUNTY, THERE_CITY

HOUSEHOLDS = ["h0", "h1", "h2"]
COLLECTIVE, COUNTY_OF = f"collective:{HERE}:v2", f"county:{HERE}:{COUNTY}"
CLAIM, DEBT = f"due_from:{HERE}:{THERE}", f"due_to:{THERE}:{HERE}"


@pytest.fixture(scope="module")
async def three(cluster, tmp_path_factory):
    async with (
        three_nodes(cluster, tmp_path_factory.mktemp("anew"), HOUSEHOLDS) as three,
        AsyncExitStack() as stack,
    ):
        for office, province in ((three.here, HERE), (three.there, THERE)):
            await stack.enter_async_context(log_of(three, office))
            await register_account(office.market, province)
        terms = {"id": "terms", "netting": "bilateral", "hold_until_paid": True}
        ministry = ("ministry", NODE)
        await three.ministry.must(*ministry, "/v1/clearing-terms", terms)
        approval = {"terms": "terms"}
        await three.ministry.must(*ministry, "/v1/clearing-terms-approvals", approval, "b")
        await three.quiet()
        yield three


PLOT = {"id": "p0", "lot": "l0", "bidder": "b0", "county": THERE_CITY, "area_m2": "66.66"}


async def plotted(three):
    """The buyer lets the quota land, if it may."""
    return await three.there.send("bidder", "b0", "/v1/plots", PLOT)


async def differing(three, patch):
    """Of three tickets of one lot the home books two a yuan too high, and one not; the case."""
    reckons_a_yuan_more(patch)
    arrived = [await three.cross(f"h{n}", f"x{n}") for n in range(3)]
    await sell(three, arrived, "l0")
    told = await matters(three.ministry)
    for name in ("x0", "x1"):
        one = told[f"{HERE}-{name}", "sale"]
        amounts = (one["debtor_cny"], one["creditor_cny"])
        assert (one["state"], *amounts) == ("differs", decimal(DUE), decimal(DUE + 100))
    (unheard,) = [one for one in told.values() if one["state"] == "stated"]
    assert (unheard["transfer"], unheard["creditor_cny"]) == (f"{HERE}-x2", None)
    await published(three)
    window = ("ministry", NODE, "/v1/settlement-windows", {"terms": "terms"})
    assert (await three.ministry.send(*window))["code"] == "window-empty"

    assert (await run(three))["outcome"] == "differs"
    (case,) = await cases(three.ministry)
    assert (case["kind"], case["subject"]) == ("dues", f"{THERE}>{HERE}")
    assert [await frozen(office) for office in three.all] == [[CLAIM], [DEBT], []]
    return case


async def nothing_is_owed(three, case):
    """By both, for x1: it is agreed, signed by both, and pays nothing."""
    here, there, ministry = three.all
    await correct(here, fix("fix-1", case, f"bank:{HERE}:correction", CLAIM, DUE + 100, "x1"))
    await three.quiet()
    one = (await matters(ministry))[f"{HERE}-x1", "sale"]
    amounts = (one["debtor_cny"], one["creditor_cny"])
    assert (one["state"], *amounts) == ("differs", decimal(DUE), "0.00")
    await correct(there, fix("fix-1", case, DEBT, f"bank:{THERE}:correction", DUE, "x1"))
    await three.quiet()
    (statement,) = await close(three, "terms")
    assert (statement["a_owes_cny"], statement["b_owes_cny"]) == ("0.00", "0.00")
    await sign(three, statement)
    assert [await instructions(office) for office in three.all] == [[], [], []]
    assert {one["state"] for one in await here.market.list("/v1/settlement-statements")} == {
        "approved"
    }


async def explained(three):
    """What was said of x0 first, and by which correction it changed."""
    one = (await matters(three.ministry))[f"{HERE}-x0", "sale"]
    assert (one["state"], one["creditor_cny"]) == ("agreed", decimal(DUE))
    first, second = one["creditor_revisions"]
    assert (first["number"], first["amount_cny"]) == (1, decimal(DUE + 100))
    assert (first["entry"], first["correction"]) == (one["creditor_entry"], None)
    assert (second["number"], second["amount_cny"]) == (2, decimal(DUE))
    told = (second["correction"], second["reason"], second["document"])
    assert told == ("fix-0", "wrong_amount", DOCUMENT)
    leaf = "SELECT encode(leaf_hash, 'hex') FROM record WHERE kind = :kind AND subject = :id"
    assert second["entry"] == await three.here.one(leaf, kind="entry.correction", id="fix-0")
    assert [len(one[f"{side}_revisions"]) for side in ("debtor", "creditor")] == [1, 2]
    own = (await matters(three.here))[f"{HERE}-x0", "sale"]
    assert [r["entry"] for r in own["creditor_revisions"]] == [first["entry"], second["entry"]]


async def done_again(office, cluster, copy):
    """The correction and its letter, by a node that was put back to before them."""
    async with recovered(cluster, office, copy) as (db, entries):
        kinds = [json.loads(entry)["kind"] for entry in entries]
        assert kinds == ["correction.proposed", "entry.correction"] * 3
        async with db.read() as reader:
            letters = (await reader.run(text(LETTERS))).all()
    assert letters == await office.rows(LETTERS)


async def test_a_debt_that_differs_is_corrected_agreed_stated_and_paid(three, cluster, monkeypatch):
    here, _, ministry = three.all
    with monkeypatch.context() as patch:
        case = await differing(three, patch)
    assert (await plotted(three))["code"] == "quota-unpaid"
    await nothing_is_owed(three, case)

    # Of x0 the home has claimed a yuan too much; a second entry takes it back.
    # Of x2 its books have said nothing: two entries together claim what is right.
    copy = await copied(cluster, here)
    await correct(here, fix("fix-2", case, CLAIM, COUNTY_OF, hundredths(COSTS), "x2"))
    await correct(here, fix("fix-3", case, CLAIM, COLLECTIVE, DUE - hundredths(COSTS), "x2"))
    await correct(here, fix("fix-0", case, f"collective:{HERE}:v0", CLAIM, 100, "x0"))
    await three.quiet()
    await explained(three)
    await done_again(here, cluster, copy)
    assert (await run(three))["outcome"] == "agreed"
    assert [await frozen(office) for office in three.all] == [[], [], []]
    assert await cases(ministry) == []

    (statement,) = await close(three, "terms")
    assert (statement["a_owes_cny"], statement["b_owes_cny"]) == (decimal(2 * DUE), "0.00")
    await sign(three, statement)
    assert (await plotted(three))["code"] == "quota-unpaid"
    (payment,) = await instructions(here)
    line = Line("r1", payment["id"], 2 * DUE, account_of(THERE))
    assert await take(here, "f1", line) == ["confirmed"]
    await three.quiet()
    assert await owed(three) == {}
    assert (await plotted(three))["lot"] == "l0"
    refused = [("pay.obligation", "obligation-differs")]
    assert [await office.refused() for office in three.all] == [refused, [], []]


async def test_what_is_agreed_is_not_stated_anew_at_any_node(three):
    """The letter of a correction comes once more, as a later one would come too late."""
    (row,) = await three.ministry.rows(
        "SELECT note, entry FROM inbox WHERE type = 'pay.stated' AND transfer = :id"
        " AND revision > 4",
        id=f"{HERE}-x0",
    )
    letter = replace(again(row, three.here, "pay.stated", f"{HERE}-x0"), revision=8)
    count = "SELECT count(*) FROM record"
    before = await three.ministry.one(count)
    assert await code_of(three.ministry, take_stated, letter) is BetweenRefusal.STATED_ALREADY
    changed = {"number": 3, "before_cny": letter.body["amount_cny"], "amount_cny": "1.00"}
    late = Stated.from_body(dict(letter.body) | changed)
    assert await code_of(three.ministry, hear, late) is BetweenRefusal.STATED_TOO_LATE
    assert await three.ministry.one(count) == before


async def code_of(office, work, command):
    with pytest.raises(Rejected) as refused:
        await office.node.db.transact(work, command)
    return refused.value.refusal


async def hear(tx, stated):
    why = None if stated.number == 1 else Why("fix", "wrong_amount", DOCUMENT)
    entry = f"{stated.side.value:a<9}{stated.number}".encode().hex().ljust(64, "0")
    await clearing.hear(tx, stated, entry, why)


def said(side, number, before, amount):
    return Stated(
        transfer=NEW,
        kind=StatedKind.SALE,
        side=side,
        debtor=THERE,
        creditor=HERE,
        amount=Fen(amount),
        number=number,
        before=Fen(before),
    )


ARRIVING = (
    said(StatedSide.DEBTOR, 1, 0, 400),
    said(StatedSide.CREDITOR, 1, 0, 500),
    said(StatedSide.CREDITOR, 2, 500, 450),
    said(StatedSide.CREDITOR, 3, 450, 400),
)
TOLD = """
    SELECT kind, convert_from(body, 'UTF8')::jsonb -> 'body' AS body FROM record
    WHERE subject = :transfer AND kind LIKE 'obligation.%' ORDER BY id
"""


class UndoneError(Exception):
    """What was tried is taken back."""


async def test_statements_may_come_in_any_order_and_are_agreed_once(three):
    ends = set()
    for order in permutations(ARRIVING):

        async def heard(tx, order):
            for stated in order:
                await hear(tx, stated)
            rows = (await tx.run(text(TOLD), {"transfer": NEW})).all()
            raise UndoneError(rows)

        with pytest.raises(UndoneError) as undone:
            await three.ministry.node.db.transact(heard, order)
        (rows,) = undone.value.args
        agreed = [row.body for row in rows if row.kind == "obligation.agreed"]
        assert rows[-1].body == agreed[0]
        ends.add(str(agreed))
        assert [len(one["creditor_corrections"]) for one in agreed] == [2]
        assert sum(row.kind == "obligation.restated" for row in rows) == 2
    assert len(ends) == 1


async def test_a_statement_that_begins_elsewhere_is_refused_whichever_comes_second(three):
    honest, wrong = ARRIVING[1], said(StatedSide.CREDITOR, 2, 499, 450)
    for order in permutations((honest, wrong)):

        async def heard(tx, order):
            for stated in order:
                await hear(tx, stated)

        refusal = await code_of(three.ministry, heard, order)
        assert refusal is BetweenRefusal.STATED_OTHERWISE


@asynccontextmanager
async def database_of(cluster, office, role="hrt_app"):
    connection = await asyncpg.connect(
        cluster.dsn(role, await office.one("SELECT current_database()"))
    )
    try:
        yield connection
    finally:
        await connection.close()


async def together(app, statements):
    async with app.transaction():
        for query, values in statements:
            await app.execute(query, *values)


async def test_the_database_itself_holds_what_was_stated(three, cluster):
    """At a province's node what stands in a statement is agreed."""
    for office, odds in ((three.ministry, AT_ODDS), (three.here, AT_ODDS[:1])):
        own = await office.one("SELECT min(id) FROM record")
        async with database_of(cluster, office) as app:
            for message, statements in odds:
                done = [(q, [own if v == "own" else v for v in vs]) for q, *vs in statements]
                with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=message):
                    await together(app, done)


async def test_a_correction_is_not_approved_without_stating_its_debt_anew(three, cluster):
    proposed = """
        INSERT INTO correction (id, case_id, province, source, target, amount, reason, document,
            proposed_by, obligation, obligation_kind)
        SELECT 'fix-9', case_id, province, source, target, amount, reason, document, 'x',
            obligation, obligation_kind FROM correction WHERE id = 'fix-0'
    """
    approved = "UPDATE correction SET approved_by = 'y' WHERE id = 'fix-9'"
    async with database_of(cluster, three.here) as app:
        with pytest.raises(asyncpg.RestrictViolationError, match="has not stated its debt anew"):
            await together(app, [(proposed, []), (approved, [])])


async def test_a_row_of_a_debt_stated_anew_that_somebody_changed_is_named(three, cluster):
    change = "UPDATE stated_obligation SET amount_fen = amount_fen + {} WHERE number = 2"
    for office in (three.here, three.ministry):
        async with database_of(cluster, office, "postgres") as owner:
            await owner.execute("SET session_replication_role = replica")
            await owner.execute(change.format(1))
            async with office.node.db.read() as reader:
                named = (await verify_node(reader)).findings
            await owner.execute(change.format(-1))
        rows = [one for one in named if one.startswith("stated obligation")]
        assert f"{HERE}-x0 sale creditor 2" in rows[0]


async def test_every_node_agrees_with_itself_and_the_error_is_named_for_ever(three):
    for office in three.all:
        async with office.node.db.read() as reader:
            assert (await verify_node(reader)).findings == []
    assert [await audited(office) for office in three.all] == [
        {"entry.settlement_home"},
        set(),
        set(),
    ]


async def test_what_is_forged_of_statements_anew_is_named(three):
    logs, honest = {}, {}
    for name in ("here", "there", "ministry"):
        rows = await getattr(three, name).rows("SELECT body FROM record ORDER BY id")
        logs[name] = [bytes(row.body) for row in rows]
        honest[name] = audit_records(logs[name]).counts
    missed = []
    for office, kind, changed, rule in FORGERIES_ANEW:
        report = audit_records(forged(logs[office], kind, **changed))
        if report.counts.get(rule, 0) <= honest[office].get(rule, 0):
            missed.append((office, kind, changed, rule, dict(report.counts)))
    assert missed == []
