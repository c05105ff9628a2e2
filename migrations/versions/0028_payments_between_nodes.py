"""Debts between provinces of different nodes: stated by both, agreed, windowed, paid and confirmed.

The ministry's node agrees and closes windows; a province's node keeps the statements that it
received, and its own side of each payment.
"""

from alembic import op

revision = "0028"
down_revision = "0027"

PROVINCE = "~ '^[1-9][0-9]0000$'"
HASH = "~ '^[0-9a-f]{64}$'"


def upgrade() -> None:
    """Create stated and agreed obligations; let windows, accounts and payments come from others."""
    _stated()
    _agreed()
    _windows()
    _statements()
    _accounts()
    _instructions()
    _held_until_paid()


def _append_only(table: str) -> None:
    op.execute(f"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")


def _stated() -> None:
    # What each side says that a crossing made one owe the other, and the entry that it rests on:
    # of this node (`record`), or of the sender's log, by its leaf hash.
    op.execute(f"""
        CREATE TABLE stated_obligation (
            transfer TEXT COLLATE "C" NOT NULL,
            kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('account', 'sale')),
            side TEXT COLLATE "C" NOT NULL CHECK (side IN ('debtor', 'creditor')),
            debtor TEXT COLLATE "C" NOT NULL CHECK (debtor {PROVINCE}),
            creditor TEXT COLLATE "C" NOT NULL CHECK (creditor {PROVINCE}),
            amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
            entry_hash TEXT NOT NULL CHECK (entry_hash {HASH}),
            record BIGINT UNIQUE REFERENCES record,
            at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (transfer, kind, side),
            CONSTRAINT two_provinces CHECK (debtor <> creditor)
        )
    """)
    _append_only("stated_obligation")


def _agreed() -> None:
    op.execute(f"""
        CREATE TABLE agreed_obligation (
            transfer TEXT COLLATE "C" NOT NULL,
            kind TEXT COLLATE "C" NOT NULL,
            debtor TEXT COLLATE "C" NOT NULL CHECK (debtor {PROVINCE}),
            creditor TEXT COLLATE "C" NOT NULL CHECK (creditor {PROVINCE}),
            amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
            record BIGINT NOT NULL UNIQUE REFERENCES record,
            PRIMARY KEY (transfer, kind)
        )
    """)
    op.execute("""
        CREATE FUNCTION obligation_stated_twice() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT count(*) FROM stated_obligation s
                WHERE (s.transfer, s.kind) = (NEW.transfer, NEW.kind)
                  AND (s.debtor, s.creditor, s.amount_fen)
                      = (NEW.debtor, NEW.creditor, NEW.amount_fen)) <> 2 THEN
                RAISE EXCEPTION 'both sides of % have not stated the same', NEW.transfer
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER stated_twice BEFORE INSERT ON agreed_obligation
        FOR EACH ROW EXECUTE FUNCTION obligation_stated_twice()
    """)
    _append_only("agreed_obligation")


def _windows() -> None:
    # Of the ministry's windows a province's node has those in which it is a party: only windows
    # of this node's own log follow one another, under terms of its own.
    op.execute("""
        ALTER TABLE settlement_window
            DROP CONSTRAINT begins_where_the_last_ended,
            DROP CONSTRAINT settlement_window_previous_key,
            DROP CONSTRAINT settlement_window_previous_fkey,
            DROP CONSTRAINT settlement_window_end_index_key,
            DROP CONSTRAINT settlement_window_terms_fkey,
            ADD COLUMN received BOOLEAN NOT NULL DEFAULT false,
            ADD COLUMN terms_here TEXT COLLATE "C"
                GENERATED ALWAYS AS (CASE WHEN NOT received THEN terms END) STORED
                REFERENCES clearing_terms (id),
            ADD COLUMN own_end BIGINT
                GENERATED ALWAYS AS (CASE WHEN NOT received THEN end_index END) STORED UNIQUE,
            ADD CONSTRAINT begins_where_the_last_ended
                CHECK (received OR first_index = coalesce(previous, 0)),
            ADD CONSTRAINT follows_an_own_one
                FOREIGN KEY (previous) REFERENCES settlement_window (own_end)
    """)
    op.execute("""
        CREATE UNIQUE INDEX one_window_behind_each ON settlement_window (previous)
        NULLS NOT DISTINCT WHERE NOT received
    """)


