"""The salt under which a party's name stands in the log: kept beside the name, for its owner."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Give every party a salt of its own; parties from before this one get theirs now."""
    for table in ("collective", "household", "bidder"):
        op.execute(f"""
            ALTER TABLE {table} ADD COLUMN name_salt BYTEA NOT NULL
                CHECK (octet_length(name_salt) = 32)
                DEFAULT decode(
                    replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
        """)
