"""Sessions as requests find them: a token in, the principal out."""

import hashlib
from datetime import timedelta

from app import identity
from app.kernel.principal import Principal
from app.platform.browser import FindVisit, Visit
from app.platform.db import Database, Reader
from app.platform.settings import Settings
from app.sessions import rules, store


def token_hash(token: str) -> bytes:
    """What is kept of a token: SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def limits_of(settings: Settings) -> rules.Limits:
    """How long sessions live on this node."""
    return rules.Limits(
        timedelta(hours=settings.session_hours),
        timedelta(minutes=settings.session_idle_minutes),
        timedelta(minutes=settings.session_idle_minutes_villager),
    )


def visits(settings: Settings) -> FindVisit:
    """What finds the visit behind a cookie: one statement, and once a minute a note of the use."""
    limits = limits_of(settings)

    async def find(db: Database, token: str) -> Visit | None:
        async with db.read() as reader:
            session = await store.find_session(reader, token_hash(token))
            if session is None:
                return None
            now = await reader.now()
        if not session.is_live(limits, now):
            return None
        if now - session.used_at >= rules.USE_IS_NOTED_AFTER:
            await db.transact(store.note_use, (session.id, now))
        acting = session.acting
        principal = Principal(session.credential, session.person, acting.role, acting.party)
        return Visit(session.id, principal, session.one_time)

    return find


async def acting_of(reader: Reader, person: str) -> dict[rules.Acting, identity.Credential]:
    """In which pairs of role and party a person may act now."""
    return rules.acting_of(await identity.live_credentials(reader, person))
