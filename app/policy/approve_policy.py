"""The command behind `POST /v1/policy-approvals`: a second person puts a version in force."""

from dataclasses import replace

from app import ledger
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.policy import rules, store


async def approve_policy(tx: Tx, policy: str) -> rules.Version:
    """Approve a version: not by its proposer, not twice, and not for a time that has passed."""
    version = await store.lock_version(tx, policy)
    if version is None or not tx.by.concerns(Stake(province=version.province)):
        raise Rejected(CommonRefusal.NOT_FOUND, "policy")
    refusal = rules.decide_approval(version.proposed_by, version.approved_by, tx.actor)
    if refusal is not None:
        raise Rejected(refusal)
    if version.valid_from < await tx.now():
        raise Rejected(rules.PolicyRefusal.RETROACTIVE)

    await store.approve_version(tx, policy, tx.actor)
    await ledger.record(
        tx,
        [ledger.Note(kind="policy.approved", province=version.province, subject=policy)],
    )
    return replace(version, approved_by=tx.actor)
