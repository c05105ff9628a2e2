"""The commands of the security administrator: a login for a person, and a new password for it.

The password is made for the administrator to hand over, shown once, and good for nothing but to
set the person's own. The records name the person's pseudonym, and neither login nor password.
"""

from dataclasses import dataclass
from datetime import datetime

from app import identity, ledger
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.sessions import rules, store


@dataclass(frozen=True, slots=True)
class OneTime:
    """A password made for somebody, and its hash."""

    password: str
    hashed: str


@dataclass(frozen=True, slots=True)
class CreateLogin:
    """Let a person sign in under a name."""

    person: str
    name: str
    one_time: OneTime


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Give a person another password."""

    person: str
    one_time: OneTime


@dataclass(frozen=True, slots=True)
class Given:
    """A one-time password for a person, and until when it waits to be replaced."""

    person: str
    password: str
    until: datetime


async def create_login(tx: Tx, command: CreateLogin) -> Given:
    """Create a login for a person who has a credential: a login adds no right of its own."""
    if not await identity.is_known(tx, command.person):
        raise Rejected(CommonRefusal.NOT_FOUND, "person")
    if await store.login_of(tx, command.person) is not None:
        raise Rejected(rules.SessionRefusal.LOGIN_EXISTS, "person")
    if await store.find_login(tx, command.name) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "login")
    now = await tx.now()
    until = now + rules.ONE_TIME_LIFE
    login = rules.Login(command.person, command.name, command.one_time.hashed, until)
    await store.insert_login(tx, login, now)
    await ledger.record(
        tx, [ledger.Note(kind="login.created", province=NODE, subject=command.person)]
    )
    return Given(command.person, command.one_time.password, until)


async def reset_password(tx: Tx, command: ResetPassword) -> Given:
    """Replace a person's password; every session of the person ends, and no failure counts."""
    login = await store.login_of(tx, command.person, lock=True)
    if login is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "person")
    now = await tx.now()
    until = now + rules.ONE_TIME_LIFE
    await store.update_password(tx, command.person, command.one_time.hashed, until, now)
    await store.end_sessions(tx, command.person, None, now)
    key = rules.login_key(login.name)
    await store.save_attempts(tx, {key: rules.Attempts(0, now)})
    await ledger.record(
        tx, [ledger.Note(kind="password.reset", province=NODE, subject=command.person)]
    )
    return Given(command.person, command.one_time.password, until)
