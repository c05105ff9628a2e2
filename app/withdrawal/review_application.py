"""The command behind `POST /v1/village-reviews`: the members' meeting votes (R30-R33).

- no more votes than members;
- it is not held, the cooling-off is over, and nobody voted before;
- two thirds of all members open the public notice, fewer reject.
"""

from app import identity, ledger, policy
from app.kernel.calendar import wire
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.withdrawal import rules, store


async def review_application(tx: Tx, command: rules.ReviewApplication) -> rules.Application:
    """Book the vote on an application."""
    found = await store.lock(tx, command.application)
    if found is None or not tx.by.concerns(found.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")
    collective = await identity.require_collective(tx, found.collective, "application")
    if command.votes_for > collective.members:
        raise Rejected(CommonRefusal.INVALID_REQUEST, "votes_for")
    version = await policy.find_version(tx, found.policy)

    reviewed = rules.decide_review(
        found,
        command.votes_for,
        collective.members,
        version.parameters.notice_days,
        await tx.now(),
    )
    if isinstance(reviewed, rules.WithdrawalRefusal):
        raise Rejected(reviewed)

    ends_at = reviewed.notice_ends_at
    if ends_at is None:
        await store.set_state(tx, reviewed.id, reviewed.state)
    else:
        await store.open_notice(tx, reviewed.id, ends_at)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="application.reviewed",
                province=reviewed.province,
                subject=reviewed.id,
                policy=reviewed.policy,
                body={
                    "votes_for": command.votes_for,
                    "members": collective.members,
                    "state": reviewed.state.value,
                    "notice_ends_at": None if ends_at is None else wire(ends_at),
                },
            )
        ],
    )
    return reviewed
