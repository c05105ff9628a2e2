"""People who sign in: logins, their sessions, and attempts that failed.

A login adds no right: a session acts with one credential of its own person, which the database
holds it to. Of passwords and tokens only hashes are kept.
"""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create logins, sessions and attempts."""
    op.execute("ALTER TABLE credential ADD CONSTRAINT of_one_person UNIQUE (id, person)")
    op.execute("""
        CREATE INDEX credential_of_person ON credential (person) WHERE revoked_at IS NULL
    """)
    _login()
    _session()
    # Who failed stands as a hash, and only for a day: these rows are deleted.
    op.execute("""
        CREATE TABLE sign_in_attempt (
            key TEXT COLLATE "C" PRIMARY KEY CHECK (key ~ '^(login|address):[0-9a-f]{64}$'),
            failures INT NOT NULL CHECK (failures >= 0),
            last_at TIMESTAMPTZ NOT NULL
        )
    """)
    op.execute("CREATE INDEX sign_in_attempt_last ON sign_in_attempt (last_at)")
    for table in ("login", "session", "sign_in_attempt"):
        op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
    op.execute("GRANT UPDATE (password, one_time_until, changed_at) ON login TO hrt_app")
    op.execute("GRANT UPDATE (token_hash, credential, used_at, ended_at) ON session TO hrt_app")
    op.execute("GRANT UPDATE (failures, last_at), DELETE ON sign_in_attempt TO hrt_app")


def _login() -> None:
    # one_time_until: the password was given by an administrator, and ends then if it is not
    # replaced; null for a person's own.
    op.execute("""
        CREATE TABLE login (
            person TEXT COLLATE "C" PRIMARY KEY CHECK (person <> 'node'),
            name TEXT COLLATE "C" NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@-]{2,63}$'),
            password TEXT NOT NULL CHECK (password LIKE '$argon2id$%'),
            one_time_until TIMESTAMPTZ,
            created_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        )
    """)
    op.execute("""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON login
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def _session() -> None:
    op.execute("""
        CREATE TABLE session (
            id TEXT COLLATE "C" PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
            token_hash BYTEA NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
            person TEXT COLLATE "C" NOT NULL REFERENCES login,
            credential TEXT COLLATE "C" NOT NULL,
            device TEXT NOT NULL CHECK (length(device) <= 100),
            signed_in_at TIMESTAMPTZ NOT NULL,
            used_at TIMESTAMPTZ NOT NULL CHECK (used_at >= signed_in_at),
            ends_at TIMESTAMPTZ NOT NULL CHECK (ends_at > signed_in_at),
            ended_at TIMESTAMPTZ,
            CONSTRAINT acts_as_its_person
                FOREIGN KEY (credential, person) REFERENCES credential (id, person)
        )
    """)
    op.execute("CREATE INDEX session_of_person ON session (person, id) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX session_latest ON session (person, signed_in_at)")
    op.execute("""
        CREATE FUNCTION session_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.ended_at IS NOT NULL THEN
                RAISE EXCEPTION 'an ended session stays ended'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER ends_once BEFORE UPDATE ON session
        FOR EACH ROW EXECUTE FUNCTION session_ends_once()
    """)
    op.execute("""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON session
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
