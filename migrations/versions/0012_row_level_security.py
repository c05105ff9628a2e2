"""What concerns one party is shown to that party alone, also by the database.

A query endpoint says in its transaction for whom it reads (`hrt.level`, `hrt.party`); the policies
then hide every other row, whatever its SQL forgets. Commands and jobs say nothing and see all:
a payment credits households that its bidder may never read.
"""

from alembic import op

revision = "0012"
down_revision = "0011"

POLICIES = {
    "household": "concerns(id, collective, "
    "(SELECT c.county FROM collective c WHERE c.id = collective), province)",
    "application": "concerns(household, collective, county, province)",
    "housing_account": "concerns(household, collective, county, home_province)"
    " OR concerns(household, collective, county, province)",
    # These belong to an account, and are seen by whom its row is shown to.
    "rental": "EXISTS (SELECT FROM housing_account a WHERE a.household = rental.household)",
    "contract": "EXISTS (SELECT FROM housing_account a WHERE a.household = contract.household)",
    "subsidy": "EXISTS (SELECT FROM housing_account a WHERE a.household = subsidy.household)",
    "ledger_account": "coalesce(current_setting('hrt.level', true), '') = ''"
    " OR kind <> 'housing'"
    " OR EXISTS (SELECT FROM housing_account a WHERE a.household = owner)",
}


def upgrade() -> None:
    """Create the policies."""
    op.execute("""
        CREATE FUNCTION concerns(household TEXT, collective TEXT, county TEXT, province TEXT)
        RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
            SELECT CASE coalesce(current_setting('hrt.level', true), '')
                WHEN '' THEN true
                WHEN 'household' THEN household = current_setting('hrt.party', true)
                WHEN 'collective' THEN collective = current_setting('hrt.party', true)
                WHEN 'county' THEN county = current_setting('hrt.party', true)
                WHEN 'province' THEN province = current_setting('hrt.party', true)
                ELSE false
            END
        $$
    """)
    for table, shown in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY shown ON {table} FOR SELECT USING ({shown})")
        op.execute(f"CREATE POLICY written ON {table} FOR INSERT WITH CHECK (true)")
        op.execute(f"CREATE POLICY changed ON {table} FOR UPDATE USING (true)")
