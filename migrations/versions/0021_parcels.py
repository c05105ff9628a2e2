"""Outlines of homesteads on ground that no other application holds; why a lot was frozen.

Whole units of 0.0000001 degree throughout: PostgreSQL's own polygons are floating point, and call
a common border an overlap.
"""

from alembic import op

revision = "0021"
down_revision = "0020"

FIELD = 1_000_000
"""A tenth of a degree; no outline is wider, so four locks hold the ground around one."""


def upgrade() -> None:
    """Create parcels and freezes."""
    _geometry()
    _parcels()
    _ground()
    _shown()
    _freezes()


def _geometry() -> None:
    op.execute("""
        CREATE FUNCTION ring_edges(ring BIGINT[])
        RETURNS TABLE (n INT, x1 BIGINT, y1 BIGINT, x2 BIGINT, y2 BIGINT)
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT i, ring[2 * i - 1], ring[2 * i], ring[2 * j - 1], ring[2 * j]
            FROM generate_series(1, cardinality(ring) / 2) AS i,
                LATERAL (SELECT i % (cardinality(ring) / 2) + 1 AS j) AS following
        $$
    """)
    # 1 inside, 0 on the ring, -1 outside; the point is in half units, so that middles are whole.
    op.execute("""
        CREATE FUNCTION ring_place(x BIGINT, y BIGINT, ring BIGINT[]) RETURNS INT
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT CASE
                WHEN bool_or(side = 0 AND x BETWEEN least(ax, bx) AND greatest(ax, bx)
                             AND y BETWEEN least(ay, by) AND greatest(ay, by)) THEN 0
                WHEN count(*) FILTER (WHERE (ay > y) <> (by > y) AND (side > 0) = (by > ay)) % 2 = 1
                    THEN 1
                ELSE -1 END
            FROM (SELECT 2 * x1 AS ax, 2 * y1 AS ay, 2 * x2 AS bx, 2 * y2 AS by
                  FROM ring_edges(ring)) AS doubled,
                LATERAL (SELECT (bx - ax) * (y - ay) - (by - ay) * (x - ax) AS side) AS turned
        $$
    """)
    # The middles of a ring's edges, cut at every corner of the other ring that lies on them.
    op.execute("""
        CREATE FUNCTION ring_middles(ring BIGINT[], other BIGINT[])
        RETURNS TABLE (x BIGINT, y BIGINT)
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT m.x, m.y FROM (
                SELECT cut.x + lead(cut.x) OVER along AS x, cut.y + lead(cut.y) OVER along AS y
                FROM (
                    SELECT n, x1 AS x, y1 AS y, 0::bigint AS far FROM ring_edges(ring)
                    UNION SELECT n, x2, y2, abs(x2 - x1) + abs(y2 - y1) FROM ring_edges(ring)
                    UNION SELECT e.n, c.x1, c.y1, abs(c.x1 - e.x1) + abs(c.y1 - e.y1)
                    FROM ring_edges(ring) e JOIN ring_edges(other) c
                        ON c.x1 BETWEEN least(e.x1, e.x2) AND greatest(e.x1, e.x2)
                        AND c.y1 BETWEEN least(e.y1, e.y2) AND greatest(e.y1, e.y2)
                        AND (e.x2 - e.x1) * (c.y1 - e.y1) = (e.y2 - e.y1) * (c.x1 - e.x1)
                ) AS cut
                WINDOW along AS (PARTITION BY n ORDER BY far)
            ) AS m WHERE m.x IS NOT NULL
        $$
    """)
    op.execute("""
        CREATE FUNCTION rings_cross(a BIGINT[], b BIGINT[]) RETURNS boolean
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT EXISTS (
                SELECT FROM ring_edges(a) e, ring_edges(b) o
                WHERE greatest(e.x1, e.x2) >= least(o.x1, o.x2)
                    AND greatest(o.x1, o.x2) >= least(e.x1, e.x2)
                    AND sign((e.x2 - e.x1) * (o.y1 - e.y1) - (e.y2 - e.y1) * (o.x1 - e.x1))
                        * sign((e.x2 - e.x1) * (o.y2 - e.y1) - (e.y2 - e.y1) * (o.x2 - e.x1)) < 0
                    AND sign((o.x2 - o.x1) * (e.y1 - o.y1) - (o.y2 - o.y1) * (e.x1 - o.x1))
                        * sign((o.x2 - o.x1) * (e.y2 - o.y1) - (o.y2 - o.y1) * (e.x2 - o.x1)) < 0)
        $$
    """)
    # Common ground, exactly; a common border or corner is none. All along each other: the same.
    op.execute("""
        CREATE FUNCTION rings_overlap(a BIGINT[], b BIGINT[]) RETURNS boolean
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT rings_cross(a, b)
                OR (SELECT bool_or(ring_place(x, y, b) > 0) OR bool_and(ring_place(x, y, b) = 0)
                    FROM ring_middles(a, b))
                OR (SELECT bool_or(ring_place(x, y, a) > 0) FROM ring_middles(b, a))
        $$
    """)


