"""The command behind `POST /v1/sessions/end`: a session of one's own ends, this one or another."""

from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.sessions import store


async def end_session(tx: Tx, session: str) -> str:
    """End a session of the principal's own person."""
    if not await store.end_session(tx, tx.by.person, session, await tx.now()):
        raise Rejected(CommonRefusal.NOT_FOUND, "session")
    return session
