"""The command behind `POST /v1/lots`: bundle tickets and give notice of their auction.

- bidding opens after the full notice period;
- every ticket lies handed in at this exchange, its household holds none of them, and the start
  price covers the costs of each;
- the lot keeps the policy in force now, and each ticket the policy of its home province, so
  nothing decided later changes the terms of an announced lot;
- the whole terms are hashed into the log before anybody can bid.
"""

from collections.abc import Sequence
from datetime import datetime

from app import ledger, policy, tickets, withdrawal
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
    held = await _held(tx, bundle)
    area = rules_notice.decide_bundle(command, bundle, has_held=bool(held))
    if area is rules.AuctionRefusal.TICKET_HELD:
        raise Rejected(area, "tickets", about={"tickets": held})
    if isinstance(area, rules.AuctionRefusal):
        raise Rejected(area)
    await give_notice.require_fresh_keys(tx, command.id, command.custody)
    if await store.find_lot(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    lot = _lot(command, area, version)
    splits = await _split_policies(tx, bundle, now)
    await store.insert_lot(tx, lot, [(t.id, splits[t.id]) for t in bundle])
    await tickets.set_state(tx, [t.id for t in bundle], TicketState.LISTED)
    given = await give_notice.write_notice(tx, lot, bundle, command.custody)
    await ledger.record(tx, _bundles(lot, bundle, splits))
    return given, now


async def _held(tx: Tx, bundle: list[Ticket]) -> list[str]:
    """Tickets whose households did not agree; a ticket that came in from elsewhere is past that."""
    at_home = [ticket for ticket in bundle if ticket.province == ticket.home_province]
    held = await withdrawal.lock_held(tx, [ticket.application for ticket in at_home])
    return [ticket.id for ticket in at_home if ticket.application in held]


async def _split_policies(tx: Tx, bundle: Sequence[Ticket], now: datetime) -> dict[str, str]:
    """By whose version each ticket's net is split: its home's now, or what came with it."""
    came = await tickets.arrivals(tx, bundle)
    homes = {t.home_province for t in bundle if t.id not in came}
    in_force = {home: (await policy.in_force(tx, home, now)).id for home in sorted(homes)}
    return {t.id: came[t.id].policy if t.id in came else in_force[t.home_province] for t in bundle}


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
                    [t.id, decimal(t.area), decimal(t.costs), splits[t.id]]
                    for t in bundle[first : first + TICKETS_PER_RECORD]
                ]
            },
        )
        for first in range(0, len(bundle), TICKETS_PER_RECORD)
    ]
