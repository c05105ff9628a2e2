"""Every SQL statement of housing accounts. Balances are the ledger's and are not kept here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.accounts.rules import (
    Contract,
    ContractKind,
    GapBy,
    HousingAccount,
    PooledIncome,
    Standing,
    Terms,
)
from app.accounts.rules_rental import Rental
from app.kernel.principal import Principal
from app.kernel.units import Area, Fen
from app.platform.db import Reader, Tx
from app.platform.jobs import Due

_ACCOUNTS = """
    SELECT household, collective, county, home_province, issued_on, province, open, base_fen,
           subsidy_fen, housing_paid_fen, cash_paid_fen, rent_due_fen, affordable_homes, events,
           standing, moved_fen
    FROM housing_account
"""
_RENTALS = """
    SELECT r.id, r.household, r.area, r.rent_per_m2_fen, r.subsidy_per_m2_fen, r.begun_on,
           r.charges_made, r.ended_at
    FROM rental r
"""
_CONTRACTS = """
    SELECT c.number, c.household, c.kind, c.price_fen, c.from_account_fen, c.gap_fen, c.gap_by,
           c.loan_fen, c.owned_area, c.rented_area, c.signed_at
    FROM contract c
"""
# What a principal may see, by the level its role acts on; None: roles of the whole node.
_SCOPES = {
    None: "true",
    "household": "a.household = :party",
    "collective": "a.collective = :party",
    "county": "a.county = :party",
    "province": ":party IN (a.home_province, a.province)",
    "bidder": "false",
    "custodian": "false",
}


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A credit to a closed account, as the number of its event."""

    household: str
    province: str
    event: int


def _account(row: Row[Any]) -> HousingAccount:
    return HousingAccount(
        household=row.household,
        collective=row.collective,
        county=row.county,
        home_province=row.home_province,
        issued_on=row.issued_on,
        province=row.province,
        open=row.open,
        base=Fen(row.base_fen),
        subsidy=Fen(row.subsidy_fen),
        housing_paid=Fen(row.housing_paid_fen),
        cash_paid=Fen(row.cash_paid_fen),
        rent_due=Fen(int(row.rent_due_fen)),
        affordable_homes=row.affordable_homes,
        events=row.events,
        standing=Standing(row.standing),
        moved=Fen(row.moved_fen),
    )


def _rental(row: Row[Any]) -> Rental:
    return Rental(
        id=row.id,
        household=row.household,
        area=Area(row.area),
        rent_per_m2=Fen(row.rent_per_m2_fen),
        subsidy_per_m2=Fen(row.subsidy_per_m2_fen),
        begun_on=row.begun_on,
        charges_made=row.charges_made,
        ended_at=row.ended_at,
    )


def _contract(row: Row[Any]) -> Contract:
    return Contract(
        row.number,
        row.household,
        Terms(
            kind=ContractKind(row.kind),
            price=Fen(row.price_fen),
            from_account=Fen(row.from_account_fen),
            gap=Fen(row.gap_fen),
            gap_by=None if row.gap_by is None else GapBy(row.gap_by),
            loan=None if row.loan_fen is None else Fen(row.loan_fen),
            owned=None if row.owned_area is None else Area(row.owned_area),
            rented=None if row.rented_area is None else Area(row.rented_area),
        ),
        row.signed_at,
    )


async def find_accounts(
    reader: Reader, households: Sequence[str], *, lock: bool = False
) -> dict[str, HousingAccount]:
    """Accounts that something has happened to, by household; each with a balance of zero.

    Locked in sorted order: two lots with households in common wait for each other, no deadlock.
    """
    rows = await reader.run(
        text(
            _ACCOUNTS
            + " WHERE household = ANY(CAST(:households AS text[])) ORDER BY household"
            + (" FOR UPDATE" if lock else "")
        ),
        {"households": list(households)},
    )
    return {row.household: _account(row) for row in rows}


