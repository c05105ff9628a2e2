"""The command behind `POST /v1/city-approvals`: a city takes the household in (R18, R104-R109).

- the application is not held, and not ended;
- the city is an urbanised region, and its criteria are met;
- the ticket, if there is one, has not left the state `issued`.
"""

from app import identity, ledger, policy
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.withdrawal import rules, store


async def approve_city(tx: Tx, command: rules.ApproveCity) -> rules.CityApproval:
    """Note the city's approval, in place of any earlier one.

    It is the city's own decision, so the stake is the city: the application may be another
    province's.
    """
    application = await store.lock(tx, command.application)
    if application is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "application")
    city = await identity.require_region(tx, command.city, "city")
    if not tx.by.concerns(city.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "city")
    now = await tx.now()

    approval = rules.decide_city(
        command, application, city.zone, await policy.in_force(tx, city.province, now), now
    )
    if isinstance(approval, rules.WithdrawalRefusal):
        raise Rejected(approval)

    await store.set_city(tx, application.id, approval.city)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="application.city_approved",
                province=city.province,
                subject=application.id,
                policy=approval.policy,
                body={
                    "city": approval.city,
                    "work_years": approval.work_years,
                    "min_work_years": approval.min_work_years,
                    "income_proof": command.income_proof,
                    "long_term": command.long_term,
                },
            )
        ],
    )
    return approval
