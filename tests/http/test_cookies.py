"""The cookie of a session: its flags, what no other site can make it do, and that no log has it."""

import re
import uuid

import pytest

from app.kernel.principal import Role
from tests.http.people import PASSWORD, Browser, create_login, hire, issue, reset
from tests.http.support import NODE, assert_problem
from tests.http.test_nothing_leaks import log

__all__ = ["log"]

S, M = Role.SUPERVISOR, Role.MINISTRY
SYSTEM = Role.SYSTEM_ADMIN
READ = "/v1/applications"
PAGE = {"Origin": "http://node", "Sec-Fetch-Site": "same-origin"}
ELSEWHERE = "https://evil.example"


async def register(browser, code="500000", **headers):
    """A command of a system administrator; a header of None is not sent."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"code": code, "name": "某省"}
    return await browser.post("/v1/regions", body, key=uuid.uuid4().hex, headers=named)


@pytest.mark.parametrize(
    ("host", "scheme", "secure"),
    [
        ("127.0.0.1:8000", "http", False),
        ("localhost:8000", "http", False),
        ("[::1]:8000", "http", False),
        ("127.0.0.1:8000", "https", True),
        ("node.example", "https", True),
        ("node.example", "http", True),
        ("localhost.evil.example", "http", True),
    ],
)
async def test_the_cookie_is_for_this_site_alone_and_for_no_script(node, host, scheme, secure):
    await issue(node, "p-1", S)
    one_time = await create_login(node, "p-1")
    body = {"login": "p-1", "password": one_time}
    headers = {"Host": host, "Origin": f"{scheme}://{host}"}
    answer = await Browser(node).send(
        "POST", f"{scheme}://{host}/v1/sessions", json=body, headers=headers
    )
    assert answer.status_code == 201, answer.text
    (given,) = answer.headers.get_list("set-cookie")
    value, *flags = given.split("; ")
    assert re.fullmatch(r"hrt_session=[A-Za-z0-9_-]{43}", value)
    wanted = {"HttpOnly", "Path=/", "SameSite=strict"} | ({"Secure"} if secure else set())
    assert set(flags) == wanted
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, None),
        ({"Origin": None}, None),
        ({"Sec_Fetch_Site": None}, None),
        ({"Origin": None, "Sec_Fetch_Site": None}, None),
        ({"X_CSRF_Token": None}, "csrf-missing"),
        ({"X_CSRF_Token": ""}, "csrf-missing"),
        ({"X_CSRF_Token": "0" * 64}, "csrf-missing"),
        ({"X_CSRF_Token": None, "Origin": None, "Sec_Fetch_Site": None}, "csrf-missing"),
        ({"Origin": ELSEWHERE}, "cross-origin"),
        ({"Origin": "null"}, "cross-origin"),
        ({"Origin": "http://node:8080"}, "cross-origin"),
        ({"Sec_Fetch_Site": "cross-site"}, "cross-origin"),
        ({"Sec_Fetch_Site": "same-site"}, "cross-origin"),
        ({"Sec_Fetch_Site": "none"}, "cross-origin"),
        ({"Origin": ELSEWHERE, "Sec_Fetch_Site": None}, "cross-origin"),
        ({"Origin": None, "Sec_Fetch_Site": "cross-site"}, "cross-origin"),
    ],
)
async def test_what_our_own_page_did_not_send_is_not_done(node, headers, code):
    browser = await hire(node, "p-1", (SYSTEM, NODE))
    answer = await register(browser, **headers)
    if code is None:
        assert answer.status_code == 201, answer.text
    else:
        assert_problem(answer, 403, code)
        assert await node.owner.fetchval("SELECT count(*) FROM region") == 0
    # Looking is harmless, since another site cannot read the answer.
    assert (await browser.current()).status_code == 200


async def test_the_same_guards_stand_before_what_a_session_does_with_itself(node):
    browser = await hire(node, "p-1", (S, NODE), (M, NODE))
    csrf, browser.csrf = browser.csrf, None
    for attempt in (
        browser.switch(M),
        browser.end(),
        browser.change(PASSWORD, "another good password"),
    ):
        assert_problem(await attempt, 403, "csrf-missing")
    browser.csrf = csrf
    foreign = {"Origin": ELSEWHERE, "Sec-Fetch-Site": "cross-site"}
    for path, body in (
        ("/v1/sessions", {"login": "p-1", "password": PASSWORD}),
        ("/v1/sessions/switch", {"role": M, "party": NODE}),
        ("/v1/sessions/end", {}),
        ("/v1/passwords", {"old": PASSWORD, "new": "another good password"}),
    ):
        answer = await browser.post(path, body, headers=foreign)
        assert_problem(answer, 403, "cross-origin")
    assert (await browser.current()).json()["csrf"] == csrf


async def test_the_token_of_one_session_is_none_of_another(node):
    one = await hire(node, "p-1", (SYSTEM, NODE))
    other = Browser(node)
    await other.sign_in("p-1")
    assert one.csrf != other.csrf
    one.csrf = other.csrf
    assert_problem(await register(one), 403, "csrf-missing")


async def test_a_form_of_another_site_is_not_even_understood(node):
    browser = await hire(node, "p-1", (SYSTEM, NODE))
    for type_ in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = await browser.send(
            "POST",
            "/v1/sessions",
            content=b'{"login": "p-1", "password": "x"}',
            headers={"Content-Type": type_},
        )
        assert answer.status_code == 422, type_


async def test_a_credential_that_is_sent_counts_alone(node):
    browser = await hire(node, "p-1", (SYSTEM, NODE))
    token = await node.market.token(SYSTEM, NODE)
    machine = {"Authorization": f"Bearer {token}", "X-CSRF-Token": None}
    answer = await browser.post(
        "/v1/regions", {"code": "500000", "name": "某省"}, key="k", headers=machine
    )
    assert answer.status_code == 201
    assert await node.owner.fetchval(
        "SELECT convert_from(body, 'UTF8')::json ->> 'actor' FROM record ORDER BY id DESC LIMIT 1"
    ) == (f"{SYSTEM}.{NODE}.a")
    for header in ("Bearer hrt_no_such", "Basic eDp5", "Bearer", ""):
        sent = {"Authorization": header}
        answer = await browser.send("GET", "/v1/sessions", headers=sent)
        assert answer.status_code == 200, "one's own session is the cookie's"
        answer = await browser.send("GET", "/v1/ledger/verification", headers=sent)
        assert_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("token", ["x", "", "é", "a" * 5000, "'; DROP TABLE session; --"])
async def test_what_is_no_token_is_refused(node, token):
    answer = await node.http.get(
        READ, headers={b"Cookie": f"hrt_session={token}".encode("latin-1")}
    )
    assert_problem(answer, 401, "unauthenticated")


async def test_a_retry_in_a_new_session_of_the_same_person_is_the_same_request(node):
    browser = await hire(node, "p-1", (SYSTEM, NODE))
    body = {"code": "500000", "name": "某省"}
    first = await browser.post("/v1/regions", body, key="once")
    await browser.sign_in("p-1")
    again = await browser.post("/v1/regions", body, key="once")
    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()


async def test_no_login_password_or_token_is_kept_or_logged(node, log, cluster):
    addresses, answers = [], []
    await issue(node, "p-1", S)
    passwords = [await create_login(node, "p-1", "ouyang.login"), "mulberry kettle 77"]
    browser = Browser(node)
    tokens = []

    async def keep(answer):
        answers.append(await answer)
        addresses.append(str(answers[-1].request.url))
        tokens.extend(t for t in (browser.token, browser.csrf) if t)

    await keep(browser.sign_in("ouyang.login", "wrong " + passwords[1]))
    await keep(browser.sign_in("ouyang.login" + "x" * 200, passwords[1]))
    await keep(browser.sign_in("ouyang.login", passwords[0]))
    await keep(browser.change(passwords[0], passwords[1]))
    await keep(browser.change("wrong " + passwords[1], passwords[1] + "!"))
    await keep(browser.post("/v1/passwords", {"old": passwords[1], passwords[1] + "!": 1}))
    await keep(browser.current())
    await keep(browser.end())
    passwords.append(await reset(node, "p-1"))
    secrets = [*passwords, *tokens]
    whole = await node.dump()
    for secret in secrets:
        assert secret not in whole
        assert not [line for line in log.lines if secret in line]
    assert "$argon2id$" in whole
    for secret in (*secrets, "ouyang.login", "ouyang"):
        assert secret not in await node.dump(leaving_out=("login",))
        assert not [address for address in addresses if secret in address]
        assert not [line for line in log.lines if secret in line], secret
        assert secret not in (cluster.home / "server.log").read_text(encoding="utf-8")
    refused = [answer.text for answer in answers if answer.is_error]
    assert len(refused) == 4
    assert not [text for text in refused if "wrong" in text.lower() and "mulberry" in text]
    rows = await node.owner.fetch("SELECT convert_from(body, 'UTF8') FROM record ORDER BY id")
    records = [row[0] for row in rows]
    kinds = {line.split('"kind":"')[1].split('"')[0] for line in records if '"p-1"' in line}
    assert kinds == {"login.created", "password.reset"}