async def open_accounts(tx: Tx, accounts: Sequence[HousingAccount]) -> None:
    """Add the rows of accounts that nothing has happened to yet; another may be first."""
    await tx.run(
        text("""
            INSERT INTO housing_account
                (household, collective, county, home_province, issued_on, province)
            SELECT * FROM unnest(CAST(:households AS text[]), CAST(:collectives AS text[]),
                CAST(:counties AS text[]), CAST(:homes AS text[]), CAST(:issued AS date[]),
                CAST(:provinces AS text[]))
            ORDER BY 1
            ON CONFLICT (household) DO NOTHING
        """),
        {
            "households": [a.household for a in accounts],
            "collectives": [a.collective for a in accounts],
            "counties": [a.county for a in accounts],
            "homes": [a.home_province for a in accounts],
            "issued": [a.issued_on for a in accounts],
            "provinces": [a.province for a in accounts],
        },
    )


async def update_account(tx: Tx, account: HousingAccount) -> None:
    """Write a locked account's counters, state and place."""
    await tx.run(
        text("""
            UPDATE housing_account
            SET province = :province, open = :open, base_fen = :base, subsidy_fen = :subsidy,
                housing_paid_fen = :housing_paid, cash_paid_fen = :cash_paid,
                rent_due_fen = CAST(CAST(:rent_due AS text) AS numeric),
                affordable_homes = :homes, events = :events, standing = :standing,
                moved_fen = :moved
            WHERE household = :household
        """),
        {
            "household": account.household,
            "province": account.province,
            "open": account.open,
            "base": account.base,
            "subsidy": account.subsidy,
            "housing_paid": account.housing_paid,
            "cash_paid": account.cash_paid,
            # As text: rent that nobody pays can grow beyond 64 bits.
            "rent_due": str(account.rent_due),
            "homes": account.affordable_homes,
            "events": account.events,
            "standing": account.standing.value,
            "moved": account.moved,
        },
    )


async def credit_accounts(tx: Tx, shares: Mapping[str, Fen]) -> list[PaidOut]:
    """Add shares to the base of locked accounts in one statement, as `rules.credit` does for one.

    Answers with the closed ones, whose share goes on in cash.
    """
    rows = await tx.run(
        text("""
            UPDATE housing_account a
            SET base_fen = a.base_fen + s.share,
                cash_paid_fen = a.cash_paid_fen + CASE WHEN a.open THEN 0 ELSE s.share END,
                events = a.events + CASE WHEN a.open THEN 0 ELSE 1 END
            FROM unnest(CAST(:households AS text[]), CAST(:shares AS bigint[]))
                AS s (household, share)
            WHERE a.household = s.household
            RETURNING a.household, a.province, a.open, a.events
        """),
        {"households": list(shares), "shares": list(shares.values())},
    )
    return sorted(
        (PaidOut(r.household, r.province, r.events) for r in rows if not r.open),
        key=lambda paid: paid.household,
    )


async def insert_land_income(tx: Tx, income: PooledIncome) -> int:
    """Book land income; answers with its running number."""
    number = await tx.run(
        text("""
            INSERT INTO land_income (county, province, amount_fen, pooled_fen, policy, booked_at)
            VALUES (:county, :province, :amount, :pooled, :policy, :at) RETURNING number
        """),
        {
            "county": income.county,
            "province": income.province,
            "amount": income.amount,
            "pooled": income.pooled,
            "policy": income.policy,
            "at": await tx.now(),
        },
    )
    return int(number.scalar_one())


async def insert_subsidy(tx: Tx, household: str, year: int, amount: Fen, policy: str) -> None:
    """Note the subsidy of a year."""
    await tx.run(
        text("""
            INSERT INTO subsidy (household, year, amount_fen, policy, paid_at)
            VALUES (:household, :year, :amount, :policy, :at)
        """),
        {
            "household": household,
            "year": year,
            "amount": amount,
            "policy": policy,
            "at": await tx.now(),
        },
    )


async def find_rental(reader: Reader, id_: str) -> Rental | None:
    """A rental. It changes only under the lock of its household's account."""
    row = (await reader.run(text(_RENTALS + " WHERE r.id = :id"), {"id": id_})).one_or_none()
    return None if row is None else _rental(row)


async def latest_rental(reader: Reader, household: str) -> Rental | None:
    """The household's active rental; else the one that ended last; None if it never had one."""
    rows = await reader.run(
        text(
            _RENTALS
            + """ WHERE r.household = :household
                  ORDER BY r.ended_at DESC NULLS FIRST, r.id LIMIT 1"""
        ),
        {"household": household},
    )
    row = rows.one_or_none()
    return None if row is None else _rental(row)


