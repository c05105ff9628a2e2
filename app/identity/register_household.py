"""The command behind `POST /v1/households`."""

import secrets

from app import ledger
from app.identity import read, rules, store
from app.identity.guests import refuse_foreign_name
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def register_household(tx: Tx, command: rules.RegisterHousehold) -> rules.Household:
    """Register a household of a collective. Its name stays in this slice's table."""
    collective = await read.require_collective(tx, command.collective)
    if not tx.by.concerns(collective.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "collective")
    await refuse_foreign_name(tx, command.id)
    if await read.find_household(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    salt = secrets.token_bytes(rules.SALT_BYTES)
    household = rules.Household(
        command.id, command.name, command.collective, collective.county, command.heads, salt
    )
    await store.insert_household(tx, household)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="household.registered",
                province=household.province,
                subject=household.id,
                body={
                    "collective": household.collective,
                    "heads": household.heads,
                    "name_commitment": rules.name_commitment(salt, household.name),
                },
            )
        ],
    )
    return household
