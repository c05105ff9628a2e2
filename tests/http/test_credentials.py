"""Credentials: who may hold one, how long it lasts, and that nothing kept lets anyone use it."""

import asyncio
import uuid

import asyncpg
import pytest

from app.kernel.principal import Role
from app.replay import load_case, play
from tests.http.support import CASES, NODE, assert_problem

V, C, T = Role.VILLAGER, Role.COLLECTIVE, Role.TOWNSHIP
CLERK, APPROVER, CITY = Role.COUNTY_CLERK, Role.COUNTY_APPROVER, Role.CITY
EXCHANGE, FUND, B, P = Role.EXCHANGE, Role.FUND_CENTRE, Role.BIDDER, Role.PROVINCE
DESK, M, S = Role.OPERATOR, Role.MINISTRY, Role.SUPERVISOR
SYSTEM, SECURITY, AUDIT = Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN


@pytest.fixture(scope="module")
async def market(shared):
    """Three households of one village whose tickets were sold in one sealed lot."""
    await play(load_case(CASES / "b-sealed-tie.yaml"), shared.market)
    return shared


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic aHJ0OmhydA==",
        "Bearer hrt",
        "Bearer hrt_x_y",
        "Bearer hrt__",
        "Bearer hrt_%00_x",
        "bearer x y z",
    ],
)
async def test_what_is_no_credential_is_refused(market, header):
    for path in ("/v1/applications", "/v1/bidders"):
        answer = await market.http.get(path, headers={"Authorization": header})
        assert_problem(answer, 401, "unauthenticated")


async def test_a_credential_with_another_secret_is_refused(market):
    token = await market.market.token(S, NODE)
    prefix, id_, secret = token.split("_", 2)
    for changed in (f"{token}x", token[:-1], f"{prefix}_{id_}_{secret.swapcase()}", f"x{token}"):
        answer = await market.http.get(
            "/v1/applications", headers={"Authorization": f"Bearer {changed}"}
        )
        assert_problem(answer, 401, "unauthenticated")


async def issue(node, role, party, person, **more):
    body = {"person": person, "role": role, "party": party} | more
    return await node.post(SECURITY, NODE, "/v1/credentials", body)


async def test_a_revoked_credential_is_refused_at_once(node):
    issued = (await issue(node, S, NODE, "p1")).json()
    headers = {"Authorization": f"Bearer {issued['token']}"}
    assert (await node.http.get("/v1/applications", headers=headers)).status_code == 200
    body = {"credential": issued["id"]}
    revoked = await node.post(SECURITY, NODE, "/v1/credential-revocations", body)
    assert revoked.json()["revoked_at"]
    answer = await node.http.get("/v1/applications", headers=headers)
    assert_problem(answer, 401, "unauthenticated")


async def test_a_credential_ends_at_its_expiry(node):
    expiry = "2026-03-01T09:00:00+08:00"
    for moment, status in (("2026-03-01T08:59:59+08:00", 200), (expiry, 401)):
        await node.post(SYSTEM, NODE, "/v1/clock", {"to": moment})
        if status == 200:
            issued = (await issue(node, S, NODE, "p1", expires_at=expiry)).json()
        headers = {"Authorization": f"Bearer {issued['token']}"}
        assert (await node.http.get("/v1/applications", headers=headers)).status_code == status
    # Without a term of its own a credential lasts a year.
    lasting = (await issue(node, S, NODE, "p2")).json()
    assert lasting["expires_at"] == "2027-03-01T09:00:00+08:00"


async def test_a_secret_is_shown_once_and_kept_as_a_hash(node):
    key = uuid.uuid4().hex
    body = {"person": "p1", "role": S, "party": NODE}
    first = await node.post(SECURITY, NODE, "/v1/credentials", body, key=key)
    again = await node.post(SECURITY, NODE, "/v1/credentials", body, key=key)
    token = first.json()["token"]
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json() | {"token": None}
    listed = (await node.get(SECURITY, NODE, "/v1/credentials")).text
    whole = await node.dump()
    for secret in (token, token.rsplit("_", 1)[1], node.market.security_token.rsplit("_", 1)[1]):
        assert secret not in whole
        assert secret not in listed
    assert first.json()["id"] in whole


async def test_a_credential_acts_for_a_party_of_its_roles_kind(market):
    wrong = {
        V: ["v1", "b1", "500000", NODE, "nobody"],
        C: ["h1", "500237", "nobody"],
        CLERK: ["500000", "h1", "999999"],
        CITY: ["500000", "v1"],
        P: ["500237", NODE, "h1"],
        EXCHANGE: ["500106"],
        B: ["h1", "nobody"],
        S: ["500000", "h1"],
        M: ["500000"],
        SYSTEM: ["500000"],
    }
    for role, parties in wrong.items():
        for party in parties:
            assert_problem(await issue(market, role, party, "p9"), 404, "not-found")


async def test_administrators_hold_no_second_role(node):
    for role in (SYSTEM, SECURITY, AUDIT):
        for other in (SYSTEM, SECURITY, AUDIT, S, M):
            person = f"{role}.{other}"
            assert (await issue(node, role, NODE, person)).status_code == 201
            answer = await issue(node, other, NODE, person)
            if other == role:
                assert answer.status_code == 201
            else:
                assert_problem(answer, 409, "role-conflict")
            assert (await issue(node, S, NODE, f"x.{person}")).status_code == 201
            assert_problem(await issue(node, role, NODE, f"x.{person}"), 409, "role-conflict")


async def test_of_two_administrators_roles_at_once_one_is_given(node):
    await node.market.token(SECURITY, NODE)
    for n in range(5):
        roles = (SYSTEM, AUDIT, SECURITY, S) * 3
        answers = await asyncio.gather(*(issue(node, role, NODE, f"race{n}") for role in roles))
        given = {a.json()["role"] for a in answers if a.status_code == 201}
        assert len(given) == 1
        assert {a.status_code for a in answers} == {201, 409}


async def test_the_database_itself_keeps_administrators_apart(node):
    insert = """
        INSERT INTO credential (id, person, role, party, secret_hash, expires_at)
        VALUES ($1, $2, $3, '000000', sha256('x'), 'infinity')
    """
    for n, (first, second) in enumerate(
        [(SYSTEM, AUDIT), (SECURITY, SYSTEM), (AUDIT, S), (M, SECURITY), (V, SYSTEM)]
    ):
        await node.owner.execute(insert, f"first{n}", f"person{n}", first)
        with pytest.raises(asyncpg.ExclusionViolationError):
            await node.owner.execute(insert, f"second{n}", f"person{n}", second)
