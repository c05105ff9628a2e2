"""Tickets that leave for another node, or come from one: what crosses, and what has arrived."""

from alembic import op

revision = "0026"
down_revision = "0025"

# role, from, to: nothing goes back, and what was decided stays decided
STATE_MOVES = """
    ('giver', 'locked', 'debited'), ('giver', 'locked', 'released'),
    ('ministry', 'offered', 'accepted'), ('ministry', 'offered', 'aborted'),
    ('ministry', 'accepted', 'committed'), ('ministry', 'accepted', 'aborted'),
    ('ministry', 'committed', 'done'),
    ('receiver', 'offered', 'accepted'), ('receiver', 'offered', 'rejected'),
    ('receiver', 'offered', 'closed'), ('receiver', 'rejected', 'closed'),
    ('receiver', 'accepted', 'rejected'), ('receiver', 'accepted', 'closed'),
    ('receiver', 'offered', 'credited'), ('receiver', 'accepted', 'credited'),
    ('receiver', 'rejected', 'credited')
"""


def upgrade() -> None:
    """Create crossings and arrivals; an arrived ticket stands without a local application."""
    _crossings()
    _departures()
    _arrivals()
    _guests()
    _accounts()
    _home_settlements()


def _crossings() -> None:
    # One row for each part that this node plays in a transfer between nodes. An abort is kept also
    # of a transfer that nothing is known of: a cancellation may come before its proposal.
    op.execute("""
        CREATE TABLE crossing (
            role TEXT NOT NULL CHECK (role IN ('giver', 'ministry', 'receiver')),
            id TEXT COLLATE "C" NOT NULL,
            home TEXT COLLATE "C" NOT NULL CHECK (home ~ '^[1-9][0-9]0000$'),
            receiver TEXT COLLATE "C" CHECK (receiver ~ '^[1-9][0-9]0000$'),
            ticket TEXT COLLATE "C",
            state TEXT NOT NULL,
            proposal JSONB,
            decision JSONB,
            decision_hash TEXT CHECK (decision_hash ~ '^[0-9a-f]{64}$'),
            answer_by TIMESTAMPTZ,
            valid_until TIMESTAMPTZ,
            decided_at TIMESTAMPTZ,
            applied TEXT[] NOT NULL DEFAULT '{}' CHECK (applied <@ '{giver,receiver}'),
            alarmed BOOLEAN NOT NULL DEFAULT false,
            cancelling BOOLEAN NOT NULL DEFAULT false,
            accepted BOOLEAN NOT NULL DEFAULT false,
            begun_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (role, id),
            CONSTRAINT two_provinces CHECK (home <> receiver),
            CONSTRAINT id_begins_with_its_giver CHECK (id LIKE home || '-%'),
            CONSTRAINT states_of_its_role CHECK (
                CASE role
                    WHEN 'giver' THEN state IN ('locked', 'debited', 'released')
                    WHEN 'ministry' THEN state IN ('offered', 'accepted', 'committed', 'aborted',
                                                   'done')
                    ELSE state IN ('offered', 'accepted', 'rejected', 'credited', 'closed')
                END),
            CONSTRAINT unheard_of_only_when_aborted CHECK (
                num_nonnulls(receiver, ticket, proposal, valid_until) = 4
                OR num_nonnulls(receiver, ticket, proposal, valid_until) = 0
                   AND state IN ('aborted', 'closed', 'released')),
            CONSTRAINT decided_by_its_hash CHECK (
                (decision_hash IS NOT NULL) = (state IN ('debited', 'released', 'committed',
                    'aborted', 'done', 'credited', 'closed'))),
            CONSTRAINT the_ministry_keeps_its_decision CHECK (
                (decision IS NOT NULL) = (role = 'ministry' AND decision_hash IS NOT NULL)),
            CONSTRAINT applied_once_decided CHECK (
                cardinality(applied) = 0 OR role = 'ministry' AND decision_hash IS NOT NULL),
            CONSTRAINT done_when_both_applied CHECK (
                state <> 'done' OR applied @> '{giver,receiver}')
        )
    """)
    _crossing_rules()
    _persons()


def _crossing_rules() -> None:
    # A ticket is on one way at a time, and leaves its home once.
    op.execute("""
        CREATE UNIQUE INDEX one_crossing_of_ticket ON crossing (role, home, ticket)
        WHERE state NOT IN ('released', 'aborted', 'rejected', 'closed')
    """)
    op.execute("""
        CREATE INDEX crossing_waits ON crossing (id)
        WHERE role = 'ministry' AND state IN ('offered', 'accepted', 'committed') AND NOT alarmed
    """)
    op.execute("CREATE INDEX crossing_unapplied ON crossing (decided_at) WHERE state = 'committed'")
    op.execute("CREATE INDEX crossing_receiver ON crossing (receiver, id) WHERE role = 'receiver'")
    op.execute(f"""
        CREATE FUNCTION crossing_moves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.state <> OLD.state
               AND (OLD.role, OLD.state, NEW.state) NOT IN ({STATE_MOVES}) THEN
                RAISE EXCEPTION 'a crossing does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            IF OLD.decision_hash IS NOT NULL AND NEW.decision_hash <> OLD.decision_hash THEN
                RAISE EXCEPTION 'what was decided stays decided'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER state_moves BEFORE UPDATE ON crossing
        FOR EACH ROW EXECUTE FUNCTION crossing_moves()
    """)
    _stays("crossing")
    op.execute("""
        GRANT UPDATE (receiver, ticket, state, proposal, decision, decision_hash, answer_by,
                      valid_until, decided_at, applied, alarmed, cancelling, accepted)
        ON crossing TO hrt_app
    """)


