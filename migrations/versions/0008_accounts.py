"""Housing accounts, subsidies, rentals and contracts. Balances are the ledger's."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create what the accounts slice keeps."""
    _accounts()
    _subsidies()
    _rentals()
    _contracts()


def _accounts() -> None:
    # rent_due_fen is a record that nothing pays off: area x rent may pass 64 bits, so NUMERIC.
    op.execute("""
        CREATE TABLE housing_account (
            household TEXT COLLATE "C" PRIMARY KEY REFERENCES household,
            collective TEXT COLLATE "C" NOT NULL REFERENCES collective,
            county TEXT COLLATE "C" NOT NULL REFERENCES region,
            home_province TEXT COLLATE "C" NOT NULL REFERENCES region,
            issued_on DATE NOT NULL,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            open BOOLEAN NOT NULL DEFAULT true,
            base_fen BIGINT NOT NULL DEFAULT 0 CHECK (base_fen >= 0),
            subsidy_fen BIGINT NOT NULL DEFAULT 0 CHECK (subsidy_fen >= 0),
            housing_paid_fen BIGINT NOT NULL DEFAULT 0 CHECK (housing_paid_fen >= 0),
            cash_paid_fen BIGINT NOT NULL DEFAULT 0 CHECK (cash_paid_fen >= 0),
            rent_due_fen NUMERIC(60, 0) NOT NULL DEFAULT 0 CHECK (rent_due_fen >= 0),
            affordable_homes INT NOT NULL DEFAULT 0 CHECK (affordable_homes >= 0),
            events INT NOT NULL DEFAULT 0 CHECK (events >= 0),
            CONSTRAINT pays_only_what_came_in
                CHECK (housing_paid_fen + cash_paid_fen <= base_fen + subsidy_fen),
            CONSTRAINT closes_empty
                CHECK (open OR housing_paid_fen + cash_paid_fen = base_fen + subsidy_fen)
        )
    """)
    for party in ("collective", "county", "home_province", "province"):
        op.execute(f"CREATE INDEX housing_account_{party} ON housing_account ({party})")
    op.execute("""
        CREATE FUNCTION housing_account_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.open AND NOT OLD.open THEN
                RAISE EXCEPTION 'a closed account stays closed'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.base_fen < OLD.base_fen OR NEW.subsidy_fen < OLD.subsidy_fen
               OR NEW.housing_paid_fen < OLD.housing_paid_fen
               OR NEW.cash_paid_fen < OLD.cash_paid_fen
               OR NEW.rent_due_fen < OLD.rent_due_fen OR NEW.events < OLD.events THEN
                RAISE EXCEPTION 'what came in and was paid out is counted up, never down'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER goes_forward BEFORE UPDATE ON housing_account
        FOR EACH ROW EXECUTE FUNCTION housing_account_goes_forward()
    """)
    _stays("housing_account")
    op.execute("""
        GRANT UPDATE (province, open, base_fen, subsidy_fen, housing_paid_fen, cash_paid_fen,
                      rent_due_fen, affordable_homes, events) ON housing_account TO hrt_app
    """)


def _subsidies() -> None:
    op.execute("""
        CREATE TABLE land_income (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            county TEXT COLLATE "C" NOT NULL REFERENCES region,
            province TEXT COLLATE "C" NOT NULL REFERENCES region,
            amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
            pooled_fen BIGINT NOT NULL CHECK (pooled_fen BETWEEN 0 AND amount_fen),
            policy TEXT NOT NULL,
            booked_at TIMESTAMPTZ NOT NULL,
            CHECK (province = left(county, 2) || '0000'),
            CHECK (county <> province)
        )
    """)
    # The key is the rule: one subsidy in a calendar year (R136), also one of 0.00.
    op.execute("""
        CREATE TABLE subsidy (
            household TEXT COLLATE "C" NOT NULL REFERENCES housing_account,
            year INT NOT NULL,
            amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
            policy TEXT NOT NULL,
            paid_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (household, year),
            CHECK (year = extract(year FROM paid_at AT TIME ZONE 'Asia/Shanghai'))
        )
    """)
    for table in ("land_income", "subsidy"):
        _append_only(table)


