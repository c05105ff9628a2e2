"""Policy versions and coefficients: never changed once approved, never approved by one person."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create policy and coefficients."""
    op.execute("""
        CREATE TABLE policy_version (
            id TEXT COLLATE "C" PRIMARY KEY CHECK (id NOT LIKE '%.default'),
            province TEXT COLLATE "C" NOT NULL REFERENCES region CHECK (province LIKE '%0000'),
            valid_from TIMESTAMPTZ NOT NULL,
            parameters JSONB NOT NULL,
            proposed_by TEXT NOT NULL,
            approved_by TEXT,
            CONSTRAINT two_people CHECK (approved_by <> proposed_by)
        )
    """)
    op.execute("CREATE INDEX policy_in_force ON policy_version (province, valid_from DESC)")
    op.execute("""
        CREATE TABLE coefficient (
            id TEXT COLLATE "C" PRIMARY KEY,
            giver TEXT COLLATE "C" NOT NULL REFERENCES region CHECK (giver LIKE '%0000'),
            receiver TEXT COLLATE "C" NOT NULL REFERENCES region CHECK (receiver LIKE '%0000'),
            yield_out INT NOT NULL CHECK (yield_out > 0),
            yield_in INT NOT NULL CHECK (yield_in > 0),
            valid_from DATE NOT NULL,
            valid_to DATE NOT NULL CHECK (valid_to >= valid_from),
            document TEXT NOT NULL,
            proposed_by TEXT NOT NULL,
            approved_by TEXT,
            CONSTRAINT two_people CHECK (approved_by <> proposed_by),
            CONSTRAINT two_provinces CHECK (giver <> receiver),
            CONSTRAINT one_in_force EXCLUDE USING gist (
                giver WITH =, receiver WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
        )
    """)
    op.execute("""
        CREATE FUNCTION approve_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.approved_by IS NOT NULL THEN
                    RAISE EXCEPTION '% is proposed first', TG_TABLE_NAME
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END IF;
            IF OLD.approved_by IS NOT NULL
               OR to_jsonb(NEW) - 'approved_by' <> to_jsonb(OLD) - 'approved_by' THEN
                RAISE EXCEPTION '% is approved once and never changed', TG_TABLE_NAME
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    for table in ("policy_version", "coefficient"):
        op.execute(f"""
            CREATE TRIGGER approve_once BEFORE INSERT OR UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION approve_once()
        """)
        op.execute(f"""
            CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
        op.execute(f"GRANT UPDATE (approved_by) ON {table} TO hrt_app")
