"""Every SQL statement of logins, sessions and failed attempts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.kernel.principal import Role
from app.platform.db import Reader, Tx
from app.sessions.rules import Acting, Attempts, Login, Session

_LOGINS = "SELECT person, name, password, one_time_until FROM login"
# The one statement that a request of somebody signed in costs. What ends by itself is judged by
# the rules; what was ended or revoked is not found at all.
_SESSIONS = """
    SELECT s.id, s.person, s.credential, c.role, c.party, s.device, s.signed_in_at, s.used_at,
           s.ends_at, c.expires_at AS credential_ends_at, l.one_time_until IS NOT NULL AS one_time
    FROM session s
    JOIN credential c ON c.id = s.credential AND c.revoked_at IS NULL
    JOIN login l ON l.person = s.person
    WHERE s.ended_at IS NULL
"""
_FORGET = text("""
    DELETE FROM sign_in_attempt WHERE key IN (
        SELECT key FROM sign_in_attempt WHERE last_at < :before
        ORDER BY last_at LIMIT 100 FOR UPDATE SKIP LOCKED)
""")


def _login(row: Row[Any]) -> Login:
    return Login(row.person, row.name, row.password, row.one_time_until)


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        person=row.person,
        credential=row.credential,
        acting=Acting(Role(row.role), row.party),
        device=row.device,
        signed_in_at=row.signed_in_at,
        used_at=row.used_at,
        ends_at=row.ends_at,
        credential_ends_at=row.credential_ends_at,
        one_time=row.one_time,
    )


# ------------------------------------------------------------------------------------ logins


async def find_login(reader: Reader, name: str) -> Login | None:
    """A login by its name."""
    row = (await reader.run(text(_LOGINS + " WHERE name = :name"), {"name": name})).one_or_none()
    return None if row is None else _login(row)


async def login_of(reader: Reader, person: str, *, lock: bool = False) -> Login | None:
    """A person's login."""
    suffix = " FOR UPDATE" if lock else ""
    row = (
        await reader.run(text(_LOGINS + " WHERE person = :person" + suffix), {"person": person})
    ).one_or_none()
    return None if row is None else _login(row)


async def insert_login(tx: Tx, login: Login, now: datetime) -> None:
    """Add a login."""
    await tx.run(
        text("""
            INSERT INTO login (person, name, password, one_time_until, created_at, changed_at)
            VALUES (:person, :name, :password, :one_time_until, :now, :now)
        """),
        {
            "person": login.person,
            "name": login.name,
            "password": login.password,
            "one_time_until": login.one_time_until,
            "now": now,
        },
    )


async def update_password(
    tx: Tx, person: str, password: str, one_time_until: datetime | None, now: datetime
) -> None:
    """Replace the hash of a person's password."""
    await tx.run(
        text("""
            UPDATE login SET password = :password, one_time_until = :one_time_until,
                             changed_at = :now
            WHERE person = :person
        """),
        {"person": person, "password": password, "one_time_until": one_time_until, "now": now},
    )


# ---------------------------------------------------------------------------------- sessions


async def find_session(reader: Reader, token_hash: bytes, *, lock: bool = False) -> Session | None:
    """The session behind a token's hash, unless it was ended or its role revoked."""
    suffix = " AND s.token_hash = :hash" + (" FOR UPDATE OF s" if lock else "")
    row = (await reader.run(text(_SESSIONS + suffix), {"hash": token_hash})).one_or_none()
    return None if row is None else _session(row)


async def list_sessions(reader: Reader, person: str, after: str, limit: int) -> list[Session]:
    """Sessions of a person that were not ended, in order of id."""
    rows = await reader.run(
        text(_SESSIONS + " AND s.person = :person AND s.id > :after ORDER BY s.id LIMIT :limit"),
        {"person": person, "after": after, "limit": limit},
    )
    return [_session(row) for row in rows]


async def last_acting(reader: Reader, person: str) -> Acting | None:
    """As whom the person acted last in the session begun last."""
    row = (
        await reader.run(
            text("""
                SELECT c.role, c.party FROM session s JOIN credential c ON c.id = s.credential
                WHERE s.person = :person ORDER BY s.signed_in_at DESC, s.id DESC LIMIT 1
            """),
            {"person": person},
        )
    ).one_or_none()
    return None if row is None else Acting(Role(row.role), row.party)


