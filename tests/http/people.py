"""People with logins, and the browsers they sign in with."""

import httpx

from tests.http.support import NODE

PASSWORD = "mulberry kettle 41"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36"
LONG_AFTER = "2026-03-01T09:00:00+08:00"


class Browser:
    """Keeps the cookie and the session's token, and sends them as our pages do."""

    def __init__(self, node, address="203.0.113.7", agent=CHROME):
        self.address = address
        self.agent = agent
        self.token = self.csrf = None
        self._hooks = node.http.event_hooks
        self._transport = httpx.ASGITransport(
            node.app, raise_app_exceptions=False, client=(address, 40000)
        )

    async def send(self, method, path, *, headers=None, **more):
        sent = {"User-Agent": self.agent}
        if self.token is not None:
            sent["Cookie"] = f"hrt_session={self.token}"
        sent = {k: v for k, v in (sent | (headers or {})).items() if v is not None}
        # A client of its own for each request: it is we who keep the cookie.
        client = httpx.AsyncClient(
            transport=self._transport, base_url="http://node", timeout=60, event_hooks=self._hooks
        )
        answer = await client.request(method, path, headers=sent, **more)
        self._keep(answer)
        return answer

    def _keep(self, answer):
        given = answer.headers.get("set-cookie", "").split(";")[0]
        if given.startswith("hrt_session="):
            self.token = given.partition("=")[2].strip('"') or None
        if answer.is_success and isinstance(answer.json(), dict) and "csrf" in answer.json():
            self.csrf = answer.json()["csrf"]

    async def get(self, path, **params):
        return await self.send("GET", path, params=params)

    async def post(self, path, body, *, key=None, headers=None):
        own = {"Origin": "http://node", "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": self.csrf}
        if key is not None:
            own["Idempotency-Key"] = key
        return await self.send("POST", path, json=body, headers=own | (headers or {}))

    async def sign_in(self, login, password=PASSWORD):
        return await self.post("/v1/sessions", {"login": login, "password": password})

    async def switch(self, role, party=NODE):
        return await self.post("/v1/sessions/switch", {"role": role, "party": party})

    async def end(self, **named):
        return await self.post("/v1/sessions/end", named)

    async def change(self, old, new):
        return await self.post("/v1/passwords", {"old": old, "new": new})

    async def current(self):
        return await self.get("/v1/sessions/current")


async def issue(node, person, role, party=NODE, **more):
    """A credential; answers with its id."""
    body = {"person": person, "role": role, "party": party} | more
    answer = await node.post("security_admin", NODE, "/v1/credentials", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def create_login(node, person, login=None):
    """A login for a person; answers with the one-time password."""
    body = {"person": person, "login": login or person}
    answer = await node.post("security_admin", NODE, "/v1/logins", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["password"]


async def reset(node, person):
    """A new one-time password."""
    body = {"person": person}
    answer = await node.post("security_admin", NODE, "/v1/password-resets", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["password"]


async def hire(node, person, *pairs):
    """A person with credentials, a login of the same name, and a password of their own.

    Answers with a browser in which they are signed in.
    """
    for role, party in pairs:
        await issue(node, person, role, party)
    one_time = await create_login(node, person)
    browser = Browser(node)
    assert (await browser.sign_in(person, one_time)).status_code == 201
    assert (await browser.change(one_time, PASSWORD)).status_code == 200
    return browser


async def at(node, moment):
    """The simulated clock moves."""
    answer = await node.post("system_admin", NODE, "/v1/clock", {"to": moment})
    assert answer.status_code == 200, answer.text


async def refused_in_every_way(node):
    """Everything that people can be told no about when they sign in."""
    role = "supervisor"
    await issue(node, "p-1", role)
    one_time = await create_login(node, "p-1")
    admin = ("security_admin", NODE, "/v1/logins")
    await node.post(*admin, {"person": "p-1", "login": "another"})
    browser = Browser(node)
    await browser.sign_in("p-1", one_time)
    await browser.get("/v1/applications")
    await browser.post("/v1/sessions/end", {}, headers={"X-CSRF-Token": None})
    await browser.post("/v1/sessions/end", {}, headers={"Origin": "https://evil.example"})
    long = "long enough p-1"
    for old, new in (
        (one_time, "short"),
        (one_time, long),
        (one_time, "a" * 12),
        (one_time, one_time),
        ("not the old one", "a good new password"),
    ):
        await browser.change(old, new)
    await browser.change(one_time, PASSWORD)
    credential = await node.owner.fetchval("SELECT id FROM credential WHERE person = 'p-1'")
    revoke = ("security_admin", NODE, "/v1/credential-revocations")
    await node.post(*revoke, {"credential": credential})
    await browser.sign_in("p-1")
    for _ in range(6):
        await browser.sign_in("nobody", "wrong password")
