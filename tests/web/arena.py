"""A market on real time, in which lots open and close while a browser looks on.

Its past is played on a simulated clock; then a real node serves it. Whoever takes part has a login.
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from app.cli.replay import first_credential
from app.main import create_app
from app.platform import logs
from app.platform.db import open_database
from app.platform.settings import ClockKind, Settings
from app.replay import Market
from app.replay.client import NODE
from tests.nodes import Node
from tests.story import HERE, POLICY, Story, a_market
from tests.web.browsers import Login

EXTENSION_SECONDS = 8
HOUSEHOLDS = [f"h{n}" for n in range(24)]
BIDDERS = [f"b{n}" for n in range(10)]
PAST = timedelta(hours=1)
CREATED = 201


@dataclass(slots=True)
class Arena:
    """A node on real time with tickets handed in, and bidders with cash."""

    node: Node
    story: Story
    tickets: list[str]
    _logins: dict[tuple[str, str], Login] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where the node serves, without a slash at the end."""
        return str(self.node.http.base_url).rstrip("/")

    def next_id(self):
        """The id of a lot that nobody has listed."""
        return f"l{uuid.uuid4().hex[:6]}"

    async def lot(self, *, lasts, opens_in=2, tickets=1, bidders=(), id_=None, **terms):
        """List a lot of so many tickets; it opens in so many seconds and lasts so many.

        Answers with its id; the named bidders are registered. Times are whole seconds.
        """
        id_ = id_ or self.next_id()
        taken = [self.tickets.pop() for _ in range(tickets)]
        opens = datetime.fromtimestamp(int(time.time()) + 1 + opens_in, tz=UTC)
        await self.story.list_lot(id_, taken, opens, opens + timedelta(seconds=lasts), **terms)
        await self.story.register([id_], bidders)
        return id_

    async def read(self, path, **params):
        """What anybody is answered at a path."""
        answer = await self.node.http.get(path, params=params)
        assert answer.is_success, answer.text
        return answer.json()

    async def send(self, role, party, path, body):
        """Send a command as a program does; it is accepted."""
        answer = await self.story.market.send(role, party, path, body)
        assert "request_id" not in answer, (path, answer)
        return answer

    async def login(self, role, party, *, other=""):
        """Somebody who may act so; `other` names another person for the same party."""
        person = f"{role}.{party}{other}"
        if (person, role) not in self._logins:
            self._logins[person, role] = await self._hire(person, role, party)
        return self._logins[person, role]

    async def _hire(self, person, role, party):
        named = {"person": person}
        issued = named | {"role": role, "party": party}
        await self.send("security_admin", NODE, "/v1/credentials", issued)
        names = named | {"login": person.replace("_", "-").lower()}
        once = await self.send("security_admin", NODE, "/v1/logins", names)
        return await self.choose(names["login"], once["password"])

    async def choose(self, name, once):
        """Who was given a password for one time chooses one; answers with the login."""
        login = Login(name, "walnut ladder 417")
        async with httpx.AsyncClient(base_url=self.address) as http:
            body = {"login": login.login, "password": once}
            opened = await http.post("/v1/sessions", json=body)
            assert opened.status_code == CREATED, opened.text
            answer = await http.post(
                "/v1/passwords",
                json={"old": once, "new": login.password},
                headers={"X-CSRF-Token": opened.json()["csrf"], "Origin": self.address},
            )
            assert answer.is_success, answer.text
        return login


async def begin(folder, dsn, owner_node):
    """Play the past, start the node; `owner_node` is told of it before it starts."""
    logs.configure(quiet=True)
    db = open_database(Settings(pool_size=2), dsn)
    async with db.read() as reader:
        now = (await reader.now()).replace(microsecond=0)
    await db.close()
    case = a_market(now - PAST, HOUSEHOLDS, BIDDERS)
    case.policies[HERE] = POLICY | {"extension_seconds": EXTENSION_SECONDS}
    settings = Settings(
        clock=ClockKind.SIMULATED, require_durable=False, pool_size=8, home=folder / "past"
    )
    db = open_database(settings, dsn)
    token = await first_credential(db)
    transport = httpx.ASGITransport(create_app(db, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as http:
        story = await Story.begin(Market(http, token), case)
        tickets = await story.hand_in(HOUSEHOLDS)
    await db.close()
    node = await owner_node(Node(folder, dsn, require_durable="false"))
    await node.start()
    return Arena(node, story.through(node.http), tickets)
