"""lqx-seal/1: a bid that nobody can read before the close and anybody can open after it.

Before bidding each of n custodians makes a key for this auction alone; the public keys stand in the
lot's notice. A bidder seals its bid under a key of its own (`dek`), splits that key by Shamir and
seals one share to each custodian (`seal`). Custodians do nothing until the close; then each
publishes its private key. From any `threshold` of those keys and the public messages everybody
computes the same verdict (`verdict`): the bid and its dek, or `VoidError` with a code.

A custodian cannot lie: a private key matches the public one or it does not (`key_matches`). A
bidder cannot hedge: a message that is not, byte for byte, what its dek derives is void for every
set of custodians. When more than n - threshold keys are lost, bidders publish their deks
(`open_with_dek`). `seal_probe` and `open_probe` find lost keys in time.

Pure: no clock, no randomness, no I/O. Keys and deks are arguments.
"""

from app.seal.message import (
    VERSION,
    Custodian,
    Head,
    Message,
    OpeningError,
    SealError,
    Terms,
    VoidError,
    message_hash,
    parse_message,
)
from app.seal.probe import open_probe, seal_probe
from app.seal.sealing import (
    Opened,
    auction_key,
    check_head,
    is_usable,
    key_matches,
    open_with_dek,
    open_with_keys,
    seal,
    verdict,
)

__all__ = [
    "VERSION",
    "Custodian",
    "Head",
    "Message",
    "Opened",
    "OpeningError",
    "SealError",
    "Terms",
    "VoidError",
    "auction_key",
    "check_head",
    "is_usable",
    "key_matches",
    "message_hash",
    "open_probe",
    "open_with_dek",
    "open_with_keys",
    "parse_message",
    "seal",
    "seal_probe",
    "verdict",
]
