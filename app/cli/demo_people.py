"""The people of the demo market, who sign in with passwords made for this very market.

There is no account in a node but those that its security administrator makes, and these are made
so too: over HTTP, once, when the demo market is loaded.
"""

import asyncio
import json
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import typer

from app import identity
from app.cli.credential import issue
from app.cli.demo_story import ANHUA, HENAN, HUNAN, YUELU
from app.cli.serving import served
from app.kernel.ids import NODE
from app.kernel.principal import Role
from app.platform.browser import CSRF_HEADER
from app.platform.db import Database
from app.platform.settings import Settings

Pair = tuple[Role, str]

Row = tuple[str, str, tuple[Pair, ...]]
"""Login, who it is, what the person may act as; the first is shown beside the login."""

PEOPLE: tuple[Row, ...] = (
    ("villager", "农户 · household h1", ((Role.VILLAGER, "h1"),)),
    ("village", "村集体 · collective", ((Role.COLLECTIVE, "anhua-1"),)),
    ("township", "乡镇 · township", ((Role.TOWNSHIP, "anhua-1"),)),
    ("clerk", "县局经办 · county clerk", ((Role.COUNTY_CLERK, ANHUA),)),
    ("approver", "县局审批 · county approver", ((Role.COUNTY_APPROVER, ANHUA),)),
    ("city", "流入城市 · city of Yuelu", ((Role.CITY, YUELU),)),
    ("exchange", "交易中心 · exchange", ((Role.EXCHANGE, HUNAN),)),
    ("fund", "基金管理中心 · fund centre", ((Role.FUND_CENTRE, HUNAN),)),
    ("bidder", "两家竞买企业 · for b1 and b2", ((Role.BIDDER, "b1"), (Role.BIDDER, "b2"))),
    ("second", "b1 的第二人 · second person of b1", ((Role.BIDDER, "b1"),)),
    ("viewer", "竞买人只读 · reads for b1", ((Role.BIDDER_VIEWER, "b1"),)),
    ("province", "省厅 · province of Hunan", ((Role.PROVINCE, HUNAN),)),
    (
        "ministry",
        "部与河南省厅 · ministry, and Henan",
        ((Role.MINISTRY, NODE), (Role.PROVINCE, HENAN)),
    ),
    ("supervisor", "监督人员 · supervisor", ((Role.SUPERVISOR, NODE),)),
    ("security", "安全管理员 · security administrator", ((Role.SECURITY_ADMIN, NODE),)),
    ("system", "系统管理员 · system administrator", ((Role.SYSTEM_ADMIN, NODE),)),
    ("audit", "审计管理员 · audit administrator", ((Role.AUDIT_ADMIN, NODE),)),
)
CREATED, CONFLICT = 201, 409


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in to the demo market."""

    login: str
    password: str
    role: str
    what: str


def people_file(settings: Settings) -> Path:
    """Where the logins and passwords of the demo market are kept, for their owner alone."""
    return settings.home / "demo-people.json"


def people_of(settings: Settings) -> list[Person]:
    """Everybody who can sign in to the demo market."""
    kept = json.loads(people_file(settings).read_text(encoding="utf-8"))
    return [Person(**person) for person in kept]


def admit_people(settings: Settings, dsn: str) -> None:
    """Give the people of the demo market their logins, unless they have them.

    Whoever got a login in a run that was interrupted gets another password.
    """
    file = people_file(settings)
    if file.exists():
        return
    typer.echo("正在建立演示用户 · Making the demo users …")
    keep_people(settings, asyncio.run(_admit(settings, dsn)))


def keep_people(settings: Settings, people: Iterable[Person]) -> None:
    """Write logins and passwords to their file, whole or not at all."""
    file = people_file(settings)
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    kept = [asdict(person) for person in people]
    draft.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(file)


def greeting_lines(settings: Settings) -> list[str]:
    """A line with login and password for each."""
    width = max(len(person.login) for person in people_of(settings))
    return [
        f"    {person.login:{width}}  {person.password}   {person.what}"
        for person in people_of(settings)
    ]


async def _admit(settings: Settings, dsn: str) -> list[Person]:
    async with served(settings, dsn) as (address, db):
        return await admit_through(address, db, PEOPLE)


async def admit_through(address: str, db: Database, people: Iterable[Row]) -> list[Person]:
    """Give people their logins at the node at this address, whose database is `db`."""
    command = identity.IssueCredential("demo.first", Role.SECURITY_ADMIN, NODE)
    admin = _Administrator(address, await issue(db, command))
    return [await admin.admit(login, what, pairs) for login, what, pairs in people]


@dataclass(frozen=True, slots=True)
class _Administrator:
    address: str
    token: str

    async def admit(self, login: str, what: str, pairs: tuple[Pair, ...]) -> Person:
        """Credentials and a login; then, as the person itself, a password of its own."""
        person = f"demo.{login}"
        async with httpx.AsyncClient(base_url=self.address, timeout=60) as http:
            for role, party in pairs:
                body = {"person": person, "role": role, "party": party}
                await self._send(http, "/v1/credentials", body)
            named = {"person": person}
            answer = await self._send(http, "/v1/logins", named | {"login": login}, or_=CONFLICT)
            if answer.status_code == CONFLICT:
                answer = await self._send(http, "/v1/password-resets", named)
            password = secrets.token_hex(8)
            await _choose(http, login, answer.json()["password"], password)
        return Person(login, password, pairs[0][0], what)

    async def _send(
        self, http: httpx.AsyncClient, path: str, body: dict[str, Any], or_: int = CREATED
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid.uuid4().hex}
        answer = await http.post(path, json=body, headers=headers)
        assert answer.status_code in {CREATED, or_}, answer.text
        return answer


async def _choose(http: httpx.AsyncClient, login: str, one_time: str, password: str) -> None:
    opened = await http.post("/v1/sessions", json={"login": login, "password": one_time})
    opened.raise_for_status()
    changed = await http.post(
        "/v1/passwords",
        json={"old": one_time, "new": password},
        headers={CSRF_HEADER: opened.json()["csrf"]},
    )
    changed.raise_for_status()
    ended = await http.post(
        "/v1/sessions/end", json={}, headers={CSRF_HEADER: changed.json()["csrf"]}
    )
    ended.raise_for_status()
