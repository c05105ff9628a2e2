"""The command behind `POST /v1/objections`: somebody of the village objects (R34)."""

from app import identity, ledger
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.withdrawal import rules, store
from app.withdrawal.rules_objection import Objection, RaiseObjection, decide_objection


async def raise_objection(tx: Tx, command: RaiseObjection) -> Objection:
    """Keep an objection; what it says is told to the township, not to the exchange."""
    application = await store.lock(tx, command.application)
    if application is None or not await _concerns(tx, application):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")

    objection = decide_objection(command, application, await tx.now())
    if isinstance(objection, rules.WithdrawalRefusal):
        raise Rejected(objection)
    if await store.find_objection(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    await store.insert_objection(tx, objection)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="objection.raised",
                province=application.province,
                subject=objection.id,
                body={"application": application.id},
            )
        ],
    )
    return objection


async def _concerns(tx: Tx, application: rules.Application) -> bool:
    # A villager acts for a household, and may object to a neighbour's application: what counts is
    # that both belong to one collective.
    if tx.by.role is not Role.VILLAGER:
        return tx.by.concerns(application.stake)
    household = await identity.find_household(tx, tx.by.party)
    return household is not None and household.collective == application.collective
