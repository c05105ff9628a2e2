"""Reconciliation: rounds by log position, mirrors of logs, cases, frozen accounts, corrections."""

from alembic import op

revision = "0029"
down_revision = "0028"

# Kinds among which a correction may move: what any law adds up stays within its group.
GROUPS = (
    """bank bidder_cash deposit escrow county township village_committee collective exchange
    subsidy_pool housing due_to due_from""",
    "land_opening homestead accepted ticket certificate construction conversion",
    "farmland_opening cropland ecological farmland_made farmland_taken",
    "off_site_granted off_site_right",
)
REASONS = "'posted_twice', 'posted_in_error', 'not_posted', 'wrong_amount', 'wrong_account'"


def upgrade() -> None:
    """Create what both sides keep: the ministry's node rounds and mirrors, every node its cases."""
    pairs = ", ".join(
        f"('correction', '{source}', '{target}')"
        for group in GROUPS
        for source in group.split()
        for target in group.split()
    )
    op.execute(f"INSERT INTO ledger_move VALUES {pairs}")
    _rounds()
    _mirrors()
    _cases()
    _frozen_accounts()
    _corrections()


def _stays(table: str, operations: str = "DELETE OR TRUNCATE") -> None:
    op.execute(f"""
        CREATE TRIGGER stays BEFORE {operations} ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")


def _rounds() -> None:
    op.execute("""
        CREATE TABLE reconciliation (
            number BIGINT PRIMARY KEY CHECK (number > 0),
            size BIGINT NOT NULL CHECK (size >= 0),
            cause TEXT NOT NULL CHECK (cause IN ('nightly', 'correction', 'inspection')),
            opened_at TIMESTAMPTZ NOT NULL,
            closed_at TIMESTAMPTZ,
            outcome TEXT CHECK (outcome IN ('agreed', 'differs', 'overtaken')),
            CONSTRAINT closed_with_an_outcome CHECK ((closed_at IS NULL) = (outcome IS NULL))
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX one_open_round ON reconciliation ((true)) WHERE closed_at IS NULL
    """)
    # `totals` are the pages of a node's answer, `asked` the groups that are looked at by account.
    op.execute("""
        CREATE TABLE reconciliation_part (
            round BIGINT NOT NULL REFERENCES reconciliation,
            node TEXT COLLATE "C" NOT NULL,
            provinces TEXT[] NOT NULL,
            size BIGINT CHECK (size >= 0),
            state TEXT NOT NULL
                CHECK (state IN ('waiting', 'asked', 'detail', 'agreed', 'differs')),
            fault TEXT,
            totals JSONB NOT NULL DEFAULT '{}',
            asked JSONB NOT NULL DEFAULT '[]',
            pages INT NOT NULL DEFAULT 0,
            found JSONB NOT NULL DEFAULT '[]',
            PRIMARY KEY (round, node),
            CONSTRAINT named_before_it_is_asked CHECK ((state = 'waiting') = (size IS NULL))
        )
    """)
    for table in ("reconciliation", "reconciliation_part"):
        _stays(table)
    op.execute("GRANT UPDATE (closed_at, outcome) ON reconciliation TO hrt_app")
    op.execute("""
        GRANT UPDATE (size, state, fault, totals, asked, pages, found)
        ON reconciliation_part TO hrt_app
    """)
    op.execute("""
        CREATE FUNCTION closed_round_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.closed_at IS NOT NULL THEN
                RAISE EXCEPTION 'round % is closed', OLD.number
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER closed_stays BEFORE UPDATE ON reconciliation
        FOR EACH ROW EXECUTE FUNCTION closed_round_stays()
    """)


def _mirrors() -> None:
    # What the ministry's node has reckoned from the logs: it can be made anew at any time.
    # `edge` are the roots of the complete subtrees of the tree at `size`, largest first.
    op.execute("""
        CREATE TABLE mirrored_log (
            log TEXT COLLATE "C" PRIMARY KEY,
            size BIGINT NOT NULL DEFAULT 0 CHECK (size >= 0),
            edge BYTEA NOT NULL DEFAULT '' CHECK (octet_length(edge) % 32 = 0),
            settled BIGINT NOT NULL DEFAULT 0 CHECK (settled BETWEEN 0 AND size)
        )
    """)
    op.execute("""
        CREATE TABLE mirrored_account (
            log TEXT COLLATE "C" NOT NULL REFERENCES mirrored_log,
            code TEXT COLLATE "C" NOT NULL,
            kind TEXT NOT NULL REFERENCES ledger_account_kind,
            province TEXT NOT NULL,
            owner TEXT COLLATE "C" NOT NULL,
            balance BIGINT NOT NULL,
            PRIMARY KEY (log, code)
        )
    """)
    op.execute("CREATE INDEX mirrored_account_kind ON mirrored_account (kind, log)")
    op.execute("""
        CREATE TABLE mirrored_touch (
            log TEXT COLLATE "C" NOT NULL REFERENCES mirrored_log,
            code TEXT COLLATE "C" NOT NULL,
            leaf BIGINT NOT NULL,
            PRIMARY KEY (log, code, leaf)
        )
    """)
    op.execute("""
        CREATE TABLE mirrored_flow (
            log TEXT COLLATE "C" NOT NULL REFERENCES mirrored_log,
            province TEXT NOT NULL,
            entry TEXT NOT NULL,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            amount BIGINT NOT NULL,
            PRIMARY KEY (log, province, entry, source, target)
        )
    """)
    _mirrored_borders()
    for table in ("log", "account", "touch", "flow", "crossing", "due"):
        op.execute(f"REVOKE ALL ON mirrored_{table} FROM PUBLIC")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON mirrored_{table} TO hrt_app")


def _mirrored_borders() -> None:
    op.execute("""
        CREATE TABLE mirrored_crossing (
            log TEXT COLLATE "C" NOT NULL REFERENCES mirrored_log,
            side TEXT NOT NULL CHECK (side IN ('out', 'in')),
            id TEXT COLLATE "C" NOT NULL,
            giver TEXT NOT NULL,
            receiver TEXT NOT NULL,
            sent BIGINT NOT NULL,
            received BIGINT NOT NULL,
            yield_out BIGINT NOT NULL,
            yield_in BIGINT NOT NULL,
            document TEXT NOT NULL,
            leaf BIGINT NOT NULL,
            PRIMARY KEY (log, side, id, leaf)
        )
    """)
    op.execute("""
        CREATE TABLE mirrored_due (
            log TEXT COLLATE "C" NOT NULL REFERENCES mirrored_log,
            code TEXT COLLATE "C" NOT NULL,
            matter TEXT COLLATE "C" NOT NULL,
            amount BIGINT NOT NULL,
            leaf BIGINT NOT NULL,
            PRIMARY KEY (log, code, matter)
        )
    """)


def _cases() -> None:
    op.execute("""
        CREATE TABLE reconciliation_case (
            id TEXT COLLATE "C" PRIMARY KEY,
            round BIGINT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('tables', 'conversion', 'dues')),
            subject TEXT COLLATE "C" NOT NULL,
            accounts JSONB NOT NULL,
            found JSONB NOT NULL,
            opened_at TIMESTAMPTZ NOT NULL,
            closed_round BIGINT,
            closed_at TIMESTAMPTZ,
            CONSTRAINT closed_by_a_later_round CHECK (closed_round > round),
            CONSTRAINT closed_by_a_round CHECK ((closed_round IS NULL) = (closed_at IS NULL))
        )
    """)
    _stays("reconciliation_case")
    op.execute("GRANT UPDATE (closed_round, closed_at) ON reconciliation_case TO hrt_app")
    op.execute("""
        CREATE FUNCTION case_closes_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.closed_at IS NOT NULL THEN
                RAISE EXCEPTION 'case % is closed', OLD.id USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER closes_once BEFORE UPDATE ON reconciliation_case
        FOR EACH ROW EXECUTE FUNCTION case_closes_once()
    """)
    # The accounts of a case that are kept in this node's books.
    op.execute("""
        CREATE TABLE account_freeze (
            case_id TEXT COLLATE "C" NOT NULL REFERENCES reconciliation_case,
            code TEXT COLLATE "C" NOT NULL REFERENCES ledger_account (code),
            PRIMARY KEY (case_id, code)
        )
    """)
    op.execute("CREATE INDEX account_freeze_code ON account_freeze (code)")
    _stays("account_freeze", "UPDATE OR DELETE OR TRUNCATE")


def _frozen_accounts() -> None:
    op.execute("ALTER TABLE ledger_account ADD COLUMN frozen BOOLEAN NOT NULL DEFAULT false")
    op.execute("GRANT UPDATE (frozen) ON ledger_account TO hrt_app")
    op.execute("DROP TRIGGER guard_account ON ledger_account")
    op.execute("""
        CREATE TRIGGER guard_account BEFORE UPDATE ON ledger_account FOR EACH ROW
        WHEN (pg_trigger_depth() = 0
                  AND (NEW.frozen = OLD.frozen OR NEW.balance <> OLD.balance)
              OR (NEW.id, NEW.code, NEW.kind, NEW.owner, NEW.province, NEW.floor)
                 IS DISTINCT FROM (OLD.id, OLD.code, OLD.kind, OLD.owner, OLD.province, OLD.floor))
        EXECUTE FUNCTION ledger_guard_account()
    """)
    # An account is frozen as long as a case about it is open, and no other way.
    op.execute("""
        CREATE FUNCTION ledger_guard_frozen() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            IF NEW.frozen <> EXISTS (
                SELECT FROM account_freeze f JOIN reconciliation_case c ON c.id = f.case_id
                WHERE f.code = NEW.code AND c.closed_at IS NULL) THEN
                RAISE EXCEPTION 'account % is frozen by its open cases alone', NEW.code
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_frozen BEFORE UPDATE ON ledger_account FOR EACH ROW
        WHEN (NEW.frozen <> OLD.frozen) EXECUTE FUNCTION ledger_guard_frozen()
    """)
    op.execute("""
        CREATE FUNCTION ledger_refuse_frozen() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.record_id
                WHERE NEW.id IN (p.source_id, p.target_id)
                    AND e.written_by = pg_current_xact_id() AND e.kind <> 'correction') THEN
                RAISE EXCEPTION 'account % is frozen', NEW.code
                    USING ERRCODE = 'restrict_violation', HINT = 'Correct it by a new entry.';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER refuse_frozen BEFORE UPDATE ON ledger_account FOR EACH ROW
        WHEN (OLD.frozen AND NEW.balance <> OLD.balance) EXECUTE FUNCTION ledger_refuse_frozen()
    """)
    for trigger in ("guard_account", "guard_frozen", "refuse_frozen"):
        op.execute(f"ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER {trigger}")


def _corrections() -> None:
    op.execute(f"""
        CREATE TABLE correction (
            id TEXT COLLATE "C" PRIMARY KEY,
            case_id TEXT COLLATE "C" NOT NULL REFERENCES reconciliation_case,
            province TEXT COLLATE "C" NOT NULL,
            source TEXT COLLATE "C" NOT NULL,
            target TEXT COLLATE "C" NOT NULL,
            amount BIGINT NOT NULL CHECK (amount > 0),
            reason TEXT NOT NULL CHECK (reason IN ({REASONS})),
            document TEXT NOT NULL,
            proposed_by TEXT NOT NULL,
            approved_by TEXT,
            CONSTRAINT two_people CHECK (approved_by <> proposed_by),
            CONSTRAINT two_accounts CHECK (source <> target)
        )
    """)
    op.execute("CREATE INDEX correction_of ON correction (case_id)")
    op.execute("""
        CREATE TRIGGER approve_once BEFORE INSERT OR UPDATE ON correction
        FOR EACH ROW EXECUTE FUNCTION approve_once()
    """)
    _stays("correction")
    op.execute("GRANT UPDATE (approved_by) ON correction TO hrt_app")
