"""Receipts: which record answers which request, kept with the record and for ever."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the table of receipts, and let kept answers name theirs."""
    op.execute("""
        CREATE TABLE receipt (
            id TEXT COLLATE "C" PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
            record_id BIGINT NOT NULL UNIQUE REFERENCES record,
            at TIMESTAMPTZ NOT NULL,
            operation TEXT NOT NULL,
            status INT NOT NULL CHECK (status IN (200, 201, 409)),
            code TEXT,
            request_hash BYTEA NOT NULL CHECK (octet_length(request_hash) = 32),
            CONSTRAINT a_refusal_has_a_code CHECK ((status = 409) = (code IS NOT NULL))
        )
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute("ALTER TABLE receipt ENABLE ALWAYS TRIGGER append_only")
    op.execute("REVOKE ALL ON receipt FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT ON receipt TO hrt_app")
    op.execute(
        'ALTER TABLE idempotency ADD COLUMN receipt TEXT COLLATE "C" UNIQUE REFERENCES receipt'
    )
