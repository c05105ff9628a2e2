"""A debt between nodes that is stated anew by a correction of the book in which it stands."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Count what each side states of a debt; let corrections name it, and agreements follow."""
    _corrections()
    _stated()
    _stated_anew()
    _agreed()
    _statements()


def _corrections() -> None:
    # Which debt a correction states anew, where it does. Once approved, it has done so.
    op.execute("""
        ALTER TABLE correction
            ADD COLUMN obligation TEXT COLLATE "C",
            ADD COLUMN obligation_kind TEXT COLLATE "C"
                CHECK (obligation_kind IN ('account', 'sale')),
            ADD CONSTRAINT debt_named_in_full
                CHECK ((obligation IS NULL) = (obligation_kind IS NULL))
    """)
    op.execute("""
        CREATE FUNCTION correction_states_anew() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM stated_obligation s JOIN ledger_entry e ON e.record_id = s.record
                WHERE e.key = 'correction:' || NEW.id
                  AND (s.transfer, s.kind) = (NEW.obligation, NEW.obligation_kind)) THEN
                RAISE EXCEPTION 'correction % has not stated its debt anew', NEW.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER states_anew AFTER UPDATE ON correction
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.approved_by IS NOT NULL AND NEW.obligation IS NOT NULL)
        EXECUTE FUNCTION correction_states_anew()
    """)


def _stated() -> None:
    # A side counts its statements of a debt; `before_fen` is what the one before came to. An
    # account's balance was committed, so it is stated once.
    op.execute("""
        ALTER TABLE stated_obligation
            ADD COLUMN number INT NOT NULL DEFAULT 1 CHECK (number > 0),
            ADD COLUMN before_fen BIGINT NOT NULL DEFAULT 0 CHECK (before_fen >= 0),
            ADD COLUMN correction TEXT COLLATE "C",
            ADD COLUMN reason TEXT,
            ADD COLUMN document TEXT,
            DROP CONSTRAINT stated_obligation_pkey,
            DROP CONSTRAINT stated_obligation_amount_fen_check,
            ADD PRIMARY KEY (transfer, kind, side, number),
            ADD CONSTRAINT amount_is_no_debt_of_others CHECK (amount_fen >= 0),
            ADD CONSTRAINT it_says_something_new CHECK (amount_fen <> before_fen),
            ADD CONSTRAINT first_begins_at_nothing CHECK (number > 1 OR before_fen = 0),
            ADD CONSTRAINT balance_is_stated_once CHECK (number = 1 OR kind = 'sale'),
            ADD CONSTRAINT anew_by_a_correction CHECK (
                num_nonnulls(correction, reason, document) = 3
                OR number = 1 AND num_nonnulls(correction, reason, document) = 0),
            ADD CONSTRAINT each_entry_states_once UNIQUE (entry_hash)
    """)
    op.execute("""
        ALTER TABLE stated_obligation
            ALTER COLUMN number DROP DEFAULT,
            ALTER COLUMN before_fen DROP DEFAULT
    """)


