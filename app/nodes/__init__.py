"""What a node is to other nodes, and how they talk: letters that cannot get lost or be denied.

The story of one message
------------------------
1. A command says `send(tx, [Message…])`: in its own transaction the text of the message gets the
   next number of its link and waits in the outbox. Effect and message commit together.
2. `courier` signs it and brings it to the peer's link port over mutual TLS, again and again until
   a signed answer comes. A message that rests on a record waits until the record is in a witnessed
   checkpoint, and takes entry and proof along.
3. `receive` verifies everything before it believes anything; then the inbox row and what the
   message's `Handler` does are one transaction, and only after it the answer is signed.
4. Whatever does not verify goes to quarantine. Two different messages for one matter are kept as
   proof of equivocation, and put on record.

Whoever follows the log of another node reads it by `logs`, against its witnessed checkpoints.
A node that was put back to a backup asks its peers for the letters of their links (`again`), and
does again what it had published, to the byte (`rehearse`).

A node that was never initialised (`hrt node init`) has no peers and hosts every province.
`rules`, `refusals`, `envelope` and `cards` are pure.
"""

from app.nodes.again import AgainError
from app.nodes.announce import rotate_key
from app.nodes.cards import Card, CardError, check_url, read_card
from app.nodes.keys import (
    NodeKeys,
    NodeKeysError,
    add_message_key,
    forget_node_keys,
    load_node_keys,
    make_node_keys,
    renew_certificate,
)
from app.nodes.logs import (
    READ_PACE,
    READ_TIMEOUT,
    UNREACHABLE,
    LogFaultError,
    OwnLog,
    PeerLog,
    Source,
    read_on,
)
from app.nodes.peers import (
    Initialise,
    SetPeer,
    initialise,
    move_node,
    own_card,
    remove_peer,
    set_peer,
)
from app.nodes.read import (
    Equivocation,
    equivocations,
    heard,
    hold_peers,
    hosts,
    links,
    ministry,
    next_revision,
    own,
    peer_of,
    peers,
    proven_at,
    said,
    system_now,
)
from app.nodes.receive import Handler
from app.nodes.refusals import NodeError, Objection
from app.nodes.rehearse import Act, RecoveryError, Said, recollect, rehearse
from app.nodes.rehearse import Memory as Recollection
from app.nodes.routes import router
from app.nodes.rules import Link, Message, Node, NodeRole, Peer, Received
from app.nodes.send import Rehearsal, send
from app.nodes.service import running

__all__ = [
    "READ_PACE",
    "READ_TIMEOUT",
    "UNREACHABLE",
    "Act",
    "AgainError",
    "Card",
    "CardError",
    "Equivocation",
    "Handler",
    "Initialise",
    "Link",
    "LogFaultError",
    "Message",
    "Node",
    "NodeError",
    "NodeKeys",
    "NodeKeysError",
    "NodeRole",
    "Objection",
    "OwnLog",
    "Peer",
    "PeerLog",
    "Received",
    "Recollection",
    "RecoveryError",
    "Rehearsal",
    "Said",
    "SetPeer",
    "Source",
    "add_message_key",
    "check_url",
    "equivocations",
    "forget_node_keys",
    "heard",
    "hold_peers",
    "hosts",
    "initialise",
    "links",
    "load_node_keys",
    "make_node_keys",
    "ministry",
    "move_node",
    "next_revision",
    "own",
    "own_card",
    "peer_of",
    "peers",
    "proven_at",
    "read_card",
    "read_on",
    "recollect",
    "rehearse",
    "remove_peer",
    "renew_certificate",
    "rotate_key",
    "router",
    "running",
    "said",
    "send",
    "set_peer",
    "system_now",
]
