"""The command behind `POST /v1/subsidies`: a household's subsidy of the calendar year."""

from app import ledger, policy
from app.accounts import rules, store, store_moving
from app.accounts.lock_accounts import lock_account
from app.kernel.refusal import CommonRefusal, Refusal, Rejected
from app.kernel.units import Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Note, move
from app.platform.db import Tx
from app.policy.rules import SubsidyBasis


async def subsidise_household(tx: Tx, command: rules.Subsidise) -> rules.Subsidy:
    """Pay rate x heads or rate x area from the pool of the province where the account stands.

    Account open; not yet subsidised in this calendar year; the area where it counts; pool enough.
    """
    household, account = await lock_account(tx, command.household)
    now = await tx.now()
    province = household.province if account is None else account.province
    version = await policy.in_force(tx, province, now)
    pool = AccountRef(AccountKind.SUBSIDY_POOL, province, province)
    years = await store_moving.subsidised_years(tx, command.household)
    held = await ledger.lock_balances(tx, [pool])
    basics = rules.SubsidyBasics(
        subsidised_in=years,
        heads=household.heads,
        parameters=version.parameters,
        pool=Fen(held[pool]),
    )
    decision = rules.decide_subsidy(account, command, basics, now)
    if isinstance(decision, Refusal):
        field = "area_m2" if decision is CommonRefusal.INVALID_REQUEST else None
        raise Rejected(decision, field)

    after = decision.account
    facts: dict[str, str | int] = {
        "year": decision.year,
        "basis": version.parameters.subsidy_basis.value,
        "rate": decimal(version.parameters.subsidy_rate),
        "amount": decimal(decision.amount),
    }
    if version.parameters.subsidy_basis is SubsidyBasis.HEAD:
        facts["heads"] = household.heads
    elif command.area is not None:
        facts["area"] = decimal(command.area)
    draft = Draft(
        kind=EntryKind.SUBSIDY,
        key=f"subsidy:{after.household}:{decision.year}",
        province=province,
        subject=after.household,
        moves=move(pool, after.ref, decision.amount),
        facts=facts,
        policy=version.id,
    )
    await store.update_account(tx, after)
    await store.insert_subsidy(tx, after.household, decision.year, decision.amount, version.id)
    await ledger.post(tx, [draft] if draft.moves else [])
    note = Note(
        kind="subsidy.paid",
        province=province,
        subject=after.household,
        body=facts,
        policy=version.id,
    )
    await ledger.record(tx, [note])
    return decision
