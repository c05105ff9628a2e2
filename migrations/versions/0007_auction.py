"""Lots, their tickets, registrations and bids."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the auction."""
    _lots()
    _registrations_and_bids()


def _lots() -> None:
    op.execute("""
        CREATE TABLE lot (
            id TEXT COLLATE "C" PRIMARY KEY,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            mode TEXT NOT NULL CHECK (mode IN ('ascending', 'sealed')),
            area BIGINT NOT NULL CHECK (area > 0),
            start_price_fen BIGINT NOT NULL CHECK (start_price_fen > 0),
            reserve_price_fen BIGINT CHECK (reserve_price_fen >= 0),
            increment_fen BIGINT CHECK (increment_fen > 0),
            deposit_fen BIGINT NOT NULL CHECK (deposit_fen >= 0),
            opens_at TIMESTAMPTZ NOT NULL,
            closes_at TIMESTAMPTZ NOT NULL CHECK (closes_at > opens_at),
            draw_seed TEXT,
            policy TEXT NOT NULL,
            extension_seconds INT NOT NULL CHECK (extension_seconds >= 0),
            min_bidders INT NOT NULL CHECK (min_bidders >= 0),
            sealed_tie TEXT NOT NULL CHECK (sealed_tie IN ('earliest', 'draw')),
            payment_days INT NOT NULL CHECK (payment_days > 0),
            state TEXT NOT NULL
                CHECK (state IN ('live', 'frozen', 'sold', 'unsold', 'paid', 'defaulted')),
            frozen_at TIMESTAMPTZ,
            leader TEXT COLLATE "C" REFERENCES bidder,
            leading_price_fen BIGINT,
            bids INT NOT NULL DEFAULT 0,
            winner TEXT COLLATE "C" REFERENCES bidder,
            price_fen BIGINT,
            payment_due_at TIMESTAMPTZ,
            CHECK ((mode = 'ascending') = (increment_fen IS NOT NULL)),
            CHECK ((state = 'frozen') = (frozen_at IS NOT NULL)),
            CHECK ((leader IS NULL) = (leading_price_fen IS NULL)),
            CONSTRAINT sold_has_a_winner CHECK (
                (state IN ('sold', 'paid', 'defaulted'))
                = (winner IS NOT NULL AND price_fen IS NOT NULL AND payment_due_at IS NOT NULL)),
            CONSTRAINT sold_at_the_start_price_or_more CHECK (price_fen >= start_price_fen),
            CONSTRAINT sold_at_the_reserve_or_more CHECK (price_fen >= reserve_price_fen)
        )
    """)
    _lots_keep_their_notice()


def _lots_keep_their_notice() -> None:
    op.execute("CREATE INDEX lot_closing ON lot (closes_at, id) WHERE state = 'live'")
    op.execute("CREATE INDEX lot_in_default ON lot (payment_due_at, id) WHERE state = 'sold'")
    # The terms of a notice never change, and a lot that has ended stays as it ended.
    op.execute("""
        CREATE FUNCTION lot_keeps_its_notice() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            moving TEXT[] := ARRAY['closes_at', 'state', 'frozen_at', 'leader',
                'leading_price_fen', 'bids', 'winner', 'price_fen', 'payment_due_at'];
        BEGIN
            IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
                ('live', 'frozen'), ('frozen', 'live'), ('live', 'sold'), ('live', 'unsold'),
                ('sold', 'paid'), ('sold', 'defaulted')) THEN
                RAISE EXCEPTION 'a lot does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.state = 'sold' AND NOT EXISTS (
                SELECT FROM bid WHERE lot = NEW.id AND bidder = NEW.winner
                    AND price_fen = NEW.price_fen) THEN
                RAISE EXCEPTION 'lot % is sold for a bid that its winner did not make', NEW.id
                    USING ERRCODE = 'check_violation';
            END IF;
            IF to_jsonb(NEW) - moving <> to_jsonb(OLD) - moving
               OR OLD.state IN ('unsold', 'paid', 'defaulted')
               OR NEW.closes_at < OLD.closes_at
               OR (OLD.winner IS NOT NULL AND (NEW.winner, NEW.price_fen)
                   IS DISTINCT FROM (OLD.winner, OLD.price_fen)) THEN
                RAISE EXCEPTION 'the notice or the result of lot % would change', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER keeps_its_notice BEFORE UPDATE ON lot
        FOR EACH ROW EXECUTE FUNCTION lot_keeps_its_notice()
    """)


def _registrations_and_bids() -> None:
    op.execute("""
        CREATE TABLE lot_ticket (
            lot TEXT COLLATE "C" NOT NULL REFERENCES lot,
            ticket TEXT COLLATE "C" NOT NULL REFERENCES ticket,
            split_policy TEXT NOT NULL,
            PRIMARY KEY (lot, ticket)
        )
    """)
    op.execute("CREATE INDEX lot_ticket_ticket ON lot_ticket (ticket)")
    op.execute("""
        CREATE TABLE registration (
            lot TEXT COLLATE "C" NOT NULL REFERENCES lot,
            bidder TEXT COLLATE "C" NOT NULL REFERENCES bidder,
            at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (lot, bidder)
        )
    """)
    op.execute("CREATE INDEX registration_bidder ON registration (bidder)")
    op.execute("""
        CREATE TABLE bid (
            lot TEXT COLLATE "C" NOT NULL,
            number INT NOT NULL CHECK (number > 0),
            bidder TEXT COLLATE "C" NOT NULL,
            price_fen BIGINT NOT NULL CHECK (price_fen > 0),
            at TIMESTAMPTZ NOT NULL,
            salt BYTEA NOT NULL CHECK (octet_length(salt) = 32),
            PRIMARY KEY (lot, number),
            CONSTRAINT bidder_is_registered FOREIGN KEY (lot, bidder) REFERENCES registration
        )
    """)
    op.execute("CREATE INDEX bid_last_of_bidder ON bid (lot, bidder, number DESC)")
    _in_time()


def _in_time() -> None:
    # One is let in while the lot is not closed, the other while it takes bids.
    for table, states in (("registration", "('live', 'frozen')"), ("bid", "('live')")):
        op.execute(f"""
            CREATE FUNCTION {table}_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NOT EXISTS (SELECT FROM lot WHERE id = NEW.lot AND state IN {states}) THEN
                    RAISE EXCEPTION 'lot % takes none any more', NEW.lot
                        USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END $$
        """)
        op.execute(f"""
            CREATE TRIGGER in_time BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_in_time()
        """)
    op.execute("""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON lot
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    for table in ("lot_ticket", "registration", "bid"):
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
    for table in ("lot", "lot_ticket", "registration", "bid"):
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
    op.execute("""
        GRANT UPDATE (closes_at, state, frozen_at, leader, leading_price_fen, bids, winner,
                      price_fen, payment_due_at) ON lot TO hrt_app
    """)
