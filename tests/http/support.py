"""Shared by the tests over HTTP: watching clients, whole-database snapshots, problem documents."""

import json
import uuid
from pathlib import Path

import asyncpg
import httpx

from app.cli.replay import first_credential
from app.main import create_app
from app.platform.db import open_database
from app.replay import Market

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "cases"
OWN_CASES = Path(__file__).parent / "cases"
NODE = "000000"
FOREVER = "8999-01-01T00:00:00+08:00"

BIDS = {"/v1/bids", "/v1/sealed-bids"}

# Well-formed bodies, from which a test takes what it spoils or sends to the wrong place.
LOT = {
    "id": "l9",
    "province": "500000",
    "tickets": ["t1"],
    "mode": "ascending",
    "start_price_cny": "54000.00",
    "increment_cny": "1000.00",
    "deposit_cny": "10000.00",
    "opens_at": "2030-04-13T09:00:00+08:00",
    "closes_at": "2030-04-13T10:00:00+08:00",
}
APPLICATION = {"id": "a9", "household": "h1", "area_m2": "1.00", "co_owners": [], "consents": []}
CITY = {
    "application": "a1",
    "city": "500112",
    "work_years": 3,
    "income_proof": True,
    "long_term": True,
}

_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1
"""


_described = {}
"""How the first application describes itself, as all do: it takes a second, so it is done once."""


class Node:
    """An application in the process, its security administrator, and its owner's connection."""

    def __init__(self, app, db, market, owner):
        self.app = app
        self.db = db
        self.market = market
        self.owner = owner

    @property
    def http(self):
        return self.market.http

    async def post(self, role, party, path, body, *, key=None, person="a", headers=None):
        """A command as the HTTP response it is answered with."""
        token = await self.market.token(role, party, person)
        sent = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or uuid.uuid4().hex}
        return await self.http.post(path, json=body, headers=sent | (headers or {}))

    async def raw(self, role, party, path, content, **headers):
        """A command whose body is sent as it is."""
        token = await self.market.token(role, party)
        sent = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": uuid.uuid4().hex,
            "Content-Type": "application/json",
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(path, content=content, headers=sent)

    async def get(self, role, party, path, **params):
        token = await self.market.token(role, party)
        headers = {"Authorization": f"Bearer {token}"}
        return await self.http.get(path, params=params, headers=headers)

    async def tables(self):
        return [row[0] for row in await self.owner.fetch(_TABLES)]

    async def state(self):
        """Every table's rows as one digest each: equal states have written nothing between.

        One statement sees them all at once, and takes a tenth of the time of one for each.
        """
        digests = (
            f"""SELECT '{table}', (SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text))
                FROM "{table}" t)"""
            for table in await self.tables()
        )
        return dict(await self.owner.fetch(" UNION ALL ".join(digests)))

    async def counts(self, *tables):
        return {t: await self.owner.fetchval(f'SELECT count(*) FROM "{t}"') for t in tables}

    async def dump(self, *, leaving_out=()):
        """Everything in the database as text, with the bytes of binary columns readable."""
        lines = []
        for table in await self.tables():
            if table in leaving_out:
                continue
            for row in await self.owner.fetch(f'SELECT * FROM "{table}"'):
                cells = [
                    v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v)
                    for v in row.values()
                ]
                lines.append(f"{table}: " + " | ".join(cells))
        return "\n".join(lines)

    async def close(self):
        await self.http.aclose()
        await self.owner.close()
        await self.db.close()


async def open_node(cluster, database, settings, *, token=None):
    """A node on a migrated database; a simulated clock begins before all cases."""
    db = open_database(settings, cluster.dsn("hrt_app", database))
    app = create_app(db, settings)
    app.openapi = _described.setdefault("openapi", app.openapi)
    token = token or await first_credential(db)
    # A crash is answered with a problem, and that answer is what these tests look at.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    http = httpx.AsyncClient(transport=transport, base_url="http://node", timeout=60)
    owner = await asyncpg.connect(cluster.dsn("hrt_owner", database))
    return Node(app, db, Market(http, token), owner)


async def shown_by_feed(node, lot):
    """What the feed of a lot begins with, which in the process never ends, as an answer."""
    feed = node.app.state.feed
    watcher = feed.join(lot, None)
    chunk = (await watcher.next()).decode()
    feed.leave(watcher)
    snapshot = json.loads(chunk.partition("data: ")[2].partition("\n")[0])
    return httpx.Response(200, json=snapshot)


CUSTODIAN = "audit-office"


async def admit_custodian(node, id_=CUSTODIAN):
    """A custodian is registered, so that somebody can act for it; twice is once."""
    body = {"id": id_, "name": "审计局"}
    answer = await node.post("security_admin", NODE, "/v1/custodians", body)
    assert answer.status_code == 201 or answer.json()["code"] == "id-taken", answer.text


def assert_problem(response, status, code):
    """The response is an RFC 9457 problem of this status and code; answers with the document."""
    assert (response.status_code, response.json().get("code")) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    document = response.json()
    expected = {"type", "title", "title_en", "status", "code", "errors", "request_id"}
    if status == 409 and response.request.url.path in BIDS:
        # Where the rules of bidding refused, that is on record.
        assert document.keys() - {"receipt", "about"} == expected
    else:
        assert document.keys() - {"receipt", "about"} == expected
    assert document["status"] == status
    assert document["type"] == f"/v1/problems/{code}"
    assert any("一" <= letter <= "鿿" for letter in document["title"])
    assert document["title_en"].isprintable()
    assert document["title_en"][0].isupper()
    assert document["request_id"] == response.headers["x-request-id"]
    for error in document["errors"]:
        assert error.keys() == {"pointer", "code", "detail"}
        assert error["detail"]
    return document


def pointers(document):
    return [error["pointer"] for error in document["errors"]]


def promised(tour):
    """The codes that the comments of a case promise, in order."""
    lines = tour.read_text(encoding="utf-8").splitlines()
    return [line.split("# refused: ")[1].split()[0] for line in lines if "# refused: " in line]
