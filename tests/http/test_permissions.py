"""Refusal by default: who may call what, who sees what, and what nobody may hold or find."""

import uuid

import pytest

from app import transparency
from app.kernel.principal import Role
from app.replay import load_case, play
from tests.http.permitted import (
    APPROVER,
    CITY,
    CLERK,
    COMMANDS,
    DESK,
    EXCHANGE,
    FUND,
    KEEPER,
    OWN_SESSION,
    PUBLIC,
    QUERIES,
    SIGN_IN,
    SYSTEM,
    VIEWER,
    B,
    C,
    P,
    S,
    T,
    V,
)
from tests.http.support import (
    CASES,
    CUSTODIAN,
    NODE,
    admit_custodian,
    assert_problem,
    shown_by_feed,
)

PARTY = {
    V: "h1",
    C: "v1",
    T: "v1",
    CLERK: "500237",
    APPROVER: "500237",
    CITY: "500106",
    EXCHANGE: "500000",
    FUND: "500000",
    P: "500000",
    DESK: "500000",
    B: "b1",
    VIEWER: "b1",
    KEEPER: CUSTODIAN,
}
IDS = {
    "household": "h1",
    "year": "2026",
    "application": "a1",
    "evidence": "e1",
    "request": "q1",
    "ticket": "t1",
    "statement": "1-330000-500000",
    "instruction": "5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f",
    "lot": "l1",
    "code": "housing:500000:h1",
    "entry": "1",
    "index": "0",
    "path": "0/000.p/1",
    "key": "never-sent",
}
NOT_KEPT = "/log-sm3/"
"""Addresses of the second tree, which this node does not keep."""


@pytest.fixture(scope="module")
async def market(shared):
    """Three households of one village whose tickets were sold in one sealed lot."""
    await play(load_case(CASES / "b-sealed-tie.yaml"), shared.market)
    await admit_custodian(shared)
    settings, keys = shared.app.state.settings, shared.app.state.keys
    publishers = await transparency.open_log(shared.db, settings, keys)
    await transparency.advance(shared.db, publishers)
    await publishers[0].http.aclose()
    IDS["id"] = await shared.owner.fetchval("SELECT min(id) FROM receipt")
    return shared


def filled(path):
    path = path.format(**IDS | ({"code": "not-found"} if "/problems/" in path else {}))
    # Nothing is worked out for a province that does not exist: who may ask is told all the same.
    asked = {"/log/consistency": "?old=0", "/log-sm3/consistency": "?old=0"}
    return path + (asked | {"/v1/matching": "?province=999999"}).get(path, "")


async def bearer(node, role):
    return {"Authorization": f"Bearer {await node.market.token(role, PARTY.get(role, NODE))}"}


def operations(node, method):
    return {path for path, item in node.app.openapi()["paths"].items() if method in item}


async def test_the_tables_name_every_operation(market):
    own = OWN_SESSION["post"] | {SIGN_IN}
    assert operations(market, "post") == COMMANDS.keys() | own
    assert operations(market, "get") == QUERIES.keys() | OWN_SESSION["get"]
    methods = {m for item in market.app.openapi()["paths"].values() for m in item}
    assert methods == {"get", "post"}


@pytest.mark.parametrize("path", COMMANDS)
async def test_a_command_is_refused_to_all_but_its_roles(market, path):
    state = await market.state()
    assert_problem(await market.http.post(path, json={}), 401, "unauthenticated")
    for role in Role:
        headers = await bearer(market, role)
        answer = await market.http.post(path, json={}, headers=headers)
        if role in COMMANDS[path]:
            assert_problem(answer, 400, "idempotency-key-missing")
            keyed = headers | {"Idempotency-Key": uuid.uuid4().hex}
            answer = await market.http.post(path, json={}, headers=keyed)
            assert_problem(answer, 422, "invalid-request")
        else:
            assert_problem(answer, 403, "forbidden")
    after = await market.state()
    changed = {table for table in after if after[table] != state[table]}
    assert changed <= {"credential", "record", "tlog_pending", "idempotency"}, (
        "only credentials were issued"
    )


async def test_a_credential_for_programs_has_no_session(market):
    for role in Role:
        headers = await bearer(market, role) | {"Idempotency-Key": uuid.uuid4().hex}
        for method, paths in OWN_SESSION.items():
            for path in paths:
                body = {"json": {}} if method == "post" else {}
                answer = await market.http.request(method, path, headers=headers, **body)
                assert_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("path", QUERIES)