def _persons() -> None:
    # What says who a household is stays no longer than until the transfer is decided.
    op.execute("""
        CREATE TABLE crossing_person (
            transfer TEXT COLLATE "C" PRIMARY KEY,
            digest TEXT NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
            name TEXT NOT NULL,
            salt BYTEA NOT NULL CHECK (octet_length(salt) = 32),
            village TEXT NOT NULL,
            village_salt BYTEA NOT NULL CHECK (octet_length(village_salt) = 32)
        )
    """)
    op.execute("REVOKE ALL ON crossing_person FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT, DELETE ON crossing_person TO hrt_app")


def _departures() -> None:
    # A transfer to another node is decided there: its home hears of the decision alone.
    op.execute("ALTER TABLE transfer ADD COLUMN crosses BOOLEAN NOT NULL DEFAULT false")
    op.execute("""
        CREATE OR REPLACE FUNCTION transfer_moves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (NEW.crosses, OLD.state, NEW.state) NOT IN (
                (false, 'requested', 'accepted'), (false, 'requested', 'rejected'),
                (false, 'accepted', 'approved'), (false, 'accepted', 'rejected'),
                (true, 'requested', 'approved'), (true, 'requested', 'rejected')) THEN
                RAISE EXCEPTION 'a transfer does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)


def _arrivals() -> None:
    # What its home province has sent with a ticket, and stays true of it: how its net is split.
    op.execute("""
        CREATE TABLE ticket_arrival (
            transfer TEXT COLLATE "C" PRIMARY KEY,
            policy TEXT NOT NULL,
            split JSONB NOT NULL,
            decision_hash TEXT NOT NULL CHECK (decision_hash ~ '^[0-9a-f]{64}$')
        )
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_arrival
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute("REVOKE ALL ON ticket_arrival FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT ON ticket_arrival TO hrt_app")
    # A ticket stands for an application of this node, or for an arrival from another one.
    op.execute("""
        ALTER TABLE ticket
            DROP CONSTRAINT ticket_application_fkey,
            ADD COLUMN arrival TEXT COLLATE "C" UNIQUE REFERENCES ticket_arrival,
            ADD COLUMN application_here TEXT COLLATE "C"
                GENERATED ALWAYS AS (CASE WHEN arrival IS NULL THEN application END) STORED
                REFERENCES acceptance,
            ADD CONSTRAINT arrived_from_elsewhere CHECK (
                arrival IS NULL OR province <> home_province
                AND id LIKE home_province || '-%/' || province)
    """)
    op.execute("""
        CREATE UNIQUE INDEX one_arrival_of_household ON ticket (household)
        WHERE arrival IS NOT NULL
    """)


def _guests() -> None:
    # Households of other provinces whose accounts came here, and the villages that they left.
    op.execute("ALTER TABLE household ADD COLUMN is_guest BOOLEAN NOT NULL DEFAULT false")
    op.execute("ALTER TABLE collective ADD COLUMN is_guest BOOLEAN NOT NULL DEFAULT false")
    op.execute("""
        ALTER TABLE household ADD CONSTRAINT guests_are_named_by_their_province
            CHECK (NOT is_guest OR id LIKE province || '-%')
    """)
    op.execute("""
        ALTER TABLE collective ADD CONSTRAINT guests_are_named_by_their_province
            CHECK (NOT is_guest OR id LIKE province || '-%')
    """)


def _accounts() -> None:
    # `moved_fen`: what came with the account from another node, less what went with it to one.
    op.execute("""
        ALTER TABLE housing_account
            ADD COLUMN standing TEXT NOT NULL DEFAULT 'here'
                CHECK (standing IN ('here', 'leaving', 'gone')),
            ADD COLUMN moved_fen BIGINT NOT NULL DEFAULT 0,
            ADD COLUMN subsidised_elsewhere INT[] NOT NULL DEFAULT '{}',
            DROP CONSTRAINT pays_only_what_came_in,
            DROP CONSTRAINT closes_empty,
            ADD CONSTRAINT pays_only_what_came_in
                CHECK (housing_paid_fen + cash_paid_fen <= base_fen + subsidy_fen + moved_fen),
            ADD CONSTRAINT closes_empty CHECK (open AND standing <> 'gone'
                OR housing_paid_fen + cash_paid_fen = base_fen + subsidy_fen + moved_fen)
    """)
    op.execute("""
        CREATE FUNCTION housing_account_leaves_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.standing = 'gone' AND NEW IS DISTINCT FROM OLD
               OR NEW.standing = 'gone' AND OLD.standing = 'here' THEN
                RAISE EXCEPTION 'an account leaves once, after it was held for it'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER leaves_once BEFORE UPDATE ON housing_account
        FOR EACH ROW EXECUTE FUNCTION housing_account_leaves_once()
    """)
    op.execute("GRANT UPDATE (standing, moved_fen) ON housing_account TO hrt_app")


def _home_settlements() -> None:
    # A ticket that left is sold once, and its home is told once.
    op.execute("""
        CREATE TABLE home_settlement (
            ticket TEXT COLLATE "C" PRIMARY KEY REFERENCES ticket,
            lot TEXT COLLATE "C" NOT NULL,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            share_fen BIGINT NOT NULL CHECK (share_fen >= 0),
            due_fen BIGINT NOT NULL CHECK (due_fen BETWEEN 0 AND share_fen),
            at TIMESTAMPTZ NOT NULL
        )
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON home_settlement
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute("REVOKE ALL ON home_settlement FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT ON home_settlement TO hrt_app")


def _stays(table: str) -> None:
    op.execute(f"""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
