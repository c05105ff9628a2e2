"""Sealed amounts are looked for everywhere before their opening, and found only after it.

A real `hrt serve` on a cluster of its own; bids sealed by `hrt seal` and by `app.seal` outside of
it. The same search finds a bid on a lot without custodians, so it does find what is there.
"""

import base64
import json
import os
import random
import re
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from app.cli.replay import first_credential
from app.platform.db import open_database
from app.platform.postgres import find_binaries
from app.platform.settings import ClockKind, Settings
from app.replay import Market
from tests import sealed
from tests.crash.planted import STEP, WINDOW, MemoryForbiddenError, Search, descendants
from tests.http.support import Node as Desk
from tests.http.test_nothing_leaks import OF_BIDDERS, all_answers
from tests.nodes import HRT
from tests.nodes import Node as Process

# They differ in their last digits, so that all can be looked for together.
BY_COMMAND, BY_LIBRARY, LAST = "91827364.55", "91827352.17", "91827339.31"
FORGED, LATE = "91827327.23", "91827318.81"
BIDS = (BY_COMMAND, BY_LIBRARY, LAST)
NEVER = (FORGED, LATE)
PLAIN = "91827398.76"
"""Bid on a lot without custodians: the exchange could read it, so the search must find it."""
SETTING = "91827385.52"
"""No price, but part of the node's name: the search must find it in the node's memory."""
DISK = {"dump", "data", "wal"}


class Served:
    """What `all_answers` wants to know of an application: here of one in another process.

    Without feeds, whose answers have no end; `everything` looks into one itself.
    """

    def __init__(self, document):
        paths = {path: item for path, item in document["paths"].items() if "/feed" not in path}
        self.openapi = lambda: document | {"paths": paths}


@dataclass
class Exchange:
    process: Process
    desk: Desk
    cluster: object
    database: str
    folder: object
    answers: list[str]
    clean: set[int] = field(default_factory=set)
    """What a search has looked into without finding anything."""

    def backends(self):
        """The server and every process of it."""
        file = self.cluster.home / "data" / "postmaster.pid"
        return descendants(int(file.read_text().split("\n")[0]))

    async def flushed(self):
        """Everything is on the disk, and the log of changes continues in a new file."""
        connection = await asyncpg.connect(self.cluster.dsn("postgres", self.database))
        await connection.execute("CHECKPOINT")
        await connection.execute("SELECT pg_switch_wal()")
        await connection.close()

    def dump(self):
        dsn = self.cluster.dsn("postgres", self.database)
        program = find_binaries() / "pg_dump"
        done = subprocess.run([program, dsn], capture_output=True, check=True)
        assert b"sealed_bid" in done.stdout
        return done.stdout

    async def search(self):
        """Look everywhere that anything of the exchange's lies."""
        await self.flushed()
        search = Search((*BIDS, *NEVER, PLAIN, SETTING), self.clean)
        data, home = self.cluster.home / "data", self.folder / "home"
        search.look("dump", self.dump())
        search.look_into_folder("data", data, without="pg_wal")
        search.look_into_folder("wal", data / "pg_wal")
        search.look("server log", (self.cluster.home / "server.log").read_bytes())
        search.look("node log", self.process.log.read_bytes())
        search.look_into_folder("home", home)
        search.look("answers", "\n".join(self.answers).encode())
        search.look_into_memory("node", descendants(self.process.pid))
        search.look_into_memory("postgres", self.backends())
        told = {price: sorted(search.places(price)) for price in search.prices}
        print(search.looked_at, told)  # noqa: T201 - the figures are wanted
        assert min(search.looked_at[place] for place in ("node", "postgres", "data")) > 10_000_000
        assert all(search.looked_at.values())
        return search


@pytest.fixture
async def exchange(cluster, database, dsn, tmp_path):
    # Few connections: each has a process of the server, whose memory is searched.
    settings = {"clock": "simulated", "origin": f"n{SETTING}.example/log", "pool_size": 3}
    db = open_database(Settings(clock=ClockKind.SIMULATED, pool_size=2), dsn)
    token = await first_credential(db)
    owner = await asyncpg.connect(cluster.dsn("hrt_owner", database))
    async with Process(tmp_path, dsn, **settings) as process:
        await process.start()
        answers = []

        async def keep(response):
            # A feed has no end to wait for.
            if "event-stream" not in response.headers["content-type"]:
                await response.aread()
                answers.append(response.text)

        process.http.event_hooks = {"response": [keep]}
        document = (await process.http.get("/openapi.json")).json()
        desk = Desk(Served(document), db, Market(process.http, token), owner)
        yield Exchange(process, desk, cluster, database, tmp_path, answers)
    await owner.close()
    await db.close()


