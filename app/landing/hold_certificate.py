"""The lock that every use of a certificate needs."""

from app import settlement
from app.landing import rules, store
from app.platform.db import Tx


async def hold_certificate(tx: Tx, lot: str) -> rules.Holding | None:
    """What is left of the lot's certificate, held until this transaction ends; None: not paid.

    The lock comes before the sum: two selections at once cannot both count the same area as free,
    and a sale cannot use it up in between.
    """
    certificate = await settlement.lock_certificate(tx, lot)
    if certificate is None:
        return None
    return rules.Holding(
        settlement.certificate_account(certificate),
        certificate.bidder,
        certificate.province,
        certificate.remaining,
        certificate.remaining_cost,
        await store.reserved_area(tx, lot),
    )
