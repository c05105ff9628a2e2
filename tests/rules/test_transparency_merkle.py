"""The tree of RFC 6962 against its own definition, written out naively, for every small size."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transparency import suites
from app.transparency.merkle import (
    EMPTY_ROOT,
    ProofError,
    consistency_proof,
    empty_root,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
    root_of,
    sha256,
    verify_consistency,
    verify_inclusion,
)

SIZES = 130
ENTRIES = [f"entry {i}".encode() for i in range(SIZES)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]

# RFC 6962's reference tree, as its implementations carry it: eight entries and their roots.
REFERENCE = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
]


def naive_split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_root(entries):
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = naive_split(len(entries))
    return hashlib.sha256(b"\x01" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def naive_path(m, entries):
    if len(entries) == 1:
        return []
    k = naive_split(len(entries))
    if m < k:
        return [*naive_path(m, entries[:k]), naive_root(entries[k:])]
    return [*naive_path(m - k, entries[k:]), naive_root(entries[:k])]


def naive_subproof(m, entries, whole):
    if m == len(entries):
        return [] if whole else [naive_root(entries)]
    k = naive_split(len(entries))
    if m <= k:
        return [*naive_subproof(m, entries[:k], whole), naive_root(entries[k:])]
    return [*naive_subproof(m - k, entries[k:], whole=False), naive_root(entries[:k])]


def node(level, n):
    assert (n + 1) << level <= SIZES, "only complete subtrees are asked for"
    return root_of(LEAVES[n << level : (n + 1) << level])


def flips(hashes):
    """The same hashes with one wrong, one missing, one more, and two exchanged."""
    for i in range(len(hashes)):
        yield [*hashes[:i], sha256(hashes[i]), *hashes[i + 1 :]]
        yield [*hashes[:i], *hashes[i + 1 :]]
        yield [*hashes[:i], hashes[i], *hashes[i:]]
        yield [*hashes[:i], hashes[i][:31], *hashes[i + 1 :]]
    yield [*hashes, sha256(b"one more")]
    if len(hashes) > 1:
        yield [hashes[1], hashes[0], *hashes[2:]]


def test_the_eight_reference_roots_of_rfc_6962_come_out():
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry, _ in REFERENCE]
    for size, (_, root) in enumerate(REFERENCE, 1):
        assert root_of(leaves[:size]).hex() == root
    assert EMPTY_ROOT == root_of([]) == empty_root() == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", range(SIZES + 1))
def test_every_root_and_proof_is_the_naive_one(size):
    entries = ENTRIES[:size]
    root = naive_root(entries)
    assert root_of(LEAVES[:size]) == root_at(size, node) == root
    for index in range(0, size, 1 if size <= 40 else 7):
        proof = inclusion_proof(index, size, node)
        assert proof == naive_path(index, entries)
        verify_inclusion(LEAVES[index], index, size, proof, root)
    for old in range(1, size + 1, 1 if size <= 40 else 7):
        proof = consistency_proof(old, size, node)
        assert proof == naive_subproof(old, entries, whole=True)
        verify_consistency(old, size, naive_root(entries[:old]), root, proof)
    assert consistency_proof(0, size, node) == []
    verify_consistency(0, size, EMPTY_ROOT, root, [])


def test_every_proof_of_all_sizes_verifies_and_no_other_index_or_size_does():
    roots = [root_of(LEAVES[:size]) for size in range(SIZES + 1)]
    for size in range(1, SIZES + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, node)
            verify_inclusion(LEAVES[index], index, size, proof, roots[size])
            for other in {index ^ 1, index + 1, index // 2, size - 1 - index, -1, size} - {index}:
                with pytest.raises(ProofError):
                    verify_inclusion(LEAVES[index], other, size, proof, roots[size])
        for old in range(size + 1):
            verify_consistency(
                old, size, roots[old], roots[size], consistency_proof(old, size, node)
            )


@given(st.integers(1, 40), st.data())
def test_a_changed_inclusion_proof_does_not_verify(size, data):
    index = data.draw(st.integers(0, size - 1))
    root = root_of(LEAVES[:size])
    proof = inclusion_proof(index, size, node)
    for wrong in flips(proof):
        if wrong != proof:
            with pytest.raises(ProofError):
                verify_inclusion(LEAVES[index], index, size, wrong, root)
    for leaf, expected in ((sha256(b""), root), (LEAVES[index], sha256(root))):
        with pytest.raises(ProofError, match="another root"):
            verify_inclusion(leaf, index, size, proof, expected)


@given(st.integers(1, 40), st.data())
def test_a_changed_consistency_proof_does_not_verify(new, data):
    old = data.draw(st.integers(0, new))
    roots = root_of(LEAVES[:old]), root_of(LEAVES[:new])
    proof = consistency_proof(old, new, node)
    for wrong in flips(proof):
        if wrong != proof:
            with pytest.raises(ProofError):
                verify_consistency(old, new, *roots, wrong)
    with pytest.raises(ProofError):
        verify_consistency(old, new, sha256(roots[0]), roots[1], proof)
    if old:
        with pytest.raises(ProofError):
            verify_consistency(old, new, roots[0], sha256(roots[1]), proof)
    with pytest.raises(ProofError, match="does not continue"):
        verify_consistency(new + 1, new, roots[1], roots[1], [])


@given(st.integers(2, 40), st.data())
def test_a_rewritten_history_is_not_consistent(new, data):
    """An operator who changes one old leaf finds no proof, not even one made of his own tree."""
    old = data.draw(st.integers(1, new - 1))
    at = data.draw(st.integers(0, old - 1))
    forged = [*LEAVES[:at], leaf_hash(b"forged"), *LEAVES[at + 1 : new]]

    def forged_node(level, n):
        return root_of(forged[n << level : (n + 1) << level])

    for proof in (consistency_proof(old, new, forged_node), consistency_proof(old, new, node)):
        with pytest.raises(ProofError):
            verify_consistency(old, new, root_of(LEAVES[:old]), root_of(forged), proof)


def test_an_inner_node_is_not_taken_for_a_leaf():
    left, right = LEAVES[0], LEAVES[1]
    inner = node_hash(left, right)
    with pytest.raises(ProofError):
        verify_inclusion(leaf_hash(left + right), 0, 1, [], inner)
    with pytest.raises(ProofError):
        verify_inclusion(leaf_hash(b"\x01" + left + right), 0, 1, [], inner)


def test_what_does_not_exist_cannot_be_proved():
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ProofError, match="there is no leaf"):
            inclusion_proof(index, size, node)
        with pytest.raises(ProofError, match="there is no leaf"):
            verify_inclusion(LEAVES[0], index, size, [], EMPTY_ROOT)
    for old, new in ((4, 3), (-1, 3)):
        with pytest.raises(ProofError, match="does not continue"):
            consistency_proof(old, new, node)
    with pytest.raises(ProofError, match="empty tree"):
        verify_consistency(0, 3, LEAVES[0], root_of(LEAVES[:3]), [])
    with pytest.raises(ProofError, match="forked"):
        verify_consistency(3, 3, LEAVES[0], root_of(LEAVES[:3]), [])


def test_a_proof_for_another_digest_does_not_verify():
    leaves = [leaf_hash(entry, suites.sm3) for entry in ENTRIES[:7]]
    root = root_of(leaves, suites.sm3)
    proof = inclusion_proof(
        4,
        7,
        lambda level, n: root_of(leaves[n << level : (n + 1) << level], suites.sm3),
        suites.sm3,
    )
    verify_inclusion(leaves[4], 4, 7, proof, root, suites.sm3)
    with pytest.raises(ProofError):
        verify_inclusion(leaves[4], 4, 7, proof, root)
    assert empty_root(suites.sm3) == hashlib.new("sm3", b"").digest()
