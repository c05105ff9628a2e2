"""Logs written by the project are accepted by verifiers that share no code with it."""

import json
import random

import pymerkle
import pytest

from app.transparency.merkle import inclusion_proof, leaf_hash, root_at
from tests.interop.outside import NAMES
from tests.interop.published import Keys, Published, check

SIZES = [1, 2, 3, 7, 255, 256, 257, 512, 1000]


def entries(size):
    return [json.dumps({"n": i, "名": "宅基地" * (i % 5)}).encode() for i in range(size)]


@pytest.mark.parametrize("witnessed", [True, False])
def test_every_outside_verifier_accepts_logs_of_every_shape(tmp_path, verdicts, witnessed):
    folders = []
    for size in SIZES:
        log = Published(entries(size), Keys() if witnessed else Keys(witnesses=()))
        folder = tmp_path / str(size)
        log.write(folder)
        some = random.Random(size).sample(range(size), min(size, 12))
        log.keep(folder, {0, size - 1, *some}, {0, 1, size // 2, size - 1, size, *some} - {-1})
        check(folder)
        folders.append(folder)
    for size, found in zip(SIZES, verdicts(*folders), strict=True):
        assert found == dict.fromkeys(NAMES, ""), size


def test_a_log_with_three_levels_of_tiles_is_accepted(tmp_path, verdicts):
    log = Published([i.to_bytes(3, "big") for i in range(65_537)])
    log.write(tmp_path)
    log.keep(tmp_path, [0, 65_535, 65_536], [1, 256, 65_535, 65_536])
    check(tmp_path)
    assert verdicts(tmp_path) == [dict.fromkeys(NAMES, "")]


def test_an_empty_log_is_accepted_by_those_that_read_logs(tmp_path, verdicts):
    Published([]).write(tmp_path)
    check(tmp_path)
    assert verdicts(tmp_path) == [dict.fromkeys(NAMES, "")]


def test_pymerkle_makes_the_same_inclusion_proofs_and_proves_growth_between_our_roots():
    size = 64
    log = Published(entries(size))
    tree = pymerkle.InmemoryTree("sha256")
    for entry in log.entries:
        tree.append_entry(entry)
    roots = [root_at(now, log.node) for now in range(size + 1)]
    for now in range(1, size + 1):
        assert tree.get_root(now) == roots[now]
        for index in range(now):
            leaf, *theirs = tree.prove_inclusion(index + 1, now).path
            assert leaf == leaf_hash(log.entries[index])
            assert theirs == inclusion_proof(index, now, log.node)
        for old in range(1, now):
            tree.prove_consistency(old, now).verify(roots[old], roots[now])
