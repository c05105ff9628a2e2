"""What provinces owe each other is stated by windows, instructed, and paid through the bank."""

from alembic import op

revision = "0027"
down_revision = "0026"

CONTENT_MAX = 1024 * 1024
# a province, or the agent's 000000, which is no region
PROVINCE = "CHECK ({0} LIKE '__0000')"
# a BIC, or a bank's number in the Chinese payment system
BANK = "^([A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?|[0-9]{12})$"
OUTCOMES = (
    "confirmed",
    "partial",
    "repeated",
    "debit",
    "pending",
    "duplicate-reference",
    "reversal",
    "wrong-currency",
    "unknown-instruction",
    "wrong-creditor",
    "wrong-debtor",
    "too-much",
)
MOVES = """
provincial_payment bank due_from
provincial_payment due_to bank
provincial_netting due_from due_from
provincial_netting due_from due_to
provincial_netting due_to due_from
provincial_netting due_to due_to
"""


def upgrade() -> None:
    """Create terms, bank accounts, windows with statements, instructions, and the bank's word."""
    rows = (line.split() for line in MOVES.strip().splitlines())
    values = ", ".join(f"('{kind}', '{source}', '{target}')" for kind, source, target in rows)
    op.execute(f"INSERT INTO ledger_move VALUES {values}")
    _proposals()
    _windows()
    _approved_by_both()
    _instructions()
    _bank_files()
    _resolutions()


def _stays(table: str, operations: str, function: str = "refuse_change") -> None:
    op.execute(f"""
        CREATE TRIGGER stays BEFORE {operations} ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {function}()
    """)
    op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")


def _by_two_people(table: str) -> None:
    op.execute(f"""
        CREATE TRIGGER approve_once BEFORE INSERT OR UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION approve_once()
    """)
    _stays(table, "DELETE OR TRUNCATE")
    op.execute(f"GRANT UPDATE (approved_by) ON {table} TO hrt_app")


def _proposals() -> None:
    op.execute("""
        CREATE TABLE clearing_terms (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id TEXT COLLATE "C" NOT NULL UNIQUE,
            netting TEXT NOT NULL CHECK (netting IN ('gross', 'bilateral', 'multilateral')),
            proposed_by TEXT NOT NULL,
            approved_by TEXT,
            CONSTRAINT two_people CHECK (approved_by <> proposed_by)
        )
    """)
    op.execute(f"""
        CREATE TABLE bank_account (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id TEXT COLLATE "C" NOT NULL UNIQUE,
            province TEXT COLLATE "C" NOT NULL {PROVINCE.format("province")},
            name TEXT NOT NULL,
            account TEXT COLLATE "C" NOT NULL CHECK (account ~ '^[0-9A-Za-z]{{6,34}}$'),
            bank TEXT NOT NULL CHECK (bank ~ '{BANK}'),
            salt BYTEA NOT NULL CHECK (octet_length(salt) = 32),
            proposed_by TEXT NOT NULL,
            approved_by TEXT,
            CONSTRAINT two_people CHECK (approved_by <> proposed_by),
            CONSTRAINT one_holder EXCLUDE USING gist (account WITH =, province WITH <>)
        )
    """)
    op.execute("CREATE INDEX bank_account_of ON bank_account (province, number DESC)")
    for table in ("clearing_terms", "bank_account"):
        _by_two_people(table)


