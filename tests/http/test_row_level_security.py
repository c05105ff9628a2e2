"""The database shows a query what concerns its principal, whatever its SQL forgets."""

import pytest
from sqlalchemy import text

from app.kernel.principal import Principal, Role
from app.platform.calls import Query
from app.replay import load_case, play
from tests.conftest import ROOT

TABLES = ("household", "application", "housing_account", "rental", "contract", "subsidy")
SEEN = {
    # principal: rows seen of household, application, housing_account
    (Role.VILLAGER, "h2"): (1, 1, 1),
    (Role.VILLAGER, "h9"): (0, 0, 0),
    (Role.COLLECTIVE, "v1"): (3, 3, 3),
    (Role.TOWNSHIP, "v2"): (0, 0, 0),
    (Role.COUNTY_CLERK, "500237"): (3, 3, 3),
    (Role.COUNTY_CLERK, "500106"): (0, 0, 0),
    (Role.FUND_CENTRE, "500000"): (3, 3, 3),
    (Role.FUND_CENTRE, "330000"): (0, 0, 0),
    (Role.BIDDER, "b1"): (0, 0, 0),
    (Role.SUPERVISOR, "000000"): (3, 3, 3),
}


async def count(reader, table, where="true"):
    found = await reader.run(text(f"SELECT count(*) FROM {table} WHERE {where}"))
    return found.scalar_one()


@pytest.mark.parametrize(("role", "party"), SEEN)
async def test_a_query_without_any_condition_still_sees_only_its_own(market, db, role, party):
    await play(load_case(ROOT / "cases" / "b-sealed-tie.yaml"), market)
    query = Query(db, Principal("c", "p", role, party))
    async with query.read() as reader:
        seen = [await count(reader, table) for table in TABLES[:3]]
        housing = await count(reader, "ledger_account", "kind = 'housing'")
    assert tuple(seen) == SEEN[role, party]
    assert housing == SEEN[role, party][2]


async def test_what_hangs_on_an_account_is_seen_with_it(market, db):
    await play(load_case(ROOT / "cases" / "e-refusals.yaml"), market)
    for party, expected in (("h1", (1, 1, 1)), ("h2", (0, 0, 0))):
        query = Query(db, Principal("c", "p", Role.VILLAGER, party))
        async with query.read() as reader:
            assert tuple([await count(reader, table) for table in TABLES[3:]]) == expected


async def test_whom_a_connection_read_for_is_forgotten_with_the_transaction(market, db):
    await play(load_case(ROOT / "cases" / "b-sealed-tie.yaml"), market)
    query = Query(db, Principal("c", "p", Role.BIDDER, "b1"))
    for _ in range(20):
        async with query.read() as reader:
            assert await count(reader, "household") == 0
        async with db.read() as reader:
            assert await count(reader, "household") == 3


async def test_every_table_with_a_household_in_it_is_guarded(db):
    async with db.read() as reader:
        rows = await reader.run(
            text("""
                SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
                  AND a.attname = 'household' AND NOT c.relrowsecurity
            """)
        )
        unguarded = {row.relname for row in rows}
    # Tickets are public without their households, which the route leaves out.
    assert unguarded == {"ticket"}