async def test_a_query_is_refused_to_all_but_its_roles(market, path):
    allowed = QUERIES[path]
    if path.endswith("/feed"):
        answer = await shown_by_feed(market, IDS["lot"])
    else:
        answer = await market.http.get(filled(path))
    if allowed is PUBLIC:
        assert answer.status_code == (404 if path.startswith(NOT_KEPT) else 200)
        return
    assert_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    for role in Role:
        answer = await market.http.get(filled(path), headers=await bearer(market, role))
        if role in allowed:
            assert answer.status_code in {200, 404}
        else:
            assert_problem(answer, 403, "forbidden")


async def seen_by(node, role, party, path):
    answer = await node.get(role, party, path, limit=200)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_villager_sees_only_its_own(market):
    for h, a in (("h1", "a1"), ("h2", "a2"), ("h3", "a3")):
        assert [x["id"] for x in await seen_by(market, V, h, "/v1/applications")] == [a]
        accounts = await seen_by(market, V, h, "/v1/housing-accounts")
        assert [x["household"] for x in accounts] == [h]
        assert await seen_by(market, V, h, "/v1/ledger/parties") == []
        for other, its in (("h1", "a1"), ("h2", "a2"), ("h3", "a3")):
            mine = 200 if other == h else 404
            code = f"housing:500000:{other}"
            for path in (
                f"/v1/households/{other}",
                f"/v1/households/{other}/dossier",
                f"/v1/households/{other}/statements/2026",
                f"/v1/applications/{its}",
                f"/v1/housing-accounts/{other}",
                f"/v1/ledger/accounts/{code}",
                f"/v1/ledger/accounts/{code}/movements",
            ):
                assert (await market.get(V, h, path)).status_code == mine, path


async def test_a_bidder_sees_only_itself(market):
    for b in ("b1", "b2", "b3"):
        assert [x["id"] for x in await seen_by(market, B, b, "/v1/bidders")] == [b]
        for path in ("/v1/applications", "/v1/housing-accounts", "/v1/contracts", "/v1/rentals"):
            assert await seen_by(market, B, b, path) == []
        for other in ("b1", "b2", "b3"):
            mine = 200 if other == b else 404
            for code in (f"bidder_cash:000000:{other}", f"deposit:500000:l1:{other}"):
                answer = await market.get(B, b, f"/v1/ledger/accounts/{code}")
                assert answer.status_code == mine, code
    account = "/v1/ledger/accounts/collective:500000:v1"
    assert (await market.get(B, "b1", account)).status_code == 404


async def test_another_province_county_or_village_sees_nothing(market):
    for code, zone in (("340000", None), ("340104", "urbanised")):
        region = {"code": code, "name": "安徽", "zone": zone}
        assert (await market.post(SYSTEM, NODE, "/v1/regions", region)).status_code == 201
    village = {"id": "v9", "name": "某村", "county": "340104", "members": 1}
    assert (await market.post(SYSTEM, NODE, "/v1/collectives", village)).status_code == 201
    strangers = {C: "v9", T: "v9", CLERK: "340104", APPROVER: "340104", CITY: "340104"}
    strangers |= dict.fromkeys((EXCHANGE, FUND, P, DESK), "340000")
    accounts = await market.owner.fetch("SELECT code FROM ledger_account WHERE balance <> 0")
    codes = [row[0] for row in accounts if not row[0].startswith("bank:")]
    assert len(codes) > 10
    for role, party in strangers.items():
        for path in ("/v1/applications", "/v1/housing-accounts", "/v1/ledger/parties"):
            assert await seen_by(market, role, party, path) == [], (role, path)
        for path in ("/v1/applications/a1", "/v1/housing-accounts/h1", "/v1/households/h1"):
            if "households" not in path or role in QUERIES["/v1/households/{household}"]:
                assert_problem(await market.get(role, party, path), 404, "not-found")
        for code in codes:
            answer = await market.get(role, party, f"/v1/ledger/accounts/{code}")
            assert_problem(answer, 404, "not-found")


async def test_every_movement_can_be_explained_to_whom_it_concerns(market):
    for row in await market.owner.fetch("SELECT code FROM ledger_account"):
        path = f"/v1/ledger/accounts/{row[0]}/movements"
        for movement in await seen_by(market, S, NODE, path):
            answer = await market.get(S, NODE, f"{path}/{movement['entry']}/explanation")
            assert answer.status_code == 200, answer.text
            lines = answer.json()["lines"]
            fen = [int(line["amount"].replace(".", "")) for line in lines]
            assert sum(fen) == int(movement["amount"].replace(".", ""))
