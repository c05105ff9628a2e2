"""Signing in: logins and passwords, and patience with who tries too many."""

import asyncio
import uuid

import pytest

from app.kernel.principal import Role
from app.sessions import passwords
from tests.http.people import (
    LONG_AFTER,
    PASSWORD,
    Browser,
    at,
    create_login,
    hire,
    issue,
    reset,
)
from tests.http.support import NODE, assert_problem

S, SECURITY = Role.SUPERVISOR, Role.SECURITY_ADMIN
READ = "/v1/applications"


# ------------------------------------------------------------------------- logins and passwords


async def test_a_one_time_password_sets_ones_own_and_does_nothing_else(node):
    await issue(node, "p-1", S)
    one_time = await create_login(node, "p-1", "li.wei")
    browser = Browser(node)
    opened = await browser.sign_in(" Li.Wei ", one_time)
    assert opened.status_code == 201
    assert opened.json()["one_time_password"] is True
    assert_problem(await browser.get(READ), 403, "password-one-time")
    changed = await browser.change(one_time, PASSWORD)
    assert changed.json()["one_time_password"] is False
    assert (await browser.get(READ)).status_code == 200
    assert_problem(await Browser(node).sign_in("li.wei", one_time), 401, "sign-in-failed")
    assert (await Browser(node).sign_in("li.wei")).json()["person"] == "p-1"


async def test_a_one_time_password_waits_seven_days(node):
    await at(node, LONG_AFTER)
    await issue(node, "p-1", S)
    one_time = await create_login(node, "p-1")
    await at(node, "2026-03-08T08:59:59+08:00")
    assert (await Browser(node).sign_in("p-1", one_time)).status_code == 201
    await at(node, "2026-03-08T09:00:00+08:00")
    assert_problem(await Browser(node).sign_in("p-1", one_time), 401, "sign-in-failed")


async def test_a_login_is_one_persons_and_a_person_has_one(node):
    await issue(node, "p-1", S)
    await issue(node, "p-2", S)
    await create_login(node, "p-1", "li.wei")
    admin = (SECURITY, NODE, "/v1/logins")
    for person, login, status, code in (
        ("p-1", "other", 409, "login-exists"),
        ("p-2", "li.wei", 409, "id-taken"),
        ("nobody", "new.one", 404, "not-found"),
        ("p-2", "Li.Wei", 422, "invalid-request"),
        ("p-2", "ab", 422, "invalid-request"),
    ):
        answer = await node.post(*admin, {"person": person, "login": login})
        assert_problem(answer, status, code)
    missing = await node.post(SECURITY, NODE, "/v1/password-resets", {"person": "p-2"})
    assert_problem(missing, 404, "not-found")


@pytest.mark.parametrize(
    "body",
    [
        b'{"login": "\\ud800", "password": "x"}',
        b'{"login": "x", "password": "\\udfff and more of it"}',
        b'{"login": "x", "password": "a\\u0000b"}',
        b'{"login": "x", "password": ""}',
        b'{"login": "x", "password": 123456789012}',
        b'{"login": "x", "password": "x", "role": "supervisor"}',
        b'{"login": ["x"], "password": "x"}',
        b'{"login": "x"}',
    ],
)
async def test_what_is_no_login_and_password_is_malformed_and_not_repeated(node, body):
    headers = {"Content-Type": "application/json"}
    answer = await Browser(node).send("POST", "/v1/sessions", content=body, headers=headers)
    assert_problem(answer, 422, "invalid-request")
    assert "123456789012" not in answer.text
    assert await node.owner.fetchval("SELECT count(*) FROM sign_in_attempt") == 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (PASSWORD, "too short", "password-too-short"),
        (PASSWORD, "this is p-person", "password-contains-login"),
        (PASSWORD, "aaaaaaaaabbb", "password-too-simple"),
        (PASSWORD, PASSWORD, "password-unchanged"),
        ("not the old one", "a good new password", "password-wrong"),
    ],
)
async def test_a_password_is_changed_for_a_good_one_by_who_knows_the_old(node, old, new, code):
    browser = await hire(node, "p-person", (S, NODE))
    assert_problem(await browser.change(old, new), 409, code)
    assert (await browser.get(READ)).status_code == 200
    assert (await Browser(node).sign_in("p-person")).status_code == 201


async def test_a_new_password_ends_every_other_session_and_renews_this_one(node):
    here = await hire(node, "p-1", (S, NODE))
    there = Browser(node)
    await there.sign_in("p-1")
    before = here.token
    assert (await here.change(PASSWORD, "another good password")).status_code == 200
    assert here.token != before
    assert (await here.get(READ)).status_code == 200
    assert_problem(await there.get(READ), 401, "unauthenticated")
    here.token = before
    assert_problem(await here.get(READ), 401, "unauthenticated")


async def test_a_reset_ends_every_session_and_the_password(node):
    browsers = [await hire(node, "p-1", (S, NODE)), Browser(node)]
    await browsers[1].sign_in("p-1")
    one_time = await reset(node, "p-1")
    for browser in browsers:
        assert_problem(await browser.get(READ), 401, "unauthenticated")
    assert_problem(await Browser(node).sign_in("p-1"), 401, "sign-in-failed")
    assert (await Browser(node).sign_in("p-1", one_time)).json()["one_time_password"] is True


