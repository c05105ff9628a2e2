"""Lets a node hear two different things about one matter from a peer that never ran."""

import ssl
from datetime import timedelta

from app import nodes
from app.nodes.cards import Card
from app.nodes.envelope import Envelope
from app.nodes.keys import _certificate
from app.nodes.receive import receive
from app.nodes.rules import Delivery, MessageKey
from app.transparency.notes import Ed25519Signer, sign, vkey

HERE, LIAR = "640000", "650000"
KEY = Ed25519Signer(f"{LIAR}/msg", b"\x31" * 32)
OWN = Ed25519Signer(f"{HERE}/msg", b"\x32" * 32)
LOG = Ed25519Signer("liar.example/log", b"\x33" * 32)


async def tell(db):
    """Make this database that of a node, if it is none, and let the liar speak."""
    await db.transact(_begin, None)
    async with db.read() as reader:
        own, now = await nodes.own(reader), await reader.now()

    async def listen(_tx, _received):
        pass

    for price in ("1.00", "2.00"):
        envelope = Envelope(
            sender=LIAR,
            to=own.name,
            seq=1,
            type="test.note",
            transfer="k-two",
            revision=1,
            sent_at=now,
            body={"n": price},
        )
        note = sign(envelope.text(), KEY).encode()
        await receive(db, LIAR, Delivery(note), {"test.note": listen})


async def _begin(tx, _):
    now = await tx.now()
    if await nodes.own(tx) is None:
        node = nodes.Node(HERE, nodes.NodeRole.PROVINCE, (HERE,), "https://own.example")
        command = nodes.Initialise(node, ("宁夏",), "https://own.example", vkey(OWN))
        await nodes.initialise(tx, command)
    _, mark, pem = _certificate(LIAR, now).decode().partition("-----BEGIN CERTIFICATE")
    card = Card(
        name=LIAR,
        role=nodes.NodeRole.PROVINCE,
        provinces=((LIAR, "新疆"),),
        keys=(MessageKey(vkey(KEY), now - timedelta(days=1)),),
        log=vkey(LOG),
        log_url="https://liar.example",
        url="https://liar.example:8443",
        certificate=ssl.PEM_cert_to_DER_cert(mark + pem),
        sealing_key=b"\x34" * 32,
    )
    await nodes.set_peer(tx, nodes.SetPeer(card, None, known=False))
