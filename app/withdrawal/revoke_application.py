"""The command behind `POST /v1/revocations`: the household takes it back (R77, R78)."""

from app import ledger
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.withdrawal import rules, store
from app.withdrawal.release_hold import lapse_hold


async def revoke_application(tx: Tx, application: str) -> rules.Application:
    """End an application before its cooling-off is over; no reason is asked for."""
    found = await store.lock(tx, application)
    if found is None or not tx.by.concerns(found.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")

    revoked = rules.decide_revocation(found, await tx.now())
    if isinstance(revoked, rules.WithdrawalRefusal):
        raise Rejected(revoked)

    await store.set_state(tx, revoked.id, revoked.state)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="application.revoked",
                province=revoked.province,
                subject=revoked.id,
                policy=revoked.policy,
            ),
            *await lapse_hold(tx, found, revoked),
        ],
    )
    return revoked