def _windows() -> None:
    # Each begins where the one before it ended, so no entry of the log is in two or in none.
    op.execute("""
        CREATE TABLE settlement_window (
            number BIGINT PRIMARY KEY CHECK (number > 0),
            first_index BIGINT NOT NULL CHECK (first_index >= 0),
            end_index BIGINT NOT NULL UNIQUE,
            previous BIGINT REFERENCES settlement_window (end_index),
            terms TEXT COLLATE "C" NOT NULL REFERENCES clearing_terms (id),
            netting TEXT NOT NULL,
            closed_at TIMESTAMPTZ NOT NULL,
            UNIQUE NULLS NOT DISTINCT (previous),
            CONSTRAINT half_open CHECK (first_index < end_index),
            CONSTRAINT begins_where_the_last_ended CHECK (first_index = coalesce(previous, 0))
        )
    """)
    op.execute(f"""
        CREATE TABLE settlement_statement (
            id TEXT COLLATE "C" PRIMARY KEY,
            window_number BIGINT NOT NULL REFERENCES settlement_window,
            a TEXT COLLATE "C" NOT NULL REFERENCES region {PROVINCE.format("a")},
            b TEXT COLLATE "C" NOT NULL REFERENCES region {PROVINCE.format("b")},
            a_owes_fen BIGINT NOT NULL CHECK (a_owes_fen >= 0),
            b_owes_fen BIGINT NOT NULL CHECK (b_owes_fen >= 0),
            document BYTEA NOT NULL,
            hash TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved')),
            UNIQUE (window_number, a, b),
            CONSTRAINT two_provinces CHECK (a < b),
            CONSTRAINT something_is_owed CHECK (a_owes_fen + b_owes_fen > 0),
            CONSTRAINT hash_of_document CHECK (hash = encode(sha256(document), 'hex'))
        )
    """)
    for side in ("a", "b"):
        op.execute(f"CREATE INDEX settlement_statement_{side} ON settlement_statement ({side}, id)")
    op.execute("""
        CREATE TABLE statement_act (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            statement TEXT COLLATE "C" NOT NULL REFERENCES settlement_statement,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            reason TEXT CHECK (reason IN ('obligation_missing', 'obligation_not_ours',
                'amount_differs', 'paid_already', 'transfer_disputed', 'other')),
            person TEXT NOT NULL,
            at TIMESTAMPTZ NOT NULL
        )
    """)
    op.execute("CREATE INDEX statement_act_of ON statement_act (statement, number)")
    for table in ("settlement_window", "statement_act"):
        _stays(table, "UPDATE OR DELETE OR TRUNCATE")
    _stays("settlement_statement", "DELETE OR TRUNCATE")
    op.execute("GRANT UPDATE (state) ON settlement_statement TO hrt_app")


def _approved_by_both() -> None:
    op.execute("""
        CREATE FUNCTION statement_approved() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.state, NEW.state) <> ('open', 'approved')
               OR to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state'
               OR (SELECT count(DISTINCT person) FROM (
                       SELECT DISTINCT ON (province) province, reason, person FROM statement_act
                       WHERE statement = NEW.id AND province IN (NEW.a, NEW.b)
                       ORDER BY province, number DESC) latest
                   WHERE reason IS NULL) <> 2 THEN
                RAISE EXCEPTION 'statement % is not approved by an officer of each province', NEW.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER approved_by_both BEFORE UPDATE ON settlement_statement
        FOR EACH ROW EXECUTE FUNCTION statement_approved()
    """)


def _instructions() -> None:
    op.execute(f"""
        CREATE TABLE payment_instruction (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id TEXT COLLATE "C" NOT NULL UNIQUE CHECK (id ~ '^[0-9a-f]{{32}}$'),
            kind TEXT NOT NULL CHECK (kind IN ('settlement', 'return')),
            window_number BIGINT REFERENCES settlement_window,
            statement TEXT COLLATE "C" REFERENCES settlement_statement,
            payer TEXT COLLATE "C" NOT NULL {PROVINCE.format("payer")},
            payee TEXT COLLATE "C" NOT NULL {PROVINCE.format("payee")},
            amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
            confirmed_fen BIGINT NOT NULL DEFAULT 0,
            payer_account TEXT COLLATE "C" NOT NULL REFERENCES bank_account (id),
            payee_account TEXT COLLATE "C" NOT NULL REFERENCES bank_account (id),
            at TIMESTAMPTZ NOT NULL,
            file BYTEA NOT NULL,
            CONSTRAINT two_parties CHECK (payer <> payee),
            CONSTRAINT not_more_than_instructed CHECK (confirmed_fen BETWEEN 0 AND amount_fen),
            CONSTRAINT settles_a_window CHECK ((kind = 'settlement') = (window_number IS NOT NULL))
        )
    """)
    for side in ("payer", "payee"):
        op.execute(
            f"CREATE INDEX payment_instruction_{side} ON payment_instruction ({side}, number)"
        )
    op.execute("""
        CREATE FUNCTION confirmed_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.confirmed_fen <= OLD.confirmed_fen
               OR to_jsonb(NEW) - 'confirmed_fen' <> to_jsonb(OLD) - 'confirmed_fen' THEN
                RAISE EXCEPTION 'an instruction is confirmed, and never changed'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER grows BEFORE UPDATE ON payment_instruction
        FOR EACH ROW EXECUTE FUNCTION confirmed_grows()
    """)
    _stays("payment_instruction", "DELETE OR TRUNCATE")
    op.execute("GRANT UPDATE (confirmed_fen) ON payment_instruction TO hrt_app")


