"""Maximum bids: what a bidder lets the exchange bid for it, and the bids that were made so."""

from alembic import op

revision = "0019"
down_revision = "0018"

STANDS = """m.lot = {lot} AND NOT EXISTS (
    SELECT FROM maximum_bid n
    WHERE (n.lot, n.bidder) = (m.lot, m.bidder) AND n.number > m.number)"""


def upgrade() -> None:
    """Create the table of maxima, and mark bids that the exchange made by them."""
    _maxima()
    _bids()


def _maxima() -> None:
    # Of a bidder's rows the last stands; in it, no amount means that the maximum was withdrawn.
    op.execute("""
        CREATE TABLE maximum_bid (
            lot TEXT COLLATE "C" NOT NULL,
            number INT NOT NULL CHECK (number > 0),
            bidder TEXT COLLATE "C" NOT NULL,
            limit_fen BIGINT CHECK (limit_fen > 0),
            since INT NOT NULL CHECK (since BETWEEN 1 AND number),
            at TIMESTAMPTZ NOT NULL,
            salt BYTEA NOT NULL CHECK (octet_length(salt) = 32),
            PRIMARY KEY (lot, number),
            CONSTRAINT holder_is_registered FOREIGN KEY (lot, bidder) REFERENCES registration
        )
    """)
    op.execute("CREATE INDEX maximum_bid_of_bidder ON maximum_bid (bidder, lot, number DESC)")
    op.execute("""
        CREATE FUNCTION maximum_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM lot WHERE id = NEW.lot AND state = 'live' AND mode = 'ascending') THEN
                RAISE EXCEPTION 'lot % takes no maximum', NEW.lot USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER in_time BEFORE INSERT ON maximum_bid
        FOR EACH ROW EXECUTE FUNCTION maximum_in_time()
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON maximum_bid
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    # A query, which is a READ ONLY transaction, sees its bidder's own alone. Commands see all.
    op.execute("ALTER TABLE maximum_bid ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY written ON maximum_bid FOR INSERT WITH CHECK (true)")
    op.execute("""
        CREATE POLICY shown ON maximum_bid FOR SELECT USING (
            current_setting('transaction_read_only') = 'off'
            OR (current_setting('hrt.level', true) = 'bidder'
                AND bidder = current_setting('hrt.party', true)))
    """)
    # What jobs ask, who are queries too: whether, and not how much.
    op.execute(f"""
        CREATE FUNCTION maximum_waits(lot_id TEXT, start_price BIGINT) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
            SELECT EXISTS (SELECT FROM maximum_bid m
                           WHERE m.limit_fen >= start_price AND {STANDS.format(lot="lot_id")})
        $$
    """)
    op.execute("REVOKE ALL ON FUNCTION maximum_waits FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION maximum_waits TO hrt_app")
    op.execute("GRANT SELECT, INSERT ON maximum_bid TO hrt_app")


def _bids() -> None:
    op.execute("ALTER TABLE bid ADD COLUMN by_maximum BOOLEAN NOT NULL DEFAULT false")
    op.execute(f"""
        CREATE FUNCTION bid_within_maximum() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM maximum_bid m
                WHERE m.bidder = NEW.bidder AND m.limit_fen >= NEW.price_fen
                    AND {STANDS.format(lot="NEW.lot")}) THEN
                RAISE EXCEPTION 'bid % of lot % has no maximum of its bidder', NEW.number, NEW.lot
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER within_maximum BEFORE INSERT ON bid
        FOR EACH ROW WHEN (NEW.by_maximum) EXECUTE FUNCTION bid_within_maximum()
    """)