def _stated_anew() -> None:
    # Whatever is stated begins where the one before ended. What this node states itself is what
    # its own entry moves in the account of the debt, with no number left out.
    op.execute("""
        CREATE FUNCTION obligation_stated() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            due TEXT := CASE NEW.side
                WHEN 'debtor' THEN 'due_to:' || NEW.debtor || ':' || NEW.creditor
                ELSE 'due_from:' || NEW.creditor || ':' || NEW.debtor END;
        BEGIN
            IF EXISTS (SELECT FROM agreed_obligation a
                       WHERE (a.transfer, a.kind) = (NEW.transfer, NEW.kind))
               OR EXISTS (SELECT FROM statement_obligation o
                          WHERE (o.transfer, o.kind) = (NEW.transfer, NEW.kind)) THEN
                RAISE EXCEPTION 'the debt by % is agreed', NEW.transfer
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF EXISTS (
                SELECT FROM stated_obligation s
                WHERE (s.transfer, s.kind, s.side) = (NEW.transfer, NEW.kind, NEW.side)
                  AND ((s.debtor, s.creditor) <> (NEW.debtor, NEW.creditor)
                       OR s.number = NEW.number - 1 AND s.amount_fen <> NEW.before_fen
                       OR s.number = NEW.number + 1 AND s.before_fen <> NEW.amount_fen)) THEN
                RAISE EXCEPTION 'a statement of % does not begin where the last ended', NEW.transfer
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.record IS NULL THEN
                RETURN NEW;
            END IF;
            IF NEW.amount_fen - NEW.before_fen <> (
                SELECT coalesce(sum(p.amount * CASE
                    WHEN (p.target_id = a.id) = (NEW.side = 'debtor') THEN 1 ELSE -1 END), 0)
                FROM ledger_account a
                JOIN ledger_posting p ON a.id IN (p.source_id, p.target_id)
                WHERE a.code = due AND p.entry_id = NEW.record) THEN
                RAISE EXCEPTION 'entry % is not what is stated of %', NEW.record, NEW.transfer
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.number > 1 AND NOT EXISTS (
                SELECT FROM stated_obligation s
                WHERE (s.transfer, s.kind, s.side, s.number)
                          = (NEW.transfer, NEW.kind, NEW.side, NEW.number - 1)
                  AND s.record IS NOT NULL) THEN
                RAISE EXCEPTION 'a statement of % is left out', NEW.transfer
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.correction IS NOT NULL AND NOT EXISTS (
                SELECT FROM ledger_entry e, correction c
                WHERE e.record_id = NEW.record AND c.id = NEW.correction
                  AND e.key = 'correction:' || c.id AND c.approved_by IS NOT NULL
                  AND (c.obligation, c.obligation_kind) = (NEW.transfer, NEW.kind)) THEN
                RAISE EXCEPTION 'no approved correction states the debt by % anew', NEW.transfer
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER stated BEFORE INSERT ON stated_obligation
        FOR EACH ROW EXECUTE FUNCTION obligation_stated()
    """)


def _agreed() -> None:
    # Both sides' last statements, with all before them, say the same; it may be that nothing is
    # owed any more.
    op.execute("""
        ALTER TABLE agreed_obligation
            DROP CONSTRAINT agreed_obligation_amount_fen_check,
            ADD CONSTRAINT amount_is_no_debt_of_others CHECK (amount_fen >= 0)
    """)
    op.execute("""
        CREATE OR REPLACE FUNCTION obligation_stated_twice() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT count(*) FROM (
                    SELECT (array_agg(s.amount_fen ORDER BY s.number DESC))[1] AS last,
                           max(s.number) = count(*) AS whole
                    FROM stated_obligation s
                    WHERE (s.transfer, s.kind) = (NEW.transfer, NEW.kind)
                      AND (s.debtor, s.creditor) = (NEW.debtor, NEW.creditor)
                    GROUP BY s.side) said
                WHERE said.whole AND said.last = NEW.amount_fen) <> 2 THEN
                RAISE EXCEPTION 'both sides of % have not stated the same', NEW.transfer
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)


def _statements() -> None:
    # What was agreed to be nothing stands in a statement like any other debt, so that both sign it.
    # No statement is taken for the own books' unless they say the same by their last word.
    op.execute("""
        ALTER TABLE settlement_statement
            DROP CONSTRAINT something_is_owed,
            ADD CONSTRAINT something_is_owed CHECK (between_nodes OR a_owes_fen + b_owes_fen > 0)
    """)
    op.execute("""
        ALTER TABLE statement_obligation
            DROP CONSTRAINT statement_obligation_amount_fen_check,
            ADD CONSTRAINT nothing_only_where_it_was_agreed
                CHECK (amount_fen > 0 OR amount_fen = 0 AND transfer IS NOT NULL)
    """)
    op.execute("""
        CREATE FUNCTION statement_as_stated() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM stated_obligation s
                WHERE (s.transfer, s.kind) = (NEW.transfer, NEW.kind) AND s.record IS NOT NULL
                  AND (s.debtor, s.amount_fen) <> (NEW.debtor, NEW.amount_fen)
                  AND NOT EXISTS (
                      SELECT FROM stated_obligation n
                      WHERE (n.transfer, n.kind, n.side) = (s.transfer, s.kind, s.side)
                        AND n.number > s.number)) THEN
                RAISE EXCEPTION 'the own books say something else of %', NEW.transfer
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER as_stated BEFORE INSERT ON statement_obligation
        FOR EACH ROW WHEN (NEW.transfer IS NOT NULL) EXECUTE FUNCTION statement_as_stated()
    """)
