"""A log in memory for tests: it signs whatever it is told to, also what no honest log would."""

from app.transparency.checkpoints import Checkpoint
from app.transparency.merkle import consistency_proof, inclusion_proof, leaf_hash, root_of
from app.transparency.notes import Ed25519Signer, Verifier, sign
from app.transparency.proofs import AddCheckpoint, TlogProof


class SmallLog:
    """Leaves in a list; `fork` gives a log of the same key that differs from a leaf on."""

    def __init__(self, name="log.example/a", seed=1, entries=()):
        self.signer = Ed25519Signer(name, bytes([seed]) * 32)
        self.entries = list(entries)

    @property
    def name(self):
        return self.signer.name

    @property
    def verifier(self):
        return Verifier.of(self.signer)

    def grow(self, count):
        self.entries += [f"entry {len(self.entries) + i}".encode() for i in range(count)]
        return self

    def fork(self, at):
        """The same log, but with another leaf at `at`."""
        other = SmallLog(self.name, entries=self.entries)
        other.signer = self.signer
        other.entries[at] = b"another " + other.entries[at]
        return other

    def hashes(self, size):
        return [leaf_hash(entry) for entry in self.entries[:size]]

    def node(self, level, n):
        width = 1 << level
        return root_of([leaf_hash(e) for e in self.entries[n * width : (n + 1) * width]])

    def root(self, size):
        return root_of(self.hashes(size))

    def checkpoint(self, size, root=None):
        return Checkpoint(self.name, size, root or self.root(size))

    def note(self, size, *, root=None, signer=None):
        return sign(self.checkpoint(size, root).text(), signer or self.signer)

    def proof(self, old, size):
        return consistency_proof(old, size, self.node)

    def inclusion(self, index, size):
        proof = inclusion_proof(index, size, self.node)
        return TlogProof(index, proof, self.note(size).encode())

    def body(self, old, size, *, proof=None, note=None):
        """An add-checkpoint request; honest unless its parts are given."""
        if proof is None:
            proof = self.proof(old, size) if old < size else []
        return AddCheckpoint(old, proof, (note or self.note(size)).encode()).encode().encode()
