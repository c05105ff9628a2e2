"""Refusal by default: who may call what, who sees what, and what nobody may hold or find."""

import uuid

import pytest

from app import transparency
from app.kernel.principal import Role
from app.replay import load_case, play
from tests.http.support import (
    CASES,
    CUSTODIAN,
    NODE,
    admit_custodian,
    assert_problem,
    shown_by_feed,
)

V, C, T = Role.VILLAGER, Role.COLLECTIVE, Role.TOWNSHIP
CLERK, APPROVER, CITY = Role.COUNTY_CLERK, Role.COUNTY_APPROVER, Role.CITY
EXCHANGE, FUND, B, P = Role.EXCHANGE, Role.FUND_CENTRE, Role.BIDDER, Role.PROVINCE
DESK, M, S = Role.OPERATOR, Role.MINISTRY, Role.SUPERVISOR
KEEPER, VIEWER = Role.CUSTODIAN, Role.BIDDER_VIEWER
SYSTEM, SECURITY, AUDIT = Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN

# Who may do what, in the order in which a homestead becomes housing money. The service window of
# a province (DESK) takes every step of the market on paper; nobody else does what is not theirs.
COMMANDS = {
    # set up: the technical administrator or the province registers; the exchange admits bidders
    # and books their cash
    "/v1/regions": {SYSTEM, P},
    "/v1/collectives": {SYSTEM, P},
    "/v1/households": {SYSTEM, P},
    "/v1/bidders": {EXCHANGE},
    "/v1/cash-deposits": {EXCHANGE},
    # credentials and custodians: the security administrator alone
    "/v1/custodians": {SECURITY},
    "/v1/credentials": {SECURITY},
    "/v1/credential-revocations": {SECURITY},
    # logins too: a login adds no right to the credentials of its person
    "/v1/logins": {SECURITY},
    "/v1/password-resets": {SECURITY},
    # policy: two people of the province, coefficients: two of the ministry
    "/v1/policies": {P},
    "/v1/policy-approvals": {P},
    "/v1/coefficients": {M},
    "/v1/coefficient-approvals": {M},
    # withdrawal: villager, village, township, county, city
    "/v1/applications": {V, CLERK, DESK},
    "/v1/revocations": {V, CLERK, DESK},
    "/v1/village-reviews": {C, DESK},
    "/v1/objections": {V, C, T, DESK},
    "/v1/rulings": {T, DESK},
    "/v1/township-determinations": {T, DESK},
    "/v1/county-approvals": {APPROVER, DESK},
    "/v1/city-approvals": {CITY, P, DESK},
    # evidence: each office files what its stage brings
    "/v1/evidence": {C, T, CLERK, APPROVER, CITY, DESK},
    # tickets: the county accepts and issues, the holder hands in
    "/v1/acceptances": {CLERK, APPROVER, DESK},
    "/v1/tickets": {CLERK, APPROVER, DESK},
    "/v1/hand-ins": {V, CLERK, DESK},
    # auction: the exchange lists, bidders bid and pay
    "/v1/lots": {EXCHANGE, DESK},
    "/v1/notices": {EXCHANGE},
    "/v1/freezes": {EXCHANGE, DESK},
    "/v1/resumptions": {EXCHANGE, DESK},
    "/v1/registrations": {B, DESK},
    "/v1/bids": {B, DESK},
    "/v1/payments": {B, DESK},
    # sealed bids: custodians answer probes, and publish their keys after the close
    "/v1/sealed-bids": {B},
    "/v1/bid-keys": {B},
    "/v1/custodian-keys": {KEEPER},
    "/v1/probes": {B, EXCHANGE},
    "/v1/probe-answers": {KEEPER},
    # maximum bids: a bidder's own affair, on no paper
    "/v1/maximum-bids": {B},
    # two-person bids: within one firm
    "/v1/bid-limits": {B},
    "/v1/bid-limit-approvals": {B},
    "/v1/bid-limit-withdrawals": {B},
    "/v1/bid-proposals": {B},
    "/v1/bid-proposal-approvals": {B},
    "/v1/bid-proposal-withdrawals": {B},
    # subsidies: the county books land income, the fund centre or province pays
    "/v1/land-incomes": {CLERK, P, DESK},
    "/v1/subsidies": {FUND, P, DESK},
    # housing: the household, or the fund centre for it
    "/v1/affordable-purchases": {V, FUND, DESK},
    "/v1/affordable-resales": {V, FUND, DESK},
    "/v1/low-rent-exchanges": {V, FUND, DESK},
    "/v1/rentals": {V, FUND, DESK},
    "/v1/rental-ends": {V, FUND, DESK},
    "/v1/public-purchases": {V, FUND, DESK},
    "/v1/refunds": {V, FUND, DESK},
    "/v1/commercial-purchases": {V, FUND, DESK},
    "/v1/mortgage-offsets": {V, FUND, DESK},
    "/v1/cash-withdrawals": {V, FUND, DESK},
    # landing: the bidder selects, the land bureau reports the sale
    "/v1/plots": {B, DESK},
    "/v1/land-sales": {CLERK, APPROVER, CITY, P, DESK},
    # between provinces
    "/v1/transfers": {V, CLERK, P, DESK},
    "/v1/transfer-acceptances": {P, DESK},
    "/v1/transfer-approvals": {M, DESK},
    "/v1/transfer-rejections": {P, M, DESK},
    "/v1/provincial-settlements": {P, M, DESK},
    # the simulated clock
    "/v1/clock": {SYSTEM},
}

