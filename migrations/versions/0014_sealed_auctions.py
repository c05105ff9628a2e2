"""Notices, paddles, and bids that are encrypted to custodians until the lot has closed."""

from alembic import op

revision = "0014"
down_revision = "0013"

# What a new notice may change of a lot, and what the course of its auction does.
OFFER = """'start_price_fen', 'reserve_price_fen', 'reserve_salt', 'increment_fen', 'deposit_fen',
    'opens_at', 'draw_seed', 'threshold', 'opening_days', 'notice'"""
COURSE = """'closes_at', 'state', 'frozen_at', 'leader', 'leading_price_fen', 'bids', 'winner',
    'price_fen', 'payment_due_at', 'opening_due_at', 'decided_at'"""
DECIDED = "('sold', 'unsold', 'paid', 'defaulted')"


def upgrade() -> None:
    """Create what sealed auctions need beside the plain ones."""
    op.execute('CREATE TABLE custodian (id TEXT COLLATE "C" PRIMARY KEY, name TEXT NOT NULL)')
    _lots()
    _notices()
    _lots_keep_their_notice()
    _lots_say_what_their_notice_says()
    _paddles()
    _sealed_bids()
    _keys()
    _probes()
    _bids()
    _guards()


def _lots() -> None:
    # Lots listed before this migration have no notice by number, and the default notice period.
    op.execute("""
        ALTER TABLE lot
            ADD COLUMN sealing TEXT CHECK (sealing IN ('none', 'lqx-seal/1')),
            ADD COLUMN threshold INT CHECK (threshold BETWEEN 1 AND 16),
            ADD COLUMN opening_days INT CHECK (opening_days > 0),
            ADD COLUMN reserve_salt BYTEA CHECK (octet_length(reserve_salt) = 32),
            ADD COLUMN notice INT CHECK (notice > 0),
            ADD COLUMN notice_days INT NOT NULL DEFAULT 20 CHECK (notice_days >= 0),
            ADD COLUMN opening_due_at TIMESTAMPTZ,
            ADD COLUMN decided_at TIMESTAMPTZ
    """)
    for statement in (
        "ALTER TABLE lot ALTER COLUMN notice_days DROP DEFAULT",
        "ALTER TABLE lot DISABLE TRIGGER keeps_its_notice",
        "UPDATE lot SET sealing = 'none' WHERE mode = 'sealed'",
        "ALTER TABLE lot ENABLE TRIGGER keeps_its_notice",
        "ALTER TABLE lot DROP CONSTRAINT lot_state_check",
    ):
        op.execute(statement)
    op.execute("""
        ALTER TABLE lot
            ADD CONSTRAINT lot_state_check CHECK (state IN
                ('live', 'frozen', 'closed', 'sold', 'unsold', 'paid', 'defaulted')),
            ADD CONSTRAINT sealing_is_of_sealed_lots
                CHECK ((mode = 'sealed') = (sealing IS NOT NULL)),
            ADD CONSTRAINT custody_is_told CHECK (
                (sealing IS NOT DISTINCT FROM 'lqx-seal/1') = (threshold IS NOT NULL)
                AND (threshold IS NULL) = (opening_days IS NULL)),
            ADD CONSTRAINT reserve_is_committed_to CHECK ((reserve_salt IS NOT NULL)
                = (reserve_price_fen IS NOT NULL AND notice IS NOT NULL)),
            ADD CONSTRAINT only_sealed_lots_wait CHECK (
                (state <> 'closed' OR opening_due_at IS NOT NULL)
                AND (opening_due_at IS NULL OR sealing IS NOT DISTINCT FROM 'lqx-seal/1'))
    """)
    op.execute("CREATE INDEX lot_opening ON lot (opening_due_at, id) WHERE state = 'closed'")
    op.execute("""
        GRANT UPDATE (start_price_fen, reserve_price_fen, reserve_salt, increment_fen, deposit_fen,
            opens_at, draw_seed, threshold, opening_days, notice, opening_due_at, decided_at)
        ON lot TO hrt_app
    """)