def _rentals() -> None:
    op.execute("""
        CREATE TABLE rental (
            id TEXT COLLATE "C" PRIMARY KEY,
            household TEXT COLLATE "C" NOT NULL REFERENCES housing_account,
            area BIGINT NOT NULL CHECK (area > 0),
            rent_per_m2_fen BIGINT NOT NULL CHECK (rent_per_m2_fen >= 0),
            subsidy_per_m2_fen BIGINT NOT NULL CHECK (subsidy_per_m2_fen >= 0),
            begun_on DATE NOT NULL,
            charges_made INT NOT NULL CHECK (charges_made >= 1),
            next_charge_at TIMESTAMPTZ,
            ended_at TIMESTAMPTZ,
            CONSTRAINT charged_while_active
                CHECK ((ended_at IS NULL) = (next_charge_at IS NOT NULL))
        )
    """)
    op.execute("CREATE UNIQUE INDEX one_rental ON rental (household) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX rental_household ON rental (household, ended_at)")
    op.execute("""
        CREATE INDEX rental_due ON rental (next_charge_at, id) WHERE next_charge_at IS NOT NULL
    """)
    op.execute("""
        CREATE FUNCTION rental_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.ended_at IS NOT NULL AND NEW IS DISTINCT FROM OLD THEN
                RAISE EXCEPTION 'a rental that has ended stays as it is'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.area > OLD.area
               OR NEW.charges_made NOT IN (OLD.charges_made, OLD.charges_made + 1)
               OR NEW.next_charge_at < OLD.next_charge_at THEN
                RAISE EXCEPTION 'a rental is charged once a month and only shrinks'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER goes_forward BEFORE UPDATE ON rental
        FOR EACH ROW EXECUTE FUNCTION rental_goes_forward()
    """)
    _stays("rental")
    op.execute("""
        GRANT UPDATE (area, charges_made, next_charge_at, ended_at) ON rental TO hrt_app
    """)


def _contracts() -> None:
    op.execute("""
        CREATE TABLE contract (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            household TEXT COLLATE "C" NOT NULL REFERENCES housing_account,
            kind TEXT NOT NULL CHECK (kind IN ('affordable_purchase', 'affordable_resale',
                'public_purchase', 'commercial_purchase', 'mortgage_offset')),
            price_fen BIGINT NOT NULL CHECK (price_fen >= 0),
            from_account_fen BIGINT NOT NULL CHECK (from_account_fen BETWEEN 0 AND price_fen),
            gap_fen BIGINT NOT NULL CHECK (gap_fen >= 0),
            gap_by TEXT CHECK (gap_by IN ('lump_sum', 'mortgage', 'instalments', 'rent_rest',
                'loan', 'own_money')),
            loan_fen BIGINT CHECK (loan_fen BETWEEN 0 AND gap_fen),
            owned_area BIGINT CHECK (owned_area >= 0),
            rented_area BIGINT CHECK (rented_area >= 0),
            signed_at TIMESTAMPTZ NOT NULL,
            CONSTRAINT gap_is_what_is_missing CHECK (gap_fen =
                CASE WHEN kind IN ('affordable_purchase', 'public_purchase', 'commercial_purchase')
                     THEN price_fen - from_account_fen ELSE 0 END),
            CONSTRAINT gap_has_a_way CHECK ((gap_fen > 0) = (gap_by IS NOT NULL)),
            CONSTRAINT loan_of_commercial
                CHECK ((loan_fen IS NOT NULL) = (kind = 'commercial_purchase')),
            CONSTRAINT loan_is_drawn CHECK ((gap_by = 'loan') = (loan_fen > 0)),
            CONSTRAINT owned_of_public CHECK (num_nonnulls(owned_area, rented_area) =
                CASE WHEN kind = 'public_purchase' THEN 2 ELSE 0 END),
            CONSTRAINT rents_the_rest CHECK (coalesce(rented_area, 0) = 0 OR gap_by = 'rent_rest')
        )
    """)
    op.execute("CREATE INDEX contract_household ON contract (household, number)")
    _append_only("contract")


def _append_only(table: str) -> None:
    _refuse("UPDATE OR DELETE OR TRUNCATE", table)


def _stays(table: str) -> None:
    _refuse("DELETE OR TRUNCATE", table)


def _refuse(changes: str, table: str) -> None:
    op.execute(f"""
        CREATE TRIGGER stays BEFORE {changes} ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO hrt_app")
