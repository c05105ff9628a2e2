"""Transfers of tickets between provinces, and the settlements of what they owe each other."""

from alembic import op

revision = "0011"
down_revision = "0010"

# from, to: a transfer never goes back, and one that has ended stays so
STATE_MOVES = """
    ('requested', 'accepted'), ('requested', 'rejected'),
    ('accepted', 'approved'), ('accepted', 'rejected')
"""


def upgrade() -> None:
    """Create transfers and provincial settlements."""
    _transfers()
    _settlements()


def _transfers() -> None:
    op.execute("""
        CREATE TABLE transfer (
            id TEXT COLLATE "C" PRIMARY KEY,
            ticket TEXT COLLATE "C" NOT NULL REFERENCES ticket,
            home TEXT COLLATE "C" NOT NULL REFERENCES region,
            receiver TEXT COLLATE "C" NOT NULL REFERENCES region,
            state TEXT NOT NULL CHECK (state IN ('requested', 'accepted', 'approved', 'rejected')),
            sent_area BIGINT NOT NULL CHECK (sent_area > 0),
            received_area BIGINT CHECK (received_area > 0),
            coefficient TEXT COLLATE "C" REFERENCES coefficient,
            requested_at TIMESTAMPTZ NOT NULL,
            CONSTRAINT two_provinces CHECK (home <> receiver),
            CONSTRAINT between_provinces CHECK (home LIKE '__0000' AND receiver LIKE '__0000'),
            CONSTRAINT converted_on_approval CHECK (
                num_nonnulls(received_area, coefficient)
                = CASE state WHEN 'approved' THEN 2 ELSE 0 END)
        )
    """)
    # A ticket is on one way at a time, and leaves its home province once.
    op.execute("""
        CREATE UNIQUE INDEX one_transfer_of_ticket ON transfer (ticket) WHERE state <> 'rejected'
    """)
    # Each list is read along its own index, so a page costs the same at any size.
    for province in ("home", "receiver"):
        op.execute(f"CREATE INDEX transfer_{province} ON transfer ({province}, id)")
    op.execute(f"""
        CREATE FUNCTION transfer_moves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.state, NEW.state) NOT IN ({STATE_MOVES}) THEN
                RAISE EXCEPTION 'a transfer does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER state_moves BEFORE UPDATE ON transfer
        FOR EACH ROW EXECUTE FUNCTION transfer_moves()
    """)
    op.execute("""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON transfer
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    # Between which provinces quota has gone: where debts can exist, without reading every transfer.
    op.execute("""
        CREATE TABLE transfer_route (
            home TEXT COLLATE "C" NOT NULL REFERENCES region,
            receiver TEXT COLLATE "C" NOT NULL REFERENCES region,
            PRIMARY KEY (home, receiver)
        )
    """)
    op.execute("REVOKE ALL ON transfer, transfer_route FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT ON transfer, transfer_route TO hrt_app")
    op.execute("GRANT UPDATE (state, received_area, coefficient) ON transfer TO hrt_app")


def _settlements() -> None:
    op.execute("""
        CREATE TABLE provincial_settlement (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id TEXT COLLATE "C" NOT NULL UNIQUE,
            payer TEXT COLLATE "C" NOT NULL REFERENCES region,
            payee TEXT COLLATE "C" NOT NULL REFERENCES region,
            payer_owed_fen BIGINT NOT NULL CHECK (payer_owed_fen > 0),
            payee_owed_fen BIGINT NOT NULL CHECK (payee_owed_fen >= 0),
            amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
            at TIMESTAMPTZ NOT NULL,
            CONSTRAINT two_provinces CHECK (payer <> payee),
            CONSTRAINT difference_is_paid CHECK (amount_fen = payer_owed_fen - payee_owed_fen)
        )
    """)
    for side in ("payer", "payee"):
        op.execute(
            f"CREATE INDEX provincial_settlement_{side} ON provincial_settlement ({side}, number)"
        )
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON provincial_settlement
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute("REVOKE ALL ON provincial_settlement FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT ON provincial_settlement TO hrt_app")
