"""The command behind `POST /v1/land-incomes`: a share of land income fills the subsidy pool."""

from app import identity, ledger, policy
from app.accounts import rules, store
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Note, move
from app.platform.db import Tx


async def book_land_income(tx: Tx, command: rules.LandIncome) -> rules.BookedIncome:
    """Book `floor(amount x subsidy_pool_share)` to the pool of the county's province (R138)."""
    county = await identity.require_region(tx, command.county, "county")
    if county.is_province or not tx.by.concerns(county.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "county")
    version = await policy.in_force(tx, county.province, await tx.now())
    share = version.parameters.subsidy_pool_share
    pooled = rules.pooled_share(command.amount, share)

    income = rules.PooledIncome(county.code, county.province, command.amount, pooled, version.id)
    number = await store.insert_land_income(tx, income)
    facts: dict[str, str | int] = {
        "income": number,
        "amount": decimal(command.amount),
        "share": decimal(share),
        "pooled": decimal(pooled),
    }
    draft = Draft(
        kind=EntryKind.LAND_INCOME,
        key=f"land-income:{number}",
        province=county.province,
        subject=county.code,
        moves=move(
            AccountRef(AccountKind.BANK, "land_income", county.province),
            AccountRef(AccountKind.SUBSIDY_POOL, county.province, county.province),
            pooled,
        ),
        facts=facts,
        policy=version.id,
    )
    await ledger.post(tx, [draft] if draft.moves else [])
    note = Note(
        kind="land_income.booked",
        province=county.province,
        subject=county.code,
        body=facts,
        policy=version.id,
    )
    await ledger.record(tx, [note])
    return rules.BookedIncome(number, income)
