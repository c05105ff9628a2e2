"""The wire of custodians, sealed bids and their opening."""

import base64
from typing import Annotated

from pydantic import ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from app.auction import rules, rules_notice, rules_probe, rules_seal
from app.kernel.calendar import days
from app.platform.wire import AmountOut, Id, In, InstantOut, Out
from app.seal import Custodian, Terms, auction_key, seal
from app.transparency.fields import FormatError, decode64
from app.transparency.notes import Ed25519Signer, sign

KEY_BYTES = 32
THRESHOLD_DEFAULT = 3
OPENING_DAYS_DEFAULT = 3
NOTE_MAX = 8_192
"""Its record at the opening, in which quotes are doubled, must fit a log entry."""
PROBE_MAX = 200
EXAMPLE_KEY = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="
EXAMPLE_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def _example_note() -> str:
    """A sealed bid as it is sent, made with keys that everybody knows."""
    known = bytes(range(KEY_BYTES))
    terms = Terms(EXAMPLE_HASH, "l1", 1, (Custodian("audit-office", auction_key(known)),))
    message = seal(terms, "b1", 1, {"price_cny": "54000.00"}, known)
    return sign(message.decode() + "\n", Ed25519Signer("b1/l1", known)).encode()


EXAMPLE_NOTE = _example_note()


def _decoded(value: object, least: int, most: int) -> bytes:
    try:
        data = decode64(value, "the value") if isinstance(value, str) else b""
    except FormatError:
        data = b""
    if not least <= len(data) <= most:
        raise PydanticCustomError(
            "base64", "send {least} to {most} bytes in base64", {"least": least, "most": most}
        )
    return data


def _key(value: object) -> bytes:
    return _decoded(value, KEY_BYTES, KEY_BYTES)


def _sealed(value: object) -> bytes:
    return _decoded(value, KEY_BYTES, PROBE_MAX)


Key = Annotated[
    bytes,
    PlainValidator(_key, json_schema_input_type=str),
    Field(json_schema_extra={"pattern": "^[A-Za-z0-9+/]{43}=$", "examples": [EXAMPLE_KEY]}),
]
"""32 bytes in base64."""
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=[EXAMPLE_HASH])]


class CustodianKeyIn(In):
    """A custodian of a lot, and the X25519 public key that it made for this lot alone."""

    custodian: Id
    public_key: Key


Custodians = Annotated[
    list[CustodianKeyIn],
    Field(min_length=1, max_length=rules_notice.CUSTODIANS_MAX, description="lqx-seal/1 only."),
]
Threshold = Annotated[
    int,
    Field(
        ge=1,
        le=rules_notice.CUSTODIANS_MAX,
        strict=True,
        description=f"How many custodians open the bids; {THRESHOLD_DEFAULT} if left out.",
    ),
]
OpeningDays = Annotated[
    int,
    Field(
        ge=1,
        le=365,
        strict=True,
        description="How long after the close custodians may take; then what bidders published"
        f" themselves is opened. {OPENING_DAYS_DEFAULT} if left out.",
    ),
]


def custody(
    custodians: list[CustodianKeyIn] | None, threshold: int | None, opening_days: int | None
) -> rules_notice.Custody | None:
    """What a notice says about custodians; None if it says nothing."""
    if custodians is None and threshold is None and opening_days is None:
        return None
    return rules_notice.Custody(
        tuple(Custodian(one.custodian, one.public_key) for one in custodians or ()),
        threshold or THRESHOLD_DEFAULT,
        days(opening_days or OPENING_DAYS_DEFAULT),
    )


class SealedBidIn(In):
    """A bid that only the lot's custodians together can open, and only after its close."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lot": "l1", "bidder": "b1", "note": EXAMPLE_NOTE}]}
    )

    lot: Id
    bidder: Id
    note: Annotated[
        str,
        Field(
            max_length=NOTE_MAX,
            description="The lqx-seal/1 message and a newline as the text of a C2SP signed note,"
            " signed by the `bid_key` of the registration.",
        ),
    ]

    def command(self) -> rules_seal.PlaceSealedBid:
        """The command this body asks for."""
        return rules_seal.PlaceSealedBid(self.lot, self.bidder, self.note)


class SealedBidOut(Out):
    """A sealed bid that was taken. It has no number: nobody learns how many there are."""

    lot: str = Field(examples=["l1"])
    bidder: str = Field(examples=["b1"])
    commit: str = Field(
        examples=[EXAMPLE_HASH], description="SHA-256 of the message; the record in the log."
    )
    seq: int = Field(examples=[1])
    at: InstantOut

    @classmethod
    def of(cls, bid: rules_seal.SealedBid) -> "SealedBidOut":
        """Show a sealed bid to its bidder."""
        return cls(lot=bid.lot, bidder=bid.bidder, commit=bid.hash, seq=bid.seq, at=bid.at)


class CustodianReleaseIn(In):
    """The private key that a custodian made for a lot. Send it after the close, never before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"lot": "l1", "custodian": "audit-office", "private_key": EXAMPLE_KEY}]
        }
    )

    lot: Id
    custodian: Id
    private_key: Key

    def command(self) -> rules_seal.CustodianKey:
        """The command this body asks for."""
        return rules_seal.CustodianKey(self.lot, self.custodian, self.private_key)


