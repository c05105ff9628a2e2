"""Certificates as landing asks for them."""

from app.ledger.rules import AccountRef
from app.platform.db import Tx
from app.settlement import store
from app.settlement.store import Certificate


async def lock_certificate(tx: Tx, lot: str) -> Certificate | None:
    """The certificate of a lot, held until the transaction ends; None until it is paid."""
    return await store.find_certificate(tx, lot, lock=True)


def certificate_account(certificate: Certificate) -> AccountRef:
    """Where the ledger keeps its remaining area."""
    return store.account(certificate.lot, certificate.bidder, certificate.province)
