"""Accepted land and tickets."""

from alembic import op

revision = "0006"
down_revision = "0005"

# from, to: settled and transferred tickets stay so
STATE_MOVES = """
    ('issued', 'handed_in'), ('issued', 'locked'),
    ('locked', 'issued'), ('locked', 'transferred'),
    ('handed_in', 'listed'),
    ('listed', 'handed_in'), ('listed', 'sold'),
    ('sold', 'handed_in'), ('sold', 'settled')
"""


def upgrade() -> None:
    """Create acceptances and tickets."""
    op.execute("""
        CREATE TABLE acceptance (
            application TEXT COLLATE "C" PRIMARY KEY REFERENCES application,
            area BIGINT NOT NULL CHECK (area > 0),
            land_use TEXT NOT NULL CHECK (land_use IN ('cropland', 'forest', 'grass')),
            reclamation_cost_fen BIGINT NOT NULL CHECK (reclamation_cost_fen >= 0),
            financing_cost_fen BIGINT NOT NULL CHECK (financing_cost_fen >= 0),
            accepted_at TIMESTAMPTZ NOT NULL
        )
    """)
    _tickets()
    _triggers()
    for table in ("acceptance", "ticket"):
        op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
    op.execute("GRANT UPDATE (state) ON ticket TO hrt_app")


def _tickets() -> None:
    op.execute("""
        CREATE TABLE ticket (
            id TEXT COLLATE "C" PRIMARY KEY,
            application TEXT COLLATE "C" NOT NULL REFERENCES acceptance,
            household TEXT COLLATE "C" NOT NULL REFERENCES household,
            collective TEXT COLLATE "C" NOT NULL REFERENCES collective,
            county TEXT COLLATE "C" NOT NULL REFERENCES region,
            home_province TEXT COLLATE "C" NOT NULL REFERENCES region,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            area BIGINT NOT NULL CHECK (area > 0),
            reclamation_cost_fen BIGINT NOT NULL CHECK (reclamation_cost_fen >= 0),
            financing_cost_fen BIGINT NOT NULL CHECK (financing_cost_fen >= 0),
            issued_at TIMESTAMPTZ NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('issued', 'handed_in', 'listed', 'sold',
                                                 'settled', 'locked', 'transferred')),
            CONSTRAINT county_lies_in_home_province
                CHECK (home_province = left(county, 2) || '0000'),
            CONSTRAINT id_says_where_it_came_in CHECK (
                CASE WHEN province = home_province THEN strpos(id, '/') = 0
                     ELSE right(id, 7) = '/' || province END),
            CONSTRAINT only_at_home CHECK (
                province = home_province OR state NOT IN ('issued', 'locked', 'transferred'))
        )
    """)
    # The ticket issued at home is the original: one of an application, and one of a household.
    op.execute("""
        CREATE UNIQUE INDEX one_original_of_application ON ticket (application)
        WHERE province = home_province
    """)
    op.execute("""
        CREATE UNIQUE INDEX one_original_of_household ON ticket (household)
        WHERE province = home_province
    """)
    # Pages of housing accounts are read in order of household, each party its own.
    for party in ("collective", "county", "home_province", "province"):
        op.execute(f"CREATE INDEX ticket_{party} ON ticket ({party}, household)")


def _triggers() -> None:
    op.execute(f"""
        CREATE FUNCTION ticket_moves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({STATE_MOVES}) THEN
                RAISE EXCEPTION 'a ticket does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER state_moves BEFORE UPDATE ON ticket
        FOR EACH ROW EXECUTE FUNCTION ticket_moves()
    """)
    for table in ("acceptance", "ticket"):
        op.execute(f"""
            CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
