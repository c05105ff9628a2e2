"""The command behind `POST /v1/lots`: bundle tickets and give notice of their auction.

- bidding opens after the full notice period;
- every ticket lies handed in at this exchange, and the start price covers the costs of each;
- the lot keeps the policy in force now, and each ticket the policy of its home province, so
  nothing decided later changes the terms of an announced lot;
- the whole terms are hashed into the log before anybody can bid.
"""

from datetime import datetime

from app import ledger, policy, tickets
from app.auction import current, give_notice, rules, rules_notice, store
from app.identity import require_province
from app.kernel.calendar import days
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Area, decimal
from app.platform.db import Tx
from app.tickets.rules import Ticket, TicketState

TICKETS_PER_RECORD = 300


async def list_lot(tx: Tx, command: rules_notice.ListLot) -> tuple[rules.Lot, datetime]:
    """List a lot (R118, R120, R121); answers with it and the instant of its notice."""
    province = await require_province(tx, command.province)
    known = await tickets.find(tx, command.tickets)
    if len(known) < len(command.tickets):
        raise Rejected(CommonRefusal.NOT_FOUND, "tickets")
    await give_notice.require_custodians(tx, command.custody)
    if not tx.by.concerns(province.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "province")
    # A ticket may still stand in a lot whose close or default is due but not done.
    for lot_id in await store.lots_holding(tx, command.tickets):
        await current.lock_current_lot(tx, lot_id)
    locked = await tickets.lock(tx, command.tickets)
    now = await tx.now()
    version = await policy.in_force(tx, command.province, now)

    _check_shape(command, version, now)
    bundle = [locked[id_] for id_ in command.tickets]
    area = rules_notice.decide_bundle(command, bundle)
    if isinstance(area, rules.AuctionRefusal):
        raise Rejected(area)
    await give_notice.require_fresh_keys(tx, command.id, command.custody)
    if await store.find_lot(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    lot = _lot(command, area, version)
    splits = {
        home: (await policy.in_force(tx, home, now)).id
        for home in sorted({ticket.home_province for ticket in bundle})
    }
    await store.insert_lot(tx, lot, [(t.id, splits[t.home_province]) for t in bundle])
    await tickets.set_state(tx, [t.id for t in bundle], TicketState.LISTED)
    given = await give_notice.write_notice(tx, lot, bundle, command.custody)
    await ledger.record(tx, _bundles(lot, bundle, splits))
    return given, now


def _check_shape(command: rules_notice.ListLot, version: policy.Version, now: datetime) -> None:
    parameters = version.parameters
    fault = rules_notice.decide_shape(
        command, parameters.sealed_tie, days(parameters.auction_notice_days), now
    )
    if isinstance(fault, rules.AuctionRefusal):
        raise Rejected(fault, "opens_at")
    if fault is not None:
        raise Rejected(CommonRefusal.INVALID_REQUEST, fault)


def _lot(command: rules_notice.ListLot, area: Area, version: policy.Version) -> rules.Lot:
    sealed = command.mode is rules.Mode.SEALED
    lot = rules.Lot(
        id=command.id,
        province=command.province,
        mode=command.mode,
        sealing=command.sealing or rules.Sealing.NONE if sealed else None,
        area=area,
        start_price=command.start_price,
        reserve_price=command.reserve_price,
        increment=command.increment,
        deposit=command.deposit,
        opens_at=command.opens_at,
        closes_at=command.closes_at,
        draw_seed=command.draw_seed,
        terms=rules.Terms.of(version.id, version.parameters),
        notice=1,
    )
    return give_notice.with_reserve_salt(rules_notice.offered(lot, command))


def _bundles(lot: rules.Lot, bundle: list[Ticket], splits: dict[str, str]) -> list[ledger.Note]:
    # A record has a bounded size, so a large bundle is named in several.
    return [
        ledger.Note(
            kind="lot.bundle",
            province=lot.province,
            subject=lot.id,
            body={
                "tickets": [
                    [t.id, decimal(t.area), decimal(t.costs), splits[t.home_province]]
                    for t in bundle[first : first + TICKETS_PER_RECORD]
                ]
            },
        )
        for first in range(0, len(bundle), TICKETS_PER_RECORD)
    ]
