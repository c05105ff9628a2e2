"""The people of the demo market: made once, with passwords that only their owner's file has."""

import asyncio
import json

import httpx
import pytest

from app.cli import demo_people
from app.cli.serving import served
from app.kernel.principal import Role

NODE = "000000"
TWO = (
    ("watcher", "监督人员 · supervisor", ((Role.SUPERVISOR, NODE), (Role.MINISTRY, NODE))),
    ("security", "安全管理员 · security administrator", ((Role.SECURITY_ADMIN, NODE),)),
)


@pytest.fixture
def two(monkeypatch, settings):
    """Two of them, whose parties every node has."""
    monkeypatch.setattr(demo_people, "PEOPLE", TWO)
    settings.home.mkdir(parents=True, exist_ok=True)


def signed_in(settings, dsn, person):
    """What the node answers to the login and password of one of them."""

    async def ask():
        async with served(settings, dsn) as (address, _), httpx.AsyncClient() as http:
            body = {"login": person.login, "password": person.password}
            answer = await http.post(f"{address}/v1/sessions", json=body)
            return answer.status_code, answer.json(), answer.headers["set-cookie"]

    return asyncio.run(ask())


def test_whom_the_demo_names_can_sign_in_and_no_password_is_known_beforehand(two, settings, dsn):
    demo_people.admit_people(settings, dsn)
    file = demo_people.people_file(settings)
    assert file.stat().st_mode & 0o777 == 0o600
    people = demo_people.people_of(settings)
    assert [person.login for person in people] == ["watcher", "security"]
    status, session, cookie = signed_in(settings, dsn, people[0])
    assert (status, session["one_time_password"]) == (201, False)
    assert {pair["role"] for pair in session["roles"]} == {"supervisor", "ministry"}
    assert "Secure" not in cookie, "over http on this machine"
    lines = "\n".join(demo_people.greeting_lines(settings))
    assert all(person.password in lines and person.login in lines for person in people)
    assert len({person.password for person in people}) == 2


def test_they_are_made_once_and_again_after_a_run_that_was_interrupted(two, settings, dsn):
    demo_people.admit_people(settings, dsn)
    file = demo_people.people_file(settings)
    first = file.read_text(encoding="utf-8")
    demo_people.admit_people(settings, dsn)
    assert file.read_text(encoding="utf-8") == first
    file.unlink()
    file.with_suffix(".new").write_text("half of ", encoding="utf-8")
    demo_people.admit_people(settings, dsn)
    assert json.loads(first)[0]["password"] not in file.read_text(encoding="utf-8")
    assert signed_in(settings, dsn, demo_people.people_of(settings)[0])[0] == 201
