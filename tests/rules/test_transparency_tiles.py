"""Paths, tiles and bundles: canonical only, and grown to the same tree by whatever steps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.transparency.fields import FormatError
from app.transparency.merkle import (
    HASH_BYTES,
    ProofError,
    inclusion_proof,
    leaf_hash,
    root_at,
    root_of,
    sha256,
    verify_inclusion,
)
from app.transparency.suites import sm3
from app.transparency.tiles import (
    Appender,
    TileNodes,
    decode_entries,
    encode_entries,
    entries_path,
    parse_tile_path,
    right_tiles,
    tile_path,
    tiles_for,
)

LEAVES = [sha256(i.to_bytes(4, "big")) for i in range(70_000)]
EDGES = [0, 1, 2, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 65_792, 70_000]


def width(size, level, n):
    return min(256, max(0, (size >> 8 * level) - 256 * n))


def whole(size, digest=sha256):
    """All tiles of a log, computed by their definition."""
    tiles, row, level = {}, LEAVES[:size], 0
    while row:
        for n in range(-(-len(row) // 256)):
            tiles[level, n] = b"".join(row[256 * n : 256 * n + 256])
        full = len(row) // 256
        row = [root_of(row[256 * n : 256 * n + 256], digest) for n in range(full)]
        level += 1
    return tiles


def grow(size, steps, digest=sha256):
    stored, root = {}, None
    for step in steps:
        appender = Appender(size, {k: stored[k] for k in right_tiles(size)}, digest)
        assert appender.size == size
        if root is not None:
            assert appender.root() == root
        assert appender.changed() == {}
        for leaf in LEAVES[size : size + step]:
            appender.append(leaf)
        size += step
        for key, data in appender.changed().items():
            assert data.startswith(stored.get(key, b"")), "a tile only grows at its end"
            assert data != stored.get(key), "what has not changed is not written"
            stored[key] = data
        root = appender.root()
        assert appender.size == size
    return stored, root


@given(st.integers(0, 63), st.integers(0, 2**40), st.integers(1, 256))
def test_a_path_is_read_back(level, n, wide):
    assert parse_tile_path(tile_path(level, n, wide)) == (level, n, wide)
    assert parse_tile_path(entries_path(n, wide)) == (None, n, wide)


def test_paths_are_those_of_the_specification():
    assert tile_path(0, 1_234_067, 5) == "tile/0/x001/x234/067.p/5"
    assert tile_path(63, 0, 256) == "tile/63/000"
    assert entries_path(1000, 256) == "tile/entries/x001/000"
    assert entries_path(999, 255) == "tile/entries/999.p/255"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x000/x001/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/00/000",
        "tile/64/000",
        "tile/100/000",
        "tile/-1/000",
        "tile/entry/000",
        "tile/Entries/000",
        "tile/0/000.p/0",
        "tile/0/000.p/05",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0/../000",
        "tile//000",
        "tile/0/" + "x999/" * 7 + "999",
    ],
)
def test_another_spelling_of_a_path_is_refused(path):
    with pytest.raises(FormatError, match="not the path of a tile"):
        parse_tile_path(path)


def test_a_tile_that_cannot_be_is_not_named():
    for level, n, wide in ((-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**63, 1), (0, 0, 0)):
        with pytest.raises(FormatError):
            tile_path(level, n, wide)
    with pytest.raises(FormatError):
        entries_path(0, 257)


@given(st.lists(st.binary(max_size=5), max_size=256))
def test_a_bundle_is_read_back_and_no_part_of_it_is_one(entries):
    data = encode_entries(entries)
    assert decode_entries(data) == entries
    for end in range(len(data)):
        try:
            found = decode_entries(data[:end])
        except FormatError:
            continue
        assert encode_entries(found) == data[:end], "a bundle that ends between two entries"
        assert len(found) < len(entries)


def test_bundles_have_limits():
    assert decode_entries(encode_entries([bytes(65_535)])) == [bytes(65_535)]
    with pytest.raises(FormatError, match="longer than 65535"):
        encode_entries([bytes(65_536)])
    with pytest.raises(FormatError, match="more than 256"):
        decode_entries(encode_entries([b""] * 257))
    with pytest.raises(FormatError, match="ends within its entry 1"):
        decode_entries(encode_entries([b"a"]) + b"\x00")


@pytest.mark.parametrize("size", EDGES)
def test_an_appender_makes_the_tiles_and_the_root_of_the_definition(size):
    stored, root = grow(0, [size])
    assert stored == whole(size)
    assert root == root_of(LEAVES[:size])
    assert [len(stored[key]) // HASH_BYTES for key in right_tiles(size)] == [
        width(size, *key) for key in right_tiles(size)
    ]
    assert all(width(size, *key) < 256 for key in right_tiles(size))


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts():
    tiles = whole(70_000)
    assert [(k, len(tiles[k]) // 32) for k in right_tiles(70_000)] == [
        ((0, 273), 112),
        ((1, 1), 17),
        ((2, 0), 1),
    ]


@given(
    st.lists(st.one_of(st.integers(0, 3), st.sampled_from([255, 256, 257, 511])), max_size=8),
    st.sampled_from([0, 1, 255, 256]),
)
def test_a_log_grown_in_steps_is_the_log_grown_at_once(steps, first):
    stored, root = grow(0, [first, *steps])
    size = first + sum(steps)
    assert stored == whole(size)
    assert root == root_of(LEAVES[:size])


def test_growing_across_a_tile_of_tiles_keeps_the_tree():
    stored, root = grow(0, [65_530, 5, 1, 1, 300])
    assert stored == whole(65_837)
    assert root == root_of(LEAVES[:65_837])


def test_the_second_tree_is_grown_with_its_own_digest():
    stored, root = grow(0, [200, 100], sm3)
    assert stored == whole(300, sm3)
    assert root == root_of(LEAVES[:300], sm3)
    assert root_at(300, TileNodes(stored, sm3).node, sm3) == root


def test_an_appender_refuses_tiles_that_are_not_those_of_its_size():
    tiles = whole(300)
    for right in (
        {},
        {(0, 1): tiles[0, 1]},
        {(0, 1): tiles[0, 1][:-32], (1, 0): tiles[1, 0]},
        {(0, 1): tiles[0, 1] + bytes(32), (1, 0): tiles[1, 0]},
        {(0, 1): tiles[0, 1][:-1], (1, 0): tiles[1, 0]},
    ):
        with pytest.raises(ProofError, match="hashes of 32 there"):
            Appender(300, right)


@settings(deadline=None)
@given(st.sampled_from([1, 2, 255, 256, 257, 600, 65_537]), st.data())
def test_proofs_come_out_of_tiles(size, data):
    index = data.draw(st.integers(0, size - 1))
    asked = set()
    nodes = TileNodes(whole_of(size))

    def node(level, n):
        asked.add(tiles_for(level, n))
        found = nodes.node(level, n)
        assert found == root_of(LEAVES[n << level : (n + 1) << level])
        return found

    proof = inclusion_proof(index, size, node)
    verify_inclusion(LEAVES[index], index, size, proof, root_at(size, node))
    only = {key: whole_of(size)[key] for key in asked}
    assert inclusion_proof(index, size, TileNodes(only).node) == proof


WHOLE = {}


def whole_of(size):
    if size not in WHOLE:
        WHOLE[size] = whole(size)
    return WHOLE[size]


def test_a_missing_or_short_tile_says_which():
    tiles = dict(whole_of(600))
    del tiles[0, 1]
    with pytest.raises(ProofError, match="tile 1 of level 0"):
        TileNodes(tiles).node(3, 40)
    tiles[0, 1] = whole_of(600)[0, 1][:-32]
    with pytest.raises(ProofError, match="tile 1 of level 0"):
        TileNodes(tiles).node(0, 511)
    assert TileNodes(tiles).node(0, 510) == LEAVES[510]
    assert TileNodes(tiles).node(8, 1) == root_of(LEAVES[256:512]), "held by the level above"


def test_leaf_hashing_and_appending_are_what_they_seem():
    appender = Appender(0, {})
    assert appender.root() == root_of([])
    appender.append(leaf_hash(b"one"))
    assert appender.root() == leaf_hash(b"one")
    assert appender.changed() == {(0, 0): leaf_hash(b"one")}
