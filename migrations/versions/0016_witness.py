"""What this node has seen of other nodes' logs, as their witness.

A witness promises one thing: of the logs it knows it never signs two histories. The tables hold
that promise a second time: a log's size never falls, one size has one root, and whatever was
cosigned stays as evidence.
"""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create the witness."""
    _tables()
    _one_history()
    for table in ("witnessed_checkpoint", "witness_evidence"):
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")
    for table in ("witnessed_log", "witnessed_checkpoint", "witness_evidence"):
        op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
    op.execute("GRANT UPDATE (size, root, checkpoint, cosigned_at) ON witnessed_log TO hrt_app")


def _tables() -> None:
    # cosigned_at is the POSIX second inside the cosignature of the checkpoint.
    op.execute("""
        CREATE TABLE witnessed_log (
            origin TEXT COLLATE "C" PRIMARY KEY,
            origin_hash BYTEA NOT NULL UNIQUE,
            vkey TEXT NOT NULL,
            size BIGINT NOT NULL DEFAULT 0 CHECK (size >= 0),
            root BYTEA CHECK (octet_length(root) = 32),
            checkpoint TEXT,
            cosigned_at BIGINT CHECK (cosigned_at > 0),
            added_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT hash_of_origin CHECK (origin_hash = sha256(convert_to(origin, 'UTF8'))),
            CONSTRAINT seen_whole_or_not_at_all CHECK (
                num_nulls(root, checkpoint, cosigned_at) IN (0, 3)),
            CONSTRAINT never_seen_is_empty CHECK (root IS NOT NULL OR size = 0)
        )
    """)
    op.execute("""
        CREATE TABLE witnessed_checkpoint (
            origin TEXT COLLATE "C" NOT NULL REFERENCES witnessed_log,
            size BIGINT NOT NULL CHECK (size >= 0),
            root BYTEA NOT NULL CHECK (octet_length(root) = 32),
            checkpoint TEXT NOT NULL,
            at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT one_size_has_one_root PRIMARY KEY (origin, size)
        )
    """)
    # A validly signed checkpoint that was not cosigned. fork: another root than the one cosigned
    # at its size, so both notes together prove it to anybody. unproven: its proof did not verify.
    op.execute("""
        CREATE TABLE witness_evidence (
            origin TEXT COLLATE "C" NOT NULL REFERENCES witnessed_log,
            kind TEXT NOT NULL CHECK (kind IN ('fork', 'unproven')),
            digest BYTEA NOT NULL CHECK (octet_length(digest) = 32),
            size BIGINT NOT NULL CHECK (size >= 0),
            root BYTEA NOT NULL CHECK (octet_length(root) = 32),
            checkpoint TEXT NOT NULL,
            held_size BIGINT NOT NULL,
            at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (origin, kind, digest)
        )
    """)


def _one_history() -> None:
    op.execute("""
        CREATE FUNCTION witnessed_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.root IS NOT NULL THEN
                    RAISE EXCEPTION 'log % begins unseen', NEW.origin
                        USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END IF;
            IF (NEW.origin, NEW.origin_hash, NEW.vkey, NEW.added_at)
                    IS DISTINCT FROM (OLD.origin, OLD.origin_hash, OLD.vkey, OLD.added_at)
               OR NEW.root IS NULL
               OR NEW.size < OLD.size
               OR (NEW.size = OLD.size AND OLD.root IS NOT NULL AND NEW.root <> OLD.root)
               OR NEW.cosigned_at < OLD.cosigned_at THEN
                RAISE EXCEPTION 'the history of log % would change', OLD.origin
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NOT EXISTS (SELECT FROM witnessed_checkpoint
                           WHERE origin = NEW.origin AND size = NEW.size AND root = NEW.root) THEN
                RAISE EXCEPTION 'log %: its checkpoint is not kept as evidence', OLD.origin
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER only_grows BEFORE INSERT OR UPDATE ON witnessed_log
        FOR EACH ROW EXECUTE FUNCTION witnessed_log_only_grows()
    """)
    op.execute("""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON witnessed_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    for trigger in ("only_grows", "stays"):
        op.execute(f"ALTER TABLE witnessed_log ENABLE ALWAYS TRIGGER {trigger}")
