"""The database holds a firm to its limit and to two persons, whatever a command forgets."""

import uuid

import asyncpg
import pytest

from app.platform.settings import ClockKind, Settings
from tests.conftest import TEMPLATE
from tests.http import firms
from tests.http.support import open_node
from tests.sealed import OPENS, move

SALT = "decode(repeat('5e', 32), 'hex')"
PROPOSED = "'bid', 15000001, NULL, 'ann', now(), "
PROPOSAL = "INSERT INTO bid_proposal VALUES ('b1', 'p2', 'l1', "
LIMIT = "INSERT INTO bid_limit VALUES ('b1', 'x2', "
BID = """
    INSERT INTO bid (lot, number, bidder, price_fen, at, salt, by_maximum)
    VALUES ('l1', 1, 'b1', 15000001, now(), sha256(''), false)
"""
MAXIMUM = "INSERT INTO maximum_bid VALUES ('l1', 1, 'b1', 15000001, 1, now(), sha256(''))"
APPROVED = f"{PROPOSAL}{PROPOSED}'placed', 'bob', now())"

REFUSED = {
    "approved by who proposed it": f"{PROPOSAL}{PROPOSED}'placed', 'ann', now())",
    "decided by nobody": f"{PROPOSAL}{PROPOSED}'placed', NULL, now())",
    "open and decided": f"{PROPOSAL}{PROPOSED}'open', 'bob', now())",
    "a second open one for a lot": f"{PROPOSAL}{PROPOSED}'open', NULL, NULL)",
    "a price and a note": f"{PROPOSAL}'bid', 1, 'note', 'ann', now(), 'withdrawn', 'ann', now())",
    "neither price nor note": f"{PROPOSAL}'sealed', NULL, NULL, 'ann', now(), 'open', NULL, NULL)",
    "of a firm that is not registered": APPROVED.replace("'b1'", "'b9'"),
    "another price": "UPDATE bid_proposal SET price_fen = 1",
    "another proposer": "UPDATE bid_proposal SET proposed_by = 'bob'",
    "decided twice": """
        UPDATE bid_proposal SET state = 'withdrawn', decided_by = 'ann', decided_at = now();
        UPDATE bid_proposal SET state = 'placed', decided_by = 'bob'""",
    "a proposal taken away": "DELETE FROM bid_proposal",
    "a limit by one person": f"{LIMIT}1, false, 'ann', now(), {SALT}, 'set', 2, 'ann', now())",
    "one that lowers and is higher": f"""
        {LIMIT}15000001, true, 'ann', now(), {SALT}, 'set', 2, 'ann', now())""",
    "one that lowers to none": f"""
        {LIMIT}NULL, true, 'ann', now(), {SALT}, 'set', 2, 'ann', now())""",
    "a number left out": f"{LIMIT}1, true, 'ann', now(), {SALT}, 'set', 3, 'ann', now())",
    "a limit changed": "UPDATE bid_limit SET limit_fen = 1",
    "a limit undone": "UPDATE bid_limit SET state = 'withdrawn', number = NULL",
    "a limit taken away": "TRUNCATE bid_limit",
    "a bid of one person": BID,
    "a maximum of one person": MAXIMUM,
    "a bid approved at another price": APPROVED.replace("15000001", "15000002") + ";" + BID,
    "a bid approved as a maximum": APPROVED.replace("'bid'", "'maximum'") + ";" + BID,
    "a maximum approved as a bid": APPROVED + ";" + MAXIMUM,
}
TAKEN = {
    "a bid of two persons": APPROVED + ";" + BID,
    "a maximum of two persons": APPROVED.replace("'bid'", "'maximum'") + ";" + MAXIMUM,
    "a bid up to the limit": BID.replace("15000001", "15000000"),
    "a bid of a firm without a limit": BID.replace("'b1'", "'b2'"),
    "a lower limit by one": f"{LIMIT}1, true, 'ann', now(), {SALT}, 'set', 2, 'ann', now())",
    "none any more, by two": f"{LIMIT}NULL, false, 'ann', now(), {SALT}, 'set', 2, 'bob', now())",
}


@pytest.fixture(scope="module")
async def node(cluster, tmp_path_factory):
    """Firm b1 has a limit of 150,000.00 and a proposal above it."""
    name = f"firms_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name, template=TEMPLATE)
    home = tmp_path_factory.mktemp("firms-home")
    settings = Settings(clock=ClockKind.SIMULATED, require_durable=False, pool_size=5, home=home)
    node = await open_node(cluster, name, settings)
    await firms.with_a_limit(node)
    await move(node, OPENS)
    answer = await firms.propose(node, "a", "p1", firms.OVER)
    assert answer.status_code == 201, answer.text
    yield node
    await node.close()
    cluster.drop_database(name)


async def attempt(node, statements):
    """Run them, ask what is asked at the commit, and leave nothing."""
    transaction = node.owner.transaction()
    await transaction.start()
    try:
        await node.owner.execute(statements)
        await node.owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("what", REFUSED)
async def test_the_database_refuses(node, what):
    with pytest.raises(asyncpg.PostgresError) as refused:
        await attempt(node, REFUSED[what])
    assert refused.value.sqlstate[:2] == "23", refused.value


@pytest.mark.parametrize("what", TAKEN)
async def test_the_database_takes(node, what):
    await attempt(node, TAKEN[what])
