"""Which fields records about other nodes have."""

from collections.abc import Sequence

from app.audit.shapes import Check, count, digest, matter, message_type

Shape = dict[str, Check]

NODES: dict[str, Sequence[Shape]] = {
    "node.equivocated": [
        {
            "type": message_type,
            "transfer": matter,
            "revision": count,
            "held": digest,
            "other": digest,
        }
    ],
}
"""Records of what other nodes have said."""
