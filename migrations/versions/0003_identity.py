"""Regions, collectives, households, bidders, credentials."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the parties and their credentials."""
    op.execute("""
        CREATE TABLE region (
            code TEXT COLLATE "C" PRIMARY KEY CHECK (code ~ '^[1-9][0-9]{5}$'),
            name TEXT NOT NULL,
            zone TEXT CHECK (zone IN ('urbanised', 'farm_product', 'ecological')),
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            CHECK (province = left(code, 2) || '0000'),
            CHECK ((zone IS NULL) = (code = province))
        )
    """)
    op.execute("""
        CREATE TABLE collective (
            id TEXT COLLATE "C" PRIMARY KEY,
            name TEXT NOT NULL,
            county TEXT COLLATE "C" NOT NULL REFERENCES region,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            members INT NOT NULL CHECK (members >= 0)
        )
    """)
    op.execute("""
        CREATE TABLE household (
            id TEXT COLLATE "C" PRIMARY KEY,
            name TEXT NOT NULL,
            collective TEXT COLLATE "C" NOT NULL REFERENCES collective,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            heads INT NOT NULL CHECK (heads >= 0)
        )
    """)
    op.execute("CREATE INDEX household_collective ON household (collective, id)")
    _bidders_and_credentials()


def _bidders_and_credentials() -> None:
    op.execute('CREATE TABLE bidder (id TEXT COLLATE "C" PRIMARY KEY, name TEXT NOT NULL)')
    # The administrators exclude each other and every business role, whatever the application says.
    op.execute("""
        CREATE TABLE credential (
            id TEXT COLLATE "C" PRIMARY KEY,
            person TEXT COLLATE "C" NOT NULL CHECK (person <> 'node'),
            role TEXT COLLATE "C" NOT NULL,
            party TEXT COLLATE "C" NOT NULL,
            secret_hash BYTEA NOT NULL CHECK (octet_length(secret_hash) = 32),
            issued_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            expires_at TIMESTAMPTZ NOT NULL,
            revoked_at TIMESTAMPTZ,
            is_admin BOOLEAN NOT NULL
                GENERATED ALWAYS AS
                    (role IN ('system_admin', 'security_admin', 'audit_admin')) STORED,
            CONSTRAINT one_admin_role EXCLUDE USING gist (person WITH =, role WITH <>)
                WHERE (is_admin AND revoked_at IS NULL),
            CONSTRAINT admin_has_no_business
                EXCLUDE USING gist (person WITH =, (is_admin::int) WITH <>)
                WHERE (revoked_at IS NULL)
        )
    """)
    op.execute("""
        CREATE FUNCTION credential_is_revoked_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.revoked_at IS NOT NULL THEN
                RAISE EXCEPTION 'a revoked credential stays revoked'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER revoked_once BEFORE UPDATE ON credential
        FOR EACH ROW EXECUTE FUNCTION credential_is_revoked_once()
    """)
    for table in ("region", "collective", "household", "bidder", "credential"):
        op.execute(f"""
            CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
    op.execute("GRANT UPDATE (revoked_at) ON credential TO hrt_app")
