"""The command behind `POST /v1/sessions`.

- the attempt is counted first, and must wait where too many failed;
- the password is compared outside of any transaction, also where there is no such login;
- the session begins only if the login is still as it was compared;
- its token is new, whatever the browser brought, and what the browser brought ends.
"""

import secrets
import uuid
from dataclasses import dataclass, replace

from app.kernel.refusal import Rejected
from app.platform.db import Database, Tx
from app.sessions import passwords, read, rules, store
from app.sessions.attempts import Trier, admit, pardon
from app.sessions.rules import Acting, SessionRefusal


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in, with what, from where, and the cookie's token that the browser had already."""

    trier: Trier
    password: str
    device: str
    former: str | None
    limits: rules.Limits


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, the only copy of its token, and the pairs in which its person may act."""

    session: rules.Session
    token: str
    roles: tuple[Acting, ...]


@dataclass(frozen=True, slots=True)
class _Proven:
    command: SignIn
    login: rules.Login
    renewed: str | None


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


async def sign_in(db: Database, command: SignIn) -> Opened:
    """Begin a session in the role used last.

    Raises `Rejected`: `TOO_MANY_ATTEMPTS`, `SIGN_IN_FAILED`, `NO_ROLE`.
    """
    login = await db.transact(admit, command.trier)
    right = await passwords.matches(None if login is None else login.password, command.password)
    if login is None or not right:
        raise Rejected(SessionRefusal.SIGN_IN_FAILED)
    outdated = passwords.is_outdated(login.password)
    renewed = await passwords.hashed(command.password) if outdated else None
    return await db.transact(_open, _Proven(command, login, renewed))


async def _open(tx: Tx, proven: _Proven) -> Opened:
    command, person = proven.command, proven.login.person
    login = await store.login_of(tx, person, lock=True)
    now = await tx.now()
    if login != proven.login or (login.one_time_until is not None and login.one_time_until <= now):
        raise Rejected(SessionRefusal.SIGN_IN_FAILED)
    roles = await read.acting_of(tx, person)
    if not roles:
        raise Rejected(SessionRefusal.NO_ROLE)
    await pardon(tx, command.trier)
    if proven.renewed is not None:
        await store.update_password(tx, person, proven.renewed, login.one_time_until, now)
    if command.former is not None:
        await store.end_token(tx, read.token_hash(command.former), now)

    acting = rules.first_acting(list(roles), await store.last_acting(tx, person))
    token = new_token()
    session = rules.Session(
        id=uuid.uuid4().hex,
        person=person,
        credential=roles[acting].id,
        acting=acting,
        device=command.device,
        signed_in_at=now,
        used_at=now,
        ends_at=now + command.limits.whole,
        credential_ends_at=roles[acting].expires_at,
        one_time=login.one_time_until is not None,
    )
    await store.insert_session(tx, session, read.token_hash(token))
    return Opened(session, token, tuple(roles))


async def renewed(
    tx: Tx, session: rules.Session, acting: Acting | None = None, *, own_password: bool = False
) -> Opened | None:
    """The same session under a new token, perhaps as another of its person's pairs.

    None if the person may not act so. The caller has locked the session.
    """
    roles = await read.acting_of(tx, session.person)
    acting = acting or session.acting
    if acting not in roles:
        return None
    token, now = new_token(), await tx.now()
    credential = roles[acting]
    await store.renew_session(tx, session.id, read.token_hash(token), credential.id, now)
    changed = replace(
        session,
        credential=credential.id,
        acting=acting,
        used_at=max(session.used_at, now),
        credential_ends_at=credential.expires_at,
        one_time=session.one_time and not own_password,
    )
    return Opened(changed, token, tuple(roles))
