"""The SQL of lots and their notices."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from app.auction.rules import Lot, LotState, Mode, Sealing, Terms
from app.auction.rules_notice import Notice
from app.platform.db import Reader, Tx
from app.platform.jobs import Due
from app.policy.rules import SealedTie

_LOTS = """
    SELECT l.id, l.province, l.mode, l.sealing, l.area, l.start_price_fen, l.reserve_price_fen,
           l.reserve_salt, l.increment_fen, l.deposit_fen, l.opens_at, l.closes_at, l.draw_seed,
           l.policy, l.extension_seconds, l.min_bidders, l.sealed_tie, l.payment_days,
           l.notice_days, l.threshold, l.opening_days, l.notice, l.state, l.frozen_at, l.leader,
           l.leading_price_fen, l.bids, l.winner, l.price_fen, l.payment_due_at, l.opening_due_at,
           l.decided_at,
           (SELECT n.hash FROM notice n WHERE n.lot = l.id AND n.number = l.notice) AS notice_hash,
           (SELECT f.reason FROM lot_freeze f
            WHERE f.lot = l.id AND f.frozen_at = l.frozen_at) AS freeze_reason
    FROM lot l
"""


def _lot(row: Row[Any]) -> Lot:
    return Lot(
        id=row.id,
        province=row.province,
        mode=Mode(row.mode),
        area=row.area,
        start_price=row.start_price_fen,
        reserve_price=row.reserve_price_fen,
        increment=row.increment_fen,
        deposit=row.deposit_fen,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        draw_seed=row.draw_seed,
        terms=Terms(
            policy=row.policy,
            extension=timedelta(seconds=row.extension_seconds),
            min_bidders=row.min_bidders,
            sealed_tie=SealedTie(row.sealed_tie),
            payment_term=timedelta(days=row.payment_days),
            notice_term=timedelta(days=row.notice_days),
        ),
        sealing=None if row.sealing is None else Sealing(row.sealing),
        threshold=row.threshold,
        opening_term=None if row.opening_days is None else timedelta(days=row.opening_days),
        reserve_salt=row.reserve_salt,
        notice=row.notice,
        notice_hash=row.notice_hash,
        state=LotState(row.state),
        frozen_at=row.frozen_at,
        freeze_reason=row.freeze_reason,
        leader=row.leader,
        leading_price=row.leading_price_fen,
        bids=row.bids,
        winner=row.winner,
        price=row.price_fen,
        payment_due_at=row.payment_due_at,
        opening_due_at=row.opening_due_at,
        decided_at=row.decided_at,
    )


async def find_lot(reader: Reader, id_: str, *, lock: bool = False) -> Lot | None:
    """A lot; with `lock`, held until the transaction ends."""
    statement = _LOTS + " WHERE l.id = :id" + (" FOR UPDATE OF l" if lock else "")
    row = (await reader.run(text(statement), {"id": id_})).one_or_none()
    return None if row is None else _lot(row)


async def find_lots(reader: Reader, ids: Sequence[str]) -> dict[str, Lot]:
    """The lots of these that there are."""
    if not ids:
        return {}
    rows = await reader.run(text(_LOTS + " WHERE l.id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: _lot(row) for row in rows}


async def list_lots(reader: Reader, after: str, limit: int) -> list[Lot]:
    """Lots in order of id."""
    rows = await reader.run(
        text(_LOTS + " WHERE l.id > :after ORDER BY l.id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_lot(row) for row in rows]


def _offer(lot: Lot) -> dict[str, Any]:
    """What a notice says of a lot, and a new notice may say otherwise."""
    return {
        "id": lot.id,
        "start_price": lot.start_price,
        "reserve_price": lot.reserve_price,
        "reserve_salt": lot.reserve_salt,
        "increment": lot.increment,
        "deposit": lot.deposit,
        "opens_at": lot.opens_at,
        "closes_at": lot.closes_at,
        "draw_seed": lot.draw_seed,
        "threshold": lot.threshold,
        "opening_days": None if lot.opening_term is None else lot.opening_term.days,
        "notice": lot.notice,
    }


async def insert_lot(tx: Tx, lot: Lot, tickets: Sequence[tuple[str, str]]) -> None:
    """Add a lot with its tickets, each with the policy version its split follows."""
    await tx.run(
        text("""
            INSERT INTO lot (id, province, mode, sealing, area, start_price_fen, reserve_price_fen,
                reserve_salt, increment_fen, deposit_fen, opens_at, closes_at, draw_seed, policy,
                extension_seconds, min_bidders, sealed_tie, payment_days, notice_days, threshold,
                opening_days, notice, state)
            VALUES (:id, :province, :mode, :sealing, :area, :start_price, :reserve_price,
                :reserve_salt, :increment, :deposit, :opens_at, :closes_at, :draw_seed, :policy,
                :extension_seconds, :min_bidders, :sealed_tie, :payment_days, :notice_days,
                :threshold, :opening_days, :notice, :state)
        """),
        _offer(lot)
        | {
            "province": lot.province,
            "mode": lot.mode.value,
            "sealing": None if lot.sealing is None else lot.sealing.value,
            "area": lot.area,
            "policy": lot.terms.policy,
            "extension_seconds": lot.terms.extension // timedelta(seconds=1),
            "min_bidders": lot.terms.min_bidders,
            "sealed_tie": lot.terms.sealed_tie.value,
            "payment_days": lot.terms.payment_term.days,
            "notice_days": lot.terms.notice_term.days,
            "state": lot.state.value,
        },
    )
    await tx.run(
        text("""
            INSERT INTO lot_ticket (lot, ticket, split_policy)
            SELECT :lot, * FROM unnest(CAST(:tickets AS text[]), CAST(:policies AS text[]))
        """),
        {
            "lot": lot.id,
            "tickets": [ticket for ticket, _ in tickets],
            "policies": [split_policy for _, split_policy in tickets],
        },
    )


async def renew_lot(tx: Tx, lot: Lot) -> None:
    """Write what a new notice says of a lot."""
    await tx.run(
        text("""
            UPDATE lot SET start_price_fen = :start_price, reserve_price_fen = :reserve_price,
                reserve_salt = :reserve_salt, increment_fen = :increment, deposit_fen = :deposit,
                opens_at = :opens_at, closes_at = :closes_at, draw_seed = :draw_seed,
                threshold = :threshold, opening_days = :opening_days, notice = :notice
            WHERE id = :id
        """),
        _offer(lot),
    )


async def insert_notice(tx: Tx, notice: Notice) -> None:
    """Add a notice of a lot."""
    await tx.run(
        text("""
            INSERT INTO notice (lot, number, at, terms, hash)
            VALUES (:lot, :number, :at, :terms, :hash)
        """),
        {
            "lot": notice.lot,
            "number": notice.number,
            "at": notice.at,
            "terms": notice.terms,
            "hash": notice.hash,
        },
    )


async def find_notice(reader: Reader, lot: str) -> Notice | None:
    """The present notice of a lot."""
    row = (
        await reader.run(
            text("""
                SELECT lot, number, at, terms FROM notice WHERE lot = :lot
                ORDER BY number DESC LIMIT 1
            """),
            {"lot": lot},
        )
    ).one_or_none()
    return None if row is None else Notice(row.lot, row.number, row.at, bytes(row.terms))


async def update_lot(tx: Tx, lot: Lot) -> None:
    """Write what can change of a lot."""
    await tx.run(
        text("""
            UPDATE lot SET closes_at = :closes_at, state = :state, frozen_at = :frozen_at,
                leader = :leader, leading_price_fen = :leading_price, bids = :bids,
                winner = :winner, price_fen = :price, payment_due_at = :payment_due_at,
                opening_due_at = :opening_due_at, decided_at = :decided_at
            WHERE id = :id
        """),
        {
            "id": lot.id,
            "closes_at": lot.closes_at,
            "state": lot.state.value,
            "frozen_at": lot.frozen_at,
            "leader": lot.leader,
            "leading_price": lot.leading_price,
            "bids": lot.bids,
            "winner": lot.winner,
            "price": lot.price,
            "payment_due_at": lot.payment_due_at,
            "opening_due_at": lot.opening_due_at,
            "decided_at": lot.decided_at,
        },
    )


async def insert_freeze(tx: Tx, lot: Lot) -> None:
    """Keep why a lot is frozen."""
    await tx.run(
        text("INSERT INTO lot_freeze (lot, frozen_at, reason) VALUES (:lot, :at, :reason)"),
        {"lot": lot.id, "at": lot.frozen_at, "reason": lot.freeze_reason},
    )


async def tickets_of(reader: Reader, lot: str) -> dict[str, str]:
    """The lot's tickets, each with the policy version of its split."""
    rows = await reader.run(
        text("SELECT ticket, split_policy FROM lot_ticket WHERE lot = :lot ORDER BY ticket"),
        {"lot": lot},
    )
    return {row.ticket: row.split_policy for row in rows}


