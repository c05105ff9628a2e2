"""A letter as it leaves: signed by a key of now, with the proof of the record that it rests on."""

from app import transparency
from app.nodes import store
from app.nodes.keys import KeyRing
from app.nodes.rules import Delivery
from app.nodes.store_links import Outgoing
from app.platform.db import Reader
from app.transparency.notes import sign


async def deliverable(reader: Reader, ring: KeyRing, letter: Outgoing) -> Delivery | None:
    """A letter as it is brought: signed, with entry and proof; None while there is no proof."""
    key = letter.vkey or await store.own_key_in_use(reader)
    proven = None
    if letter.leaf is not None:
        proven = await transparency.prove_entry(reader, letter.leaf)
        if proven is None:
            return None
    note = sign(letter.text, ring.signer(key)).encode()
    if proven is None:
        return Delivery(note)
    entry, proof = proven
    return Delivery(note, entry, proof.encode())
