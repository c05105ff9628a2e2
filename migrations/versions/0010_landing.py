"""Plots: selected under a certificate, sold once."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create plots."""
    # policy has no foreign key: a province without a version of its own follows the defaults.
    op.execute("""
        CREATE TABLE plot (
            id TEXT COLLATE "C" PRIMARY KEY,
            lot TEXT COLLATE "C" NOT NULL,
            bidder TEXT COLLATE "C" NOT NULL REFERENCES bidder,
            county TEXT COLLATE "C" NOT NULL REFERENCES region,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            area BIGINT NOT NULL CHECK (area > 0),
            collective TEXT COLLATE "C" REFERENCES collective,
            selected_at TIMESTAMPTZ NOT NULL,
            winner TEXT COLLATE "C" REFERENCES bidder,
            new_land_fee_fen BIGINT CHECK (new_land_fee_fen >= 0),
            reclamation_fee_fen BIGINT CHECK (reclamation_fee_fen >= 0),
            ticket_cost_fen BIGINT CHECK (ticket_cost_fen >= 0),
            offset_fen BIGINT CHECK (offset_fen >= 0),
            resale_fen BIGINT,
            policy TEXT,
            sold_at TIMESTAMPTZ CHECK (sold_at >= selected_at),
            CONSTRAINT by_the_holder_of_the_certificate
                FOREIGN KEY (lot, bidder) REFERENCES certificate (lot, bidder),
            CONSTRAINT county_lies_in_province
                CHECK (province = left(county, 2) || '0000' AND county <> province),
            CONSTRAINT sold_as_a_whole CHECK (
                num_nulls(winner, new_land_fee_fen, reclamation_fee_fen, ticket_cost_fen,
                          offset_fen, resale_fen, policy, sold_at) IN (0, 8)),
            CONSTRAINT offset_within_cost CHECK (offset_fen <= ticket_cost_fen),
            CONSTRAINT offset_within_fees
                CHECK (offset_fen <= new_land_fee_fen + reclamation_fee_fen),
            CONSTRAINT holder_pays_nobody_else_the_cost
                CHECK (resale_fen = CASE WHEN winner = bidder THEN 0 ELSE ticket_cost_fen END)
        )
    """)
    op.execute("CREATE INDEX plot_reserved ON plot (lot) WHERE winner IS NULL")
    op.execute("""
        CREATE FUNCTION plot_sold_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.winner IS NOT NULL THEN
                RAISE EXCEPTION 'plot % is sold once', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER sold_once BEFORE UPDATE ON plot
        FOR EACH ROW EXECUTE FUNCTION plot_sold_once()
    """)
    op.execute("""
        CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON plot
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute("REVOKE ALL ON plot FROM PUBLIC")
    op.execute("GRANT SELECT, INSERT ON plot TO hrt_app")
    op.execute("""
        GRANT UPDATE (winner, new_land_fee_fen, reclamation_fee_fen, ticket_cost_fen, offset_fen,
                      resale_fen, policy, sold_at) ON plot TO hrt_app
    """)
