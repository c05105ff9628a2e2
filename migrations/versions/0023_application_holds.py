"""Holds: "I did not agree". While one stands, neither the application nor its ticket moves."""

from alembic import op

revision = "0023"
down_revision = "0022"

# As in 0005. What else an application may do is to be revoked out of a hold.
STATE_MOVES = """
    ('applied', 'revoked'), ('applied', 'rejected'), ('applied', 'noticed'),
    ('noticed', 'rejected'), ('noticed', 'determined'),
    ('determined', 'approved'),
    ('approved', 'accepted')
"""
OUT_OF_A_HOLD = "('noticed', 'determined', 'approved')"


def upgrade() -> None:
    """Create the table, and let the rows of applications and tickets obey it."""
    op.execute("""
        CREATE TABLE application_hold (
            id TEXT COLLATE "C" PRIMARY KEY,
            application TEXT COLLATE "C" NOT NULL REFERENCES application,
            reason TEXT NOT NULL CHECK (reason IN ('not_asked', 'signature_not_mine',
                'misinformed', 'family_disagrees', 'other')),
            placed_at TIMESTAMPTZ NOT NULL,
            outcome TEXT CHECK (outcome IN ('taken_back', 'confirmed', 'withdrawn', 'lapsed')),
            ended_at TIMESTAMPTZ CHECK (ended_at >= placed_at),
            UNIQUE (id, application),
            CONSTRAINT outcome_has_its_time CHECK ((outcome IS NULL) = (ended_at IS NULL))
        )
    """)
    op.execute("CREATE INDEX hold_application ON application_hold (application, placed_at, id)")
    op.execute("""
        CREATE UNIQUE INDEX one_hold_stands ON application_hold (application)
        WHERE outcome IS NULL
    """)
    _of_applications()
    _of_tickets()
    _of_holds()
    op.execute("ALTER TABLE application_hold ENABLE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY shown ON application_hold FOR SELECT USING (
            EXISTS (SELECT FROM application a WHERE a.id = application_hold.application))
    """)
    op.execute("CREATE POLICY written ON application_hold FOR INSERT WITH CHECK (true)")
    op.execute("CREATE POLICY changed ON application_hold FOR UPDATE USING (true)")
    op.execute("REVOKE ALL ON application_hold FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT ON application_hold TO hrt_app")
    op.execute("GRANT UPDATE (outcome, ended_at) ON application_hold TO hrt_app")
    op.execute("GRANT UPDATE (hold, beyond_hold) ON application TO hrt_app")


def _of_applications() -> None:
    op.execute("""
        ALTER TABLE application
            ADD hold TEXT COLLATE "C",
            ADD beyond_hold BOOLEAN NOT NULL DEFAULT false,
            ADD CONSTRAINT hold_of_its_own FOREIGN KEY (hold, id)
                REFERENCES application_hold (id, application),
            ADD CONSTRAINT held_before_the_market CHECK (hold IS NULL OR NOT beyond_hold),
            ADD CONSTRAINT held_while_it_runs CHECK (
                hold IS NULL OR state NOT IN ('revoked', 'rejected')),
            DROP CONSTRAINT notice_before_determination,
            ADD CONSTRAINT notice_before_determination CHECK (
                CASE WHEN state = 'applied' THEN notice_ends_at IS NULL
                     WHEN state IN ('revoked', 'rejected') THEN true
                     ELSE notice_ends_at IS NOT NULL END)
    """)
    op.execute("""
        UPDATE application a SET beyond_hold = true
        WHERE EXISTS (SELECT FROM ticket t
                      WHERE t.application = a.id AND t.province = t.home_province
                          AND t.state NOT IN ('issued', 'handed_in'))
    """)
    op.execute(f"""
        CREATE OR REPLACE FUNCTION application_moves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({STATE_MOVES})
                AND NOT (OLD.hold IS NOT NULL AND OLD.state IN {OUT_OF_A_HOLD}
                         AND NEW.state = 'revoked') THEN
                RAISE EXCEPTION 'an application does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.hold IS NOT NULL AND (NEW.state, NEW.city, NEW.city_fixed)
                    IS DISTINCT FROM (OLD.state, OLD.city, OLD.city_fixed) THEN
                RAISE EXCEPTION 'an application stays as it is while a hold stands'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)


def _of_tickets() -> None:
    op.execute("""
        CREATE FUNCTION ticket_waits() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM application WHERE id = NEW.application AND hold IS NOT NULL)
            THEN
                RAISE EXCEPTION 'a ticket waits while a hold stands on its application'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    # Of a ticket from elsewhere the application is another province's business.
    op.execute("""
        CREATE TRIGGER waits_to_be_issued BEFORE INSERT ON ticket FOR EACH ROW
        WHEN (NEW.province = NEW.home_province) EXECUTE FUNCTION ticket_waits()
    """)
    op.execute("""
        CREATE TRIGGER waits_to_go_on BEFORE UPDATE OF state ON ticket FOR EACH ROW
        WHEN (OLD.state IN ('issued', 'handed_in') AND NEW.state <> OLD.state
              AND NEW.province = NEW.home_province) EXECUTE FUNCTION ticket_waits()
    """)


def _of_holds() -> None:
    op.execute("""
        CREATE FUNCTION hold_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.outcome IS NOT NULL THEN
                RAISE EXCEPTION 'a hold ends once' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER ends_once BEFORE UPDATE ON application_hold
        FOR EACH ROW EXECUTE FUNCTION hold_ends_once()
    """)
    op.execute("""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON application_hold
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    # A hold that stands and that no row of an application names would hold nothing.
    op.execute("""
        CREATE FUNCTION hold_is_named() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            concerned TEXT;
        BEGIN
            IF TG_TABLE_NAME = 'application' THEN
                concerned := NEW.id;
            ELSE
                concerned := NEW.application;
            END IF;
            IF EXISTS (SELECT FROM application a
                       JOIN application_hold h ON h.application = a.id
                       WHERE a.id = concerned
                           AND (h.outcome IS NULL) <> (a.hold IS NOT DISTINCT FROM h.id)) THEN
                RAISE EXCEPTION 'a hold stands if its application names it'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER named AFTER INSERT OR UPDATE ON application_hold
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_is_named()
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER names_its_hold AFTER UPDATE OF hold ON application
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.hold IS DISTINCT FROM NEW.hold) EXECUTE FUNCTION hold_is_named()
    """)