def _parcels() -> None:
    # The box is the ring's, written by a trigger: nobody can lay a parcel where it is not.
    op.execute(f"""
        CREATE TABLE parcel (
            application TEXT COLLATE "C" PRIMARY KEY REFERENCES application,
            ring BIGINT[] NOT NULL CHECK (array_ndims(ring) = 1 AND cardinality(ring) % 2 = 0
                AND cardinality(ring) BETWEEN 6 AND 400 AND array_position(ring, NULL) IS NULL),
            west BIGINT NOT NULL CHECK (west >= 730000000),
            south BIGINT NOT NULL CHECK (south >= 30000000),
            east BIGINT NOT NULL CHECK (east <= 1360000000),
            north BIGINT NOT NULL CHECK (north <= 540000000),
            ring_area BIGINT NOT NULL CHECK (ring_area > 0),
            ring_hash TEXT NOT NULL CHECK (ring_hash ~ '^[0-9a-f]{{64}}$'),
            given_at TIMESTAMPTZ NOT NULL,
            CONSTRAINT size_of_a_homestead CHECK (
                east - west BETWEEN 1 AND {FIELD} AND north - south BETWEEN 1 AND {FIELD})
        )
    """)
    op.execute("""
        CREATE INDEX parcel_box ON parcel
        USING gist (int8range(west, east, '[]'), int8range(south, north, '[]'))
    """)
    op.execute("""
        CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON parcel
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def _ground() -> None:
    op.execute(f"""
        CREATE FUNCTION lock_ground(west BIGINT, south BIGINT, east BIGINT, north BIGINT)
        RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            -- West to east, south to north: two that share fields meet in the same order.
            FOR x IN west / {FIELD} .. east / {FIELD} LOOP
                FOR y IN south / {FIELD} .. north / {FIELD} LOOP
                    PERFORM pg_advisory_xact_lock(
                        hashtextextended('parcel:' || x || ':' || y, 0));
                END LOOP;
            END LOOP;
        END $$
    """)
    # Each statement of the function sees what was committed before it: also by who held the ground
    # until now. An ended application never comes back, so its ground is free for good.
    op.execute("""
        CREATE FUNCTION parcel_on_free_ground() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
            other TEXT;
        BEGIN
            SELECT min(x1), min(y1), max(x1), max(y1)
                INTO NEW.west, NEW.south, NEW.east, NEW.north FROM ring_edges(NEW.ring);
            PERFORM lock_ground(NEW.west, NEW.south, NEW.east, NEW.north);
            SELECT p.application INTO other
            FROM parcel p JOIN application a ON a.id = p.application
            WHERE int8range(p.west, p.east, '[]') && int8range(NEW.west, NEW.east, '[]')
                AND int8range(p.south, p.north, '[]') && int8range(NEW.south, NEW.north, '[]')
                AND a.state NOT IN ('revoked', 'rejected') AND rings_overlap(p.ring, NEW.ring)
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'the parcel of % overlaps that of %', NEW.application, other
                    USING ERRCODE = 'exclusion_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER on_free_ground BEFORE INSERT ON parcel
        FOR EACH ROW EXECUTE FUNCTION parcel_on_free_ground()
    """)


def _shown() -> None:
    # Public with the ticket; before that to those whom the application concerns (0012).
    op.execute("ALTER TABLE parcel ENABLE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY shown ON parcel FOR SELECT USING (
            EXISTS (SELECT FROM application a WHERE a.id = parcel.application)
            OR EXISTS (SELECT FROM ticket t WHERE t.application = parcel.application
                AND t.province = t.home_province))
    """)
    op.execute("CREATE POLICY written ON parcel FOR INSERT WITH CHECK (true)")
    op.execute("REVOKE ALL ON parcel FROM PUBLIC")
    op.execute("GRANT SELECT ON parcel TO hrt_app")
    op.execute("""
        GRANT INSERT (application, ring, ring_area, ring_hash, given_at) ON parcel TO hrt_app
    """)


def _freezes() -> None:
    op.execute("""
        CREATE TABLE lot_freeze (
            lot TEXT COLLATE "C" NOT NULL REFERENCES lot,
            frozen_at TIMESTAMPTZ NOT NULL,
            reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
            PRIMARY KEY (lot, frozen_at)
        )
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lot_freeze
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute("REVOKE ALL ON lot_freeze FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT ON lot_freeze TO hrt_app")
