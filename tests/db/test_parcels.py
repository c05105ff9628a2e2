"""The database judges outlines by itself, exactly as the rules do."""

import random

import asyncpg
import pytest

from app.replay import load_case, play
from app.withdrawal.rules_outline import is_simple, overlap
from app.withdrawal.store_parcel import flat
from tests.conftest import ROOT
from tests.parcels import corners

PAIRS = 400
INSERT = """
    INSERT INTO parcel (application, ring, ring_area, ring_hash, given_at)
    VALUES ($1, $2, 1, repeat('0', 64), now())
"""


@pytest.fixture
async def owner(owner_dsn):
    connection = await asyncpg.connect(owner_dsn)
    yield connection
    await connection.close()


def ring(dice):
    while True:
        points = [(dice.randint(0, 6), dice.randint(0, 6)) for _ in range(dice.randint(3, 6))]
        if is_simple(tuple(points)):
            return tuple(points)


async def test_it_finds_common_ground_where_the_rules_do(owner):
    dice = random.Random(4490)
    pairs = [(ring(dice), ring(dice)) for _ in range(PAIRS)]
    pairs += [(a, a[1:] + a[:1]) for a, _ in pairs[:20]]
    found = [
        await owner.fetchval("SELECT rings_overlap($1::bigint[], $2::bigint[])", flat(a), flat(b))
        for a, b in pairs
    ]
    assert found == [overlap(a, b) for a, b in pairs]
    assert 0.2 < sum(found) / len(found) < 0.9


NO_HOMESTEADS = (
    [0, 0, 10, 0, 0, 10],
    [1_112_150_000, 283_700_000, 1_112_160_000],
    [1_112_150_000, 283_700_000, 1_112_150_000, 283_800_000, 1_112_150_000, 283_900_000],
    [1_112_150_000, 283_700_000, 1_113_150_001, 283_700_000, 1_113_150_000, 283_900_000],
)


async def test_nobody_lays_a_parcel_on_anothers_ground_or_moves_it(owner, market):
    await play(load_case(ROOT / "cases" / "b-sealed-tie.yaml"), market)
    one, other, *_ = [a["id"] for a in await market.list("/v1/applications")]
    square, beside, above = corners(0)[:-1], corners(1)[:-1], corners(0, north=5)[:-1]
    for points in NO_HOMESTEADS:
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(INSERT, one, points)
    await owner.execute(INSERT, one, flat(square))
    with pytest.raises(asyncpg.ExclusionViolationError):
        await owner.execute(INSERT, other, flat(above))
    await owner.execute(INSERT, other, flat(beside))
    box = await owner.fetchrow(
        "SELECT west, south, east, north FROM parcel WHERE application = $1", one
    )
    assert tuple(box) == (*square[0], *square[2])
    for change in ("UPDATE parcel SET ring_area = 2", "DELETE FROM parcel", "TRUNCATE parcel"):
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(change)
