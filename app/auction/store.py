"""Every SQL statement of the auction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from app.auction.rules import Bid, Lot, LotState, Mode, Terms
from app.kernel.units import Fen
from app.platform.db import Reader, Tx
from app.platform.jobs import Due
from app.policy.rules import SealedTie

_LOTS = """
    SELECT id, province, mode, area, start_price_fen, reserve_price_fen, increment_fen, deposit_fen,
           opens_at, closes_at, draw_seed, policy, extension_seconds, min_bidders, sealed_tie,
           payment_days, state, frozen_at, leader, leading_price_fen, bids, winner, price_fen,
           payment_due_at
    FROM lot
"""
_BIDS = "SELECT lot, bidder, price_fen, at, number FROM bid"


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
        ),
        state=LotState(row.state),
        frozen_at=row.frozen_at,
        leader=row.leader,
        leading_price=row.leading_price_fen,
        bids=row.bids,
        winner=row.winner,
        price=row.price_fen,
        payment_due_at=row.payment_due_at,
    )


async def find_lot(reader: Reader, id_: str, *, lock: bool = False) -> Lot | None:
    """A lot; with `lock`, held until the transaction ends."""
    statement = _LOTS + " WHERE id = :id" + (" FOR UPDATE" if lock else "")
    row = (await reader.run(text(statement), {"id": id_})).one_or_none()
    return None if row is None else _lot(row)


async def list_lots(reader: Reader, after: str, limit: int) -> list[Lot]:
    """Lots in order of id."""
    rows = await reader.run(
        text(_LOTS + " WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_lot(row) for row in rows]


async def insert_lot(tx: Tx, lot: Lot, tickets: Sequence[tuple[str, str]]) -> None:
    """Add a lot with its tickets, each with the policy version its split follows."""
    await tx.run(
        text("""
            INSERT INTO lot (id, province, mode, area, start_price_fen, reserve_price_fen,
                increment_fen, deposit_fen, opens_at, closes_at, draw_seed, policy,
                extension_seconds, min_bidders, sealed_tie, payment_days, state)
            VALUES (:id, :province, :mode, :area, :start_price, :reserve_price, :increment,
                :deposit, :opens_at, :closes_at, :draw_seed, :policy, :extension_seconds,
                :min_bidders, :sealed_tie, :payment_days, :state)
        """),
        {
            "id": lot.id,
            "province": lot.province,
            "mode": lot.mode.value,
            "area": lot.area,
            "start_price": lot.start_price,
            "reserve_price": lot.reserve_price,
            "increment": lot.increment,
            "deposit": lot.deposit,
            "opens_at": lot.opens_at,
            "closes_at": lot.closes_at,
            "draw_seed": lot.draw_seed,
            "policy": lot.terms.policy,
            "extension_seconds": lot.terms.extension // timedelta(seconds=1),
            "min_bidders": lot.terms.min_bidders,
            "sealed_tie": lot.terms.sealed_tie.value,
            "payment_days": lot.terms.payment_term.days,
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


async def update_lot(tx: Tx, lot: Lot) -> None:
    """Write what can change of a lot."""
    await tx.run(
        text("""
            UPDATE lot SET closes_at = :closes_at, state = :state, frozen_at = :frozen_at,
                leader = :leader, leading_price_fen = :leading_price, bids = :bids,
                winner = :winner, price_fen = :price, payment_due_at = :payment_due_at
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
        },
    )


async def tickets_of(reader: Reader, lot: str) -> dict[str, str]:
    """The lot's tickets, each with the policy version of its split."""
    rows = await reader.run(
        text("SELECT ticket, split_policy FROM lot_ticket WHERE lot = :lot ORDER BY ticket"),
        {"lot": lot},
    )
    return {row.ticket: row.split_policy for row in rows}


async def lots_holding(reader: Reader, tickets: Sequence[str]) -> list[str]:
    """Lots not yet paid, unsold or defaulted that hold any of these tickets."""
    rows = await reader.run(
        text("""
            SELECT DISTINCT l.id FROM lot_ticket t JOIN lot l ON l.id = t.lot
            WHERE t.ticket = ANY(:tickets) AND l.state IN ('live', 'frozen', 'sold') ORDER BY l.id
        """),
        {"tickets": list(tickets)},
    )
    return [row.id for row in rows]


async def lots_due_for(reader: Reader, bidder: str, until: datetime) -> list[str]:
    """Lots of a bidder whose close has come and is not done: its deposits are still held there."""
    rows = await reader.run(
        text("""
            SELECT l.id FROM registration r JOIN lot l ON l.id = r.lot
            WHERE r.bidder = :bidder AND l.state = 'live' AND l.closes_at <= :until ORDER BY l.id
        """),
        {"bidder": bidder, "until": until},
    )
    return [row.id for row in rows]


async def registered(reader: Reader, lot: str) -> list[str]:
    """Who is registered for the lot."""
    rows = await reader.run(
        text("SELECT bidder FROM registration WHERE lot = :lot ORDER BY bidder"), {"lot": lot}
    )
    return [row.bidder for row in rows]


async def is_registered(reader: Reader, lot: str, bidder: str) -> bool:
    """Whether this bidder is registered for the lot."""
    found = await reader.run(
        text("SELECT EXISTS (SELECT FROM registration WHERE lot = :lot AND bidder = :bidder)"),
        {"lot": lot, "bidder": bidder},
    )
    return bool(found.scalar_one())


async def insert_registration(tx: Tx, lot: str, bidder: str, now: datetime) -> None:
    """Register a bidder for a lot."""
    await tx.run(
        text("INSERT INTO registration (lot, bidder, at) VALUES (:lot, :bidder, :now)"),
        {"lot": lot, "bidder": bidder, "now": now},
    )


async def insert_bids(tx: Tx, bids: Sequence[Bid], salts: Sequence[bytes]) -> None:
    """Append accepted bids, each with the salt of its commitment."""
    await tx.run(
        text("""
            INSERT INTO bid (lot, bidder, price_fen, at, number, salt)
            SELECT * FROM unnest(CAST(:lots AS text[]), CAST(:bidders AS text[]),
                CAST(:prices AS bigint[]), CAST(:ats AS timestamptz[]), CAST(:numbers AS int[]),
                CAST(:salts AS bytea[]))
        """),
        {
            "lots": [bid.lot for bid in bids],
            "bidders": [bid.bidder for bid in bids],
            "prices": [bid.price for bid in bids],
            "ats": [bid.at for bid in bids],
            "numbers": [bid.number for bid in bids],
            "salts": list(salts),
        },
    )


async def last_bids(reader: Reader, lot: str) -> list[tuple[Bid, bytes]]:
    """The last bid of each bidder, with the salt of its commitment."""
    rows = await reader.run(
        text("""
            SELECT DISTINCT ON (bidder) lot, bidder, price_fen, at, number, salt
            FROM bid WHERE lot = :lot ORDER BY bidder, number DESC
        """),
        {"lot": lot},
    )
    return [(Bid(r.lot, r.bidder, Fen(r.price_fen), r.at, r.number), bytes(r.salt)) for r in rows]


async def list_bids(reader: Reader, lot: str, after: int, limit: int) -> list[Bid]:
    """Bids of a lot in order of acceptance."""
    rows = await reader.run(
        text(_BIDS + " WHERE lot = :lot AND number > :after ORDER BY number LIMIT :limit"),
        {"lot": lot, "after": after, "limit": limit},
    )
    return [Bid(r.lot, r.bidder, Fen(r.price_fen), r.at, r.number) for r in rows]


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