def _notices() -> None:
    op.execute("""
        CREATE TABLE notice (
            lot TEXT COLLATE "C" NOT NULL REFERENCES lot,
            number INT NOT NULL CHECK (number > 0),
            at TIMESTAMPTZ NOT NULL,
            terms BYTEA NOT NULL,
            hash TEXT NOT NULL,
            PRIMARY KEY (lot, number),
            CONSTRAINT hash_of_terms CHECK (hash = encode(sha256(terms), 'hex'))
        )
    """)
    op.execute("""
        ALTER TABLE lot ADD CONSTRAINT lot_has_its_notice FOREIGN KEY (id, notice)
            REFERENCES notice (lot, number) DEFERRABLE INITIALLY DEFERRED
    """)
    # A key is made for one lot: who opens that lot with it opens no other.
    op.execute("""
        CREATE TABLE notice_custodian (
            lot TEXT COLLATE "C" NOT NULL,
            notice INT NOT NULL,
            position INT NOT NULL CHECK (position BETWEEN 1 AND 16),
            custodian TEXT COLLATE "C" NOT NULL REFERENCES custodian,
            public_key BYTEA NOT NULL CHECK (octet_length(public_key) = 32),
            PRIMARY KEY (lot, notice, position), UNIQUE (lot, notice, custodian),
            UNIQUE (lot, notice, public_key), FOREIGN KEY (lot, notice) REFERENCES notice,
            CONSTRAINT key_of_one_lot EXCLUDE USING gist (public_key WITH =, lot WITH <>)
        )
    """)


def _lots_keep_their_notice() -> None:
    op.execute(f"""
        CREATE OR REPLACE FUNCTION lot_keeps_its_notice() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            old_terms JSONB := to_jsonb(OLD) - ARRAY[{COURSE}];
            new_terms JSONB := to_jsonb(NEW) - ARRAY[{COURSE}];
            renewed BOOLEAN := NEW.notice IS DISTINCT FROM OLD.notice;
        BEGIN
            IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
                ('live', 'frozen'), ('frozen', 'live'), ('live', 'sold'), ('live', 'unsold'),
                ('live', 'closed'), ('closed', 'sold'), ('closed', 'unsold'),
                ('sold', 'paid'), ('sold', 'defaulted'))
               OR (OLD.state = 'live' AND NEW.state IN ('closed', 'sold', 'unsold')
                   AND (NEW.state = 'closed') <> (OLD.threshold IS NOT NULL)) THEN
                RAISE EXCEPTION 'a lot does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            IF OLD.state = 'closed' AND NEW.state <> 'closed' AND (
                NEW.decided_at IS NULL OR (NEW.decided_at < OLD.opening_due_at
                AND (SELECT count(*) FROM custodian_key WHERE lot = OLD.id) < OLD.threshold)) THEN
                RAISE EXCEPTION 'lot % has not enough keys to be opened', OLD.id
                    USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.state = 'sold' AND NOT EXISTS (
                SELECT FROM bid WHERE lot = NEW.id AND bidder = NEW.winner
                    AND price_fen = NEW.price_fen) THEN
                RAISE EXCEPTION 'lot % is sold for a bid that its winner did not make', NEW.id
                    USING ERRCODE = 'check_violation';
            END IF;
            IF renewed AND (
                NEW.notice <> coalesce(OLD.notice, 0) + 1 OR OLD.state <> 'live'
                OR to_jsonb(NEW) - ARRAY[{OFFER}, 'closes_at']
                    <> to_jsonb(OLD) - ARRAY[{OFFER}, 'closes_at']
                OR (NEW.deposit_fen <> OLD.deposit_fen
                    AND EXISTS (SELECT FROM registration WHERE lot = OLD.id))
                OR NOT EXISTS (
                    SELECT FROM notice n WHERE n.lot = NEW.id AND n.number = NEW.notice
                        AND n.at < OLD.opens_at
                        AND NEW.opens_at >= n.at + NEW.notice_days * interval '24 hours')) THEN
                RAISE EXCEPTION 'lot % cannot have such a notice now', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF (NOT renewed AND (new_terms <> old_terms OR NEW.closes_at < OLD.closes_at))
               OR OLD.state IN ('unsold', 'paid', 'defaulted')
               OR (OLD.state = 'closed' AND NEW.closes_at <> OLD.closes_at)
               OR NEW.opening_due_at <> OLD.opening_due_at OR NEW.decided_at <> OLD.decided_at
               OR (OLD.winner IS NOT NULL AND (NEW.winner, NEW.price_fen)
                   IS DISTINCT FROM (OLD.winner, OLD.price_fen)) THEN
                RAISE EXCEPTION 'the notice or the result of lot % would change', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)


def _lots_say_what_their_notice_says() -> None:
    # At the end of the transaction, when the notice stands beside the lot.
    op.execute("""
        CREATE FUNCTION lot_is_as_noticed() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            said JSONB;
            custodians JSONB;
        BEGIN
            IF TG_OP = 'UPDATE' AND NEW.notice IS NOT DISTINCT FROM OLD.notice THEN
                RETURN NULL;
            END IF;
            SELECT convert_from(terms, 'UTF8')::jsonb INTO said FROM notice
            WHERE lot = NEW.id AND number = NEW.notice;
            SELECT jsonb_agg(jsonb_build_array(custodian, encode(public_key, 'base64'))
                             ORDER BY position)
            INTO custodians FROM notice_custodian WHERE lot = NEW.id AND notice = NEW.notice;
            IF said IS NULL OR said <> jsonb_build_object(
                'lot', NEW.id, 'province', NEW.province, 'mode', NEW.mode, 'sealing', NEW.sealing,
                'tickets_hash', said -> 'tickets_hash',
                'area_m2', hundredths(NEW.area),
                'start_price_cny', hundredths(NEW.start_price_fen),
                'increment_cny', hundredths(NEW.increment_fen),
                'deposit_cny', hundredths(NEW.deposit_fen),
                'reserve_commitment', encode(sha256(NEW.reserve_salt
                    || convert_to(hundredths(NEW.reserve_price_fen), 'UTF8')), 'hex'),
                'opens_at', said -> 'opens_at', 'closes_at', said -> 'closes_at',
                'draw_seed', NEW.draw_seed, 'policy', NEW.policy,
                'extension_seconds', NEW.extension_seconds, 'min_bidders', NEW.min_bidders,
                'sealed_tie', NEW.sealed_tie, 'payment_days', NEW.payment_days,
                'notice_days', NEW.notice_days, 'threshold', NEW.threshold,
                'custodians', custodians, 'opening_days', NEW.opening_days)
               OR (said ->> 'opens_at')::timestamptz <> NEW.opens_at
               OR (said ->> 'closes_at')::timestamptz <> NEW.closes_at
               OR jsonb_array_length(coalesce(custodians, '[]')) < coalesce(NEW.threshold, 0) THEN
                RAISE EXCEPTION 'lot % is not as its notice says', NEW.id
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE FUNCTION hundredths(value BIGINT) RETURNS text LANGUAGE sql IMMUTABLE
        RETURN value / 100 || '.' || lpad((value % 100)::text, 2, '0')
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER as_noticed AFTER INSERT OR UPDATE OF notice ON lot
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lot_is_as_noticed()
    """)


def _paddles() -> None:
    # Who registered earlier gets a number too; no record commits to it.
    op.execute("CREATE SEQUENCE paddle_of_old START 100000")
    op.execute("""
        ALTER TABLE registration
            ADD COLUMN paddle INT NOT NULL DEFAULT nextval('paddle_of_old')
                CHECK (paddle BETWEEN 100000 AND 999999),
            ADD COLUMN paddle_salt BYTEA NOT NULL
                DEFAULT sha256(convert_to(gen_random_uuid()::text, 'UTF8'))
                CHECK (octet_length(paddle_salt) = 32),
            ADD COLUMN bid_key TEXT,
            ADD CONSTRAINT paddle_of_one_bidder UNIQUE (lot, paddle)
    """)
    for column in ("paddle", "paddle_salt"):
        op.execute(f"ALTER TABLE registration ALTER COLUMN {column} DROP DEFAULT")
    op.execute("DROP SEQUENCE paddle_of_old")
    op.execute("""
        CREATE OR REPLACE FUNCTION registration_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM lot WHERE id = NEW.lot AND state IN ('live', 'frozen')
                           AND (threshold IS NOT NULL) = (NEW.bid_key IS NOT NULL)) THEN
                RAISE EXCEPTION 'lot % takes no such registration', NEW.lot
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)


