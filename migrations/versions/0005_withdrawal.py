"""Applications, objections, and the names of co-owners in a table of their own."""

from alembic import op

revision = "0005"
down_revision = "0004"

# from, to: an application never goes back, and one that has ended stays so
STATE_MOVES = """
    ('applied', 'revoked'), ('applied', 'rejected'), ('applied', 'noticed'),
    ('noticed', 'rejected'), ('noticed', 'determined'),
    ('determined', 'approved'),
    ('approved', 'accepted')
"""


def upgrade() -> None:
    """Create withdrawal."""
    _applications()
    op.execute("""
        CREATE TABLE objection (
            id TEXT COLLATE "C" PRIMARY KEY,
            application TEXT COLLATE "C" NOT NULL REFERENCES application,
            raised_at TIMESTAMPTZ NOT NULL,
            upheld BOOLEAN,
            ruled_at TIMESTAMPTZ CHECK (ruled_at >= raised_at),
            CONSTRAINT ruling_has_its_time CHECK ((upheld IS NULL) = (ruled_at IS NULL))
        )
    """)
    op.execute("CREATE INDEX objection_open ON objection (application) WHERE upheld IS NULL")
    # Names stand here and nowhere else: records, answers and logs know their number alone.
    op.execute("""
        CREATE TABLE application_co_owner (
            application TEXT COLLATE "C" NOT NULL REFERENCES application,
            position INT NOT NULL CHECK (position > 0),
            name TEXT NOT NULL,
            PRIMARY KEY (application, position)
        )
    """)
    _triggers()
    for table in ("application", "objection", "application_co_owner"):
        op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT ON application, objection TO hrt_app")
    op.execute("GRANT UPDATE (state, notice_ends_at, city, city_fixed) ON application TO hrt_app")
    op.execute("GRANT UPDATE (upheld, ruled_at) ON objection TO hrt_app")
    op.execute("GRANT INSERT ON application_co_owner TO hrt_app")


def _applications() -> None:
    # policy has no foreign key: a province without a version of its own follows the defaults.
    op.execute("""
        CREATE TABLE application (
            id TEXT COLLATE "C" PRIMARY KEY,
            household TEXT COLLATE "C" NOT NULL REFERENCES household,
            collective TEXT COLLATE "C" NOT NULL REFERENCES collective,
            county TEXT COLLATE "C" NOT NULL REFERENCES region,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            area BIGINT NOT NULL CHECK (area > 0),
            floor_area BIGINT CHECK (floor_area > 0),
            lawful_area BIGINT NOT NULL CHECK (lawful_area BETWEEN 0 AND area),
            co_owners INT NOT NULL CHECK (co_owners >= 0),
            state TEXT NOT NULL CHECK (state IN ('applied', 'revoked', 'rejected', 'noticed',
                                                 'determined', 'approved', 'accepted')),
            applied_at TIMESTAMPTZ NOT NULL,
            cooling_off_ends_at TIMESTAMPTZ NOT NULL CHECK (cooling_off_ends_at >= applied_at),
            policy TEXT NOT NULL,
            notice_ends_at TIMESTAMPTZ CHECK (notice_ends_at >= cooling_off_ends_at),
            city TEXT COLLATE "C" REFERENCES region,
            city_fixed BOOLEAN NOT NULL DEFAULT false,
            CONSTRAINT county_lies_in_province CHECK (province = left(county, 2) || '0000'),
            CONSTRAINT notice_before_determination CHECK (
                CASE WHEN state IN ('applied', 'revoked') THEN notice_ends_at IS NULL
                     WHEN state = 'rejected' THEN true
                     ELSE notice_ends_at IS NOT NULL END),
            CONSTRAINT fixed_city_is_known CHECK (NOT city_fixed OR city IS NOT NULL)
        )
    """)
    # One application of a household that is not ended, however many apply at once.
    op.execute("""
        CREATE UNIQUE INDEX one_application_of_household ON application (household)
        WHERE state NOT IN ('revoked', 'rejected')
    """)
    # Each list is read along its own index, so a page costs the same at any size.
    for level in ("household", "collective", "county", "province"):
        op.execute(f"CREATE INDEX application_{level} ON application ({level}, id)")


def _triggers() -> None:
    op.execute(f"""
        CREATE FUNCTION application_moves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({STATE_MOVES}) THEN
                RAISE EXCEPTION 'an application does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER state_moves BEFORE UPDATE ON application
        FOR EACH ROW EXECUTE FUNCTION application_moves()
    """)
    op.execute("""
        CREATE FUNCTION objection_ruled_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.upheld IS NOT NULL THEN
                RAISE EXCEPTION 'an objection is ruled on once'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER ruled_once BEFORE UPDATE ON objection
        FOR EACH ROW EXECUTE FUNCTION objection_ruled_once()
    """)
    for table in ("application", "objection"):
        op.execute(f"""
            CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
