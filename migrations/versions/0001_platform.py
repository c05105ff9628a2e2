"""Idempotency keys and the simulated clock."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of the platform."""
    op.execute("""
        CREATE TABLE idempotency (
            scope TEXT COLLATE "C" NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            operation TEXT NOT NULL,
            body_hash BYTEA NOT NULL CHECK (octet_length(body_hash) = 32),
            status INT NOT NULL,
            body TEXT NOT NULL,
            kept_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (scope, key)
        );
    """)
    op.execute("""
        CREATE TABLE simulated_clock (
            only_row BOOLEAN PRIMARY KEY DEFAULT true CHECK (only_row),
            instant TIMESTAMPTZ NOT NULL
        );
    """)
    # For /readyz, which says where the schema stands.
    op.execute("GRANT SELECT ON alembic_version TO hrt_app")
    op.execute("GRANT SELECT, INSERT ON idempotency TO hrt_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON simulated_clock TO hrt_app")