class CustodianReleaseOut(Out):
    """A key that was published, and the state of the lot, which it may have opened."""

    lot: str = Field(examples=["l1"])
    custodian: str = Field(examples=["audit-office"])
    state: rules.LotState = Field(examples=["closed"])

    @classmethod
    def of(cls, released: tuple[rules_seal.CustodianKey, rules.Lot]) -> "CustodianReleaseOut":
        """Show that a key was taken."""
        key, lot = released
        return cls(lot=key.lot, custodian=key.custodian, state=lot.state)


class BidKeyIn(In):
    """The key of one's own sealed bid, for the case that too many custodians lost theirs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"commit": EXAMPLE_HASH, "dek": EXAMPLE_KEY}]}
    )

    commit: Hash
    dek: Key

    def command(self) -> rules_seal.BidKey:
        """The command this body asks for."""
        return rules_seal.BidKey(self.commit, self.dek)


class BidKeyOut(Out):
    """The bid whose key was published."""

    commit: str = Field(examples=[EXAMPLE_HASH])

    @classmethod
    def of(cls, key: rules_seal.BidKey) -> "BidKeyOut":
        """Show that a key was taken."""
        return cls(commit=key.commit)


class ProbeIn(In):
    """32 random bytes, sealed to a custodian's key of a lot as `lqx-seal/1 probe`.

    The context that they are sealed under is `lot:custodian:id`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "probe-1",
                    "lot": "l1",
                    "custodian": "audit-office",
                    "sealed": base64.b64encode(bytes(80)).decode(),
                    "nonce_hash": EXAMPLE_HASH,
                }
            ]
        }
    )

    id: Id
    lot: Id
    custodian: Id
    sealed: Annotated[
        bytes,
        PlainValidator(_sealed, json_schema_input_type=str),
        Field(description="HPKE `enc ‖ ciphertext` in base64."),
    ]
    nonce_hash: Hash

    def command(self) -> rules_probe.AskCustodian:
        """The command this body asks for."""
        return rules_probe.AskCustodian(
            self.id, self.lot, self.custodian, self.sealed, self.nonce_hash
        )


class ProbeAnswerIn(In):
    """What a custodian found in a probe."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"probe": "probe-1", "nonce": EXAMPLE_KEY}]}
    )

    probe: Id
    nonce: Key

    def command(self) -> rules_probe.Answer:
        """The command this body asks for."""
        return rules_probe.Answer(self.probe, self.nonce)


class ProbeOut(Out):
    """A probe; `answered_at` is null until the custodian has shown that it holds its key."""

    id: str = Field(examples=["probe-1"])
    lot: str = Field(examples=["l1"])
    custodian: str = Field(examples=["audit-office"])
    sealed: str = Field(examples=[base64.b64encode(bytes(80)).decode()])
    nonce_hash: str = Field(examples=[EXAMPLE_HASH])
    at: InstantOut
    answered_at: InstantOut | None

    @classmethod
    def of(cls, probe: rules_probe.Probe) -> "ProbeOut":
        """Show a probe."""
        return cls(
            id=probe.id,
            lot=probe.lot,
            custodian=probe.custodian,
            sealed=base64.b64encode(probe.sealed).decode(),
            nonce_hash=probe.nonce_hash,
            at=probe.at,
            answered_at=probe.answered_at,
        )


class ReleasedKeyOut(Out):
    """A custodian's private key after the close."""

    custodian: str = Field(examples=["audit-office"])
    private_key: str = Field(examples=[EXAMPLE_KEY])


class OpenedBidOut(Out):
    """A sealed bid as its bidder signed it, and the verdict: a price, or void under a code."""

    commit: str = Field(examples=[EXAMPLE_HASH])
    bidder: str = Field(examples=["b1"])
    seq: int = Field(examples=[1])
    at: InstantOut
    note: str = Field(examples=[EXAMPLE_NOTE])
    dek: str | None = Field(
        examples=[None], description="Its key in base64, where its bidder published it."
    )
    price_cny: AmountOut | None
    void: str | None = Field(examples=[None])

    @classmethod
    def of(cls, opening: rules_seal.Opening, dek: bytes | None) -> "OpenedBidOut":
        """Show an opened bid."""
        sealed = opening.sealed
        return cls(
            commit=sealed.hash,
            bidder=sealed.bidder,
            seq=sealed.seq,
            at=sealed.at,
            note=sealed.note,
            dek=None if dek is None else base64.b64encode(dek).decode(),
            price_cny=opening.price,
            void=opening.void,
        )


class OpeningOut(Out):
    """All that is needed to open a lot's bids again: custodians' keys, and the bids page by page.

    Both lists are empty until the lot has a result.
    """

    lot: str = Field(examples=["l1"])
    decided_at: InstantOut | None
    keys: list[ReleasedKeyOut]
    items: list[OpenedBidOut]
    next: str | None = Field(default=None, examples=[None])
