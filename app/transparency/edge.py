"""The right edge of a tree that is read from its beginning: enough to go on, and to give the root.

Whoever follows another's log keeps this instead of its tiles: 32 bytes for each bit of the size.
"""

from app.transparency.fields import HASH_BYTES
from app.transparency.merkle import empty_root, leaf_hash, node_hash


class Edge:
    """A tree as far as it has grown: its size, and the roots of its complete subtrees.

    The largest subtree comes first; there is one for each bit of the size.
    """

    def __init__(self, size: int = 0, roots: bytes = b"") -> None:
        self.size = size
        self._roots = [roots[i : i + HASH_BYTES] for i in range(0, len(roots), HASH_BYTES)]

    def append(self, entry: bytes) -> None:
        """Add the next entry."""
        node, rest = leaf_hash(entry), self.size
        while rest & 1:
            node = node_hash(self._roots.pop(), node)
            rest >>= 1
        self._roots.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all entries so far."""
        if not self._roots:
            return empty_root()
        root = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            root = node_hash(left, root)
        return root

    @property
    def roots(self) -> bytes:
        """What to go on from later."""
        return b"".join(self._roots)
