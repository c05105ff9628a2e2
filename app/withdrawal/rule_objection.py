"""The command behind `POST /v1/rulings`: the township rules on an objection, once (R34)."""

from app import ledger
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.withdrawal import rules, store
from app.withdrawal.release_hold import lapse_hold
from app.withdrawal.rules_objection import Objection, RuleObjection, decide_ruling


async def rule_objection(tx: Tx, command: RuleObjection) -> Objection:
    """Rule in any state of the application; upheld, it rejects one that is still noticed."""
    application = await store.lock_by_objection(tx, command.objection)
    objection = await store.find_objection(tx, command.objection)
    if application is None or objection is None or not tx.by.concerns(application.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "objection")

    decision = decide_ruling(objection, application, await tx.now(), upheld=command.upheld)
    if isinstance(decision, rules.WithdrawalRefusal):
        raise Rejected(decision)

    ruled, after = decision
    await store.set_ruling(tx, ruled)
    if after.state is not application.state:
        await store.set_state(tx, after.id, after.state)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="objection.ruled",
                province=after.province,
                subject=ruled.id,
                body={
                    "application": after.id,
                    "upheld": command.upheld,
                    "state": after.state.value,
                },
            ),
            *await lapse_hold(tx, application, after),
        ],
    )
    return ruled
