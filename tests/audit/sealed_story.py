"""A market with sealed lots, told through the API: custodians, notices, probes, lost keys."""

import hashlib
from base64 import b64encode
from datetime import timedelta

from app.replay.client import NODE
from app.seal import Custodian, Terms, auction_key, message_hash, seal, seal_probe
from app.transparency.notes import Ed25519Signer, sign, vkey
from tests.conftest import START
from tests.story import DEPOSIT, HERE, Story, a_market

HOUSEHOLDS = [f"h{n}" for n in range(6)]
BIDDERS = ["b0", "b1", "b2", "b3"]
KEEPERS = [f"k{n}" for n in range(5)]
OPENS, CLOSES = START + timedelta(hours=1), START + timedelta(hours=2)


def bytes32(*words):
    """Thirty-two bytes that are the same in every run."""
    return hashlib.sha256(":".join(map(str, words)).encode()).digest()


def encoded(data):
    return b64encode(data).decode()


class SealedStory:
    """The story, and what its custodians and bidders keep to themselves."""

    def __init__(self, story):
        self.story = story
        self.sent = {}

    @classmethod
    async def tell(cls, market):
        """Six lots: sold, keys lost, a draw, unsold, without custodians, and one by new notice."""
        story = await Story.begin(market, a_market(START, HOUSEHOLDS, BIDDERS))
        told = cls(story)
        for keeper in KEEPERS:
            body = {"id": keeper, "name": f"保管人{keeper}"}
            assert "id" in await market.send("security_admin", NODE, "/v1/custodians", body)
        tickets = dict(zip(HOUSEHOLDS, await story.hand_in(HOUSEHOLDS), strict=True))
        await told.list("sold", tickets["h0"], reserve_price_cny="20000.00")
        await told.list("lost", tickets["h1"])
        await told.list("unsold", tickets["h2"], reserve_price_cny="90000.00")
        await story.list_lot(
            "plain", [tickets["h3"]], OPENS, CLOSES, mode="sealed", reserve_price_cny="20000.00"
        )
        await told.list("renewed", tickets["h4"])
        await told.renew("renewed")
        await story.list_lot("raised", [tickets["h5"]], OPENS, CLOSES, reserve_price_cny="20100.00")
        await told.probe("sold", "k0")
        for lot in ("sold", "lost", "unsold", "renewed"):
            for bidder in BIDDERS:
                await told.register(lot, bidder)
        await story.register(["plain", "raised"], BIDDERS)
        await story.clock(OPENS)
        await told.bids()
        await story.clock(CLOSES)
        await told.keys()
        await story.must("pay", lot="sold", bidder="b1")
        await story.must("pay", lot="plain", bidder="b2")
        await story.clock(CLOSES + timedelta(days=70))
        return told

    def public(self, lot):
        """The custodians' keys for a lot."""
        return [Custodian(k, auction_key(bytes32(lot, k))) for k in KEEPERS]

    def _custody(self, lot):
        return {
            "sealing": "lqx-seal/1",
            "custodians": [
                {"custodian": c.id, "public_key": encoded(c.public)} for c in self.public(lot)
            ],
            "threshold": 3,
            "opening_days": 2,
        }

    async def list(self, lot, ticket, **terms):
        await self.story.list_lot(
            lot, [ticket], OPENS, CLOSES, mode="sealed", **self._custody(lot), **terms
        )

    async def renew(self, lot):
        """Other terms under a new notice."""
        body = {
            "lot": lot,
            "start_price_cny": "21000.00",
            "deposit_cny": DEPOSIT,
            "opens_at": OPENS.isoformat(),
            "closes_at": CLOSES.isoformat(),
        }
        custody = self._custody(lot)
        del custody["sealing"]
        answer = await self.story.market.send("exchange", HERE, "/v1/notices", body | custody)
        assert "code" not in answer, answer

    async def probe(self, lot, keeper, asker="b0"):
        nonce = bytes32("nonce", lot, keeper)
        context = f"{lot}:{keeper}:probe".encode()
        public = auction_key(bytes32(lot, keeper))
        body = {
            "id": "probe",
            "lot": lot,
            "custodian": keeper,
            "sealed": encoded(seal_probe(public, nonce, context, bytes32("ephemeral"))),
            "nonce_hash": hashlib.sha256(nonce).hexdigest(),
        }
        market = self.story.market
        asked = await market.send("bidder", asker, "/v1/probes", body)
        assert "code" not in asked, asked
        body = {"probe": "probe", "nonce": encoded(nonce)}
        answered = await market.send("custodian", keeper, "/v1/probe-answers", body)
        assert "code" not in answered, answered

    def signer(self, lot, bidder):
        return Ed25519Signer(f"{bidder}/{lot}", bytes32("bid key", lot, bidder))

    async def register(self, lot, bidder):
        key = vkey(self.signer(lot, bidder))
        await self.story.must("register", lot=lot, bidder=bidder, bid_key=key)

    async def notice(self, lot):
        return str((await self.story.market.read(f"/v1/lots/{lot}/notice"))["hash"])

    async def bid(self, lot, bidder, seq, price, notice=None):
        """A sealed bid; answers with the hash of its message."""
        terms = Terms(notice or await self.notice(lot), lot, 3, tuple(self.public(lot)))
        dek = bytes32("dek", lot, bidder, seq)
        data = seal(terms, bidder, seq, {"price_cny": price}, dek)
        note = sign(data.decode() + "\n", self.signer(lot, bidder)).encode()
        body = {"lot": lot, "bidder": bidder, "note": note}
        answer = await self.story.market.send("bidder", bidder, "/v1/sealed-bids", body)
        self.sent[lot, bidder, seq] = (message_hash(data), dek)
        return answer

    async def bids(self):
        for lot in ("sold", "lost", "unsold", "renewed"):
            await self.bid(lot, "b0", 1, "25000.00")
            await self.bid(lot, "b1", 1, "26000.00")
            await self.bid(lot, "b0", 2, "24000.00")
            await self.bid(lot, "b2", 1, "26000.00")
            await self.bid(lot, "b3", 1, "1.00")
        refused = await self.bid("sold", "b3", 2, "26000.01", notice="00" * 32)
        assert refused["code"] == "notice-outdated", refused
        for bidder, price in (("b0", "22000.00"), ("b2", "23000.00"), ("b3", "23000.00")):
            await self.story.must("bid", lot="plain", bidder=bidder, price_cny=price)
            await self.story.must("bid", lot="raised", bidder=bidder, price_cny=price)
            if bidder == "b2":
                await self.story.ask("bid", lot="raised", bidder=bidder, price_cny="23500.00")
                break
        await self.story.ask("bid", lot="raised", bidder="b1", price_cny="23000.01")
        await self.story.must("bid", lot="raised", bidder="b3", price_cny="23100.00")
        await self.story.must("freeze", lot="raised")
        await self.story.ask("bid", lot="raised", bidder="b0", price_cny="90000.00")
        await self.story.must("resume", lot="raised")

    async def release(self, lot, keeper):
        private = encoded(bytes32(lot, keeper))
        body = {"lot": lot, "custodian": keeper, "private_key": private}
        return await self.story.market.send("custodian", keeper, "/v1/custodian-keys", body)

    async def keys(self):
        for lot, keepers in (
            ("sold", "024"),
            ("unsold", "123"),
            ("renewed", "342"),
            ("lost", "14"),
        ):
            for number in keepers:
                answer = await self.release(lot, f"k{number}")
                assert "code" not in answer, answer
        for bidder, seq in (("b0", 2), ("b1", 1), ("b3", 1)):
            commit, dek = self.sent["lost", bidder, seq]
            body = {"commit": commit, "dek": encoded(dek)}
            answer = await self.story.market.send("bidder", bidder, "/v1/bid-keys", body)
            assert "code" not in answer, answer
