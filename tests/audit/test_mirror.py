"""The mirror takes what continues the log, and the tree is hashed from the entries alone."""

import shutil

import httpx
import pytest

from app.audit import Mirror, MirrorError, audit_mirror, source_of
from app.audit.mirror import Node
from app.audit.tree import Tree
from app.transparency.checkpoints import Checkpoint
from app.transparency.fields import TrustError
from app.transparency.merkle import leaf_hash, root_of
from app.transparency.notes import CosignatureSigner, Ed25519Signer, sign, vkey
from app.transparency.quorum import parse_policy
from app.transparency.tiles import TILE_WIDTH, Appender, encode_entries, entries_path, tile_path

NAME = "log.example/510000"
LOG = Ed25519Signer(NAME, b"\x01" * 32)
OTHER = Ed25519Signer(NAME, b"\x02" * 32)
WITNESS = CosignatureSigner("witness.example/w1", b"\x03" * 32)


def publish(folder, leaves, signer=LOG, witness=None):
    """A log as a node would serve it, by the product's own tiles and notes."""
    appender = Appender(0, {})
    for leaf in leaves:
        appender.append(leaf_hash(leaf))
    note = sign(Checkpoint(NAME, len(leaves), appender.root()).text(), signer)
    if witness is not None:
        note = note.with_signatures(witness.cosign(note.text, 1_800_000_000))
    files = {"checkpoint": note.encode().encode(), "vkey": vkey(signer).encode() + b"\n"}
    for (level, number), data in appender.changed().items():
        files[tile_path(level, number, len(data) // 32)] = data
    for first in range(0, len(leaves), TILE_WIDTH):
        some = leaves[first : first + TILE_WIDTH]
        files[entries_path(first // TILE_WIDTH, len(some))] = encode_entries(some)
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


KEY = vkey(LOG)


def update(mirror, served, pinned=KEY):
    """One audit as the command does it; answers with the verdict."""
    mirror.fetch(source_of(str(served)), pinned)
    verdict = audit_mirror(mirror, mirror.key(pinned))
    if verdict.continues:
        mirror.accept(verdict.checkpoint.size)
    else:
        mirror.refuse(verdict.checkpoint.size)
    return verdict


@pytest.fixture
def mirror(tmp_path):
    return Mirror(tmp_path / "mirror")


def entries(count, mark="entry"):
    return [f"{mark} {number}".encode() for number in range(count)]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 255, 256, 257, 511, 513, 1000, 65_537])
def test_the_root_is_that_of_rfc_6962(size):
    tree = Tree()
    leaves = entries(size)
    for leaf in leaves:
        tree.append(leaf)
    assert tree.root() == root_of([leaf_hash(leaf) for leaf in leaves])


def test_the_tiles_are_those_that_a_node_serves():
    told = {}
    tree = Tree(lambda tile: told.__setitem__(tile[:2], tile.data))
    appender = Appender(0, {})
    for leaf in entries(70_000):
        tree.append(leaf)
        appender.append(leaf_hash(leaf))
    told |= {tile[:2]: tile.data for tile in tree.open_tiles()}
    assert told == dict(appender.changed())


def test_a_real_log_is_mirrored_continued_and_audited_offline(mirror, tmp_path, logs):
    leaves = logs["a-one-household"]
    assert update(mirror, publish(tmp_path / "early", leaves[:40])).clean
    verdict = update(mirror, publish(tmp_path / "later", leaves))
    assert verdict.clean
    assert verdict.report.records == len(leaves)
    shutil.rmtree(tmp_path / "early")
    shutil.rmtree(tmp_path / "later")
    assert audit_mirror(mirror, mirror.key(None)).clean
    assert sorted(path.name for path in (mirror.root / "checkpoints").iterdir()) == [
        str(len(leaves)),
        "40",
    ]


def test_a_rewritten_log_is_refused_and_the_mirror_stays(mirror, tmp_path):
    update(mirror, publish(tmp_path / "log", entries(300)))
    rewritten = entries(300)
    rewritten[7] = b"something else"
    verdict = update(mirror, publish(tmp_path / "fork", rewritten + entries(400, "more")))
    assert not verdict.continues
    assert "300 records" in " ".join(verdict.faults) or verdict.faults
    assert audit_mirror(mirror, mirror.key(None)).continues
    # The honest log goes on, and nothing of the fork is in its way.
    assert update(mirror, publish(tmp_path / "log2", entries(900))).continues


def test_a_log_of_the_same_size_and_another_root_is_refused(mirror, tmp_path):
    update(mirror, publish(tmp_path / "log", entries(300)))
    verdict = update(mirror, publish(tmp_path / "fork", entries(300, "other")))
    assert not verdict.continues


def test_a_log_that_was_rolled_back_is_refused(mirror, tmp_path):
    update(mirror, publish(tmp_path / "log", entries(300)))
    with pytest.raises(MirrorError, match="rolled back"):
        update(mirror, publish(tmp_path / "short", entries(299)))


def test_a_log_signed_by_another_key_is_refused(mirror, tmp_path):
    with pytest.raises(MirrorError, match=r"not signed|served"):
        update(mirror, publish(tmp_path / "log", entries(3), OTHER))


def test_a_changed_entry_changes_the_root(mirror, tmp_path):
    served = publish(tmp_path / "log", entries(300))
    changed = [*entries(256)[:-1], b"entry X"]
    (served / entries_path(0, 256)).write_bytes(encode_entries(changed))
    verdict = update(mirror, served)
    assert not verdict.continues


def test_a_changed_tile_is_found_though_nothing_depends_on_it(mirror, tmp_path):
    served = publish(tmp_path / "log", entries(300))
    path = served / tile_path(1, 0, 1)
    path.write_bytes(bytes(32))
    verdict = update(mirror, served)
    assert verdict.continues
    assert [fault for fault in verdict.faults if "tile 1/0" in fault]


def test_a_bundle_that_is_missing_is_named(mirror, tmp_path):
    served = publish(tmp_path / "log", entries(300))
    (served / entries_path(1, 44)).unlink()
    with pytest.raises(MirrorError, match="entries"):
        mirror.fetch(source_of(str(served)), vkey(LOG))


def test_a_download_that_broke_off_goes_on_where_it_was(mirror, tmp_path):
    served = publish(tmp_path / "log", entries(600))
    asked = []

    def answer(request):
        path = request.url.path.removeprefix("/log/")
        asked.append(path)
        if path == entries_path(1, 256) and asked.count(path) == 1:
            return httpx.Response(404)
        return httpx.Response(200, content=(served / path).read_bytes())

    node = Node("http://node", httpx.Client(transport=httpx.MockTransport(answer)))
    with pytest.raises(MirrorError, match="404"):
        mirror.fetch(node, vkey(LOG))
    mirror.fetch(node, vkey(LOG))
    assert asked.count(entries_path(0, 256)) == 1
    verdict = audit_mirror(mirror, mirror.key(None))
    assert verdict.continues
    assert not verdict.faults


def test_the_witnesses_that_a_policy_asks_for_must_have_cosigned(tmp_path):
    policy = parse_policy(f"log {vkey(LOG)}\nwitness w1 {vkey(WITNESS)}\nquorum w1\n")
    for witness, faults in ((WITNESS, 0), (None, 1)):
        folder = publish(tmp_path / str(faults), entries(3), witness=witness)
        verdict = audit_mirror(Mirror(folder), Mirror(folder).key(None), policy)
        assert len(verdict.faults) == faults


def test_a_note_that_is_no_checkpoint_is_refused(mirror, tmp_path):
    served = publish(tmp_path / "log", entries(3))
    (served / "checkpoint").write_text("nothing\n\n— x y\n")
    with pytest.raises((MirrorError, TrustError)):
        update(mirror, served)