async def test_a_one_time_password_is_shown_once(node):
    await issue(node, "p-1", S)
    for path, body in (
        ("/v1/logins", {"person": "p-1", "login": "p-1"}),
        ("/v1/password-resets", {"person": "p-1"}),
    ):
        key = uuid.uuid4().hex
        first = await node.post(SECURITY, NODE, path, body, key=key)
        again = await node.post(SECURITY, NODE, path, body, key=key)
        assert len(first.json()["password"]) == 19
        assert again.json() == first.json() | {"password": None}
        assert again.headers["idempotency-replayed"] == "true"


async def test_who_has_a_password_that_no_role_goes_with_is_not_let_in(node):
    await hire(node, "p-1", (S, NODE))
    await node.owner.execute("UPDATE credential SET revoked_at = now() WHERE person = 'p-1'")
    assert_problem(await Browser(node).sign_in("p-1"), 403, "no-role")
    assert_problem(await Browser(node).sign_in("p-1", "wrong password"), 401, "sign-in-failed")


# ------------------------------------------------------------------------------ too many attempts


@pytest.fixture
def hashed(monkeypatch):
    """Every argon2id computation: the hash that a password was compared with."""
    compared, plain = [], passwords._verify

    def verify(kept, password):
        compared.append(kept)
        return plain(kept, password)

    monkeypatch.setattr(passwords, "_verify", verify)
    return compared


async def test_an_unknown_login_is_answered_and_computed_like_a_wrong_password(node, hashed):
    await hire(node, "p-1", (S, NODE))
    hashed.clear()
    wrong = await Browser(node).sign_in("p-1", "wrong password")
    unknown = await Browser(node).sign_in("nobody", "wrong password")
    known, nothing = hashed
    assert known.startswith("$argon2id$")
    assert nothing is None  # compared with a hash of nothing, which passwords._verify puts there
    strip = {"request_id": None}
    assert wrong.json() | strip == unknown.json() | strip
    assert_problem(unknown, 401, "sign-in-failed")
    assert "set-cookie" not in wrong.headers


@pytest.mark.parametrize("login", ["p-1", "nobody"])
async def test_after_five_failures_a_login_waits_known_or_not(node, hashed, login):
    await at(node, LONG_AFTER)
    await hire(node, "p-1", (S, NODE))
    for n in range(5):
        answer = await Browser(node, f"198.51.100.{n}").sign_in(login, "wrong password")
        assert_problem(answer, 401, "sign-in-failed")
    hashed.clear()
    for password in (PASSWORD, "wrong password"):
        answer = await Browser(node).sign_in(login, password)
        assert_problem(answer, 429, "too-many-attempts")
        assert answer.headers["retry-after"] == "60"
    assert not hashed, "no password is looked at while it waits"
    await at(node, "2026-03-01T09:00:59+08:00")
    assert (await Browser(node).sign_in(login)).headers["retry-after"] == "1"
    await at(node, "2026-03-01T09:01:00+08:00")
    if login == "p-1":
        assert (await Browser(node).sign_in("p-1")).status_code == 201
        for _ in range(4):
            await Browser(node).sign_in("p-1", "wrong password")
        assert (await Browser(node).sign_in("p-1")).status_code == 201
    else:
        assert_problem(await Browser(node).sign_in(login), 401, "sign-in-failed")
        assert (await Browser(node).sign_in(login)).headers["retry-after"] == "120"


async def test_any_number_of_attempts_at_once_are_as_many_failures(node, hashed):
    await at(node, LONG_AFTER)
    await hire(node, "p-1", (S, NODE))
    hashed.clear()
    guesses = [Browser(node).sign_in("p-1", f"guess number {n}") for n in range(20)]
    answers = [answer.status_code for answer in await asyncio.gather(*guesses)]
    assert sorted(answers) == [401] * 5 + [429] * 15
    assert len(hashed) == 5


async def test_who_tries_many_logins_from_one_address_waits_and_nobody_else(node):
    await at(node, LONG_AFTER)
    await hire(node, "p-1", (S, NODE))
    here = "2001:db8:1:2::1"
    for n in range(30):
        await node.owner.execute("DELETE FROM sign_in_attempt WHERE key LIKE 'login:%'")
        answer = await Browser(node, here).sign_in(f"login{n % 3}", "wrong password")
        assert_problem(answer, 401, "sign-in-failed")
    neighbour = await Browser(node, "2001:db8:1:2::ffff").sign_in("p-1")
    assert_problem(neighbour, 429, "too-many-attempts")
    assert (await Browser(node, "2001:db8:1:3::1").sign_in("p-1")).status_code == 201


async def test_an_open_browser_does_not_help_to_guess_the_password(node):
    await at(node, LONG_AFTER)
    browser = await hire(node, "p-1", (S, NODE))
    for _ in range(5):
        answer = await browser.change("wrong password", "a good new password")
        assert_problem(answer, 409, "password-wrong")
    answer = await browser.change(PASSWORD, "a good new password")
    assert_problem(answer, 429, "too-many-attempts")
    assert int(answer.headers["retry-after"]) == 60
    one_time = await reset(node, "p-1")
    assert (await Browser(node).sign_in("p-1", one_time)).status_code == 201


async def test_attempts_are_forgotten_after_a_day(node):
    await at(node, LONG_AFTER)
    await Browser(node, "198.51.100.1").sign_in("nobody", "wrong password")
    assert await node.owner.fetchval("SELECT count(*) FROM sign_in_attempt") == 2
    await at(node, "2026-03-02T09:00:01+08:00")
    await Browser(node, "198.51.100.2").sign_in("somebody", "wrong password")
    left = await node.owner.fetch("SELECT last_at FROM sign_in_attempt")
    assert len(left) == 2
    assert {row[0].day for row in left} == {2}
