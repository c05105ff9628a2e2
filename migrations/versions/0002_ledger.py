"""The ledger: records, entries, postings, accounts; append-only, and balanced by the database."""

from alembic import op

revision = "0002"
down_revision = "0001"

# kind, asset, may be negative
ACCOUNT_KINDS = """
bank CNY true
bidder_cash CNY false
deposit CNY false
escrow CNY false
county CNY false
township CNY false
village_committee CNY false
collective CNY false
exchange CNY false
subsidy_pool CNY false
housing CNY false
due_to CNY false
due_from CNY true
land_opening M2 true
homestead M2 false
accepted M2 false
ticket M2 false
certificate M2 false
construction M2 false
conversion M2 true
farmland_opening M2 true
cropland M2 false
ecological M2 false
farmland_made M2 true
farmland_taken M2 false
off_site_granted M2 true
off_site_right M2 false
"""

# The plan of a trigger's query is kept by the session that made it, perhaps over an empty table;
# what is written costs the same at any size only if every row is found by its index.
BY_INDEX = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"

# kind of entry, kind of source, kind of target
MOVES = """
opening_stock farmland_opening cropland
opening_stock farmland_opening ecological
opening_stock land_opening construction
opening_stock land_opening homestead
cash_in bank bidder_cash
deposit_hold bidder_cash deposit
deposit_release deposit bidder_cash
deposit_forfeit deposit exchange
payment bidder_cash escrow
payment deposit bidder_cash
payment deposit escrow
settlement escrow collective
settlement escrow county
settlement escrow due_to
settlement escrow housing
settlement escrow township
settlement escrow village_committee
settlement ticket certificate
settlement_home due_from collective
settlement_home due_from county
settlement_home due_from township
settlement_home due_from village_committee
reclamation farmland_made cropland
reclamation farmland_made ecological
reclamation homestead accepted
issue accepted ticket
land_income bank subsidy_pool
subsidy subsidy_pool housing
rent housing bank
housing_payment housing bank
cash_payment housing bank
land_sale certificate construction
land_sale cropland farmland_taken
land_sale off_site_granted off_site_right
certificate_resale bidder_cash bidder_cash
conversion_out ticket conversion
conversion_in conversion ticket
account_moved_out housing due_to
account_moved_in due_from housing
provincial_settlement bank due_from
provincial_settlement due_to bank
provincial_settlement due_to due_from
"""


def _rows(text: str) -> str:
    rows = [line.split() for line in text.strip().splitlines()]
    return ", ".join("(" + ", ".join(f"'{cell}'" for cell in row) + ")" for row in rows)


