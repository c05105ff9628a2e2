"""Parties as other slices find them; `require_…` refuses what does not exist."""

import hashlib
import hmac
from collections.abc import Sequence

from app.identity import store
from app.identity.rules import Bidder, Collective, Credential, Custodian, Household, Region
from app.kernel.principal import Principal
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Reader

TOKEN_PREFIX = "hrt"  # noqa: S105 - how a token begins, not a token
TOKEN_PARTS = 3


async def find_region(reader: Reader, code: str) -> Region | None:
    """A province or a county."""
    return (await store.find_regions(reader, [code])).get(code)


async def require_region(reader: Reader, code: str, field: str = "county") -> Region:
    """A province or a county that exists."""
    region = await find_region(reader, code)
    if region is None:
        raise Rejected(CommonRefusal.NOT_FOUND, field)
    return region


async def find_province(reader: Reader, code: str) -> Region | None:
    """A province; a county's code finds none."""
    region = await find_region(reader, code)
    return region if region is not None and region.is_province else None


async def require_province(reader: Reader, code: str, field: str = "province") -> Region:
    """A province that exists."""
    region = await find_province(reader, code)
    if region is None:
        raise Rejected(CommonRefusal.NOT_FOUND, field)
    return region


async def find_collective(reader: Reader, id_: str) -> Collective | None:
    """A collective."""
    return (await store.find_collectives(reader, [id_])).get(id_)


async def require_collective(reader: Reader, id_: str, field: str = "collective") -> Collective:
    """A collective that exists."""
    collective = await find_collective(reader, id_)
    if collective is None:
        raise Rejected(CommonRefusal.NOT_FOUND, field)
    return collective


async def find_household(reader: Reader, id_: str) -> Household | None:
    """A household."""
    return (await store.find_households(reader, [id_])).get(id_)


async def require_household(reader: Reader, id_: str, field: str = "household") -> Household:
    """A household that exists."""
    household = await find_household(reader, id_)
    if household is None:
        raise Rejected(CommonRefusal.NOT_FOUND, field)
    return household


async def find_bidder(reader: Reader, id_: str) -> Bidder | None:
    """A bidder."""
    return (await store.find_bidders(reader, [id_])).get(id_)


async def require_bidder(reader: Reader, id_: str, field: str = "bidder") -> Bidder:
    """A bidder that exists."""
    bidder = await find_bidder(reader, id_)
    if bidder is None:
        raise Rejected(CommonRefusal.NOT_FOUND, field)
    return bidder


async def find_custodians(reader: Reader, ids: Sequence[str]) -> dict[str, Custodian]:
    """Those of these custodians that are registered, by id."""
    return await store.find_custodians(reader, ids)


async def live_credentials(reader: Reader, person: str) -> list[Credential]:
    """The credentials of a person that are in force on the node's clock."""
    return await store.list_live_credentials(reader, person, await reader.now())


async def is_known(reader: Reader, person: str) -> bool:
    """Whether a person has or had any credential."""
    return await store.is_known(reader, person)


def secret_hash(secret: str) -> bytes:
    """SHA-256 suffices: the secret is 256 random bits, not a password."""
    return hashlib.sha256(secret.encode()).digest()


async def authenticate(reader: Reader, token: str) -> Principal | None:
    """The principal behind a bearer token; None unless it is live on the node's clock."""
    parts = token.split("_", TOKEN_PARTS - 1)
    if len(parts) != TOKEN_PARTS or parts[0] != TOKEN_PREFIX or not token.isascii():
        return None
    found = await store.find_credential(reader, parts[1])
    if found is None:
        return None
    credential, kept = found
    if not hmac.compare_digest(kept, secret_hash(parts[2])):
        return None
    if credential.revoked_at is not None or credential.expires_at <= await reader.now():
        return None
    return Principal(credential.id, credential.person, credential.role, credential.party)
