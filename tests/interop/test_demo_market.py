"""The published log of a whole market: verifiers that are not ours accept it, and no other log.

Somebody outside has looked at the log three times with `hrt audit`, and keeps receipts, proofs and
the checkpoints of those days in the same folder.
"""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import structlog
from typer.testing import CliRunner

from app.audit import Mirror, MirrorError, audit_mirror
from app.audit.records import KINDS as RECORD_KINDS
from app.audit.records import read_record
from app.audit.schemas_clearing import BETWEEN
from app.audit.schemas_crossing import CROSSING
from app.audit.schemas_reconciliation import CORRECTIONS, RECONCILIATION
from app.cli import app as command_line
from app.transparency.fields import TrustError
from app.transparency.notes import parse_note, vkey
from app.transparency.quorum import parse_policy
from tests.interop import demo_market, tampering_content, tampering_signed
from tests.interop.outside import NAMES, entries_of
from tests.interop.published import Keys, Published, check, write
from tests.interop.tampering import Good
from tests.nodes import two_tongues
from tests.witnessed import witnessed_node

RECORDS_MIN = 2_000
PROOFS = 40
INDEX = 299
KINDS = [*tampering_signed.KINDS, *tampering_content.KINDS]


@dataclass(frozen=True)
class Told:
    """The folder of somebody outside, and the same log with the keys of operator and witnesses."""

    folder: Path
    good: Good


@pytest.fixture(scope="module")
async def told(cluster, tmp_path_factory):
    """Tell the story on a served node with two witnesses, and keep what the public gets."""
    folder = tmp_path_factory.mktemp("outside")
    async with witnessed_node(cluster, tmp_path_factory.mktemp("nodes"), witnesses=2) as node:
        seen = []

        async def looked():
            seen.append(await node.published())
            await must("audit", node.url, "--mirror", folder, "--vkey", node.vkey)

        await demo_market.tell(node.market, looked)
        await two_tongues.tell(node.db)
        await looked()
        write(folder / "policy", (await node.market.http.get("/log/policy")).content)
        assert (folder / "policy").read_bytes() == node.policy.read_bytes()
        *earlier, size = seen
        for old in earlier:
            shutil.copy(folder / "checkpoints" / str(old), _made(folder / "remembered" / str(old)))
        await keep_proofs(node.market.http, folder, size, earlier)
        keys = Keys(node.keys.log, tuple(one.witness for one in node.witnesses))
    structlog.reset_defaults()
    log = Published(list(entries_of(folder)), keys, keys.log.name)
    return Told(folder, Good(log, INDEX, tuple(earlier)))


def _made(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


async def must(*words):
    """A command that succeeds, run beside the nodes of this process; answers with its output."""
    done = await asyncio.to_thread(CliRunner().invoke, command_line, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout


async def keep_proofs(http: httpx.AsyncClient, folder: Path, size: int, earlier: list[int]):
    """What people fetch by plain GETs: proofs of records, and of growth since they last looked."""
    entries = list(entries_of(folder))
    indexes = {0, 255, 256, INDEX, size - 1, *range(0, size, size // PROOFS)}
    for index in indexes:
        proof = (await http.get(f"/log/proof/{index}")).raise_for_status()
        write(folder / "proof" / str(index), proof.content)
        write(folder / "proof" / f"{index}.entry", entries[index])
    for old in {0, 1, 256, size - 1, size, *earlier}:
        growth = (await http.get("/log/consistency", params={"old": old})).raise_for_status()
        write(folder / "consistency" / str(old), growth.content)


async def test_the_log_tells_of_every_slice_in_thousands_of_records(told):
    kinds = {read_record(index, leaf).kind for index, leaf in enumerate(told.good.entries)}
    print(f"{told.good.size} records of {len(kinds)} kinds")  # noqa: T201 - the figure is wanted
    # What takes several nodes, or books that differ, is told in tests/nodes.
    elsewhere = CROSSING.keys() | BETWEEN.keys() | RECONCILIATION.keys() | CORRECTIONS.keys()
    untold = RECORD_KINDS - kinds - elsewhere
    assert sorted(untold) == [], "a kind of record that the market must tell, too"
    assert told.good.size >= RECORDS_MIN


async def test_every_outside_verifier_accepts_it_and_so_do_we(told, verdicts):
    check(told.folder)
    assert verdicts(told.folder) == [dict.fromkeys(NAMES, "")]


async def test_the_audit_of_the_folder_finds_nothing(told):
    key = vkey(told.good.log.keys.log)
    out = await must("audit", told.folder, "--vkey", key, "--policy", told.folder / "policy")
    assert f"{told.good.size} records" in out
    assert "witness0.example/log/witness, witness1.example/log/witness" in out
    assert "tree agrees, records agree" in out


async def test_the_published_root_is_that_of_the_same_records_anywhere_else(told):
    shown = parse_note((told.folder / "checkpoint").read_text())
    assert shown.text == told.good.text
    assert len(shown.signatures) == 3


# What `hrt audit` does not object to: it reads the log and not what people keep of it, it computes
# tiles that are missing, and it reads as many entries as were signed and no byte more.
NOT_FOR_THE_AUDIT = ("a_receipt", "an_inner_node", "growth", "a_tile_less", "a_byte_after")


def audit_sees(folder: Path) -> bool:
    """Whether the audit rejects a folder, with the key and the policy that lie in it."""
    mirror = Mirror(folder)
    try:
        policy = parse_policy((folder / "policy").read_text())
        return not audit_mirror(mirror, mirror.key(None), policy).clean
    except (TrustError, MirrorError):
        return True


@pytest.fixture(scope="module")
def tampered(told, tmp_path_factory):
    """A folder per kind of tampering."""
    root = tmp_path_factory.mktemp("tampered")
    folders = {}
    for kind in KINDS:
        folders[kind.name] = root / kind.name
        shutil.copytree(told.folder, folders[kind.name])
        kind.change(told.good, folders[kind.name])
    return folders


@pytest.fixture(scope="module")
def answers(tampered, verdicts):
    return dict(zip(tampered, verdicts(*tampered.values()), strict=True))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_tampered_market_is_rejected_by_us_and_by_all_that_can_see_it(
    kind, tampered, answers
):
    with pytest.raises(TrustError):
        check(tampered[kind.name])
    found = answers[kind.name]
    assert {name for name in NAMES if found[name]} == {"go", *kind.sees}, found
    assert audit_sees(tampered[kind.name]) != kind.name.startswith(NOT_FOR_THE_AUDIT)
