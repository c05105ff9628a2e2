"""The Merkle tree of RFC 6962, section 2.1: roots, proofs and their verification.

A leaf is the digest of 0x00 ‖ entry, an inner node of 0x01 ‖ left ‖ right, the empty tree that of
nothing. Proofs are made from a `Node` function that answers the hash of a complete subtree, so
that nothing here knows how a tree is stored. Verification follows RFC 9162, 2.1.3.2 and 2.1.4.2,
and raises `ProofError` saying what disagrees.
"""

import hashlib
from collections.abc import Callable, Sequence

from app.transparency.fields import HASH_BYTES, TrustError

Hash = bytes
Digest = Callable[[bytes], bytes]
Node = Callable[[int, int], bytes]
"""(level, n) → hash of the complete subtree of 2**level leaves that begins at leaf n·2**level."""


class ProofError(TrustError):
    """A proof, a root or a stored hash does not agree with the rest."""


def sha256(data: bytes) -> bytes:
    """Give the SHA-256 of the data: the digest of every C2SP log."""
    return hashlib.sha256(data).digest()


EMPTY_ROOT: Hash = sha256(b"")


def empty_root(digest: Digest = sha256) -> Hash:
    """Give the root of the tree without leaves."""
    return digest(b"")


def leaf_hash(entry: bytes, digest: Digest = sha256) -> Hash:
    """Give the hash of a leaf."""
    return digest(b"\x00" + entry)


def node_hash(left: Hash, right: Hash, digest: Digest = sha256) -> Hash:
    """Give the hash of an inner node."""
    return digest(b"\x01" + left + right)


def root_of(leaf_hashes: Sequence[Hash], digest: Digest = sha256) -> Hash:
    """Give the root over leaf hashes (or over the roots of equal complete subtrees)."""
    if not leaf_hashes:
        return empty_root(digest)
    row = list(leaf_hashes)
    while len(row) > 1:
        # A last node without a partner rises unchanged: the same tree as splitting at powers of 2.
        odd = row[-1:] if len(row) % 2 else []
        row = [
            digest(b"\x01" + left + right)
            for left, right in zip(row[0::2], row[1::2], strict=False)
        ] + odd
    return row[0]


def _split(width: int) -> int:
    """Give the largest power of two below the width (≥ 2)."""
    return 1 << (width - 1).bit_length() - 1


def _range_root(low: int, high: int, node: Node, digest: Digest) -> Hash:
    """Give the root over leaves [low, high), where low is where a subtree may begin."""
    width = high - low
    pieces = []
    for level in reversed(range(width.bit_length())):
        if width >> level & 1:
            pieces.append(node(level, low >> level))
            low += 1 << level
    root = pieces.pop()
    while pieces:
        root = node_hash(pieces.pop(), root, digest)
    return root


def root_at(size: int, node: Node, digest: Digest = sha256) -> Hash:
    """Give the root of the first `size` leaves."""
    return _range_root(0, size, node, digest) if size else empty_root(digest)


def inclusion_proof(index: int, size: int, node: Node, digest: Digest = sha256) -> list[Hash]:
    """Give the sibling hashes from leaf `index` up to the root of `size` leaves."""
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    proof = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_range_root(middle, high, node, digest))
            high = middle
        else:
            proof.append(_range_root(low, middle, node, digest))
            low = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, node: Node, digest: Digest = sha256) -> list[Hash]:
    """Give the hashes that show the first `old` leaves to be those of the tree of `new`.

    Empty when `old` is 0 or equal to `new`: then there is nothing to show.
    """
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {new} leaves does not continue one of {old}")
    if old in {0, new}:
        return []
    proof = []
    low, high = 0, new
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_range_root(middle, high, node, digest))
            high = middle
        else:
            proof.append(_range_root(low, middle, node, digest))
            low = middle
    if low:
        # The old tree is not a subtree of its own: its last piece must be shown as well.
        proof.append(_range_root(low, high, node, digest))
    return proof[::-1]


def verify_inclusion(  # noqa: PLR0913, PLR0917 - a proof has these parts
    leaf: Hash,
    index: int,
    size: int,
    proof: Sequence[Hash],
    root: Hash,
    digest: Digest = sha256,
) -> None:
    """Check that the leaf hash stands at `index` in the tree of `size` leaves with that root."""
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    _check_hashes([leaf, root, *proof])
    found = leaf
    position, last = index, size - 1
    for sibling in proof:
        if last == 0:
            raise ProofError(f"the inclusion proof of leaf {index} of {size} has too many hashes")
        if position & 1 or position == last:
            found = node_hash(sibling, found, digest)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling, digest)
        position >>= 1
        last >>= 1
    if last:
        raise ProofError(f"the inclusion proof of leaf {index} of {size} has too few hashes")
    if found != root:
        raise ProofError(f"the inclusion proof of leaf {index} leads to another root than {size}'s")


def verify_consistency(  # noqa: PLR0913, PLR0917 - a proof has these parts
    old: int,
    new: int,
    old_root: Hash,
    new_root: Hash,
    proof: Sequence[Hash],
    digest: Digest = sha256,
) -> None:
    """Check that the tree of `new` leaves only adds to the tree of `old` leaves."""
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {new} leaves does not continue one of {old}")
    _check_hashes([old_root, new_root, *proof])
    for size, root in ((old, old_root), (new, new_root)):
        if size == 0 and root != empty_root(digest):
            raise ProofError("the root of the empty tree is not the hash of nothing")
    if old in {0, new}:
        if proof:
            raise ProofError(f"the consistency proof of {old} and {new} has too many hashes")
        if old == new and old_root != new_root:
            raise ProofError(f"two trees of {old} leaves have different roots: the log has forked")
        return
    _climb(old, new, old_root, new_root, proof, digest)


def _climb(  # noqa: PLR0913, PLR0917 - as above
    old: int,
    new: int,
    old_root: Hash,
    new_root: Hash,
    proof: Sequence[Hash],
    digest: Digest,
) -> None:
    """Rebuild both roots from a proof between 0 < old < new."""
    # An old tree that is one complete subtree is itself the first hash of the proof.
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofError(f"the consistency proof of {old} and {new} has too few hashes")
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    seen_old = seen_new = path[0]
    for step in path[1:]:
        if last == 0:
            raise ProofError(f"the consistency proof of {old} and {new} has too many hashes")
        if position & 1 or position == last:
            seen_old = node_hash(step, seen_old, digest)
            seen_new = node_hash(step, seen_new, digest)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            seen_new = node_hash(seen_new, step, digest)
        position >>= 1
        last >>= 1
    if last:
        raise ProofError(f"the consistency proof of {old} and {new} has too few hashes")
    if seen_old != old_root:
        raise ProofError(f"the proof does not lead to the root of {old} leaves: history differs")
    if seen_new != new_root:
        raise ProofError(f"the proof does not lead to the root of {new} leaves: history differs")


def _check_hashes(hashes: Sequence[Hash]) -> None:
    for one in hashes:
        if len(one) != HASH_BYTES:
            raise ProofError(f"a hash has {len(one)} bytes instead of {HASH_BYTES}")
