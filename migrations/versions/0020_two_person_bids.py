"""Two-person bids of firms: bid limits, and bids that wait for a second person."""

from alembic import op

revision = "0020"
down_revision = "0019"

TABLES = ("bid_limit", "bid_proposal")
DECIDED = "(decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (state = '{}')"


def upgrade() -> None:
    """Create limits and proposals, and hold every bid to its firm's limit."""
    _limits()
    _proposals()
    for table in TABLES:
        _guard(table)
    _hold("bid", "bid", "NEW.price_fen", "NOT NEW.by_maximum AND NEW.sealed IS NULL")
    _hold("maximum_bid", "maximum", "NEW.limit_fen", "NEW.limit_fen IS NOT NULL")
    _hold("sealed_bid", "sealed", "NULL", "true")


def _limits() -> None:
    # Without an amount the limit is removed. Of a firm's set ones the last is in force.
    op.execute(f"""
        CREATE TABLE bid_limit (
            bidder TEXT COLLATE "C" NOT NULL REFERENCES bidder,
            id TEXT COLLATE "C" NOT NULL,
            limit_fen BIGINT CHECK (limit_fen >= 0),
            lowers BOOLEAN NOT NULL,
            proposed_by TEXT NOT NULL,
            proposed_at TIMESTAMPTZ NOT NULL,
            salt BYTEA NOT NULL CHECK (octet_length(salt) = 32),
            state TEXT NOT NULL CHECK (state IN ('waiting', 'set', 'withdrawn')),
            number INT CHECK (number > 0),
            decided_by TEXT,
            decided_at TIMESTAMPTZ,
            PRIMARY KEY (bidder, id),
            UNIQUE (bidder, number),
            CONSTRAINT two_people CHECK (state <> 'set' OR lowers OR decided_by <> proposed_by),
            CONSTRAINT lowered_at_once CHECK (NOT lowers OR (state = 'set' AND limit_fen >= 0)),
            CONSTRAINT set_ones_are_numbered CHECK ((state = 'set') = (number IS NOT NULL)),
            CONSTRAINT is_decided CHECK ({DECIDED.format("waiting")})
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX one_limit_waits ON bid_limit (bidder) WHERE state = 'waiting'
    """)
    op.execute("""
        CREATE FUNCTION limit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            before RECORD;
        BEGIN
            SELECT number, limit_fen INTO before FROM bid_limit
            WHERE bidder = NEW.bidder AND state = 'set' ORDER BY number DESC LIMIT 1;
            IF NEW.number <> coalesce(before.number, 0) + 1
               OR (NEW.lowers AND NOT coalesce(NEW.limit_fen < before.limit_fen, false)) THEN
                RAISE EXCEPTION 'limit % of % does not follow', NEW.id, NEW.bidder
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER follows BEFORE INSERT OR UPDATE ON bid_limit
        FOR EACH ROW WHEN (NEW.state = 'set') EXECUTE FUNCTION limit_follows()
    """)


def _proposals() -> None:
    op.execute(f"""
        CREATE TABLE bid_proposal (
            bidder TEXT COLLATE "C" NOT NULL,
            id TEXT COLLATE "C" NOT NULL,
            lot TEXT COLLATE "C" NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('bid', 'maximum', 'sealed')),
            price_fen BIGINT CHECK (price_fen > 0),
            note TEXT,
            proposed_by TEXT NOT NULL,
            proposed_at TIMESTAMPTZ NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'placed', 'withdrawn')),
            decided_by TEXT,
            decided_at TIMESTAMPTZ,
            PRIMARY KEY (bidder, id),
            CONSTRAINT proposer_is_registered FOREIGN KEY (lot, bidder) REFERENCES registration,
            CONSTRAINT a_price_or_a_seal CHECK (
                (kind = 'sealed') = (price_fen IS NULL) AND (kind = 'sealed') = (note IS NOT NULL)),
            CONSTRAINT two_people CHECK (state <> 'placed' OR decided_by <> proposed_by),
            CONSTRAINT is_decided CHECK ({DECIDED.format("open")})
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX one_proposal_is_open ON bid_proposal (bidder, lot) WHERE state = 'open'
    """)
    op.execute("CREATE INDEX bid_proposal_of_lot ON bid_proposal (bidder, lot, kind)")


def _guard(table: str) -> None:
    """What waits is decided once; nothing else changes. A query sees its own firm's alone."""
    waits = "waiting" if table == "bid_limit" else "open"
    op.execute(f"""
        CREATE FUNCTION {table}_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            decision TEXT[] := ARRAY['state', 'number', 'decided_by', 'decided_at'];
        BEGIN
            IF OLD.state <> '{waits}' OR to_jsonb(NEW) - decision <> to_jsonb(OLD) - decision THEN
                RAISE EXCEPTION '{table} is decided once and never changed'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute(f"""
        CREATE TRIGGER decided_once BEFORE UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_decided_once()
    """)
    op.execute(f"""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY written ON {table} FOR INSERT WITH CHECK (true)")
    op.execute(f"CREATE POLICY changed ON {table} FOR UPDATE USING (true)")
    op.execute(f"""
        CREATE POLICY shown ON {table} FOR SELECT USING (
            current_setting('transaction_read_only') = 'off'
            OR (current_setting('hrt.level', true) = 'bidder'
                AND bidder = current_setting('hrt.party', true)))
    """)
    number = ", number" if table == "bid_limit" else ""
    op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
    op.execute(f"GRANT UPDATE (state, decided_by, decided_at{number}) ON {table} TO hrt_app")


def _hold(table: str, kind: str, price: str, judged: str) -> None:
    """Above the limit of its firm a bid has a proposal that a second person approved.

    Asked at the commit: a bid is written before its proposal is marked, which a refused one is not.
    """
    same = "p.note = NEW.note" if kind == "sealed" else f"p.price_fen = {price}"
    op.execute(f"""
        CREATE FUNCTION {table}_within_limit() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            firm_limit BIGINT := (
                SELECT limit_fen FROM bid_limit
                WHERE bidder = NEW.bidder AND state = 'set' ORDER BY number DESC LIMIT 1);
        BEGIN
            IF coalesce({price} <= firm_limit, firm_limit IS NULL) THEN
                RETURN NULL;
            END IF;
            IF NOT EXISTS (
                SELECT FROM bid_proposal p
                WHERE p.bidder = NEW.bidder AND p.lot = NEW.lot AND p.kind = '{kind}'
                    AND p.state = 'placed' AND {same}) THEN
                RAISE EXCEPTION 'a bid of % on lot % needs a second person', NEW.bidder, NEW.lot
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute(f"""
        CREATE CONSTRAINT TRIGGER within_limit AFTER INSERT ON {table}
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN ({judged}) EXECUTE FUNCTION {table}_within_limit()
    """)