def _bank_files() -> None:
    outcomes = ", ".join(f"'{outcome}'" for outcome in OUTCOMES)
    op.execute(f"""
        CREATE TABLE bank_file (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id TEXT COLLATE "C" NOT NULL UNIQUE,
            holder TEXT COLLATE "C" NOT NULL {PROVINCE.format("holder")},
            message TEXT NOT NULL,
            content BYTEA NOT NULL CHECK (octet_length(content) <= {CONTENT_MAX}),
            salt BYTEA NOT NULL CHECK (octet_length(salt) = 32),
            entries INT NOT NULL CHECK (entries >= 0),
            received_by TEXT NOT NULL,
            at TIMESTAMPTZ NOT NULL
        )
    """)
    op.execute(f"""
        CREATE TABLE bank_entry (
            seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            file TEXT COLLATE "C" NOT NULL REFERENCES bank_file (id),
            number INT NOT NULL CHECK (number > 0),
            holder TEXT COLLATE "C" NOT NULL,
            reference TEXT COLLATE "C" NOT NULL,
            end_to_end TEXT,
            amount BIGINT NOT NULL CHECK (amount > 0),
            currency TEXT NOT NULL,
            credit BOOLEAN NOT NULL,
            booked BOOLEAN NOT NULL,
            reversal BOOLEAN NOT NULL,
            debtor_account TEXT,
            day DATE,
            outcome TEXT NOT NULL CHECK (outcome IN ({outcomes})),
            instruction TEXT COLLATE "C" REFERENCES payment_instruction (id),
            UNIQUE (file, number),
            CONSTRAINT counted_for_an_instruction CHECK (
                outcome NOT IN ('confirmed', 'partial')
                OR (instruction IS NOT NULL AND credit AND booked AND NOT reversal
                    AND currency = 'CNY'))
        )
    """)
    # Each reference of a bank counts once.
    op.execute("""
        CREATE UNIQUE INDEX reference_counts_once ON bank_entry (holder, reference)
        WHERE outcome NOT IN ('repeated', 'debit', 'pending', 'duplicate-reference')
    """)
    op.execute("CREATE INDEX bank_entry_of ON bank_entry (holder, seq)")
    for table in ("bank_file", "bank_entry"):
        _stays(table, "UPDATE OR DELETE OR TRUNCATE")
    # Whose account it is, and those who see the whole node.
    for table, owner in (("bank_account", "province"), ("bank_file", "holder")):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"""
            CREATE POLICY shown ON {table} FOR SELECT USING (
                coalesce(current_setting('hrt.level', true), '') <> 'province'
                OR {owner} = current_setting('hrt.party', true))
        """)
        op.execute(f"CREATE POLICY written ON {table} FOR INSERT WITH CHECK (true)")
    op.execute("CREATE POLICY changed ON bank_account FOR UPDATE USING (true)")


def _resolutions() -> None:
    op.execute("""
        CREATE TABLE evidence_resolution (
            id TEXT COLLATE "C" PRIMARY KEY,
            file TEXT COLLATE "C" NOT NULL,
            number INT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('return', 'assign', 'set_aside')),
            instruction TEXT COLLATE "C" REFERENCES payment_instruction (id),
            proposed_by TEXT NOT NULL,
            approved_by TEXT,
            FOREIGN KEY (file, number) REFERENCES bank_entry (file, number),
            CONSTRAINT two_people CHECK (approved_by <> proposed_by),
            CONSTRAINT assigned_to_one CHECK ((kind = 'assign') = (instruction IS NOT NULL))
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX resolved_once ON evidence_resolution (file, number)
        WHERE approved_by IS NOT NULL
    """)
    _by_two_people("evidence_resolution")
