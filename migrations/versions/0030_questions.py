"""Who has heard of no decision asks for it: how often a node has asked about a transfer."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Count the questions, and find what is to be asked about."""
    op.execute("ALTER TABLE crossing ADD COLUMN asked INT NOT NULL DEFAULT 0 CHECK (asked >= 0)")
    op.execute("GRANT UPDATE (asked) ON crossing TO hrt_app")
    op.execute("""
        CREATE INDEX crossing_unheard ON crossing (valid_until)
        WHERE role <> 'ministry' AND state IN ('locked', 'offered', 'accepted', 'rejected')
    """)
