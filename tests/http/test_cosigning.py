"""The log's side: what witnesses answer is checked, and none of them can hold the log up."""

import asyncio
import hashlib
import time

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from app.transparency import cosign
from app.transparency import witness_store as store
from app.transparency.notes import CosignatureSigner, Verifier, parse_note, vkey
from app.transparency.quorum import QuorumError, parse_policy
from tests.small_log import SmallLog

THIEF = CosignatureSigner("thief.example", bytes([7]) * 32)


@pytest.fixture(autouse=True)
def talkative():
    """A node that was served quietly before would leave warnings out."""
    structlog.reset_defaults()


@pytest.fixture
async def log(node):
    """A log that the node witnesses."""
    log = SmallLog().grow(12)

    async def work(tx, asked):
        return await store.add_log(tx, *asked)

    await node.db.transact(work, (log.name, log.verifier))
    return log


@pytest.fixture
def sent():
    """Every request to the node's witness: method and first line."""
    return []


def lengthens(request):
    if request.method == "GET":
        return httpx.Response(404)
    text = parse_note(request.content.decode().partition("\n\n")[2]).text + "\nmore\n"
    own = CosignatureSigner("lengthens.example", bytes([BAD.index("lengthens") + 20]) * 32)
    return httpx.Response(200, text="more\n\n" + own.cosign(text, 1).encode())


@pytest.fixture
async def http(node, sent):
    """A client that reaches the node as `honest`, and others that do what their names say."""

    async def hear(request):
        sent.append((request.method, request.content.decode().partition("\n")[0]))

    def refuses(request):
        raise httpx.ConnectError("nobody there", request=request)

    async def sleeps(_request):
        await asyncio.sleep(60)

    def steals(request):
        text = parse_note(request.content.decode().partition("\n\n")[2]).text
        return httpx.Response(200, text=THIEF.cosign(text, 1).encode())

    def floods(_request):
        return httpx.Response(200, content=b"x" * 1_000_000)

    def wants_the_future(_request):
        return httpx.Response(409, text="99\n")

    def never_content(_request):
        return httpx.Response(409, text="1\n")

    def babbles(_request):
        return httpx.Response(409, text="many\n")

    mounts = {
        f"all://{handler.__name__}": httpx.MockTransport(handler)
        for handler in (
            refuses,
            sleeps,
            steals,
            floods,
            wants_the_future,
            never_content,
            babbles,
            lengthens,
        )
    }
    mounts["all://honest"] = httpx.ASGITransport(node.app)
    async with httpx.AsyncClient(mounts=mounts, event_hooks={"request": [hear]}) as http:
        yield http


async def policy_of(node, log, *bad, quorum="honest"):
    key = (await node.http.get("/witness/vkey")).text.strip()
    lines = [f"log {vkey(log.verifier)}", f"witness honest {key} http://honest/witness"]
    for i, name in enumerate(bad):
        other = Verifier.of(CosignatureSigner(f"{name}.example", bytes([i + 20]) * 32))
        lines.append(f"witness {name} {vkey(other)} http://{name}/witness")
    return parse_policy("\n".join([*lines, f"quorum {quorum}", ""]))


async def collect(http, policy, log, size, known=None):
    async def proof(old):
        return log.proof(old, size)

    return await cosign.collect(http, policy, log.note(size), size, proof, known)


async def test_a_checkpoint_gets_its_cosignature_and_meets_its_policy(node, http, log):
    policy = await policy_of(node, log)
    for size in (5, 9, 9, 12):
        note = await collect(http, policy, log, size)
        assert policy.check(note.encode()) == log.checkpoint(size)
        assert len(note.signatures) == 2


async def test_a_log_that_remembers_asks_once_and_one_that_does_not_asks_twice(
    node, http, sent, log
):
    policy, known = await policy_of(node, log), {}
    await collect(http, policy, log, 5, known)
    await collect(http, policy, log, 9, known)
    assert [line for _, line in sent] == ["old 0", "old 5"]
    assert known == {"honest": 9}
    sent.clear()
    await collect(http, policy, log, 12, {})
    assert [line for _, line in sent] == ["old 0", "old 9"]


BAD = (
    "refuses",
    "sleeps",
    "steals",
    "floods",
    "wants_the_future",
    "never_content",
    "babbles",
    "lengthens",
)


async def test_no_other_witness_s_fault_costs_more_than_its_own_cosignature(
    node, http, log, monkeypatch
):
    monkeypatch.setattr(cosign, "SECONDS_MAX", 1)
    policy = await policy_of(node, log, *BAD)
    begun = time.monotonic()
    with capture_logs() as lines:
        note = await collect(http, policy, log, 9)
    assert time.monotonic() - begun < 4
    assert policy.check(note.encode()) == log.checkpoint(9)
    assert len(note.signatures) == 2
    failed = {line["witness"] for line in lines if line["event"] == "witness-failed"}
    assert failed == set(BAD)


async def test_what_a_thief_signs_is_not_taken_for_the_witness_s_word(node, http, log):
    policy = await policy_of(node, log, "steals", quorum="steals")
    note = await collect(http, policy, log, 9)
    assert [line.name for line in note.signatures] == [
        log.name,
        policy.witnesses[0].verifier.name,
    ]
    with pytest.raises(QuorumError):
        policy.check(note.encode())


async def test_a_fork_gets_no_cosignature(node, http, log):
    policy = await policy_of(node, log)
    await collect(http, policy, log, 9)
    with capture_logs() as lines:
        note = await collect(http, policy, log.fork(2), 12)
    assert len(note.signatures) == 1
    assert [line["witness"] for line in lines if line["event"] == "witness-failed"] == ["honest"]


async def test_a_database_that_is_behind_is_told_so_and_not_cosigned(node, http, log):
    policy = await policy_of(node, log)
    await collect(http, policy, log, 9)
    note = await collect(http, policy, log, 5)
    assert len(note.signatures) == 1


async def test_a_witness_without_an_address_is_not_asked(node, http, sent, log):
    policy = await policy_of(node, log)
    text = policy.text().replace(" http://honest/witness", "")
    note = await collect(http, parse_policy(text), log, 5)
    assert (len(note.signatures), sent) == (1, [])


async def test_a_log_that_starts_learns_what_its_witnesses_remember(node, http, log):
    policy = await policy_of(node, log, "refuses", "floods", "steals", "babbles")
    assert await cosign.remembered(http, policy, log.verifier) == []
    await collect(http, policy, log, 9)
    with capture_logs() as lines:
        ((where, seen),) = await cosign.remembered(http, policy, log.verifier)
    assert seen == log.checkpoint(9)
    name = hashlib.sha256(log.name.encode()).hexdigest()
    assert where == f"http://honest/witness/{name}/checkpoint"
    failed = {line["witness"] for line in lines if line["event"] == "witness-failed"}
    assert failed == {"refuses", "floods", "steals", "babbles"}


async def test_no_witness_can_make_up_a_checkpoint_that_keeps_the_log_from_starting(
    node, http, log
):
    policy = await policy_of(node, log, "invents")
    invents = CosignatureSigner("invents.example", bytes([20]) * 32)
    other = SmallLog(log.name, seed=9).note(0, root=bytes(32))

    def handler(_request):
        note = other.with_signatures(invents.cosign(other.text, 1))
        return httpx.Response(200, text=note.encode())

    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as lying:
        assert await cosign.remembered(lying, policy, log.verifier) == []