async def open_lots(exchange):
    """A sealed lot and one without custodians, both open; b1's key is made by the command line."""
    desk = exchange.desk
    await sealed.market(desk)
    start = {"start_price_cny": "120000.00", "reserve_price_cny": None}
    body = sealed.listing(tickets=["t1", "t2"], **start)
    await sealed.accepted(desk, *sealed.EXCHANGE, "/v1/lots", body)
    none = {"sealing": None, "custodians": None, "opening_days": None, "tickets": ["t3"]}
    later = {"closes_at": sealed.at(sealed.CLOSES + (sealed.CLOSES - sealed.OPENS))}
    body = sealed.listing("l2", **none, **later, **start)
    await sealed.accepted(desk, *sealed.EXCHANGE, "/v1/lots", body)
    command = ("seal", "key", exchange.folder / "b1.key", "--bidder", "b1", "--lot", "l1")
    await sealed.register(desk, "b1", bid_key=hrt(command).strip())
    for bidder in ("b2", "b3"):
        await sealed.register(desk, bidder)
    await sealed.register(desk, "b1", "l2", bid_key=None)
    await sealed.move(desk, sealed.OPENS)


def hrt(words, stdin="", **environment):
    """The command line as a bidder runs it on a machine of its own."""
    done = subprocess.run(
        [HRT, *map(str, words)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def bid_by_command(exchange, price):
    """`hrt seal bid`, which asks for the price, and sends."""
    url = str(exchange.process.http.base_url).rstrip("/")
    token = await exchange.desk.market.token("bidder", "b1")
    notice = f"{url}/v1/lots/l1/notice"
    folder = ("--key", exchange.folder / "b1.key", "--out", exchange.folder / "b1", "--send", url)
    hrt(("seal", "bid", notice, *folder), stdin=f"{price}\ny\n", HRT_TOKEN=token)


async def bid(exchange, bidder, seq, price, *, expect=201):
    """A bid sealed by this process; `expect` is the status of its answer."""
    note = sealed.sealed(await sealed.terms(exchange.desk), bidder, seq, price)
    answer = await sealed.bid(exchange.desk, bidder, note)
    assert answer.status_code == expect, answer.text


async def everything(exchange):
    """What every query answers to every role, without what differs from request to request."""
    told = {}
    async for role, address, answer in all_answers(exchange.desk, OF_BIDDERS):
        told[role, address] = re.sub(r'"request_id":"[^"]*"', "", answer.text)
    async with exchange.process.http.stream("GET", "/v1/lots/l1/feed") as feed:
        told["anybody", "feed"] = await anext(feed.aiter_text())
        exchange.answers.append(told["anybody", "feed"])
    return told


def without_the_log(answers):
    """The log grows by records that name neither lot nor bidder, as the test itself looks.

    Papers print its newest checkpoint; `tests/http` compares them where no log is published.
    """
    return {
        key: text
        for key, text in answers.items()
        if not key[1].startswith(("/log", "/v1/ledger/verification"))
        and not key[1].endswith("/paper")
    }


async def commits(exchange):
    """Every record of a sealed bid or of its refusal before the opening."""
    found = await sealed.records(exchange.desk, "commit", "bid.refused")
    return [body for _, body in found]


@pytest.mark.timeout(600)
async def test_no_sealed_amount_is_anywhere_before_the_third_key_and_all_are_after_it(exchange):
    desk = exchange.desk
    await open_lots(exchange)
    await bid_by_command(exchange, "120000.00")
    await bid(exchange, "b3", 1, LAST)
    before = await everything(exchange)

    # Two more bids by b1 and b2, and one under a signature that is not b2's.
    await bid_by_command(exchange, BY_COMMAND)
    await bid(exchange, "b2", 1, BY_LIBRARY)
    forged = sealed.sealed(await sealed.terms(desk), "b2", 2, FORGED, by=sealed.signer("l1", "b3"))
    assert (await sealed.bid(desk, "b2", forged)).json()["code"] == "signature-invalid"
    after = await everything(exchange)
    before, after = without_the_log(before), without_the_log(after)
    differing = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    assert sorted(differing) == [], "nobody sees that anybody has bid"
    assert before.keys() == after.keys()
    assert len(after) > 500
    for body in await commits(exchange):
        assert body["actor"] is None
        assert body["province"] == "000000"
        assert not {"b1", "b2", "b3", "l1"} & set(re.findall(r"\w+", json.dumps(body)))

    plain = {"lot": "l2", "bidder": "b1", "price_cny": PLAIN}
    await sealed.accepted(desk, "bidder", "b1", "/v1/bids", plain)
    search = await exchange.search()
    assert not any(search.found[price] for price in (*BIDS, *NEVER)), search.found
    assert search.places(PLAIN) >= DISK | {"postgres"}, "the search finds what is there"
    assert "answers" not in search.places(PLAIN), "it is sealed to everybody but the exchange"
    assert search.places(SETTING) >= {"node", "answers"}

    # The close, a bid that comes too late, and two keys of the three.
    await sealed.move(desk, sealed.CLOSES)
    await bid(exchange, "b3", 2, LATE, expect=409)
    for custodian in sealed.CUSTODIANS[:2]:
        assert (await sealed.release(desk, custodian)).status_code == 201
    await everything(exchange)
    search = await exchange.search()
    assert not any(search.found[price] for price in (*BIDS, *NEVER)), search.found

    # The third key opens the bids that were in time; the others stay closed for ever.
    assert (await sealed.release(desk, sealed.CUSTODIANS[2])).status_code == 201
    assert (await sealed.lot_of(desk))["price_cny"] == BY_COMMAND
    await desk.http.get("/v1/lots/l1/opening")
    search = await exchange.search()
    for price in BIDS:
        assert search.places(price) >= DISK | {"answers", "postgres"}, price
    assert not any(search.found[price] for price in NEVER), search.found


def test_where_memory_may_not_be_read_the_search_says_what_to_allow(monkeypatch):
    def refuse(*_words, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MemoryForbiddenError, match="SYS_PTRACE"):
        Search(("1.00",)).look_into_memory("node", [os.getpid()])


@pytest.mark.parametrize("other", ["12345678.99", "91827398.76"], ids=["unlike", "alike"])
def test_the_search_knows_every_spelling_that_it_looks_for(other):
    price, fen = "91827364.55", 9182736455
    texts = [f"...{price}...", f"({fen})", "91,827,364.55", "9182.736455 万元", f"{fen:x}"]
    wrapped = [base64.b64encode(b"x" * n + f'{{"price_cny":"{price}"}}'.encode()) for n in range(3)]
    numbers = [fen.to_bytes(8, "big"), fen.to_bytes(8, "little")]
    numbers += [struct.pack("<d", fen), struct.pack("<d", fen / 100)]
    numbers += [struct.pack(order + "3h", 9182, 7364, 5500) for order in "<>"]
    planted = [*(text.encode() for text in texts), price.encode("utf-16"), *wrapped, *numbers]
    planted += [bytes(n) + numbers[0] + bytes(20_000) for n in (4096, 8190, 8191)]
    search = Search((price, other))
    for n, data in enumerate(planted):
        search.look(str(n), b"..." + data + b"...")
    assert search.places(price) == {str(n) for n in range(len(planted))}
    assert not search.found[other]


def test_what_was_clean_once_is_found_where_it_is_not_and_everywhere():
    rng = random.Random(1)
    needle, memory = b"91827364.55", rng.randbytes(100_000)
    clean = set()
    Search(("91827364.55",), clean).look("before", memory)
    for at in (0, 4090, 4096, 4159, 4160, 50_000, len(memory) - len(needle)):
        search = Search(("91827364.55",), clean)
        search.look("clean", memory)
        planted = memory[:at] + needle + memory[at + len(needle) :]
        for place in ("once", "again"):
            search.look(place, planted)
        search.look("clean", memory)
        assert search.places("91827364.55") == {"once", "again"}, at
    assert search.looked_at["clean"] == 2 * len(memory)


def test_two_halves_that_only_the_search_brings_together_are_no_amount():
    data = bytearray(random.Random(2).randbytes(3 * STEP))
    data[WINDOW - 4 : WINDOW], data[STEP : STEP + 4] = b"9182", b"7364"
    search = Search(("91827364.55",))
    search.look("apart", bytes(data))
    assert not search.found["91827364.55"]