def _statements() -> None:
    op.execute("""
        ALTER TABLE settlement_statement
            ADD COLUMN between_nodes BOOLEAN NOT NULL DEFAULT false,
            ADD COLUMN received BOOLEAN NOT NULL DEFAULT false,
            ADD CONSTRAINT received_from_another_node CHECK (between_nodes OR NOT received)
    """)
    # Each obligation of a statement. What crossed is in one statement; what did not has no transfer
    # and is told by the index of its entry.
    op.execute(f"""
        CREATE TABLE statement_obligation (
            statement TEXT COLLATE "C" NOT NULL REFERENCES settlement_statement,
            position INT NOT NULL CHECK (position > 0),
            leaf BIGINT NOT NULL CHECK (leaf >= 0),
            transfer TEXT COLLATE "C",
            kind TEXT NOT NULL,
            debtor TEXT COLLATE "C" NOT NULL CHECK (debtor {PROVINCE}),
            amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
            PRIMARY KEY (statement, position)
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX stated_in_one_window ON statement_obligation (transfer, kind)
        WHERE transfer IS NOT NULL
    """)
    op.execute("CREATE INDEX statement_obligation_leaf ON statement_obligation (leaf)")
    op.execute("""
        INSERT INTO statement_obligation (statement, position, leaf, kind, debtor, amount_fen)
        SELECT s.id, o.position, (o.said ->> 0)::bigint, o.said ->> 1, o.said ->> 2,
               replace(o.said ->> 3, '.', '')::bigint
        FROM settlement_statement s,
             jsonb_array_elements(convert_from(s.document, 'UTF8')::jsonb -> 'obligations')
                 WITH ORDINALITY AS o (said, position)
    """)
    _append_only("statement_obligation")
    # A received statement is approved here by this node's officers; that the other province has
    # approved as well is the ministry's word, and a trigger cannot ask for it.
    op.execute("""
        CREATE OR REPLACE FUNCTION statement_approved() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.state, NEW.state) <> ('open', 'approved')
               OR to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state'
               OR (SELECT count(DISTINCT person) FROM (
                       SELECT DISTINCT ON (province) province, reason, person FROM statement_act
                       WHERE statement = NEW.id AND province IN (NEW.a, NEW.b)
                       ORDER BY province, number DESC) latest
                   WHERE reason IS NULL) < (CASE WHEN NEW.received THEN 1 ELSE 2 END) THEN
                RAISE EXCEPTION 'statement % is not approved by an officer of each province', NEW.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)


def _accounts() -> None:
    # Where another node's province pays from and is paid, as its own node has told for a payment.
    # Two people have approved it there; the log there has the commitment.
    op.execute("""
        ALTER TABLE bank_account
            ADD COLUMN from_node TEXT COLLATE "C" REFERENCES peer,
            ADD CONSTRAINT approved_where_it_is_registered
                CHECK (from_node IS NULL OR approved_by IS NULL)
    """)
    op.execute("""
        CREATE TABLE given_account (
            instruction TEXT COLLATE "C" NOT NULL CHECK (instruction ~ '^[0-9a-f]{32}$'),
            province TEXT COLLATE "C" NOT NULL,
            account TEXT COLLATE "C" NOT NULL REFERENCES bank_account (id),
            PRIMARY KEY (instruction, province)
        )
    """)
    _append_only("given_account")


def _instructions() -> None:
    # Between nodes each node has its own side of a payment; the other's account comes by letter.
    op.execute("""
        ALTER TABLE payment_instruction
            ADD COLUMN between_nodes BOOLEAN NOT NULL DEFAULT false,
            ALTER COLUMN payer_account DROP NOT NULL,
            ALTER COLUMN payee_account DROP NOT NULL,
            ALTER COLUMN file DROP NOT NULL,
            ADD CONSTRAINT whole_unless_between_nodes CHECK (
                between_nodes OR num_nonnulls(payer_account, payee_account, file) = 3),
            ADD CONSTRAINT file_names_both_accounts CHECK (
                file IS NULL OR num_nonnulls(payer_account, payee_account) = 2)
    """)
    op.execute("""
        CREATE OR REPLACE FUNCTION confirmed_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            completed JSONB := to_jsonb(NEW) - 'confirmed_fen';
            stood JSONB := to_jsonb(OLD) - 'confirmed_fen';
            part TEXT;
        BEGIN
            FOREACH part IN ARRAY ARRAY['payer_account', 'payee_account', 'file'] LOOP
                IF OLD.between_nodes AND stood -> part = 'null' THEN
                    completed := completed - part;
                    stood := stood - part;
                END IF;
            END LOOP;
            IF NEW.confirmed_fen < OLD.confirmed_fen OR completed <> stood
               OR (NEW.confirmed_fen = OLD.confirmed_fen AND NOT OLD.between_nodes) THEN
                RAISE EXCEPTION 'an instruction is confirmed, and never changed'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute(
        "GRANT UPDATE (payer_account, payee_account, file) ON payment_instruction TO hrt_app"
    )


def _held_until_paid() -> None:
    # Terms may hold the quota of what came from another province until that province is paid.
    op.execute("""
        ALTER TABLE clearing_terms
            ADD COLUMN hold_until_paid BOOLEAN NOT NULL DEFAULT false,
            ADD COLUMN from_node TEXT COLLATE "C" REFERENCES peer
    """)
    op.execute("""
        CREATE FUNCTION quota_unpaid(wanted TEXT) RETURNS boolean LANGUAGE sql STABLE AS $$
            SELECT EXISTS (
                SELECT FROM lot_ticket b
                JOIN ticket t ON t.id = b.ticket
                JOIN ledger_entry e ON e.key = 'settle:' || b.lot || ':' || b.ticket
                JOIN ledger_posting p ON p.entry_id = e.record_id
                JOIN ledger_account a ON a.id = p.target_id AND a.kind = 'due_to'
                LEFT JOIN tlog_leaf l ON l.record_id = e.record_id
                WHERE b.lot = wanted
                  AND NOT EXISTS (
                      SELECT FROM statement_obligation o
                      JOIN settlement_statement s ON s.id = o.statement
                      JOIN settlement_window w ON w.number = s.window_number
                      WHERE (o.transfer IS NULL AND o.leaf = l.leaf_index
                             OR o.transfer = t.arrival AND o.kind = 'sale')
                        AND s.state = 'approved'
                        AND (w.netting <> 'multilateral' OR NOT EXISTS (
                            SELECT FROM settlement_statement x
                            WHERE x.window_number = w.number AND x.state = 'open'))
                        AND NOT EXISTS (
                            SELECT FROM payment_instruction i
                            WHERE i.kind = 'settlement' AND i.payer = a.province
                              AND i.window_number = w.number
                              AND coalesce(i.statement, s.id) = s.id
                              AND i.confirmed_fen < i.amount_fen))
                  AND NOT EXISTS (
                      SELECT FROM ledger_posting q
                      JOIN ledger_entry d ON d.record_id = q.entry_id
                      WHERE q.source_id = a.id AND d.kind = 'provincial_settlement'
                        AND d.record_id > e.record_id))
        $$
    """)
    op.execute("""
        CREATE FUNCTION quota_held_until_paid() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT hold_until_paid FROM clearing_terms
                WHERE approved_by IS NOT NULL OR from_node IS NOT NULL
                ORDER BY number DESC LIMIT 1) AND quota_unpaid(NEW.lot) THEN
                RAISE EXCEPTION 'the quota of lot % is not paid for', NEW.lot
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER held_until_paid BEFORE INSERT ON plot
        FOR EACH ROW EXECUTE FUNCTION quota_held_until_paid()
    """)