def _sealed_bids() -> None:
    # The message is the first line of the note; its hash stands in the log, in order of `record`.
    op.execute("""
        CREATE TABLE sealed_bid (
            hash TEXT COLLATE "C" PRIMARY KEY,
            lot TEXT COLLATE "C" NOT NULL,
            bidder TEXT COLLATE "C" NOT NULL,
            seq INT NOT NULL CHECK (seq > 0), at TIMESTAMPTZ NOT NULL,
            record BIGINT NOT NULL UNIQUE REFERENCES record,
            note TEXT NOT NULL,
            UNIQUE (lot, bidder, seq),
            CONSTRAINT hash_of_message CHECK (
                hash = encode(sha256(convert_to(split_part(note, chr(10), 1), 'UTF8')), 'hex')),
            CONSTRAINT sealer_is_registered
                FOREIGN KEY (lot, bidder) REFERENCES registration (lot, bidder)
        )
    """)
    op.execute("""
        CREATE FUNCTION sealed_bid_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM lot WHERE id = NEW.lot AND state = 'live'
                           AND threshold IS NOT NULL)
               OR EXISTS (SELECT FROM sealed_bid WHERE lot = NEW.lot AND bidder = NEW.bidder
                          AND seq >= NEW.seq) THEN
                RAISE EXCEPTION 'lot % takes no such sealed bid', NEW.lot
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TABLE opened_bid (
            hash TEXT COLLATE "C" PRIMARY KEY REFERENCES sealed_bid,
            price_fen BIGINT CHECK (price_fen > 0), void TEXT,
            CONSTRAINT opened_or_void CHECK ((price_fen IS NULL) <> (void IS NULL))
        )
    """)
    op.execute("""
        CREATE FUNCTION waits_to_be_opened() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM sealed_bid s JOIN lot l ON l.id = s.lot
                WHERE s.hash = NEW.hash AND l.state = 'closed') THEN
                RAISE EXCEPTION 'bid % does not wait to be opened', NEW.hash
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    # A query, which is a READ ONLY transaction, sees nothing of a lot that is not decided, not
    # even how many bids there are. Commands and the opening write, and see what they lock.
    shown = f"""current_setting('transaction_read_only') = 'off'
        OR EXISTS (SELECT FROM lot WHERE lot.id = sealed_bid.lot AND lot.state IN {DECIDED})"""
    op.execute("ALTER TABLE sealed_bid ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY written ON sealed_bid FOR INSERT WITH CHECK (true)")
    op.execute(f"CREATE POLICY shown ON sealed_bid FOR SELECT USING ({shown})")


def _keys() -> None:
    op.execute("""
        CREATE TABLE custodian_key (
            lot TEXT COLLATE "C" NOT NULL REFERENCES lot,
            custodian TEXT COLLATE "C" NOT NULL REFERENCES custodian,
            private_key BYTEA NOT NULL UNIQUE CHECK (octet_length(private_key) = 32),
            at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (lot, custodian)
        )
    """)
    op.execute("""
        CREATE FUNCTION custodian_key_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM lot l JOIN notice_custodian c ON (c.lot, c.notice) = (l.id, l.notice)
                WHERE l.id = NEW.lot AND l.state = 'closed' AND c.custodian = NEW.custodian) THEN
                RAISE EXCEPTION 'lot % takes no key of %', NEW.lot, NEW.custodian
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TABLE bid_dek (
            hash TEXT COLLATE "C" PRIMARY KEY REFERENCES sealed_bid,
            dek BYTEA NOT NULL CHECK (octet_length(dek) = 32), at TIMESTAMPTZ NOT NULL
        )
    """)


def _probes() -> None:
    op.execute("""
        CREATE TABLE probe (
            id TEXT COLLATE "C" PRIMARY KEY,
            lot TEXT COLLATE "C" NOT NULL REFERENCES lot,
            custodian TEXT COLLATE "C" NOT NULL REFERENCES custodian,
            sealed BYTEA NOT NULL CHECK (octet_length(sealed) BETWEEN 48 AND 200),
            nonce_hash TEXT NOT NULL CHECK (nonce_hash ~ '^[0-9a-f]{64}$'),
            at TIMESTAMPTZ NOT NULL
        )
    """)
    op.execute("CREATE INDEX probe_lot ON probe (lot, id)")
    op.execute("""
        CREATE TABLE probe_answer (
            probe TEXT COLLATE "C" PRIMARY KEY REFERENCES probe,
            nonce BYTEA NOT NULL CHECK (octet_length(nonce) = 32), at TIMESTAMPTZ NOT NULL
        )
    """)


def _bids() -> None:
    # A bid has either the salt of its commitment or the hash of the sealed message it came from.
    op.execute("""
        ALTER TABLE bid
            ALTER COLUMN salt DROP NOT NULL,
            ADD COLUMN sealed TEXT COLLATE "C" UNIQUE REFERENCES opened_bid,
            ADD CONSTRAINT committed_to CHECK ((salt IS NULL) <> (sealed IS NULL))
    """)
    op.execute("""
        CREATE OR REPLACE FUNCTION bid_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM lot WHERE id = NEW.lot
                    AND (threshold IS NOT NULL) = (NEW.sealed IS NOT NULL)
                    AND state = CASE WHEN NEW.sealed IS NULL THEN 'live' ELSE 'closed' END) THEN
                RAISE EXCEPTION 'lot % takes none any more', NEW.lot
                    USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.sealed IS NOT NULL AND NOT EXISTS (
                SELECT FROM sealed_bid s JOIN opened_bid o USING (hash)
                WHERE s.hash = NEW.sealed
                    AND (s.lot, s.bidder, s.at, o.price_fen)
                        = (NEW.lot, NEW.bidder, NEW.at, NEW.price_fen)) THEN
                RAISE EXCEPTION 'bid % of lot % is not what was sealed', NEW.number, NEW.lot
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)


def _guards() -> None:
    for table, function in (
        ("sealed_bid", "sealed_bid_in_time"),
        ("custodian_key", "custodian_key_in_time"),
        ("opened_bid", "waits_to_be_opened"),
        ("bid_dek", "waits_to_be_opened"),
    ):
        op.execute(f"""
            CREATE TRIGGER in_time BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION {function}()
        """)
    tables = "custodian notice notice_custodian sealed_bid opened_bid custodian_key bid_dek"
    for table in (*tables.split(), "probe", "probe_answer"):
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
        op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
