"""The command behind `POST /v1/sessions/switch`: the same session in another role, a new token."""

from dataclasses import dataclass

from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.sessions import read, rules, store
from app.sessions.sign_in import Opened, renewed


@dataclass(frozen=True, slots=True)
class Switch:
    """The token of the session as it was, and the pair to act in."""

    token: str
    acting: rules.Acting


async def switch_session(tx: Tx, command: Switch) -> Opened:
    """Act in another pair of one's own. Of two switches at once one finds its token gone."""
    session = await store.find_session(tx, read.token_hash(command.token), lock=True)
    if session is None:
        raise Rejected(CommonRefusal.UNAUTHENTICATED)
    opened = await renewed(tx, session, command.acting)
    if opened is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "party")
    return opened
