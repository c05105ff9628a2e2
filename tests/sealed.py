"""A market with tickets handed in, custodians with keys, and bidders that seal their bids."""

import base64
import json
from datetime import datetime, timedelta
from hashlib import sha256

from app import seal
from app.replay import parse_case, play
from app.transparency.notes import Ed25519Signer, sign, vkey
from tests.http.support import CASES, NODE

CUSTODIANS = ("ministry", "audit", "notary", "seller", "exchange")
EXCHANGE = ("exchange", "500000")
LISTED = datetime.fromisoformat("2026-03-03T11:00:00+08:00")
OPENS = LISTED + timedelta(days=10)
CLOSES = OPENS + timedelta(days=3)
PRICES = {"b1": "150000.01", "b2": "151234.56", "b3": "139999.99"}


def at(instant):
    return instant.isoformat()


def secret(*words):
    """32 bytes that a test can name again."""
    return sha256(":".join(map(str, words)).encode()).digest()


def text64(data):
    return base64.b64encode(data).decode()


def custodian_private(lot, custodian):
    return secret("custodian", lot, custodian)


def custodians(lot, ids=CUSTODIANS):
    return [
        {"custodian": c, "public_key": text64(seal.auction_key(custodian_private(lot, c)))}
        for c in ids
    ]


def signer(lot, bidder):
    return Ed25519Signer(f"{bidder}/{lot}", secret("bidder", lot, bidder))


def listing(lot="l1", **changes):
    """A sealed lot with five custodians, of whom three open it."""
    body = {
        "id": lot,
        "province": "500000",
        "tickets": ["t1", "t2", "t3"],
        "mode": "sealed",
        "sealing": "lqx-seal/1",
        "start_price_cny": "140000.00",
        "reserve_price_cny": "145000.00",
        "deposit_cny": "20000.00",
        "opens_at": at(OPENS),
        "closes_at": at(CLOSES),
        "custodians": custodians(lot),
        "opening_days": 2,
    }
    return body | changes


async def market(node):
    """Three tickets lie handed in at the exchange; it is ten days before any bidding."""
    text = (CASES / "b-sealed-tie.yaml").read_text(encoding="utf-8")
    text = text[: text.index('  - {at: "2026-03-04T09')]
    text = text.replace("auction_notice_days: 0", "auction_notice_days: 10")
    await play(parse_case(text), node.market)
    for custodian in CUSTODIANS:
        body = {"id": custodian, "name": f"{custodian}处"}
        await accepted(node, "security_admin", NODE, "/v1/custodians", body)


async def move(node, instant):
    answer = await node.post("system_admin", NODE, "/v1/clock", {"to": at(instant)})
    assert answer.status_code == 200, answer.text


async def accepted(node, role, party, path, body):
    answer = await node.post(role, party, path, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def register(node, bidder, lot="l1", **changes):
    body = {"lot": lot, "bidder": bidder, "bid_key": vkey(signer(lot, bidder))} | changes
    return await accepted(node, "bidder", bidder, "/v1/registrations", body)


async def terms(node, lot="l1"):
    """What a bidder seals under: the present notice, as anybody reads it."""
    notice = (await node.http.get(f"/v1/lots/{lot}/notice")).json()
    keepers = tuple(
        seal.Custodian(id_, base64.b64decode(key)) for id_, key in notice["terms"]["custodians"]
    )
    return seal.Terms(notice["hash"], lot, notice["terms"]["threshold"], keepers)


def sealed(under, bidder, seq, price, *, dek=None, by=None):
    """The signed note of a sealed bid."""
    dek = dek or secret("dek", under.auction, bidder, seq)
    message = seal.seal(under, bidder, seq, {"price_cny": price}, dek)
    return signed(message, by or signer(under.auction, bidder))


def signed(message, by):
    return sign(message.decode() + "\n", by).encode()


async def bid(node, bidder, note, lot="l1"):
    body = {"lot": lot, "bidder": bidder, "note": note}
    return await node.post("bidder", bidder, "/v1/sealed-bids", body)


async def release(node, custodian, lot="l1", private=None):
    key = private or custodian_private(lot, custodian)
    body = {"lot": lot, "custodian": custodian, "private_key": text64(key)}
    return await node.post("custodian", custodian, "/v1/custodian-keys", body)


async def open_market(node, **changes):
    """A listed lot, three registered bidders, and bidding open."""
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing(**changes))
    for bidder in PRICES:
        await register(node, bidder)
    await move(node, OPENS)


async def until_closed(node, **changes):
    """Each bidder has sealed one bid, and the lot has closed."""
    await open_market(node, **changes)
    under = await terms(node)
    for bidder, price in PRICES.items():
        assert (await bid(node, bidder, sealed(under, bidder, 1, price))).status_code == 201
    await move(node, CLOSES)


async def records(node, *kinds, subject=None):
    """Bodies of records of these kinds as (kind, whole body), in order."""
    rows = await node.owner.fetch(
        "SELECT kind, body FROM record WHERE kind = ANY($1::text[]) AND ($2::text IS NULL OR"
        " subject = $2) ORDER BY id",
        list(kinds),
        subject,
    )
    return [(row[0], json.loads(row[1])) for row in rows]


async def lot_of(node, lot="l1"):
    return (await node.http.get(f"/v1/lots/{lot}")).json()
