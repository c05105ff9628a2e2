"""The story of the demo market, as a case that ends at the present moment.

Lots have the areas, start prices, steps and deposits of official notices: Hunan's notice
湘资耕指告字[2017]09号 (lots 92, 93, 96, 97; the unit is the hectare) and Henan's batch 2019003-2
(lot 2019003029; no step or deposit was printed, so those are ours). No final prices were
published; the bids, people and costs here are invented. Such lots are the size of villages, so each
demo household stands for a whole hamlet.
"""

from datetime import datetime, timedelta
from typing import Any

from app.cli.demo_ground import outline

HUNAN, HENAN = "430000", "410000"
ANHUA, YUELU, XIXIAN, JINSHUI = "430923", "430104", "411528", "410105"

# lot: area in 0.01 m², start price, step and deposit in yuan
LOTS = {
    "hunan-96": (13_333_400, "20010000.00", "1000000.00", "4000000.00"),
    "hunan-97": (16_700_000, "25050000.00", "1250000.00", "5010000.00"),
    "hunan-92": (16_630_000, "24950000.00", "1240000.00", "4990000.00"),
    "hunan-93": (22_945_000, "34420000.00", "1720000.00", "6880000.00"),
    "henan-2019003029": (34_629_266, "63890997.00", None, "12000000.00"),
}
# lot: area in 0.01 m², start price and deposit in fen; of the same notice of Hunan
SEALED_LOTS = {
    "hunan-98": (22_265_900, 3_340_000_000, 668_000_000),
    "hunan-99": (26_388_400, 3_959_000_000, 791_000_000),
}
TICKETS_PER_LOT = 4
NAMES = ("向德贵", "陈淑芬", "谭远福", "卢开秀", "黄世平", "王能珍", "冉光明", "田茂林")

Step = dict[str, Any]


def sealed_tickets(lot: str) -> list[str]:
    """The tickets that a sealed lot is made of."""
    return [f"{lot}-1", f"{lot}-2"]


def demo_case(now: datetime) -> dict[str, Any]:
    """The past up to `now`: one lot settled, one sold, one open, one sealed, one announced.

    The tickets of the lots that are sealed to custodians lie handed in (`demo_sealed` goes on).
    """
    story = _Story(now)
    story.lot("hunan-96", listed_days_ago=255)
    story.lot("hunan-97", listed_days_ago=22)
    story.lot("hunan-92", listed_days_ago=21)
    story.lot("hunan-93", listed_days_ago=5)
    story.lot("henan-2019003029", listed_days_ago=21)
    story.trade()
    story.live_in_the_city()
    story.flow_to_henan()
    for lot, (area, _, _) in SEALED_LOTS.items():
        half = area // 2
        for ticket, share in zip(sealed_tickets(lot), (half, area - half), strict=True):
            story.withdraw(share, 102, "anhua-1", ticket=ticket)
    story.leave_matters_open()
    return {
        "case": "demo",
        "policy": {"subsidy_pool_share": "0.10", "subsidy_rate_cny": "1000.00"},
        "regions": [
            {"code": HUNAN, "name": "湖南省"},
            _county(ANHUA, "安化县", "farm_product", "420000000.00"),
            _county(YUELU, "岳麓区", "urbanised", "60000000.00"),
            {"code": HENAN, "name": "河南省"},
            _county(XIXIAN, "息县", "farm_product", "980000000.00"),
            _county(JINSHUI, "金水区", "urbanised", "40000000.00"),
        ],
        "collectives": [
            _village("anhua-1", "安化县梅城镇示例村集体经济组织", ANHUA, 120),
            _village("xixian-1", "息县夏庄镇示例村集体经济组织", XIXIAN, 200),
            _village("yuelu-1", "岳麓区莲花镇示例村集体经济组织", YUELU, 90),
        ],
        "households": story.households,
        "bidders": [
            {"id": "b1", "name": "湘江新区建设投资公司", "cash_cny": "90000000.00"},
            {"id": "b2", "name": "岳麓城市发展公司", "cash_cny": "90000000.00"},
            {"id": "b3", "name": "中原置地公司", "cash_cny": "150000000.00"},
        ],
        "coefficients": [
            {
                "from": HUNAN,
                "to": HENAN,
                "yield_out": 900,
                "yield_in": 750,
                "valid_from": "2020-01-01",
                "valid_to": "2099-12-31",
            }
        ],
        "until": now.isoformat(),
        "steps": sorted(story.steps, key=lambda step: str(step["at"])),
    }


