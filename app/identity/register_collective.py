"""The command behind `POST /v1/collectives`: its homestead land opens in the ledger."""

import secrets

from app import ledger
from app.identity import read, rules, store
from app.identity.guests import refuse_foreign_name
from app.kernel.refusal import CommonRefusal, Rejected
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.platform.db import Tx


async def register_collective(tx: Tx, command: rules.RegisterCollective) -> rules.Collective:
    """Register a collective of a county."""
    county = await read.require_region(tx, command.county)
    if county.is_province or not tx.by.concerns(county.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "county")
    await refuse_foreign_name(tx, command.id)
    if await read.find_collective(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    salt = secrets.token_bytes(rules.SALT_BYTES)
    collective = rules.Collective(command.id, command.name, command.county, command.members, salt)
    await store.insert_collective(tx, collective)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="collective.registered",
                province=collective.province,
                subject=collective.id,
                body={
                    "county": collective.county,
                    "members": collective.members,
                    "name_commitment": rules.name_commitment(salt, collective.name),
                },
            )
        ],
    )
    if command.homestead:
        await ledger.post(
            tx,
            [
                Draft(
                    kind=EntryKind.OPENING_STOCK,
                    key=f"opening:collective:{command.id}",
                    province=collective.province,
                    subject=command.id,
                    moves=move(
                        AccountRef(AccountKind.LAND_OPENING, command.id, collective.province),
                        AccountRef(AccountKind.HOMESTEAD, command.id, collective.province),
                        command.homestead,
                    ),
                )
            ],
        )
    return collective