async def active_rentals(
    reader: Reader, households: Sequence[str], *, due_by: datetime | None = None
) -> list[Rental]:
    """Active rentals of these households; with `due_by` those with a charge due by then."""
    rows = await reader.run(
        text(
            _RENTALS
            + """ WHERE r.household = ANY(CAST(:households AS text[])) AND r.ended_at IS NULL
                  AND (CAST(:due_by AS timestamptz) IS NULL OR r.next_charge_at <= :due_by)
                  ORDER BY r.id"""
        ),
        {"households": list(households), "due_by": due_by},
    )
    return [_rental(row) for row in rows]


async def find_due(reader: Reader, by: datetime, limit: int) -> list[Due]:
    """Rentals whose next charge is due by an instant, earliest first, then by id."""
    rows = await reader.run(
        text("""
            SELECT id, next_charge_at FROM rental WHERE next_charge_at <= :by
            ORDER BY next_charge_at, id LIMIT :limit
        """),
        {"by": by, "limit": limit},
    )
    return [Due(row.next_charge_at, row.id) for row in rows]


async def insert_rental(tx: Tx, rental: Rental) -> None:
    """Add a rental."""
    await tx.run(
        text("""
            INSERT INTO rental (id, household, area, rent_per_m2_fen, subsidy_per_m2_fen, begun_on,
                                charges_made, next_charge_at)
            VALUES (:id, :household, :area, :rent, :subsidy, :begun_on, :charges, :next)
        """),
        {
            "id": rental.id,
            "household": rental.household,
            "area": rental.area,
            "rent": rental.rent_per_m2,
            "subsidy": rental.subsidy_per_m2,
            "begun_on": rental.begun_on,
            "charges": rental.charges_made,
            "next": rental.next_charge_at,
        },
    )


async def update_rental(tx: Tx, rental: Rental) -> None:
    """Write what can change of a rental."""
    await tx.run(
        text("""
            UPDATE rental SET area = :area, charges_made = :charges, next_charge_at = :next,
                              ended_at = :ended_at
            WHERE id = :id
        """),
        {
            "id": rental.id,
            "area": rental.area,
            "charges": rental.charges_made,
            "next": rental.next_charge_at,
            "ended_at": rental.ended_at,
        },
    )


async def list_rentals(
    reader: Reader, principal: Principal, after: str, limit: int
) -> list[Rental]:
    """Rentals that concern the principal, in order of id."""
    rows = await reader.run(
        text(
            _RENTALS
            + " JOIN housing_account a ON a.household = r.household WHERE r.id > :after AND "
            + _SCOPES[principal.level]
            + " ORDER BY r.id LIMIT :limit"
        ),
        {"after": after, "limit": limit} | _party(principal),
    )
    return [_rental(row) for row in rows]


async def insert_contract(tx: Tx, household: str, terms: Terms) -> Contract:
    """Sign a contract now; its number rises in the order of signing."""
    now = await tx.now()
    number = await tx.run(
        text("""
            INSERT INTO contract (household, kind, price_fen, from_account_fen, gap_fen, gap_by,
                                  loan_fen, owned_area, rented_area, signed_at)
            VALUES (:household, :kind, :price, :from_account, :gap, :gap_by, :loan, :owned,
                    :rented, :at) RETURNING number
        """),
        {
            "household": household,
            "kind": terms.kind.value,
            "price": terms.price,
            "from_account": terms.from_account,
            "gap": terms.gap,
            "gap_by": None if terms.gap_by is None else terms.gap_by.value,
            "loan": terms.loan,
            "owned": terms.owned,
            "rented": terms.rented,
            "at": now,
        },
    )
    return Contract(int(number.scalar_one()), household, terms, now)


async def list_contracts(
    reader: Reader, principal: Principal, after: int, limit: int
) -> list[Contract]:
    """Contracts that concern the principal, in order of signing."""
    rows = await reader.run(
        text(
            _CONTRACTS
            + " JOIN housing_account a ON a.household = c.household WHERE c.number > :after AND "
            + _SCOPES[principal.level]
            + " ORDER BY c.number LIMIT :limit"
        ),
        {"after": after, "limit": limit} | _party(principal),
    )
    return [_contract(row) for row in rows]


def _party(principal: Principal) -> dict[str, str]:
    return {"party": principal.party} if ":party" in _SCOPES[principal.level] else {}
