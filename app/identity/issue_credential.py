"""The command behind `POST /v1/credentials`.

- the party must exist and be of the kind that the role acts for;
- an administrator holds no second role;
- the secret leaves once, in the answer, and only its hash is kept.
"""

import secrets
import uuid

from app import ledger
from app.identity import read, rules, store
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Reader, Tx


async def issue_credential(tx: Tx, command: rules.IssueCredential) -> tuple[rules.Credential, str]:
    """Issue a credential; answers with it and its bearer token."""
    if command.person == rules.NODE_ITSELF:
        raise Rejected(CommonRefusal.INVALID_REQUEST, "person")
    if not await _party_exists(tx, command):
        raise Rejected(CommonRefusal.NOT_FOUND, "party")
    now = await tx.now()
    held = await store.roles_of(tx, command.person)

    expires_at = rules.decide_credential(command, held, now)
    if isinstance(expires_at, rules.IdentityRefusal):
        raise Rejected(expires_at)

    credential = rules.Credential(
        uuid.uuid4().hex, command.person, command.role, command.party, expires_at
    )
    secret = secrets.token_urlsafe(32)
    await store.insert_credential(tx, credential, read.secret_hash(secret))
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="credential.issued",
                province=NODE,
                subject=credential.id,
                body={"role": command.role.value, "party": command.party},
            )
        ],
    )
    return credential, f"{read.TOKEN_PREFIX}_{credential.id}_{secret}"


async def _party_exists(  # noqa: PLR0911 - one line per kind of party
    reader: Reader, command: rules.IssueCredential
) -> bool:
    match rules.party_level(command.role):
        case "household":
            return await read.find_household(reader, command.party) is not None
        case "collective":
            return await read.find_collective(reader, command.party) is not None
        case "bidder":
            return await read.find_bidder(reader, command.party) is not None
        case "custodian":
            return bool(await store.find_custodians(reader, [command.party]))
        case "province":
            return await read.find_province(reader, command.party) is not None
        case "county":
            region = await read.find_region(reader, command.party)
            return region is not None and not region.is_province
        case _:
            return command.party == NODE
