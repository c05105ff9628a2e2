"""The transparency log: what waits for its place, the places, the tree's tiles, its checkpoints."""

from alembic import op

revision = "0013"
down_revision = "0012"

TREES = "('sha256', 'sm3')"


def upgrade() -> None:
    """Create the log, and queue every record that stands already."""
    _pending()
    _leaves()
    _tiles()
    _heads()
    _checkpoints()
    op.execute("INSERT INTO tlog_pending SELECT id FROM record")


def _pending() -> None:
    # Membership, not a high-water mark: a record whose transaction commits late is taken later.
    op.execute("""
        CREATE TABLE tlog_pending (record_id BIGINT PRIMARY KEY)
        WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0)
    """)
    # By the database, so that no writer can forget it.
    op.execute("""
        CREATE FUNCTION tlog_queue_records() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            INSERT INTO tlog_pending SELECT id FROM recorded;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER queue_records AFTER INSERT ON record REFERENCING NEW TABLE AS recorded
        FOR EACH STATEMENT EXECUTE FUNCTION tlog_queue_records()
    """)
    op.execute("ALTER TABLE record ENABLE ALWAYS TRIGGER queue_records")
    op.execute("REVOKE ALL ON tlog_pending FROM PUBLIC")
    op.execute("GRANT SELECT, DELETE ON tlog_pending TO hrt_app")


def _append_only(table: str, operations: str = "UPDATE OR DELETE OR TRUNCATE") -> None:
    op.execute(f"""
        CREATE TRIGGER append_only BEFORE {operations} ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")
    op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")


def _leaves() -> None:
    op.execute("""
        CREATE TABLE tlog_leaf (
            leaf_index BIGINT PRIMARY KEY CHECK (leaf_index >= 0),
            record_id BIGINT NOT NULL UNIQUE
        )
    """)
    _append_only("tlog_leaf")
    op.execute("GRANT SELECT, INSERT ON tlog_leaf TO hrt_app")


def _tiles() -> None:
    op.execute(f"""
        CREATE TABLE tlog_tile (
            tree TEXT NOT NULL CHECK (tree IN {TREES}),
            level INT NOT NULL CHECK (level BETWEEN 0 AND 7),
            n BIGINT NOT NULL CHECK (n >= 0),
            hashes BYTEA NOT NULL
                CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
            PRIMARY KEY (tree, level, n)
        )
    """)
    op.execute("""
        CREATE FUNCTION tlog_tile_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (NEW.tree, NEW.level, NEW.n) <> (OLD.tree, OLD.level, OLD.n)
               OR substring(NEW.hashes FOR octet_length(OLD.hashes)) <> OLD.hashes THEN
                RAISE EXCEPTION 'tile %/% of the log would change', OLD.level, OLD.n
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER grows BEFORE UPDATE ON tlog_tile
        FOR EACH ROW EXECUTE FUNCTION tlog_tile_grows()
    """)
    op.execute("ALTER TABLE tlog_tile ENABLE ALWAYS TRIGGER grows")
    _append_only("tlog_tile", "DELETE OR TRUNCATE")
    op.execute("GRANT SELECT, INSERT, UPDATE (hashes) ON tlog_tile TO hrt_app")


def _heads() -> None:
    op.execute(f"""
        CREATE TABLE tlog_head (
            tree TEXT PRIMARY KEY CHECK (tree IN {TREES}),
            vkey TEXT NOT NULL,
            size BIGINT NOT NULL CHECK (size >= 0),
            root BYTEA NOT NULL CHECK (octet_length(root) = 32)
        )
    """)
    op.execute("""
        CREATE FUNCTION tlog_head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (NEW.tree, NEW.vkey) <> (OLD.tree, OLD.vkey) OR NEW.size <= OLD.size
               OR NEW.size - OLD.size <> (
                   SELECT count(*) FROM tlog_leaf
                   WHERE leaf_index >= OLD.size AND leaf_index < NEW.size) THEN
                RAISE EXCEPTION 'the head of the log does not follow its leaves'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER grows BEFORE UPDATE ON tlog_head
        FOR EACH ROW EXECUTE FUNCTION tlog_head_grows()
    """)
    op.execute("ALTER TABLE tlog_head ENABLE ALWAYS TRIGGER grows")
    _append_only("tlog_head", "DELETE OR TRUNCATE")
    op.execute("GRANT SELECT, INSERT, UPDATE (size, root) ON tlog_head TO hrt_app")


def _checkpoints() -> None:
    # What was committed batch by batch, and what of it was signed and shown to the world. Batches
    # name the one before, publications are numbered: none can be taken out unseen.
    op.execute(f"""
        CREATE TABLE tlog_checkpoint (
            tree TEXT NOT NULL CHECK (tree IN {TREES}),
            size BIGINT NOT NULL CHECK (size >= 0),
            root BYTEA NOT NULL CHECK (octet_length(root) = 32),
            previous BIGINT,
            at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (tree, size),
            UNIQUE NULLS NOT DISTINCT (tree, previous),
            CHECK (previous < size)
        )
    """)
    op.execute("""
        CREATE TABLE tlog_publication (
            tree TEXT NOT NULL,
            number BIGINT NOT NULL CHECK (number > 0),
            size BIGINT NOT NULL,
            note TEXT NOT NULL,
            at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (tree, number),
            FOREIGN KEY (tree, size) REFERENCES tlog_checkpoint
        )
    """)
    for table in ("tlog_checkpoint", "tlog_publication"):
        _append_only(table)
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
