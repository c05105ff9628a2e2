"""The command behind `POST /v1/credential-revocations`: the credential is refused from now on."""

from dataclasses import replace

from app import ledger
from app.identity import rules, store
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def revoke_credential(tx: Tx, credential: str) -> rules.Credential:
    """Revoke a credential, once."""
    found = await store.find_credential(tx, credential, lock=True)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "credential")
    if found[0].revoked_at is not None:
        raise Rejected(rules.IdentityRefusal.ALREADY_REVOKED)
    now = await tx.now()
    await store.revoke_credential(tx, credential, now)
    await ledger.record(
        tx, [ledger.Note(kind="credential.revoked", province=NODE, subject=credential)]
    )
    return replace(found[0], revoked_at=now)
