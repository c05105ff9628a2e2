"""The command behind `POST /v1/passwords`: a person's own password, for the one in force.

The old password is tried like at a sign-in, with the same patience: who finds a browser open does
not thereby learn it. Every other session of the person ends, and this one gets a new token.
"""

from dataclasses import dataclass

from app.kernel.principal import Principal
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Database, Tx
from app.sessions import passwords, read, rules, store
from app.sessions.attempts import Trier, admit, pardon
from app.sessions.rules import SessionRefusal
from app.sessions.sign_in import Opened, renewed


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Both passwords, whose they are, the session's token, and the address it is asked from."""

    by: Principal
    token: str
    address: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class _Proven:
    command: ChangePassword
    login: rules.Login
    trier: Trier
    password: str


async def change_password(db: Database, command: ChangePassword) -> Opened:
    """Raises `Rejected`: what is wrong with either password, or `TOO_MANY_ATTEMPTS`."""
    async with db.read() as reader:
        login = await store.login_of(reader, command.by.person)
    if login is None:
        raise Rejected(CommonRefusal.UNAUTHENTICATED)
    refusal = rules.judge_password(command.new, command.old, login.name)
    if refusal is not None:
        raise Rejected(refusal, "new")
    trier = Trier(login.name, command.address)
    login = await db.transact(admit, trier)
    if login is None or not await passwords.matches(login.password, command.old):
        raise Rejected(SessionRefusal.PASSWORD_WRONG, "old")
    proven = _Proven(command, login, trier, await passwords.hashed(command.new))
    return await db.transact(_replace, proven, principal=command.by)


async def _replace(tx: Tx, proven: _Proven) -> Opened:
    person = proven.login.person
    login = await store.login_of(tx, person, lock=True)
    session = await store.find_session(tx, read.token_hash(proven.command.token), lock=True)
    now = await tx.now()
    if session is None:
        raise Rejected(CommonRefusal.UNAUTHENTICATED)
    if login != proven.login:
        raise Rejected(SessionRefusal.PASSWORD_WRONG, "old")
    await pardon(tx, proven.trier)
    await store.update_password(tx, person, proven.password, None, now)
    await store.end_sessions(tx, person, session.id, now)
    opened = await renewed(tx, session, own_password=True)
    if opened is None:
        raise Rejected(CommonRefusal.UNAUTHENTICATED)
    return opened
