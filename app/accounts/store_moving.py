"""SQL statements of accounts that came from another node, and of what an account has counted."""

from collections.abc import Sequence

from sqlalchemy import text

from app.accounts.rules import HousingAccount
from app.platform.db import Reader, Tx


async def insert_arrived(tx: Tx, account: HousingAccount, subsidised: Sequence[int]) -> None:
    """Add an account that came from another node, with the years of its subsidies there."""
    await tx.run(
        text("""
            INSERT INTO housing_account
                (household, collective, county, home_province, issued_on, province, open,
                 affordable_homes, events, moved_fen, subsidised_elsewhere)
            VALUES (:household, :collective, :county, :home, :issued_on, :province, :open, :homes,
                    :events, :moved, CAST(:subsidised AS int[]))
        """),
        {
            "household": account.household,
            "collective": account.collective,
            "county": account.county,
            "home": account.home_province,
            "issued_on": account.issued_on,
            "province": account.province,
            "open": account.open,
            "homes": account.affordable_homes,
            "events": account.events,
            "moved": account.moved,
            "subsidised": list(subsidised),
        },
    )


async def subsidised_years(tx: Tx, household: str) -> frozenset[int]:
    """The calendar years in which the household had a subsidy."""
    rows = await tx.run(
        text("""
            SELECT year FROM subsidy WHERE household = :household
            UNION SELECT unnest(subsidised_elsewhere) FROM housing_account
            WHERE household = :household
        """),
        {"household": household},
    )
    return frozenset(row.year for row in rows)


async def read_counters(reader: Reader) -> dict[str, dict[str, int]]:
    """The counters of every account, by household, in fen."""
    rows = await reader.run(
        text("""
            SELECT household, base_fen AS base, subsidy_fen AS subsidy,
                   housing_paid_fen AS housing_paid, cash_paid_fen AS cash_paid,
                   moved_fen AS moved
            FROM housing_account
        """)
    )
    return {row["household"]: dict(row) for row in rows.mappings()}