def _county(code: str, name: str, zone: str, cropland: str) -> dict[str, str]:
    return {"code": code, "name": name, "zone": zone, "cropland_m2": cropland}


def _village(id_: str, name: str, county: str, members: int) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "county": county,
        "homestead_m2": "2000000.00",
        "members": members,
    }


def _m2(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


class _Story:
    """Collects households and dated steps; days are counted back from now."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.households: list[dict[str, Any]] = []
        self.steps: list[Step] = []

    def take(self, days_ago: int, minutes: int, do: str, **fields: Any) -> None:
        """Add a step; `minutes` orders the steps of a day."""
        at = self.now - timedelta(days=days_ago) + timedelta(minutes=minutes)
        self.steps.append({"at": at.isoformat(), "do": do, **fields})

    def lot(self, lot: str, listed_days_ago: int) -> None:
        """Withdraw homesteads for a lot's area, and list their tickets."""
        area, start, step, deposit = LOTS[lot]
        away = lot.startswith("henan")
        shares = [area // TICKETS_PER_LOT] * TICKETS_PER_LOT
        shares[-1] += area - sum(shares)
        tickets = [
            self.withdraw(share, listed_days_ago + 80, "xixian-1" if away else "anhua-1")
            for share in shares
        ]
        opens = self.now - timedelta(days=listed_days_ago - 20)
        fields = {
            "id": lot,
            "province": HENAN if away else HUNAN,
            "tickets": tickets,
            "mode": "sealed" if step is None else "ascending",
            "start_price_cny": start,
            "deposit_cny": deposit,
            "opens_at": opens.isoformat(),
            "closes_at": (opens + timedelta(days=1 if lot == "hunan-97" else 7)).isoformat(),
        }
        if step is not None:
            fields["increment_cny"] = step
        self.take(listed_days_ago, 0, "list", **fields)
        for bidder in ("b1", "b2", "b3") if away else ("b1", "b2"):
            self.take(listed_days_ago - 2, 0, "register", lot=lot, bidder=bidder)

    def withdraw(
        self,
        area: int,
        days_ago: int,
        village: str,
        *,
        city: str | None = None,
        ticket: str | None = None,
    ) -> str:
        """Take one household from application to a ticket; handed in unless it goes elsewhere."""
        n = len(self.households) + 1
        away = village.startswith("xixian")
        household, application, ticket = f"h{n}", f"a{n}", ticket or f"t{n}"
        self.households.append(
            {
                "id": household,
                "name": NAMES[(n - 1) % len(NAMES)],
                "collective": village,
                "heads": 2 + n % 3,
            }
        )
        own_city = JINSHUI if away else YUELU
        of = {"application": application}
        self.take(days_ago, n, "apply", id=application, household=household, area_m2=_m2(area))
        self.take(days_ago - 31, n, "village_review", **of, votes_for=180 if away else 100)
        self.take(days_ago - 39, n, "township_determine", **of)
        self.take(days_ago - 40, n, "county_approve", **of)
        settled = {"work_years": 4 + n % 5, "income_proof": True, "long_term": True}
        self.take(days_ago - 41, n, "city_approve", **of, city=city or own_city, **settled)
        self.take(
            days_ago - 70,
            n,
            "accept_reclamation",
            **of,
            accepted_m2=_m2(area),
            to="cropland",
            reclamation_cost_cny=_m2(area * 45),
            financing_cost_cny=_m2(area * 3),
            parcel=outline(village, n, area),
        )
        self.take(days_ago - 71, n, "issue", **of, id=ticket)
        if city is None:
            self.take(days_ago - 72, n, "hand_in", ticket=ticket)
        return ticket

    def trade(self) -> None:
        """Bids: one lot sold and paid long ago, one sold yesterday and unpaid, one open now."""
        self.take(233, 0, "bid", lot="hunan-96", bidder="b1", price_cny="20010000.00")
        self.take(232, 0, "bid", lot="hunan-96", bidder="b2", price_cny="22510000.00")
        self.take(231, 0, "bid", lot="hunan-96", bidder="b1", price_cny="24000000.00")
        self.take(225, 0, "pay", lot="hunan-96", bidder="b1")
        self.take(2, 30, "bid", lot="hunan-97", bidder="b2", price_cny="25050000.00")
        self.take(2, 60, "bid", lot="hunan-97", bidder="b1", price_cny="26800000.00")
        self.take(1, 10, "bid", lot="hunan-92", bidder="b1", price_cny="24950000.00")
        self.take(1, 40, "bid", lot="hunan-92", bidder="b2", price_cny="26190000.00")
        sealed = {"lot": "henan-2019003029", "bidder": "b3", "price_cny": "66000000.00"}
        self.take(1, 20, "bid", **sealed)

    def live_in_the_city(self) -> None:
        """What the households of the settled lot did with their accounts; a plot is landed."""
        self.take(224, 0, "land_income", county=YUELU, amount_cny="5000000.00")
        for n, household in enumerate(("h1", "h2", "h3", "h4")):
            self.take(223, n, "subsidise", household=household)
        rent = {"rent_per_m2_cny": "18.00", "subsidy_per_m2_cny": "6.00", "area_m2": "60.00"}
        self.take(220, 0, "rent_public", id="r1", household="h1", **rent)
        home = {"price_cny": "420000.00", "surplus": "keep"}
        self.take(200, 0, "buy_affordable", household="h2", **home)
        self.take(190, 0, "buy_commercial", household="h3", price_cny="900000.00", first_home=True)
        plot = {"lot": "hunan-96", "bidder": "b1", "county": YUELU, "collective": "yuelu-1"}
        self.take(180, 0, "select_plot", id="p1", **plot, area_m2="50000.00")
        fees = {"new_land_fee_cny": "3000000.00", "reclamation_fee_cny": "1500000.00"}
        self.take(150, 0, "land_sale", plot="p1", winner="b1", **fees)

    def flow_to_henan(self) -> None:
        """One ticket flows to the other province with its household's account."""
        ticket = self.withdraw(1_800_000, 160, "anhua-1", city=JINSHUI)
        self.take(85, 0, "subsidise", household=self.households[-1]["id"])
        self.take(80, 0, "outflow", id="x1", ticket=ticket, to=HENAN)
        self.take(79, 0, "accept_transfer", transfer="x1")
        self.take(78, 0, "approve_transfer", transfer="x1")

    def leave_matters_open(self) -> None:
        """Three tickets for Henan, one still to be asked for; two objections, one ruled on."""
        for transfer, area in (("x2", 1_250_033), ("x3", 2_000_075)):
            ticket = self.withdraw(area, 95, "anhua-1", city=JINSHUI)
            self.take(6, 0, "subsidise", household=self.households[-1]["id"])
            self.take(4, 0, "outflow", id=transfer, ticket=ticket, to=HENAN)
        self.take(2, 0, "accept_transfer", transfer="x3")
        self.withdraw(1_600_007, 90, "anhua-1", city=JINSHUI)
        self.take(6, 0, "subsidise", household=self.households[-1]["id"])
        for objection, days_ago in (("o1", 37), ("o2", 35)):
            n = len(self.households) + 1
            of = {"application": f"a{n}"}
            self.households.append(
                {"id": f"h{n}", "name": NAMES[n % len(NAMES)], "collective": "anhua-1", "heads": 3}
            )
            self.take(days_ago, n, "apply", id=f"a{n}", household=f"h{n}", area_m2="12000.00")
            self.take(days_ago - 31, n, "village_review", **of, votes_for=96)
            self.take(days_ago - 32, n, "object", id=objection, **of)
        self.take(1, 0, "rule", objection="o1", upheld=False)
