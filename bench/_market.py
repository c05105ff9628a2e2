"""Writes a sold lot as the steps before its payment would have left it."""

import asyncpg

from app import ledger
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Move, move
from app.platform.db import Database

AREA, RECLAMATION, FINANCING, PER_TICKET, DEPOSIT = 18_000, 1_080_000, 120_000, 6_200_001, 1_000_000
CITY, COUNTY, PROVINCE, BUYER, BATCH = "500112", "500236", "500000", "b1", 1_000

_PARTIES = """
    INSERT INTO region VALUES ('500000', '重庆市', NULL, '500000'),
        ('500236', '奉节县', 'farm_product', '500000'), ('500112', '渝北区', 'urbanised', '500000');
    INSERT INTO collective VALUES ('v1', '一村', '500236', '500000', 9);
    INSERT INTO bidder VALUES ('b1', '某公司');
"""
_TICKETS = """
    WITH n AS (SELECT generate_series(1, {size}) AS n),
    h AS (INSERT INTO household SELECT '{lot}.h' || n, '某', 'v1', '500000', 3 FROM n RETURNING id),
    a AS (
        INSERT INTO application (id, household, collective, county, province, area, lawful_area,
            co_owners, state, applied_at, cooling_off_ends_at, policy, notice_ends_at, city,
            city_fixed)
        SELECT '{lot}.a' || n, '{lot}.h' || n, 'v1', '500236', '500000', {area}, {area}, 0,
            'accepted', now(), now(), '500000.default', now(), '500112', true FROM n RETURNING id),
    c AS (
        INSERT INTO acceptance
        SELECT '{lot}.a' || n, {area}, 'cropland', {reclamation}, {financing}, now() FROM n
        RETURNING application)
    INSERT INTO ticket
    SELECT '{lot}.t' || n, '{lot}.a' || n, '{lot}.h' || n, 'v1', '500236', '500000', '500000',
        {area}, {reclamation}, {financing}, now(), 'sold' FROM n;
"""
_LOT = """
    INSERT INTO lot (id, province, mode, area, start_price_fen, increment_fen, deposit_fen,
        opens_at, closes_at, policy, extension_seconds, min_bidders, sealed_tie, payment_days,
        notice_days, state)
    VALUES ('{lot}', '500000', 'ascending', {area} * {size}::bigint, {price}, 100, {deposit},
        now() - interval '2 days', now() - interval '1 day', '500000.default', 300, 1, 'earliest',
        60, 20, 'live');
    INSERT INTO lot_ticket
        SELECT '{lot}', '{lot}.t' || generate_series(1, {size}), '500000.default';
    INSERT INTO registration VALUES ('{lot}', 'b1', now(), 100000, sha256(''));
    INSERT INTO bid VALUES ('{lot}', 1, 'b1', {price}, now(), sha256(''));
    UPDATE lot SET state = 'sold', leader = 'b1', leading_price_fen = {price}, bids = 1,
        winner = 'b1', price_fen = {price}, payment_due_at = now() + interval '59 days'
    WHERE id = '{lot}';
"""


async def write_parties(owner_dsn: str) -> None:
    """One province, one village, one bidder."""
    connection = await asyncpg.connect(owner_dsn)
    await connection.execute(_PARTIES)
    await connection.close()


async def write_sold_lot(db: Database, owner_dsn: str, size: int) -> str:
    """A lot of `size` tickets that `b1` has won and can pay; answers with its id."""
    lot, price = f"l{size}", PER_TICKET * size
    figures = {
        "lot": lot,
        "size": size,
        "area": AREA,
        "reclamation": RECLAMATION,
        "financing": FINANCING,
        "price": price,
        "deposit": DEPOSIT,
    }
    connection = await asyncpg.connect(owner_dsn)
    await connection.execute(_TICKETS.format(**figures))
    # As a lot from the time before notices were hashed: it has none.
    await connection.execute("ALTER TABLE lot DISABLE TRIGGER as_noticed")
    await connection.execute(_LOT.format(**figures))
    await connection.execute("ALTER TABLE lot ENABLE TRIGGER as_noticed")
    await connection.close()

    cash = AccountRef(AccountKind.BIDDER_CASH, BUYER)
    deposit = AccountRef(AccountKind.DEPOSIT, f"{lot}:{BUYER}", PROVINCE)
    bank = AccountRef(AccountKind.BANK, "escrow")
    money = [
        _draft(EntryKind.CASH_IN, f"in:{lot}", "000000", move(bank, cash, price)),
        _draft(EntryKind.DEPOSIT_HOLD, f"hold:{lot}", PROVINCE, move(cash, deposit, DEPOSIT)),
    ]
    await db.transact(ledger.post, money)
    for first in range(1, size + 1, BATCH):
        batch = range(first, min(first + BATCH, size + 1))
        await db.transact(ledger.post, [d for n in batch for d in _quota(lot, n)])
    return lot


def _draft(kind: EntryKind, key: str, province: str, moves: tuple[Move, ...]) -> Draft:
    return Draft(kind=kind, key=key, province=province, subject=key, moves=moves)


def _quota(lot: str, n: int) -> list[Draft]:
    opening = AccountRef(AccountKind.LAND_OPENING, f"{lot}.v{n}", PROVINCE)
    homestead = AccountRef(AccountKind.HOMESTEAD, f"{lot}.v{n}", PROVINCE)
    accepted = AccountRef(AccountKind.ACCEPTED, f"{lot}.a{n}", PROVINCE)
    ticket = AccountRef(AccountKind.TICKET, f"{lot}.t{n}", PROVINCE)
    steps = (
        (EntryKind.OPENING_STOCK, opening, homestead),
        (EntryKind.RECLAMATION, homestead, accepted),
        (EntryKind.ISSUE, accepted, ticket),
    )
    return [
        _draft(kind, f"{kind}:{lot}.t{n}", PROVINCE, move(source, target, AREA))
        for kind, source, target in steps
    ]
