"""TLS between nodes: 1.3 alone, both sides show a certificate, and each trusts those it has pinned.

No authority is asked and no name is compared: a certificate is trusted for its very bytes, which
stand on the peer's card.
"""

import ssl
from collections.abc import Callable, Iterable
from typing import Any

from app.nodes.cards import certificate_hash
from app.nodes.keys import NodeKeys
from app.nodes.rules import Peer


def _bare(protocol: int, keys: NodeKeys, trusted: Iterable[bytes]) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(keys.link)
    for certificate in trusted:
        context.load_verify_locations(cadata=certificate)
    return context


def client_context(keys: NodeKeys, peer: Peer) -> ssl.SSLContext:
    """For a connection to this peer and to nobody else."""
    return _bare(ssl.PROTOCOL_TLS_CLIENT, keys, [peer.certificate])


class Pins:
    """The certificates that the link port trusts: those of the peers of this moment."""

    def __init__(self, keys: NodeKeys) -> None:
        self.keys = keys
        self._peers: dict[str, str] = {}
        self._context = self._serving([])

    def trust(self, peers: Iterable[Peer]) -> None:
        """Trust the certificates of these peers from the next connection on, and no others."""
        pinned = {certificate_hash(peer.certificate): peer for peer in peers}
        names = {hash_: peer.name for hash_, peer in pinned.items()}
        if names != self._peers:
            self._context = self._serving([peer.certificate for peer in pinned.values()])
            self._peers = names

    def peer(self, certificate: bytes | None) -> str | None:
        """The name of the peer whose certificate this is, to the byte."""
        return None if certificate is None else self._peers.get(certificate_hash(certificate))

    def context(self) -> ssl.SSLContext:
        """The context of a server that asks for what is trusted anew at each connection."""
        context = self._serving([])
        context.sni_callback = self._switch()
        return context

    def _serving(self, trusted: Iterable[bytes]) -> ssl.SSLContext:
        context = _bare(ssl.PROTOCOL_TLS_SERVER, self.keys, trusted)
        # A connection that is taken up again would not show its certificate again.
        context.num_tickets = 0
        return context

    def _switch(self) -> Callable[[Any, str | None, ssl.SSLContext], None]:
        # OpenSSL calls this early in every handshake, whether a name was sent or not.
        def switch(connection: Any, _name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = self._context

        return switch
