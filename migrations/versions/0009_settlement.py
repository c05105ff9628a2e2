"""Certificates of paid lots."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the certificates."""
    op.execute("""
        CREATE TABLE certificate (
            lot TEXT COLLATE "C" PRIMARY KEY REFERENCES lot,
            bidder TEXT COLLATE "C" NOT NULL REFERENCES bidder,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            area BIGINT NOT NULL CHECK (area > 0),
            cost_fen BIGINT NOT NULL CHECK (cost_fen > 0),
            remaining_cost_fen BIGINT NOT NULL
                CHECK (remaining_cost_fen BETWEEN 0 AND cost_fen)
        )
    """)
    op.execute("GRANT SELECT, INSERT ON certificate TO hrt_app")
    op.execute("GRANT UPDATE (remaining_cost_fen) ON certificate TO hrt_app")
