"""Sealed bids from the command line, against a served node whose log a second node witnesses."""

import asyncio
import base64
import json
import re
import secrets
import uuid
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import structlog
from typer.testing import CliRunner

from app.cli import app as command_line
from app.cli.replay import first_credential
from app.cli.serving import served
from app.platform.settings import ClockKind, Settings
from app.replay import Market
from app.seal import parse_message, seal_probe
from app.transparency.keys import load_keys
from app.transparency.notes import Verifier, parse_note, parse_vkey, verified, vkey
from tests.conftest import TEMPLATE
from tests.story import Story, a_market

OPENS = datetime(2026, 2, 2, 1, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(days=1)
CUSTODIANS = ("c1", "c2", "c3", "c4", "c5")
PRICE = "31415926.53"
CASH = "900000000.00"
LOTS = ("l1", "l2")


async def run(*words, stdin="", **environment):
    """The command line in a thread of its own, while nodes of this process answer it."""
    words = [str(word) for word in words]
    result = await asyncio.to_thread(
        CliRunner().invoke, command_line, words, input=stdin, env=environment
    )
    return result.exit_code, result.stdout, result.stderr


class Exchange:
    """A node under test, its market, and how its parties use the command line."""

    def __init__(self, url, story, policy, folder, log):
        self.url = url
        self.story = story
        self.policy = policy
        self.folder = folder
        self.log = log

    @property
    def market(self):
        return self.story.market

    async def hrt(self, *words, role=None, party=None, stdin=""):
        """Run the command line; answers with status, output and errors."""
        token = None if role is None else await self.market.token(role, party)
        return await run(*words, stdin=stdin, HRT_TOKEN=token)

    async def must(self, *words, **more):
        status, out, err = await self.hrt(*words, **more)
        assert status == 0, (words, out, err)
        return out

    async def release(self, custodian, lot, *more, policy=None):
        return await self.hrt(
            *("custodian", "release", self.url, "--lot", lot),
            *("--policy", policy or self.policy, "--folder", self.folder / custodian, *more),
            role="custodian",
            party=custodian,
        )

    async def published(self):
        """Wait until the log shows everything that is committed."""
        sizes = None
        for _ in range(100):
            checkpoint = (await self.market.http.get("/log/checkpoint")).text.split("\n")[1]
            if sizes == checkpoint:
                return
            sizes = checkpoint
            await asyncio.sleep(0.6)
        raise AssertionError("the log does not come to rest")


def node_settings(home, **more):
    return Settings(
        clock=ClockKind.SIMULATED,
        require_durable=False,
        pool_size=8,
        home=home,
        log_poll_milliseconds=100,
        **more,
    )


@pytest.fixture(scope="module")
async def exchange(cluster, tmp_path_factory):
    """An exchange, and a witness of its log."""
    folder = tmp_path_factory.mktemp("custody")
    names = [f"seal_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    for name in names:
        cluster.create_database(name, template=TEMPLATE)
    own, other = (cluster.dsn("hrt_app", name) for name in names)
    policy = folder / "witnesses.policy"
    settings = node_settings(folder / "home", origin="exchange.example/log", log_policy_file=policy)
    async with AsyncExitStack() as stack:
        witness, _ = await stack.enter_async_context(
            served(node_settings(folder / "witness", origin="witness.example/log"), other)
        )
        log = vkey(load_keys(settings).log)
        async with httpx.AsyncClient(base_url=witness) as http:
            key = (await http.get("/witness/vkey")).text.strip()
        policy.write_text(
            f"log {log}\nwitness ministry {key} {witness}/witness\nquorum ministry\n",
            encoding="utf-8",
        )
        assert (await run("witness", "add", log, HRT_DATABASE_URL=other))[0] == 0
        url, db = await stack.enter_async_context(served(settings, own))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=60))
        market = Market(http, await first_credential(db))
        case = a_market(OPENS - timedelta(days=20), ["h1", "h2", "h3"], ["b1", "b2"], CASH)
        yield Exchange(url, await Story.begin(market, case), policy, folder, log)
    structlog.reset_defaults()
    for name in names:
        cluster.drop_database(name)