async def insert_session(tx: Tx, session: Session, token_hash: bytes) -> None:
    """Add a session."""
    await tx.run(
        text("""
            INSERT INTO session (id, token_hash, person, credential, device, signed_in_at, used_at,
                                 ends_at)
            VALUES (:id, :token_hash, :person, :credential, :device, :signed_in_at, :used_at,
                    :ends_at)
        """),
        {
            "id": session.id,
            "token_hash": token_hash,
            "person": session.person,
            "credential": session.credential,
            "device": session.device,
            "signed_in_at": session.signed_in_at,
            "used_at": session.used_at,
            "ends_at": session.ends_at,
        },
    )


async def renew_session(
    tx: Tx, session: str, token_hash: bytes, credential: str, now: datetime
) -> None:
    """Give a session another token and perhaps another role; the old token opens nothing."""
    await tx.run(
        text("""
            UPDATE session SET token_hash = :token_hash, credential = :credential,
                               used_at = greatest(used_at, :now)
            WHERE id = :id
        """),
        {"id": session, "token_hash": token_hash, "credential": credential, "now": now},
    )


async def note_use(tx: Tx, use: tuple[str, datetime]) -> None:
    """Write when a session was used last, unless it was ended meanwhile."""
    session, now = use
    await tx.run(
        text("""
            UPDATE session SET used_at = :now
            WHERE id = :id AND ended_at IS NULL AND used_at < :now
        """),
        {"id": session, "now": now},
    )


async def end_session(tx: Tx, person: str, session: str, now: datetime) -> bool:
    """End one session of a person; whether there was one to end."""
    ended = await tx.run(
        text("""
            UPDATE session SET ended_at = :now
            WHERE id = :id AND person = :person AND ended_at IS NULL
        """),
        {"id": session, "person": person, "now": now},
    )
    return ended.rowcount > 0


async def end_token(tx: Tx, token_hash: bytes, now: datetime) -> None:
    """End the session behind a token's hash, if there is one."""
    await tx.run(
        text("UPDATE session SET ended_at = :now WHERE token_hash = :hash AND ended_at IS NULL"),
        {"hash": token_hash, "now": now},
    )


async def end_sessions(tx: Tx, person: str, but: str | None, now: datetime) -> None:
    """End every session of a person, `but` one where it is named."""
    await tx.run(
        text("""
            UPDATE session SET ended_at = :now
            WHERE person = :person AND ended_at IS NULL
              AND (CAST(:but AS text) IS NULL OR id <> :but)
        """),
        {"person": person, "but": but, "now": now},
    )


# ---------------------------------------------------------------------------------- attempts


async def lock_attempts(tx: Tx, keys: Sequence[str]) -> dict[str, Attempts]:
    """What was counted under these keys, held still until this transaction ends."""
    await tx.run(
        text("""
            INSERT INTO sign_in_attempt (key, failures, last_at)
            SELECT key, 0, 'epoch' FROM unnest(CAST(:keys AS text[])) AS key ORDER BY key
            ON CONFLICT DO NOTHING
        """),
        {"keys": sorted(keys)},
    )
    rows = await tx.run(
        text("""
            SELECT key, failures, last_at FROM sign_in_attempt
            WHERE key = ANY(:keys) ORDER BY key FOR UPDATE
        """),
        {"keys": sorted(keys)},
    )
    return {row.key: Attempts(row.failures, row.last_at) for row in rows}


async def save_attempts(tx: Tx, attempts: Mapping[str, Attempts]) -> None:
    """Write what is counted under each key."""
    keys = sorted(attempts)
    await tx.run(
        text("""
            INSERT INTO sign_in_attempt (key, failures, last_at)
            SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:failures AS int[]),
                                 CAST(:last_at AS timestamptz[]))
            ON CONFLICT (key) DO UPDATE
            SET failures = excluded.failures, last_at = excluded.last_at
        """),
        {
            "keys": keys,
            "failures": [attempts[key].failures for key in keys],
            "last_at": [attempts[key].last_at for key in keys],
        },
    )


async def forget_attempts(tx: Tx, before: datetime) -> None:
    """Delete what no longer counts, a little at a time."""
    await tx.run(_FORGET, {"before": before})
