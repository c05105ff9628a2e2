"""The node that this is, its peers, and the letters between them.

What was said stays said: texts of letters never change, an answer is kept once, numbers of a link
have no gap, and one matter (sender, transfer, type, revision) has one letter.
"""

from alembic import op

revision = "0025"
down_revision = "0024"

NAME = "~ '^[a-z0-9-]{1,32}$'"
HASH = "CHECK (octet_length({0}) = 32)"


def upgrade() -> None:
    """Create the node, its peers, outbox, inbox and what is kept of letters that do not verify."""
    _node()
    _peers()
    _outbox()
    _inbox()
    _quarantine()


def _guard(table: str, operations: str = "UPDATE OR DELETE OR TRUNCATE") -> None:
    op.execute(f"""
        CREATE TRIGGER append_only BEFORE {operations} ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")


def _grant(table: str, *, update: str = "", delete: bool = False) -> None:
    op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
    if update:
        op.execute(f"GRANT UPDATE ({update}) ON {table} TO hrt_app")
    if delete:
        op.execute(f"GRANT DELETE ON {table} TO hrt_app")


def _node() -> None:
    op.execute(f"""
        CREATE TABLE node (
            only_row BOOLEAN PRIMARY KEY DEFAULT true CHECK (only_row),
            name TEXT COLLATE "C" NOT NULL CHECK (name {NAME}),
            role TEXT NOT NULL CHECK (role IN ('province', 'ministry')),
            provinces TEXT[] NOT NULL,
            province_names TEXT[] NOT NULL,
            url TEXT NOT NULL,
            log_url TEXT NOT NULL,
            initialised_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            CHECK (cardinality(provinces) = cardinality(province_names)),
            CHECK (role = 'ministry' OR cardinality(provinces) > 0)
        )
    """)
    op.execute("""
        CREATE TABLE node_key (
            vkey TEXT COLLATE "C" PRIMARY KEY,
            valid_from TIMESTAMPTZ NOT NULL,
            valid_until TIMESTAMPTZ,
            CHECK (valid_until >= valid_from)
        )
    """)
    # One key signs what is written now; the others are on their way out.
    op.execute("""
        CREATE UNIQUE INDEX node_key_in_use ON node_key ((true)) WHERE valid_until IS NULL
    """)
    _guard("node", "DELETE OR TRUNCATE")
    _guard("node_key", "DELETE OR TRUNCATE")
    _grant("node", update="url, log_url")
    _grant("node_key", update="valid_until")


def _peers() -> None:
    op.execute(f"""
        CREATE TABLE peer (
            name TEXT COLLATE "C" PRIMARY KEY CHECK (name {NAME}),
            role TEXT NOT NULL CHECK (role IN ('province', 'ministry')),
            url TEXT NOT NULL,
            log_vkey TEXT NOT NULL,
            log_url TEXT NOT NULL,
            policy TEXT,
            certificate BYTEA NOT NULL,
            sealing_key BYTEA NOT NULL {HASH.format("sealing_key")},
            added_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            removed_at TIMESTAMPTZ
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX one_ministry ON peer (role)
        WHERE role = 'ministry' AND removed_at IS NULL
    """)
    op.execute("""
        CREATE UNIQUE INDEX one_certificate_one_peer ON peer (sha256(certificate))
        WHERE removed_at IS NULL
    """)
    op.execute("""
        CREATE TABLE peer_province (
            province TEXT COLLATE "C" PRIMARY KEY CHECK (province ~ '^[1-9][0-9]0000$'),
            peer TEXT COLLATE "C" NOT NULL REFERENCES peer
        )
    """)
    op.execute("""
        CREATE TABLE peer_key (
            peer TEXT COLLATE "C" NOT NULL REFERENCES peer,
            vkey TEXT COLLATE "C" NOT NULL,
            valid_from TIMESTAMPTZ NOT NULL,
            valid_until TIMESTAMPTZ,
            PRIMARY KEY (peer, vkey),
            CHECK (valid_until >= valid_from)
        )
    """)
    # A row for what is sent and one for what is received: who handles a letter from a peer may
    # write to any other without waiting in a circle.
    op.execute("""
        CREATE TABLE link_out (
            peer TEXT COLLATE "C" PRIMARY KEY REFERENCES peer,
            sent BIGINT NOT NULL DEFAULT 0 CHECK (sent >= 0)
        )
    """)
    op.execute("""
        CREATE TABLE link_in (
            peer TEXT COLLATE "C" PRIMARY KEY REFERENCES peer,
            through BIGINT NOT NULL DEFAULT 0 CHECK (through >= 0),
            highest BIGINT NOT NULL DEFAULT 0,
            CHECK (highest >= through)
        )
    """)
    for table in ("peer", "peer_key", "link_out", "link_in"):
        _guard(table, "DELETE OR TRUNCATE")
    _grant(
        "peer", update="role, url, log_vkey, log_url, policy, certificate, sealing_key, removed_at"
    )
    _grant("peer_province", delete=True)
    _grant("peer_key", update="valid_until")
    _grant("link_out", update="sent")
    _grant("link_in", update="through, highest")


def _outbox() -> None:
    op.execute("""
        CREATE TABLE outbox (
            peer TEXT COLLATE "C" NOT NULL REFERENCES link_out,
            seq BIGINT NOT NULL CHECK (seq > 0),
            transfer TEXT COLLATE "C" NOT NULL,
            type TEXT COLLATE "C" NOT NULL,
            revision INT NOT NULL CHECK (revision >= 0),
            text TEXT NOT NULL,
            hash BYTEA NOT NULL,
            leaf BIGINT REFERENCES record,
            vkey TEXT COLLATE "C" REFERENCES node_key,
            sent_at TIMESTAMPTZ NOT NULL,
            answer TEXT,
            refused TEXT,
            answered_at TIMESTAMPTZ,
            PRIMARY KEY (peer, seq),
            CONSTRAINT one_matter_one_letter_out UNIQUE (peer, transfer, type, revision),
            CONSTRAINT hash_of_text CHECK (hash = sha256(convert_to(text, 'UTF8'))),
            CONSTRAINT answered_whole_or_not_at_all CHECK (
                num_nulls(answer, answered_at) IN (0, 2)),
            CONSTRAINT refused_by_an_answer CHECK (refused IS NULL OR answer IS NOT NULL)
        )
    """)
    op.execute("CREATE INDEX outbox_waiting ON outbox (peer, seq) WHERE answered_at IS NULL")
    # Numbers without a gap: each letter takes the number that its link was just moved to.
    op.execute("""
        CREATE FUNCTION outbox_has_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.seq > 1 AND NOT EXISTS (
                        SELECT FROM outbox WHERE peer = NEW.peer AND seq = NEW.seq - 1) THEN
                    RAISE EXCEPTION 'letter % to % has none before it', NEW.seq, NEW.peer
                        USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END IF;
            IF OLD.answered_at IS NOT NULL
               OR (NEW.peer, NEW.seq, NEW.transfer, NEW.type, NEW.revision)
                  <> (OLD.peer, OLD.seq, OLD.transfer, OLD.type, OLD.revision)
               OR (NEW.text, NEW.hash, NEW.sent_at, NEW.leaf, NEW.vkey)
                  IS DISTINCT FROM (OLD.text, OLD.hash, OLD.sent_at, OLD.leaf, OLD.vkey) THEN
                RAISE EXCEPTION 'letter % to % would change', OLD.seq, OLD.peer
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER no_gap BEFORE INSERT OR UPDATE ON outbox
        FOR EACH ROW EXECUTE FUNCTION outbox_has_no_gap()
    """)
    op.execute("ALTER TABLE outbox ENABLE ALWAYS TRIGGER no_gap")
    _guard("outbox", "DELETE OR TRUNCATE")
    _grant("outbox", update="answer, refused, answered_at")


def _inbox() -> None:
    op.execute("""
        CREATE TABLE inbox (
            peer TEXT COLLATE "C" NOT NULL REFERENCES link_in,
            seq BIGINT NOT NULL CHECK (seq > 0),
            transfer TEXT COLLATE "C" NOT NULL,
            type TEXT COLLATE "C" NOT NULL,
            revision INT NOT NULL CHECK (revision >= 0),
            hash BYTEA NOT NULL CHECK (octet_length(hash) = 32),
            note TEXT NOT NULL,
            entry BYTEA,
            proof TEXT,
            answer TEXT NOT NULL,
            refused TEXT,
            received_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (peer, seq),
            CONSTRAINT one_matter_one_letter_in UNIQUE (peer, transfer, type, revision),
            CHECK (num_nulls(entry, proof) IN (0, 2))
        )
    """)
    _guard("inbox")
    _grant("inbox")


def _quarantine() -> None:
    op.execute("""
        CREATE TABLE quarantine (
            id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            peer TEXT COLLATE "C" NOT NULL REFERENCES peer,
            reason TEXT NOT NULL,
            hash BYTEA NOT NULL CHECK (octet_length(hash) = 32),
            note BYTEA NOT NULL CHECK (octet_length(note) <= 65536),
            times BIGINT NOT NULL DEFAULT 1 CHECK (times > 0),
            at TIMESTAMPTZ NOT NULL,
            last_at TIMESTAMPTZ NOT NULL,
            UNIQUE (peer, hash, reason)
        )
    """)
    op.execute("""
        CREATE TABLE equivocation (
            peer TEXT COLLATE "C" NOT NULL REFERENCES peer,
            transfer TEXT COLLATE "C" NOT NULL,
            type TEXT COLLATE "C" NOT NULL,
            revision INT NOT NULL,
            held_note TEXT NOT NULL,
            other_note TEXT NOT NULL,
            at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (peer, transfer, type, revision),
            CHECK (held_note <> other_note)
        )
    """)
    _guard("equivocation")
    _guard("quarantine", "TRUNCATE")
    _grant("quarantine", update="times, last_at", delete=True)
    _grant("equivocation")