@pytest.fixture(scope="module")
async def lots(exchange):
    """Two lots open for sealed bids, with b1 and b2 registered under the keys in their files."""
    story, market = exchange.story, exchange.market
    tickets = await story.hand_in(["h1", "h2"])
    for id_ in CUSTODIANS:
        body = {"id": id_, "name": f"保管人 {id_}"}
        made = await market.send("security_admin", "000000", "/v1/custodians", body)
        assert made["id"] == id_, made
    for lot, ticket in zip(LOTS, tickets, strict=True):
        keys = []
        for id_ in CUSTODIANS:
            made = await exchange.must(
                "custodian", "key", "--lot", lot, "--folder", exchange.folder / id_
            )
            keys.append({"custodian": id_, "public_key": made.strip()})
        await story.list_lot(
            lot,
            [ticket],
            OPENS,
            CLOSES,
            mode="sealed",
            sealing="lqx-seal/1",
            increment_cny=None,
            custodians=keys,
            threshold=3,
        )
        for bidder in ("b1", "b2"):
            file = exchange.folder / f"{bidder}-{lot}.key"
            key = await exchange.must("seal", "key", file, "--bidder", bidder, "--lot", lot)
            await story.must("register", lot=lot, bidder=bidder, bid_key=key.strip())
    await story.clock(OPENS)
    await exchange.published()
    return LOTS


def sealing(exchange, bidder, lot, *more):
    notice = f"{exchange.url}/v1/lots/{lot}/notice"
    return (
        *("seal", "bid", notice, "--key", exchange.folder / f"{bidder}-{lot}.key"),
        *("--out", exchange.folder, *more),
    )


async def bid(exchange, bidder, lot, price):
    """Seal and send a bid; answers with the message's file."""
    trusting = ("--policy", exchange.policy, "--send", exchange.url)
    out = await exchange.must(
        *sealing(exchange, bidder, lot, *trusting),
        role="bidder",
        party=bidder,
        stdin=f"{price}\ny\n",
    )
    return Path(re.search(r"^.*\.note$", out, re.MULTILINE).group())


async def test_a_bid_is_sealed_here_sent_and_receipted_and_no_file_but_its_secret_opens_it(
    exchange, lots
):
    trusting = ("--policy", exchange.policy, "--send", exchange.url)
    out = await exchange.must(
        *sealing(exchange, "b1", "l1", *trusting), role="bidder", party="b1", stdin=f"{PRICE}\ny\n"
    )
    assert "人民币叁仟壹佰肆拾壹万伍仟玖佰贰拾陆元伍角叁分" in out
    note, secret, receipt = (
        exchange.folder / f"l1-b1-1{s}" for s in (".note", ".secret", ".receipt")
    )
    assert secret.stat().st_mode & 0o777 == 0o600

    signed = parse_note(note.read_text(encoding="utf-8"))
    (key,) = [r["bid_key"] for r in await registrations(exchange, "l1") if r["bidder"] == "b1"]
    assert verified(signed, [parse_vkey(key)])
    message = signed.text.removesuffix("\n").encode()
    assert parse_message(message).head.bidder == "b1"
    assert json.loads(secret.read_text())["message"] == sha256(message).hexdigest()
    for file in exchange.folder.rglob("*"):
        if file.is_file():
            assert PRICE.encode() not in file.read_bytes(), file

    receipts = (await exchange.market.http.get("/log/receipts-vkey")).text.strip()
    assert verified(parse_note(receipt.read_text(encoding="utf-8")), [parse_vkey(receipts)])

    kept = receipt.read_bytes()
    again = await exchange.must("seal", "send", note, exchange.url, role="bidder", party="b1")
    assert sha256(message).hexdigest() in again
    assert receipt.read_bytes() == kept


