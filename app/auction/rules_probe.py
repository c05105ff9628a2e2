"""Pure rules of a probe: whether a custodian still holds the key that a lot's bids need."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from app.auction.refusals import AuctionRefusal
from app.kernel.principal import Stake


@dataclass(frozen=True, slots=True)
class AskCustodian:
    """A nonce sealed to a custodian's public key, and its SHA-256 in hex."""

    id: str
    lot: str
    custodian: str
    sealed: bytes
    nonce_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a custodian found in a probe."""

    probe: str
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe, with the custodian's answer once it has come."""

    id: str
    lot: str
    custodian: str
    sealed: bytes
    nonce_hash: str
    at: datetime
    nonce: bytes | None = None
    answered_at: datetime | None = None

    @property
    def stake(self) -> Stake:
        """Whom it concerns."""
        return Stake(custodian=self.custodian)


def context(lot: str, custodian: str, probe: str) -> bytes:
    """What a probe's ciphertext is bound to, so that it answers for nothing else."""
    return f"{lot}:{custodian}:{probe}".encode()


def decide_answer(probe: Probe, nonce: bytes) -> AuctionRefusal | None:
    """The first answer that opens the probe is the one."""
    if probe.answered_at is not None:
        return AuctionRefusal.PROBE_ANSWERED
    if hashlib.sha256(nonce).hexdigest() != probe.nonce_hash:
        return AuctionRefusal.PROBE_FAILED
    return None
