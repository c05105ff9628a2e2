"""The ministry's node follows the logs of givers: what tickets hold there, before it commits."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Create what is followed, and what a decision rests on."""
    _followed()
    _grows()
    _looked_at()


def _followed() -> None:
    # Beside the mirror of reconciliation, which stands still between rounds. It can be made anew
    # from the logs at any time. `edge` are the roots of the complete subtrees, one for each bit.
    op.execute("""
        CREATE TABLE followed_log (
            log TEXT COLLATE "C" PRIMARY KEY,
            size BIGINT NOT NULL DEFAULT 0 CHECK (size >= 0),
            edge BYTEA NOT NULL DEFAULT '',
            fault TEXT CHECK (fault IN ('log-unreachable', 'log-invalid', 'log-shrunk',
                                        'log-differs')),
            fault_since TIMESTAMPTZ,
            CONSTRAINT a_root_for_each_bit
                CHECK (octet_length(edge) = 32 * bit_count(CAST(size AS bit(64)))),
            CONSTRAINT since_it_failed CHECK ((fault IS NULL) = (fault_since IS NULL))
        )
    """)
    # What a ticket's account holds by the log; a log that lies may well show less than nothing.
    op.execute("""
        CREATE TABLE followed_ticket (
            log TEXT COLLATE "C" NOT NULL REFERENCES followed_log,
            code TEXT COLLATE "C" NOT NULL CHECK (code LIKE 'ticket:%'),
            held NUMERIC NOT NULL CHECK (held = trunc(held)),
            PRIMARY KEY (log, code)
        )
    """)
    # What tickets are spoken for, by the entry that says so.
    op.execute("""
        CREATE TABLE followed_claim (
            log TEXT COLLATE "C" NOT NULL REFERENCES followed_log,
            leaf BIGINT NOT NULL CHECK (leaf >= 0),
            province TEXT COLLATE "C" NOT NULL,
            ticket TEXT COLLATE "C" NOT NULL,
            matter TEXT COLLATE "C" NOT NULL,
            proposal TEXT CHECK (proposal ~ '^[0-9a-f]{64}$'),
            PRIMARY KEY (log, leaf),
            CONSTRAINT proposed_by_a_transfer CHECK (proposal IS NULL OR matter <> '')
        )
    """)
    op.execute("CREATE INDEX followed_claim_of ON followed_claim (log, province, ticket, leaf)")
    op.execute("""
        CREATE INDEX followed_claim_matter ON followed_claim (log, province, matter)
        WHERE matter <> ''
    """)
    for table in ("followed_log", "followed_ticket", "followed_claim"):
        op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
    op.execute("GRANT UPDATE (size, edge, fault, fault_since) ON followed_log TO hrt_app")
    op.execute("GRANT UPDATE (held) ON followed_ticket TO hrt_app")
    op.execute("GRANT DELETE ON followed_claim TO hrt_app")


def _grows() -> None:
    op.execute("""
        CREATE FUNCTION followed_log_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.size < OLD.size OR NEW.size = OLD.size AND NEW.edge <> OLD.edge THEN
                RAISE EXCEPTION 'log % is followed to %, and only grows', OLD.log, OLD.size
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER grows BEFORE UPDATE ON followed_log
        FOR EACH ROW EXECUTE FUNCTION followed_log_grows()
    """)


def _looked_at() -> None:
    # A commit rests on a look into the giver's log: beyond the lock, the ticket holds what was
    # proposed, and the lock is the only claim on it.
    op.execute("""
        ALTER TABLE crossing
            ADD COLUMN look JSONB,
            ADD CONSTRAINT only_the_ministry_looks
                CHECK (look IS NULL OR role = 'ministry' AND proposal IS NOT NULL),
            ADD CONSTRAINT committed_on_what_is_held CHECK (
                look IS NULL OR state NOT IN ('accepted', 'committed', 'done')
                OR CAST(look->>'lock_leaf' AS bigint) < CAST(look->>'log_size' AS bigint)
                   AND look->>'held_m2' = proposal->>'area_m2'
                   AND jsonb_array_length(look->'claims') = 1
                   AND look->'claims'->0->0 = look->'lock_leaf'
                   AND (decision IS NULL
                        OR look->'claims'->0->1 = decision->'propose_hash'))
    """)
    op.execute("GRANT UPDATE (look) ON crossing TO hrt_app")
    op.execute("""
        CREATE INDEX crossing_undecided ON crossing (home, id)
        WHERE role = 'ministry' AND state IN ('offered', 'accepted')
    """)
    op.execute("""
        CREATE FUNCTION crossing_looked_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.look IS NULL
               AND NOT EXISTS (SELECT FROM node WHERE NEW.home = ANY(provinces)) THEN
                RAISE EXCEPTION 'nobody has looked into the log that % comes from', NEW.id
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER looked_at BEFORE UPDATE ON crossing FOR EACH ROW
        WHEN (NEW.role = 'ministry' AND OLD.state = 'accepted' AND NEW.state = 'committed')
        EXECUTE FUNCTION crossing_looked_at()
    """)
