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
                CHECK (remaining_cost_fen BETWEEN 0 AND cost_fen),
            UNIQUE (lot, bidder)
        )
    """)
    op.execute("""
        CREATE FUNCTION certificate_is_used_up() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.remaining_cost_fen > OLD.remaining_cost_fen THEN
                RAISE EXCEPTION 'the cost of a certificate is used up and never comes back'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER used_up BEFORE UPDATE ON certificate
        FOR EACH ROW EXECUTE FUNCTION certificate_is_used_up()
    """)
    op.execute("""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON certificate
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute("GRANT SELECT, INSERT ON certificate TO hrt_app")
    op.execute("GRANT UPDATE (remaining_cost_fen) ON certificate TO hrt_app")
