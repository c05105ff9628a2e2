"""The command behind `POST /v1/policies`: one person proposes the parameters of a province."""

from dataclasses import dataclass
from datetime import datetime

from app import ledger
from app.kernel.ids import is_province
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.policy import rules, store


@dataclass(frozen=True, slots=True)
class ProposePolicy:
    """A version to be approved by a second person."""

    id: str
    province: str
    valid_from: datetime
    parameters: rules.Parameters


async def propose_policy(tx: Tx, command: ProposePolicy) -> rules.Version:
    """Keep a proposal; it has no effect until it is approved. The province must exist."""
    if rules.is_default(command.id):
        raise Rejected(CommonRefusal.INVALID_REQUEST, "id")
    concerned = tx.by.concerns(Stake(province=command.province))
    if not (concerned and is_province(command.province)):
        raise Rejected(CommonRefusal.NOT_FOUND, "province")
    if command.id in await store.find_versions(tx, [command.id]):
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    version = rules.Version(
        command.id, command.province, command.valid_from, command.parameters, tx.actor
    )
    await store.insert_version(tx, version)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="policy.proposed",
                province=command.province,
                subject=command.id,
                body={
                    "valid_from": command.valid_from.isoformat(),
                    "parameters": store.to_json(command.parameters),
                },
            )
        ],
    )
    return version
