"""Sessions: as whom they act, for how long, and that their person alone has them."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import event

from app.kernel.principal import Role
from tests.http.people import (
    LONG_AFTER,
    Browser,
    at,
    hire,
    issue,
)
from tests.http.support import NODE, assert_problem

S, M, V = Role.SUPERVISOR, Role.MINISTRY, Role.VILLAGER
SYSTEM, SECURITY = Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN
READ = "/v1/applications"
REGION = {"code": "500000", "name": "重庆市"}


async def test_a_session_acts_as_one_of_its_persons_credentials_says(node):
    await at(node, LONG_AFTER)
    await hire(node, "p-1", (S, NODE), (M, NODE))
    await at(node, "2026-03-01T09:00:01+08:00")
    browser = Browser(node)
    opened = (await browser.sign_in("p-1")).json()
    assert opened["roles"] == [{"role": M, "party": NODE}, {"role": S, "party": NODE}]
    assert (opened["role"], opened["party"], opened["person"]) == (M, NODE, "p-1")
    assert_problem(await browser.get(READ), 403, "forbidden")
    switched = (await browser.switch(S)).json()
    assert (switched["role"], switched["id"]) == (S, opened["id"])
    assert (await browser.get(READ)).status_code == 200
    assert (await browser.current()).json() == switched
    assert_problem(await browser.switch("audit_admin"), 404, "not-found")
    # The next session begins as the last one was.
    assert (await Browser(node).sign_in("p-1")).json()["role"] == S


async def test_a_sign_in_and_a_switch_give_a_new_token_and_the_old_one_is_dead(node):
    browser = await hire(node, "p-1", (S, NODE), (M, NODE))
    planted = browser.token = "a" * 43
    tokens = {planted}
    await browser.sign_in("p-1")
    tokens.add(browser.token)
    former = browser.token
    await browser.sign_in("p-1")
    tokens.add(browser.token)
    await browser.switch(S)
    tokens.add(browser.token)
    assert len(tokens) == 4
    live = browser.token
    for token in tokens:
        browser.token = token
        assert (await browser.current()).status_code == (200 if token == live else 401)
    ended = "SELECT count(*) FROM session WHERE ended_at IS NOT NULL AND token_hash = sha256($1)"
    assert await node.owner.fetchval(ended, former.encode()) == 1


async def test_of_switches_at_once_one_is_done_and_its_token_alone_lives(node):
    browser = await hire(node, "p-1", (S, NODE), (M, NODE))
    token, csrf = browser.token, browser.csrf
    tabs = [Browser(node) for _ in range(6)]
    for tab in tabs:
        tab.token, tab.csrf = token, csrf
    answers = await asyncio.gather(*(tab.switch((S, M)[n % 2]) for n, tab in enumerate(tabs)))
    assert sorted(a.status_code for a in answers) == [200] + [401] * 5
    for tab, answer in zip(tabs, answers, strict=True):
        assert (await tab.current()).status_code == answer.status_code


async def test_a_revoked_credential_ends_the_role_at_once(node):
    browser = await hire(node, "p-1", (S, NODE))
    second = await issue(node, "p-1", M)
    other = Browser(node)
    await other.sign_in("p-1")
    await other.switch(M)
    listed = (await browser.current()).json()["roles"]
    assert [pair["role"] for pair in listed] == [M, S]
    body = {"credential": second}
    await node.post(SECURITY, NODE, "/v1/credential-revocations", body)
    assert_problem(await other.get(READ), 401, "unauthenticated")
    assert_problem(await other.current(), 401, "unauthenticated")
    # Also when the role is given again: who stole the session does not get it back.
    await issue(node, "p-1", M)
    assert_problem(await other.current(), 401, "unauthenticated")
    assert (await browser.get(READ)).status_code == 200
    assert_problem(await browser.switch("audit_admin"), 404, "not-found")


async def test_a_session_ends_with_its_credential(node):
    await at(node, LONG_AFTER)
    browser = await hire(node, "p-1", (M, NODE))
    await issue(node, "p-1", S, expires_at="2026-03-01T09:10:00+08:00")
    assert (await browser.switch(S)).json()["expires_at"] == "2026-03-01T09:10:00+08:00"
    await at(node, "2026-03-01T09:09:59+08:00")
    assert (await browser.get(READ)).status_code == 200
    await at(node, "2026-03-01T09:10:00+08:00")
    assert_problem(await browser.get(READ), 401, "unauthenticated")


async def test_a_session_ends_half_an_hour_after_its_last_use(node):
    await at(node, LONG_AFTER)
    browser = await hire(node, "p-1", (S, NODE))
    for moment, status in (("09:29:59", 200), ("09:59:58", 200), ("10:29:58", 401)):
        await at(node, f"2026-03-01T{moment}+08:00")
        assert (await browser.get(READ)).status_code == status, moment
    assert_problem(await browser.end(), 401, "unauthenticated")


async def test_a_session_ends_after_twelve_hours_however_it_is_used(node):
    await at(node, LONG_AFTER)
    browser = await hire(node, "p-1", (S, NODE), (M, NODE))
    for minutes in range(29, 12 * 60, 29):
        await at(node, f"2026-03-01T{9 + minutes // 60:02d}:{minutes % 60:02d}:00+08:00")
        assert (await browser.current()).status_code == 200
    await browser.switch(M)
    await at(node, "2026-03-01T20:59:59+08:00")
    assert (await browser.current()).json()["expires_at"] == "2026-03-01T21:00:00+08:00"
    await at(node, "2026-03-01T21:00:00+08:00")
    assert_problem(await browser.current(), 401, "unauthenticated")


async def test_a_villager_is_not_signed_out_in_the_middle_of_a_day(node):
    for code, zone in (("500000", None), ("500236", "farm_product")):
        body = {"code": code, "name": "某地", "zone": zone}
        await node.post(SYSTEM, NODE, "/v1/regions", body)
    village = {"id": "v1", "name": "某村", "county": "500236", "members": 1}
    await node.post(SYSTEM, NODE, "/v1/collectives", village)
    household = {"id": "h1", "name": "某", "collective": "v1", "heads": 1}
    await node.post(SYSTEM, NODE, "/v1/households", household)
    await at(node, LONG_AFTER)
    browser = await hire(node, "p-1", (V, "h1"))
    await at(node, "2026-03-01T20:59:59+08:00")
    assert (await browser.get("/v1/households/h1")).status_code == 200
    await at(node, "2026-03-01T21:00:00+08:00")
    assert_problem(await browser.get("/v1/households/h1"), 401, "unauthenticated")


async def test_a_use_is_written_once_a_minute_and_asked_for_in_one_statement(node):
    await at(node, LONG_AFTER)
    browser = await hire(node, "p-1", (S, NODE))
    statements = []
    engine = node.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    async def cost(get):
        statements.clear()
        assert (await get(READ)).status_code == 200
        return len(statements), any("UPDATE session" in statement for statement in statements)

    async def by_credential(path):
        return await node.get(S, NODE, path)

    await by_credential(READ)
    bearer = await cost(by_credential)
    assert bearer == await cost(browser.get)
    for moment, noted in (("09:00:59", False), ("09:01:00", True), ("09:01:30", False)):
        await at(node, f"2026-03-01T{moment}+08:00")
        assert await cost(browser.get) == (bearer[0] + noted, noted), moment


async def test_people_see_and_end_their_own_sessions_and_nobody_elses(node):
    here = await hire(node, "p-1", (S, NODE))
    phone = Browser(node, agent="Mozilla/5.0 (Linux; Android 14) Chrome/120.0 MicroMessenger/8.0")
    stranger = await hire(node, "p-2", (S, NODE))
    opened = (await phone.sign_in("p-1")).json()["id"]
    listed = (await here.get("/v1/sessions")).json()["items"]
    assert {(s["device"], s["current"]) for s in listed} == {
        ("Chrome · Windows", True),
        ("WeChat · Android", False),
    }
    assert listed[0].keys() == {
        *("id", "current", "role", "party", "device"),
        *("signed_in_at", "used_at", "expires_at"),
    }
    first = await here.get("/v1/sessions", limit=1)
    rest = await here.get("/v1/sessions", limit=1, cursor=first.json()["next"])
    assert first.json()["items"] + rest.json()["items"] == listed
    assert_problem(await stranger.end(session=opened), 404, "not-found")
    assert (await here.end(session=opened)).json() == {"session": opened}
    assert_problem(await phone.get(READ), 401, "unauthenticated")
    assert_problem(await here.end(session=opened), 404, "not-found")
    assert len((await here.get("/v1/sessions")).json()["items"]) == 1
    left = await here.end()
    assert left.status_code == 200
    assert "hrt_session=" in left.headers["set-cookie"]
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert here.token is None


async def test_one_person_in_two_sessions_is_still_one_person(node):
    await node.post(SYSTEM, NODE, "/v1/regions", REGION)
    browser = await hire(node, "p-1", ("province", "500000"))
    other = Browser(node)
    await other.sign_in("p-1")
    proposal = {"id": "v9", "province": "500000", "valid_from": "2030-01-01T00:00:00+08:00"}
    body = proposal | {"parameters": {}}
    assert (await browser.post("/v1/policies", body, key="k1")).status_code == 201
    answer = await other.post("/v1/policy-approvals", {"policy": "v9"}, key="k2")
    assert_problem(answer, 409, "same-person")


async def test_the_database_holds_a_session_to_its_own_person(node):
    browser = await hire(node, "p-1", (S, NODE))
    foreign = await issue(node, "p-2", S)
    session = (await browser.current()).json()["id"]
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await node.owner.execute("UPDATE session SET credential = $1", foreign)
    await browser.end()
    with pytest.raises(asyncpg.RestrictViolationError):
        await node.owner.execute("UPDATE session SET ended_at = NULL WHERE id = $1", session)
    for statement in ("DELETE FROM session", "DELETE FROM login"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await node.owner.execute(statement)
