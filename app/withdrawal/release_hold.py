"""The command behind `POST /v1/hold-releases`: a hold ends, by its household or after a hearing.

- it stands;
- the household, or the service window for it, takes it back; the county hears it;
- nobody ends it who took a step on the application, or who booked the hold that is heard;
- a withdrawal revokes the application, unless its land is reclaimed.
"""

from app import ledger
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.withdrawal import rules_hold, store, store_hold
from app.withdrawal.rules import Application, HoldOutcome
from app.withdrawal.rules_hold import Hold


async def release_hold(tx: Tx, command: rules_hold.ReleaseHold) -> Hold:
    """End a hold; the application goes on or is revoked."""
    application = await store.lock_by_hold(tx, command.hold)
    hold = await store_hold.find_hold(tx, command.hold)
    if application is None or hold is None or not tx.by.concerns(application.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "hold")
    involved = rules_hold.STEPS
    if command.outcome.is_hearing:
        involved += ("application.held",)
    before = await ledger.actors(tx, application.id, involved)

    decision = rules_hold.decide_release(
        command.outcome,
        hold,
        application,
        tx.by.role,
        await tx.now(),
        same_person=tx.actor in before,
    )
    if isinstance(decision, rules_hold.HoldRefusal):
        raise Rejected(decision)

    ended, after = decision
    if after.state is not application.state:
        await store.set_state(tx, after.id, after.state)
    await store_hold.end_hold(tx, ended.id, command.outcome)
    await ledger.record(tx, [_note(ended.id, after, command.outcome)])
    return ended


async def lapse_hold(tx: Tx, before: Application, after: Application) -> list[ledger.Note]:
    """An application that ends by another step takes its hold along; answers with the record."""
    if before.hold is None or not after.state.is_ended:
        return []
    await store_hold.end_hold(tx, before.hold, HoldOutcome.LAPSED)
    return [_note(before.hold, after, HoldOutcome.LAPSED)]


def _note(hold: str, application: Application, outcome: HoldOutcome) -> ledger.Note:
    return ledger.Note(
        kind="application.hold_ended",
        province=application.province,
        subject=application.id,
        policy=application.policy,
        body={"hold": hold, "outcome": outcome.value, "state": application.state.value},
    )
