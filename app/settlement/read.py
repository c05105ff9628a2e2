"""Certificates as landing asks for them."""

from app.ledger.rules import AccountRef
from app.platform.db import Reader, Tx
from app.settlement import store
from app.settlement.store import Certificate


async def find_certificate(reader: Reader, lot: str) -> Certificate | None:
    """The certificate of a lot; None until it is paid."""
    return await store.find_certificate(reader, lot)


async def lock_certificate(tx: Tx, lot: str) -> Certificate | None:
    """The same, held until the transaction ends."""
    return await store.find_certificate(tx, lot, lock=True)


def certificate_account(certificate: Certificate) -> AccountRef:
    """Where the ledger keeps its remaining area."""
    return store.account(certificate.lot, certificate.bidder, certificate.province)
