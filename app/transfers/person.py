"""Who a household is: told by its home to the receiving node alone, sealed, beside the proposal.

The letter is sealed (HPKE) for the receiver's key and goes straight to it. The proposal names its
digest, so the ministry sees that there is one and nothing of what it says.
"""

import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from app import identity, nodes
from app.kernel.refusal import LetterRefusal, Rejected
from app.platform.db import Tx
from app.seal.hpke import HpkeError, open_sealed, seal
from app.transfers import store_crossing
from app.transfers.parties import parties_of
from app.transfers.refusals import ProtocolRefusal
from app.transfers.rules_protocol import is_of
from app.transfers.store_crossing import Person

TYPE = "xfer.person"
REVISION = 1
_INFO = b"lqx-person/1 "
_MEMBERS = ("name", "salt", "village", "village_salt")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed letter, and its digest as the proposal names it."""

    sealed: bytes

    @property
    def digest(self) -> str:
        """SHA-256 in hex."""
        return hashlib.sha256(self.sealed).hexdigest()


def seal_person(
    receiver: nodes.Peer,
    transfer: str,
    household: identity.Household,
    collective: identity.Collective,
) -> Sealed:
    """Seal names and salts for the node that receives the transfer."""
    said = {
        "name": household.name,
        "salt": household.name_salt.hex(),
        "village": collective.name,
        "village_salt": collective.name_salt.hex(),
    }
    plain = json.dumps(said, ensure_ascii=False).encode()
    return Sealed(
        seal(receiver.sealing_key, _INFO + transfer.encode(), plain, secrets.token_bytes(32))
    )


def message_of(receiver: nodes.Peer, transfer: str, letter: Sealed) -> nodes.Message:
    """The message that carries it."""
    return nodes.Message(
        to=receiver.name,
        type=TYPE,
        transfer=transfer,
        revision=REVISION,
        body={"sealed": b64encode(letter.sealed).decode()},
    )


async def take_person(tx: Tx, received: nodes.Received, private: bytes) -> None:
    """Open a letter, and keep what it says until the transfer is decided."""
    sender = await parties_of(tx, received.sender)
    if not any(is_of(province, received.transfer) for province in sender):
        raise Rejected(ProtocolRefusal.WRONG_PARTY)
    letter, person = _opened(received.transfer, received.body, private)
    await store_crossing.put_person(tx, received.transfer, letter.digest, person)


def _opened(transfer: str, body: Mapping[str, object], private: bytes) -> tuple[Sealed, Person]:
    try:
        letter = Sealed(b64decode(str(body["sealed"]), validate=True))
        said = json.loads(open_sealed(private, _INFO + transfer.encode(), letter.sealed))
        name, salt, village, village_salt = (said[member] for member in _MEMBERS)
        person = Person(name, bytes.fromhex(salt), village, bytes.fromhex(village_salt))
        whole = {len(person.salt), len(person.village_salt)} == {identity.SALT_BYTES}
        texts = all(isinstance(text, str) and text for text in (name, village))
    except (KeyError, TypeError, ValueError, HpkeError) as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    if not (whole and texts):
        raise Rejected(LetterRefusal.MALFORMED)
    return letter, person