# What people do with their own session, whatever their role: no bearer credential has one.
OWN_SESSION = {
    "post": {"/v1/passwords", "/v1/sessions/switch", "/v1/sessions/end"},
    "get": {"/v1/sessions", "/v1/sessions/current"},
}
SIGN_IN = "/v1/sessions"

PUBLIC = None
BUSINESS = set(Role) - {SYSTEM, SECURITY, AUDIT, M}
HOUSEHOLDS = {V, C, T, CLERK, APPROVER, FUND, P, DESK, S}
ARCHIVE = HOUSEHOLDS - {FUND} | {CITY}
BIDDERS = {B, VIEWER, EXCHANGE, FUND, S}
QUERIES = {
    "/log/checkpoint": PUBLIC,
    "/log/tile/{path}": PUBLIC,
    "/log/proof/{index}": PUBLIC,
    "/log/consistency": PUBLIC,
    "/log/vkey": PUBLIC,
    "/log-sm3/checkpoint": PUBLIC,
    "/log-sm3/tile/{path}": PUBLIC,
    "/log-sm3/proof/{index}": PUBLIC,
    "/log-sm3/consistency": PUBLIC,
    "/log-sm3/vkey": PUBLIC,
    "/log/receipts-vkey": PUBLIC,
    "/log/policy": PUBLIC,
    "/v1/receipts/{id}": PUBLIC,
    "/v1/regions": PUBLIC,
    "/v1/collectives": PUBLIC,
    "/v1/policies": PUBLIC,
    "/v1/coefficients": PUBLIC,
    "/v1/tickets": PUBLIC,
    "/v1/tickets/{ticket}": PUBLIC,
    "/v1/tickets/{ticket}/records": PUBLIC,
    "/v1/lots": PUBLIC,
    "/v1/lots/{lot}": PUBLIC,
    "/v1/lots/{lot}/bids": PUBLIC,
    "/v1/lots/{lot}/tickets": BUSINESS - {V},
    "/v1/lots/{lot}/feed": PUBLIC,
    "/v1/lots/{lot}/notice": PUBLIC,
    "/v1/lots/{lot}/opening": PUBLIC,
    "/v1/lots/{lot}/probes": PUBLIC,
    "/v1/lots/{lot}/records": PUBLIC,
    "/v1/public-notices": PUBLIC,
    "/v1/figures": PUBLIC,
    "/v1/custodians": PUBLIC,
    "/v1/lots/{lot}/payouts": PUBLIC,
    "/v1/certificates": PUBLIC,
    "/v1/plots": PUBLIC,
    "/v1/clock": PUBLIC,
    "/v1/time": PUBLIC,
    "/v1/problems": PUBLIC,
    "/v1/problems/{code}": PUBLIC,
    "/livez": PUBLIC,
    "/readyz": PUBLIC,
    "/v1/households/{household}": HOUSEHOLDS,
    "/v1/households/{household}/dossier": HOUSEHOLDS,
    "/v1/households/{household}/statements/{year}": HOUSEHOLDS,
    "/v1/households/{household}/statements/{year}/paper": HOUSEHOLDS,
    "/v1/tickets/{ticket}/paper": HOUSEHOLDS,
    "/v1/lots/{lot}/confirmation": BIDDERS,
    "/v1/certificates/{lot}/paper": BIDDERS,
    "/v1/applications": BUSINESS,
    "/v1/applications/{application}": BUSINESS,
    "/v1/applications/{application}/evidence": ARCHIVE,
    "/v1/evidence/{evidence}": ARCHIVE,
    "/v1/housing-accounts": BUSINESS,
    "/v1/housing-accounts/{household}": BUSINESS,
    "/v1/contracts": BUSINESS,
    "/v1/rentals": BUSINESS,
    "/v1/ledger/accounts/{code}": BUSINESS,
    "/v1/ledger/accounts/{code}/movements": BUSINESS,
    "/v1/ledger/accounts/{code}/movements/{entry}/explanation": BUSINESS,
    "/v1/ledger/parties": BUSINESS,
    "/v1/bidders": BIDDERS,
    "/v1/registrations": {B, VIEWER},
    "/v1/lots/{lot}/bids/mine": {B, VIEWER},
    "/v1/maximum-bids": {B, VIEWER},
    "/v1/bid-limits/current": {B, VIEWER},
    "/v1/bid-proposals": {B, VIEWER},
    "/v1/outcomes/{key}": set(Role),
    "/v1/transfers": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/positions": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/provincial-settlements": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/conservation": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/flows": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/surpluses": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/gaps": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/times": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/objections": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/transfers": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/credentials": {SECURITY, AUDIT},
    "/v1/ledger/verification": {S, AUDIT, SYSTEM},
}

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
    "ticket": "t1",
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
    return path + "?old=0" if path.endswith("/consistency") else path


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