def _refuse_changes(table: str) -> None:
    op.execute(f"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    # ALWAYS: not even a session that plays replica (session_replication_role) goes around it.
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")
    op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")


def upgrade() -> None:
    """Create the ledger."""
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation', HINT = 'Correct by a new record.';
        END $$
    """)
    _records()
    _accounts()
    _postings()
    _balances_follow_postings()
    _guards()


def _records() -> None:
    op.execute("CREATE SEQUENCE record_id_seq CACHE 1")
    op.execute("GRANT USAGE ON SEQUENCE record_id_seq TO hrt_app")
    op.execute("""
        CREATE TABLE record (
            id BIGINT PRIMARY KEY,
            kind TEXT NOT NULL,
            province TEXT NOT NULL,
            subject TEXT NOT NULL,
            at TIMESTAMPTZ NOT NULL,
            body BYTEA NOT NULL,
            leaf_hash BYTEA NOT NULL,
            recorded_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT leaf_hash_of_body CHECK (leaf_hash = sha256('\\x00'::bytea || body)),
            CONSTRAINT fits_a_log_entry CHECK (octet_length(body) <= 65535)
        )
    """)
    op.execute('CREATE INDEX record_subject ON record (kind, subject COLLATE "C", id)')
    _refuse_changes("record")


def _accounts() -> None:
    op.execute("""
        CREATE TABLE ledger_account_kind (
            kind TEXT PRIMARY KEY,
            asset TEXT NOT NULL CHECK (asset IN ('CNY', 'M2')),
            may_be_negative BOOLEAN NOT NULL,
            UNIQUE (kind, asset)
        )
    """)
    op.execute(f"INSERT INTO ledger_account_kind VALUES {_rows(ACCOUNT_KINDS)}")
    op.execute("""
        CREATE TABLE ledger_move (
            entry_kind TEXT NOT NULL,
            source_kind TEXT NOT NULL REFERENCES ledger_account_kind,
            target_kind TEXT NOT NULL REFERENCES ledger_account_kind,
            PRIMARY KEY (entry_kind, source_kind, target_kind)
        )
    """)
    op.execute(f"INSERT INTO ledger_move VALUES {_rows(MOVES)}")
    for table in ("ledger_account_kind", "ledger_move"):
        op.execute(f"GRANT SELECT ON {table} TO hrt_app")
    op.execute("""
        CREATE TABLE ledger_account (
            id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            code TEXT COLLATE "C" NOT NULL UNIQUE,
            kind TEXT NOT NULL REFERENCES ledger_account_kind,
            owner TEXT COLLATE "C" NOT NULL,
            province TEXT NOT NULL,
            floor BIGINT,
            balance BIGINT NOT NULL DEFAULT 0,
            CONSTRAINT code_says_what_it_is CHECK (code = kind || ':' || province || ':' || owner),
            CONSTRAINT balance_not_below_floor CHECK (balance >= floor)
        )
    """)
    op.execute("CREATE INDEX ledger_account_kind_owner ON ledger_account (kind, owner)")
    op.execute("""
        CREATE INDEX ledger_account_holder ON ledger_account (kind, split_part(owner, ':', 2))
        WHERE kind IN ('deposit', 'certificate')
    """)
    op.execute("REVOKE ALL ON ledger_account FROM PUBLIC")
    # UPDATE is granted for SELECT … FOR UPDATE; the guard below refuses any update but by postings.
    op.execute("GRANT SELECT, INSERT, UPDATE (balance) ON ledger_account TO hrt_app")


def _postings() -> None:
    op.execute("""
        CREATE TABLE ledger_entry (
            record_id BIGINT PRIMARY KEY,
            kind TEXT NOT NULL,
            key TEXT COLLATE "C" NOT NULL UNIQUE,
            province TEXT NOT NULL,
            subject TEXT COLLATE "C" NOT NULL,
            actor TEXT NOT NULL,
            at TIMESTAMPTZ NOT NULL,
            policy TEXT,
            written_by XID8 NOT NULL DEFAULT pg_current_xact_id()
        )
    """)
    op.execute("CREATE INDEX ledger_entry_subject ON ledger_entry (subject, kind)")
    op.execute("""
        CREATE TABLE ledger_posting (
            entry_id BIGINT NOT NULL,
            position INT NOT NULL CHECK (position >= 0),
            source_id BIGINT NOT NULL,
            target_id BIGINT NOT NULL,
            amount BIGINT NOT NULL CHECK (amount > 0),
            source_balance BIGINT NOT NULL,
            target_balance BIGINT NOT NULL,
            PRIMARY KEY (entry_id, position),
            CHECK (source_id <> target_id)
        )
    """)
    op.execute("CREATE INDEX ledger_posting_source ON ledger_posting (source_id, entry_id)")
    op.execute("CREATE INDEX ledger_posting_target ON ledger_posting (target_id, entry_id)")
    _refuse_changes("ledger_entry")
    _refuse_changes("ledger_posting")


def _balances_follow_postings() -> None:
    # A posting conserves its asset by its form: one positive amount, from one account to another.
    # What is left to check, for all postings of a statement at once: that entry and accounts
    # exist (as foreign keys would, row by row), the asset, the declared move, and that nothing is
    # added to an entry later. Then the balances follow, and their floors are checked by the row.
    op.execute(f"""
        CREATE FUNCTION ledger_apply_postings() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp {BY_INDEX} AS $$
        DECLARE bad BIGINT;
        BEGIN
            SELECT p.entry_id INTO bad
            FROM posted p
            LEFT JOIN ledger_entry e ON e.record_id = p.entry_id
                AND e.written_by = pg_current_xact_id()
            LEFT JOIN ledger_account s ON s.id = p.source_id
            LEFT JOIN ledger_account t ON t.id = p.target_id
            LEFT JOIN ledger_account_kind sk ON sk.kind = s.kind
            LEFT JOIN ledger_account_kind tk ON tk.kind = t.kind AND tk.asset = sk.asset
            LEFT JOIN ledger_move m ON m.entry_kind = e.kind
                AND m.source_kind = sk.kind AND m.target_kind = tk.kind
            WHERE m.entry_kind IS NULL
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'entry %: a posting is not a declared move of its entry', bad
                    USING ERRCODE = 'check_violation';
            END IF;
            UPDATE ledger_account a SET balance = a.balance + d.delta
            FROM (
                SELECT id, sum(delta)::bigint AS delta FROM (
                    SELECT source_id AS id, -amount AS delta FROM posted
                    UNION ALL SELECT target_id, amount FROM posted
                ) both_sides GROUP BY id
            ) d
            WHERE a.id = d.id AND d.delta <> 0;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER apply_postings AFTER INSERT ON ledger_posting
        REFERENCING NEW TABLE AS posted
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply_postings()
    """)
    # An entry without postings would be a claim that value moved when none did; one without its
    # record could be rewritten. All three are written by one statement, at whose end this looks.
    op.execute(f"""
        CREATE FUNCTION ledger_entry_is_whole() RETURNS trigger LANGUAGE plpgsql {BY_INDEX} AS $$
        DECLARE bad BIGINT;
        BEGIN
            SELECT e.record_id INTO bad FROM entered e
            LEFT JOIN record r ON r.id = e.record_id
            LEFT JOIN ledger_posting p ON p.entry_id = e.record_id AND p.position = 0
            WHERE r.id IS NULL OR p.entry_id IS NULL
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'entry % has no postings or no record', bad
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER is_whole AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS entered
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_is_whole()
    """)


def _guards() -> None:
    op.execute("""
        CREATE FUNCTION ledger_guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                RAISE EXCEPTION 'a balance moves by postings only'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.balance <> 0 OR NEW.floor IS DISTINCT FROM (
                SELECT CASE WHEN may_be_negative THEN NULL ELSE 0 END::bigint
                FROM ledger_account_kind WHERE kind = NEW.kind) THEN
                RAISE EXCEPTION 'account % opens empty and with the floor of its kind', NEW.code
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_opening BEFORE INSERT ON ledger_account
        FOR EACH ROW EXECUTE FUNCTION ledger_guard_account()
    """)
    # Depth 0 is an update that somebody wrote; ledger_apply_postings updates at depth 1.
    op.execute("""
        CREATE TRIGGER guard_account BEFORE UPDATE ON ledger_account FOR EACH ROW
        WHEN (pg_trigger_depth() = 0
              OR (NEW.id, NEW.code, NEW.kind, NEW.owner, NEW.province, NEW.floor)
                 IS DISTINCT FROM (OLD.id, OLD.code, OLD.kind, OLD.owner, OLD.province, OLD.floor))
        EXECUTE FUNCTION ledger_guard_account()
    """)
    op.execute("""
        CREATE TRIGGER accounts_stay BEFORE DELETE OR TRUNCATE ON ledger_account
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    for table, trigger in (
        ("ledger_posting", "apply_postings"),
        ("ledger_entry", "is_whole"),
        ("ledger_account", "guard_opening"),
        ("ledger_account", "guard_account"),
        ("ledger_account", "accounts_stay"),
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
