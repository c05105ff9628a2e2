"""The command behind `POST /v1/custodians`."""

from app import ledger
from app.identity import rules, store
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def register_custodian(tx: Tx, custodian: rules.Custodian) -> rules.Custodian:
    """Register an institution that may be named in the notice of a sealed lot."""
    if await store.find_custodians(tx, [custodian.id]):
        raise Rejected(CommonRefusal.ID_TAKEN, "id")
    await store.insert_custodian(tx, custodian)
    await ledger.record(
        tx, [ledger.Note(kind="custodian.registered", province=NODE, subject=custodian.id)]
    )
    return custodian