async def registrations(exchange, lot):
    """What the log says of registrations."""
    size = int((await exchange.market.http.get("/log/checkpoint")).text.split("\n")[1])
    found = []
    for n in range(-(-size // 256)):
        width = min(256, size - n * 256)
        suffix = "" if width == 256 else f".p/{width}"
        data = (await exchange.market.http.get(f"/log/tile/entries/{n:03d}{suffix}")).content
        for line in re.findall(rb'\{"actor".*?"v":1\}', data):
            record = json.loads(line)
            if record["kind"] == "lot.registered" and record["subject"] == lot:
                found.append(record["body"])
    return found


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("66000000\ny\n", "two places"),
        ("66,000,000.00\ny\n", "two places"),
        ("６６.00\ny\n", "two places"),
        ("-1.00\ny\n", "two places"),
        ("19999.99\ny\n", "start price"),
        (f"{PRICE}\nn\n", "Aborted"),
    ],
)
async def test_a_price_that_is_malformed_too_low_or_not_confirmed_seals_nothing(
    exchange, lots, typed, words
):
    before = sorted(exchange.folder.rglob("*"))
    status, _, err = await exchange.hrt(*sealing(exchange, "b2", "l1"), stdin=typed)
    assert status == 1
    assert words in err
    assert sorted(exchange.folder.rglob("*")) == before


async def test_a_notice_that_is_not_the_log_s_is_not_bid_under(exchange, lots, tmp_path):
    document = (await exchange.market.http.get("/v1/lots/l1/notice")).json()
    changed = document | {"terms": document["terms"] | {"start_price_cny": "1.00"}}
    file = tmp_path / "notice.json"
    key = ("--key", exchange.folder / "b1-l1.key", "--out", tmp_path)
    file.write_text(json.dumps(changed))
    status, _, err = await exchange.hrt("seal", "bid", file, *key, stdin=f"{PRICE}\ny\n")
    assert (status, "does not have the hash" in err) == (1, True)
    # The saved notice as it is needs no network at all.
    file.write_text(json.dumps(document))
    await exchange.must("seal", "bid", file, *key, "--seq", "7", stdin=f"{PRICE}\ny\n")
    assert (tmp_path / "l1-b1-7.note").exists()
    other = exchange.folder / "b1-l2.key"
    status, _, err = await exchange.hrt("seal", "bid", file, "--key", other, stdin=f"{PRICE}\ny\n")
    assert (status, "is the key for lot l2" in err) == (1, True)


async def test_a_custodian_answers_the_probes_it_can_open_and_names_the_others(exchange, lots):
    notice = (await exchange.market.http.get("/v1/lots/l1/notice")).json()
    keys = {id_: base64.b64decode(key) for id_, key in notice["terms"]["custodians"]}

    async def probe(name, to, sealed_to):
        nonce = secrets.token_bytes(32)
        context = f"l1:{to}:{name}".encode()
        sealed = seal_probe(keys[sealed_to], nonce, context, secrets.token_bytes(32))
        body = {"id": name, "lot": "l1", "custodian": to, "nonce_hash": sha256(nonce).hexdigest()}
        body["sealed"] = base64.b64encode(sealed).decode()
        asked = await exchange.market.send("bidder", "b1", "/v1/probes", body)
        assert asked["id"] == name, asked

    async def answer(custodian):
        folder = ("--folder", exchange.folder / custodian)
        return await exchange.hrt(
            "custodian", "answer", exchange.url, *folder, role="custodian", party=custodian
        )

    await probe("good", "c1", "c1")
    await probe("other", "c2", "c2")
    status, out, err = await answer("c1")
    assert (status, out, err) == (0, "l1: probe good answered.\n", "")
    probes = {p["id"]: p["answered_at"] for p in await exchange.market.list("/v1/lots/l1/probes")}
    assert (probes["good"] is None, probes["other"] is None) == (False, True)
    await probe("lost", "c1", "c2")
    status, _, err = await answer("c1")
    assert (status, "probe lost does not open" in err) == (1, True)


async def test_a_custodian_learns_that_another_key_stands_in_its_place(exchange, lots, tmp_path):
    await exchange.must("custodian", "key", "--lot", "l1", "--folder", tmp_path / "c3")
    status, out, err = await exchange.hrt(
        *("custodian", "answer", exchange.url, "--folder", tmp_path / "c3"),
        role="custodian",
        party="c3",
    )
    assert (status, out) == (1, "")
    assert "l1: the notice does not name the public key" in err


