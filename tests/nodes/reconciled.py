"""Rounds of reconciliation over three nodes: what tests of them share."""

import asyncio
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import text

from app import ledger
from app.audit.stream import audit_records
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.main import verify_node
from app.platform.postgres_process import free_port
from app.replay.client import NODE
from tests.nodes.linked import serving
from tests.nodes.three import HERE, THERE
from tests.story import COUNTY

SECONDS_MAX = 30
CAUSE = {"cause": "inspection"}


@asynccontextmanager
async def served(office):
    """A node's API, log and pages at a port of this machine; answers with the address."""
    port = free_port(0)
    async with serving(office.market.http._transport.app, port):
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def log_of(three, office):
    """A node is served, and the ministry's node looks for its log there."""
    async with served(office) as address:
        await move_log(three, office, address)
        yield address


async def move_log(three, office, url):
    async def work(tx, url):
        update = text("UPDATE peer SET log_url = :url WHERE name = :name")
        await tx.run(update, {"url": url, "name": office.node.name})

    await three.ministry.node.db.transact(work, url)


async def published(office):
    """Wait until the log shows every record."""
    query = "SELECT count(*) FROM record"
    shown = "SELECT coalesce(max(size), 0) FROM tlog_publication WHERE tree = 'sha256'"
    for _ in range(SECONDS_MAX * 20):
        if await office.one(query) == await office.one(shown):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the log does not come to its end")


async def begin(three):
    for office in three.all:
        await published(office)
    return await three.ministry.must("ministry", NODE, "/v1/reconciliations", CAUSE)


async def run(three):
    """A round from its beginning to its end, with all that it freezes or frees."""
    round_ = await begin(three)
    for _ in range(SECONDS_MAX * 20):
        (shown,) = [r for r in await rounds(three) if r["number"] == round_["number"]]
        if shown["outcome"] is not None:
            await three.quiet()
            return shown
        await asyncio.sleep(0.05)
    raise AssertionError(shown)


async def rounds(three):
    return await three.ministry.market.list("/v1/reconciliations")


async def cases(office, *, still=True):
    found = await office.market.list("/v1/reconciliation-cases")
    return [case for case in found if (case["closed_at"] is None) == still]


async def frozen(office):
    rows = await office.rows("SELECT code FROM ledger_account WHERE frozen ORDER BY code")
    return [row.code for row in rows]


async def audited(office):
    """What an audit of a node's log, in the log's own order, finds: the kinds of records."""
    rows = await office.rows("""
        SELECT r.body FROM tlog_leaf l JOIN record r ON r.id = l.record_id ORDER BY l.leaf_index
    """)
    report = audit_records(bytes(row.body) for row in rows)
    return {finding.kind for finding in report.kept}


async def well(three):
    """Every node's books, rows and log agree."""
    for office in three.all:
        async with office.node.db.read() as reader:
            assert (await verify_node(reader)).findings == []
        assert await audited(office) == set()


async def owe_alone(office, household):
    """A province books a debt that nobody claims: 70 yuan of a household's account, to `THERE`.

    Answers with the two accounts, that of the debt first.
    """
    await office.story.issue(household)
    await office.story.must("land_income", county=COUNTY, amount_cny="5000.00")
    await office.story.must("subsidise", household=household)
    housing = AccountRef(AccountKind.HOUSING, household, HERE)
    debt = AccountRef(AccountKind.DUE_TO, THERE, HERE)
    facts = {"transfer": "x9", "from": HERE, "to": THERE, "balance": "70.00"}
    draft = Draft(
        kind=EntryKind.ACCOUNT_MOVED_OUT,
        key=f"account-out:{household}:x9",
        province=HERE,
        subject=household,
        moves=move(housing, debt, 7000),
        facts=facts | {"decision": "0" * 64},
    )
    await office.node.db.transact(ledger.post, [draft])
    return debt, housing


@asynccontextmanager
async def superuser(cluster, office):
    """Somebody who owns the database goes around what it holds."""
    name = await office.one("SELECT current_database()")
    owner = await asyncpg.connect(cluster.dsn("postgres", name))
    triggers = await owner.fetch("""
        SELECT tgrelid::regclass AS of, tgname AS name FROM pg_trigger
        WHERE tgrelid IN ('ledger_posting'::regclass, 'ledger_account'::regclass)
            AND tgenabled = 'A'
    """)
    try:
        for one in triggers:
            await owner.execute(f"ALTER TABLE {one['of']} DISABLE TRIGGER {one['name']}")
        yield owner
    finally:
        for one in triggers:
            await owner.execute(f"ALTER TABLE {one['of']} ENABLE ALWAYS TRIGGER {one['name']}")
        await owner.close()


async def tamper(owner, ticket, amount):
    """A ticket becomes larger than it was issued, in postings and balances alike."""
    entry = await owner.fetchrow(
        """UPDATE ledger_posting p SET amount = p.amount + $2
           FROM ledger_entry e WHERE e.record_id = p.entry_id AND e.key = $1
           RETURNING p.source_id, p.target_id""",
        f"issue:{ticket}",
        amount,
    )
    for account, delta in ((entry[0], -amount), (entry[1], amount)):
        await owner.execute(
            "UPDATE ledger_account SET balance = balance + $2, floor = NULL WHERE id = $1",
            account,
            delta,
        )
    rows = await owner.fetch("SELECT code FROM ledger_account WHERE id = ANY($1)", list(entry))
    return sorted(row["code"] for row in rows)