async def list_tickets(reader: Reader, lot: str, after: str, limit: int) -> list[str]:
    """The lot's tickets in order of id."""
    rows = await reader.run(
        text("""
            SELECT ticket FROM lot_ticket WHERE lot = :lot AND ticket > :after
            ORDER BY ticket LIMIT :limit
        """),
        {"lot": lot, "after": after, "limit": limit},
    )
    return list(rows.scalars())


async def lots_holding(reader: Reader, tickets: Sequence[str]) -> list[str]:
    """Lots not yet paid, unsold or defaulted that hold any of these tickets."""
    rows = await reader.run(
        text("""
            SELECT DISTINCT l.id FROM lot_ticket t JOIN lot l ON l.id = t.lot
            WHERE t.ticket = ANY(:tickets) AND l.state IN ('live', 'frozen', 'closed', 'sold')
            ORDER BY l.id
        """),
        {"tickets": list(tickets)},
    )
    return [row.id for row in rows]


async def lots_due_for(reader: Reader, bidder: str, until: datetime) -> list[str]:
    """Lots of a bidder whose close or opening is due and not done: its deposits are held there."""
    rows = await reader.run(
        text("""
            SELECT l.id FROM registration r JOIN lot l ON l.id = r.lot
            WHERE r.bidder = :bidder AND (l.state = 'live' AND l.closes_at <= :until
                OR l.state = 'closed' AND l.opening_due_at <= :until) ORDER BY l.id
        """),
        {"bidder": bidder, "until": until},
    )
    return [row.id for row in rows]