async def test_no_key_goes_before_the_close_whatever_is_asked(exchange, lots, tmp_path):
    status, _, err = await exchange.release("c4", "l1")
    assert status == 1
    assert "nothing of a close" in err
    alone = tmp_path / "alone.policy"
    alone.write_text(f"log {exchange.log}\nquorum none\n")
    for policy, more, words in (
        (alone, (), "asks for no witness"),
        (exchange.policy, ("--unwitnessed",), "goes with `quorum none`"),
        (alone, ("--unwitnessed",), "nothing of a close"),
        (tmp_path / "missing", (), "cannot be read"),
    ):
        status, _, err = await exchange.release("c4", "l1", *more, policy=policy)
        assert (status, words in err) == (1, True), err


async def test_three_custodians_open_what_was_bid_and_its_log_is_remembered(
    exchange, lots, tmp_path
):
    first = await bid(exchange, "b1", "l2", "40000.00")
    second = await bid(exchange, "b1", "l2", "30000.00")
    await bid(exchange, "b2", "l2", "35000.01")
    assert (first.name, second.name) == ("l2-b1-1.note", "l2-b1-2.note")
    await exchange.story.clock(CLOSES)
    await exchange.published()
    assert (await exchange.market.read("/v1/lots/l2"))["state"] == "closed"

    stranger = Verifier.of(load_keys(node_settings(tmp_path, origin="w.example/log")).witness)
    strict = tmp_path / "strict.policy"
    text = exchange.policy.read_text().replace("quorum ministry", "")
    strict.write_text(f"{text}witness x {vkey(stranger)}\ngroup q all ministry x\nquorum q\n")
    status, _, err = await exchange.release("c1", "l2", policy=strict)
    assert (status, "quorum q is not met" in err) == (1, True)

    memory = tmp_path / "memory"
    states = []
    for custodian in ("c1", "c3", "c5"):
        status, out, err = await exchange.release(custodian, "l2")
        assert status == 0, err
        states.append(re.search(r"State (\w+)", out).group(1))
        (memory,) = (exchange.folder / custodian).glob("log-*.checkpoint")
    assert states == ["closed", "closed", "sold"]
    lot = await exchange.market.read("/v1/lots/l2")
    assert (lot["state"], lot["winner"], lot["price_cny"]) == ("sold", "b2", "35000.01")
    assert (memory.parent / "l2.close.tlog-proof").read_text().startswith("c2sp.org/tlog-proof")

    # A custodian that has seen another history of this log gives nothing any more.
    folder = exchange.folder / "c4"
    before = memory.read_text()
    root = before.split("\n")[2]
    (folder / memory.name).write_text(before.replace(root, base64.b64encode(bytes(32)).decode()))
    status, _, err = await exchange.release("c4", "l1")
    assert (status, "another history" in err) == (1, True)
    assert (folder / memory.name.replace("checkpoint", "contradiction")).exists()


async def test_a_bidder_publishes_its_own_key_when_too_many_custodians_have_lost_theirs(
    exchange, lots
):
    """After the close of l1, on which b1 has bid and no custodian has released."""
    await exchange.story.clock(CLOSES)
    secret = exchange.folder / "l1-b1-1.secret"
    words = ("seal", "publish-key", secret, exchange.url)
    status, _, err = await exchange.hrt(*words, role="bidder", party="b1", stdin="n\n")
    assert (status, "Aborted" in err) == (1, True)
    await exchange.must(*words, role="bidder", party="b1", stdin="y\n")
    await exchange.story.clock(CLOSES + timedelta(days=4))
    lot = await exchange.market.read("/v1/lots/l1")
    assert (lot["winner"], lot["price_cny"]) == ("b1", PRICE)


async def test_without_a_credential_nothing_is_sent_and_the_reason_is_told(
    exchange, lots, tmp_path
):
    file = exchange.folder / "l1-b1-1.note"
    status, _, err = await exchange.hrt("seal", "send", file, exchange.url)
    assert (status, "HRT_TOKEN" in err) == (1, True)
    key = ("custodian", "key", "--lot", "l1", "--folder", exchange.folder / "c1")
    status, _, err = await exchange.hrt(*key)
    assert (status, "never written over" in err) == (1, True)
    status, _, err = await exchange.hrt("custodian", "answer", exchange.url, "--folder", tmp_path)
    assert (status, "no key" in err) == (1, True)
