"""Requests to redeem: asked by one person, decided by another, true to what was then done."""

from alembic import op

revision = "0024"
down_revision = "0023"

KINDS = (
    "affordable_purchase",
    "affordable_resale",
    "public_rental",
    "public_purchase",
    "refund",
    "commercial_purchase",
    "mortgage_offset",
    "cash_withdrawal",
)
REASONS = (
    "papers_missing",
    "terms_differ",
    "facts_unconfirmed",
    "payee_unconfirmed",
    "household_unwilling",
)
DECIDED = ("state", "reason", "decided_by", "decided_at", "effect")


def upgrade() -> None:
    """Create the table, and hold every approval to the record of what it did."""
    _table()
    _guard()
    _show()


def _table() -> None:
    # A week is 168 hours in every time zone of a session.
    op.execute(f"""
        CREATE TABLE redemption (
            number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
            id TEXT COLLATE "C" PRIMARY KEY,
            household TEXT COLLATE "C" NOT NULL REFERENCES housing_account,
            kind TEXT NOT NULL CHECK (kind IN {KINDS}),
            terms JSONB NOT NULL CHECK (jsonb_typeof(terms) = 'object'),
            salt BYTEA NOT NULL CHECK (octet_length(salt) = 32),
            asked_by TEXT NOT NULL,
            asked_at TIMESTAMPTZ NOT NULL,
            due_at TIMESTAMPTZ NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'withdrawn')),
            reason TEXT CHECK (reason IN {REASONS}),
            decided_by TEXT,
            decided_at TIMESTAMPTZ,
            effect BIGINT UNIQUE REFERENCES record,
            CONSTRAINT due_in_a_week CHECK (due_at = asked_at + interval '168 hours'),
            CONSTRAINT two_people CHECK (
                state NOT IN ('approved', 'refused') OR decided_by <> asked_by),
            CONSTRAINT is_decided CHECK (
                (state = 'open') = (decided_by IS NULL) AND (state = 'open') = (decided_at IS NULL)
                AND decided_at >= asked_at),
            CONSTRAINT refused_for_a_reason CHECK ((state = 'refused') = (reason IS NOT NULL)),
            CONSTRAINT approved_and_done CHECK ((state = 'approved') = (effect IS NOT NULL))
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX one_request_is_open ON redemption (household, kind)
        WHERE state = 'open'
    """)
    op.execute("CREATE INDEX redemption_household ON redemption (household, number)")
    op.execute("CREATE INDEX redemption_queue ON redemption (number) WHERE state = 'open'")


def _guard() -> None:
    # The effect is the record of the very command, of this household, by whoever approved.
    op.execute(f"""
        CREATE FUNCTION redemption_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            decision TEXT[] := ARRAY{list(DECIDED)};
            done JSONB;
        BEGIN
            IF OLD.state <> 'open' OR to_jsonb(NEW) - decision <> to_jsonb(OLD) - decision THEN
                RAISE EXCEPTION 'a request is decided once and never changed'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.state = 'approved' THEN
                SELECT convert_from(body, 'UTF8')::jsonb INTO done
                FROM record WHERE id = NEW.effect AND at = NEW.decided_at;
                IF (CASE NEW.kind
                        WHEN 'public_rental' THEN done ->> 'kind' = 'rental.begun'
                            AND done -> 'body' ->> 'household' = NEW.household
                        WHEN 'refund' THEN done ->> 'kind' = 'account.refunded'
                            AND done ->> 'subject' = NEW.household
                        WHEN 'cash_withdrawal' THEN done ->> 'kind' = 'account.withdrawn'
                            AND done ->> 'subject' = NEW.household
                        ELSE done ->> 'kind' = 'contract.signed'
                            AND done ->> 'subject' = NEW.household
                            AND done -> 'body' ->> 'contract' = NEW.kind
                    END AND done ->> 'actor' = NEW.decided_by) IS NOT TRUE THEN
                    RAISE EXCEPTION 'request % was approved, and something else was done', NEW.id
                        USING ERRCODE = 'check_violation';
                END IF;
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER decided_once BEFORE UPDATE ON redemption
        FOR EACH ROW EXECUTE FUNCTION redemption_decided_once()
    """)
    op.execute("""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON redemption
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def _show() -> None:
    # What a household declares of its life is not its village's or county's to read.
    op.execute("ALTER TABLE redemption ENABLE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY shown ON redemption FOR SELECT USING (
            coalesce(current_setting('hrt.level', true), '') NOT IN ('collective', 'county')
            AND EXISTS (
                SELECT FROM housing_account a WHERE a.household = redemption.household))
    """)
    op.execute("CREATE POLICY written ON redemption FOR INSERT WITH CHECK (true)")
    op.execute("CREATE POLICY changed ON redemption FOR UPDATE USING (true)")
    op.execute("REVOKE ALL ON redemption FROM PUBLIC")
    op.execute("""
        GRANT SELECT, INSERT (id, household, kind, terms, salt, asked_by, asked_at, due_at, state)
        ON redemption TO hrt_app
    """)
    op.execute(f"GRANT UPDATE ({', '.join(DECIDED)}) ON redemption TO hrt_app")