async def due_closes(reader: Reader, until: datetime, limit: int) -> list[Due]:
    """Lots whose close has come."""
    rows = await reader.run(
        text("""
            SELECT id, closes_at AS at FROM lot WHERE state = 'live' AND closes_at <= :until
            ORDER BY closes_at, id LIMIT :limit
        """),
        {"until": until, "limit": limit},
    )
    return [Due(row.at, row.id) for row in rows]


async def due_defaults(reader: Reader, until: datetime, limit: int) -> list[Due]:
    """Sold lots whose payment term has ended."""
    rows = await reader.run(
        text("""
            SELECT id, payment_due_at AS at FROM lot
            WHERE state = 'sold' AND payment_due_at <= :until
            ORDER BY payment_due_at, id LIMIT :limit
        """),
        {"until": until, "limit": limit},
    )
    return [Due(row.at, row.id) for row in rows]


async def due_openings(reader: Reader, until: datetime, limit: int) -> list[Due]:
    """Closed lots whose custodians have had their time."""
    rows = await reader.run(
        text("""
            SELECT id, opening_due_at AS at FROM lot
            WHERE state = 'closed' AND opening_due_at <= :until
            ORDER BY opening_due_at, id LIMIT :limit
        """),
        {"until": until, "limit": limit},
    )
    return [Due(row.at, row.id) for row in rows]
