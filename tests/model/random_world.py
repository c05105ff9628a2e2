"""The beginning of a random case: policy, regions, parties, all small so that edges collide."""

from datetime import datetime, timedelta
from random import Random

from .naive_fields import SHANGHAI, to_text
from .naive_world import Record

PROVINCES = {"500000": "重庆市", "330000": "浙江省", "340000": "安徽省", "110000": "北京市"}

# Areas in 0.01 m2 and money in fen, by how large the sums of a case are. The last one makes
# price x area pass 64 bits.
SCALES: dict[str, tuple[int, int]] = {
    "tiny": (300, 2_000),
    "small": (20_000, 500_000),
    "real": (20_000, 9_000_000),
    "huge": (10**12, 2 * 10**13),
}

STARTS = (
    datetime(2024, 1, 29, 0, 0, 0, tzinfo=SHANGHAI),
    datetime(2024, 2, 27, 9, 0, 0, tzinfo=SHANGHAI),
    datetime(2023, 10, 31, 23, 59, 59, tzinfo=SHANGHAI),
    datetime(2025, 12, 30, 10, 30, 0, tzinfo=SHANGHAI),
    datetime(2026, 1, 5, 9, 0, 0, tzinfo=SHANGHAI),
)

# The same few letters in orders that a text collation and a comparison of bytes see differently.
ID_FORMS = ("{p}{n}", "{p}{n}", "{p}1{n}", "{P}{n}", "{p}-{n}", "{p}.{n}", "{p}_{n}", "{n}{p}")


class Scale:
    """Draws amounts of a size that suits the case."""

    def __init__(self, rng: Random) -> None:
        """One scale for the whole case."""
        self.rng = rng
        name = rng.choice(("tiny", "tiny", "small", "small", "real", "huge"))
        self.area_top, self.money_top = SCALES[name]

    def area(self) -> int:
        """An area above zero, often a round or a very small one."""
        drawn = self.rng.randint(1, self.area_top)
        return self.rng.choice((drawn, drawn, max(1, self.area_top // 2), min(drawn, 7)))

    def money(self, parts: int = 1) -> int:
        """An amount of up to the case's top over `parts`, sometimes zero or one fen."""
        top = max(1, self.money_top // parts)
        drawn = self.rng.randint(0, top)
        return self.rng.choice((drawn, drawn, drawn, top // 2, min(drawn, 100), 0, 1))


def identifier(rng: Random, prefix: str, number: int) -> str:
    """An id in one of several forms; the number keeps it unique within its kind."""
    return rng.choice(ID_FORMS).format(p=prefix, P=prefix.upper(), n=number)


def unused(rng: Random, prefix: str, taken: set[str]) -> str:
    """An id that is not taken yet."""
    number = len(taken) + 1
    while True:
        name = identifier(rng, prefix, number)
        if name not in taken:
            return name
        number += 1


def random_split(rng: Random) -> list[list[object]]:
    """Any list of parties and weights, the villager last."""
    others = ["county", "township", "village_committee", "collective"]
    chosen = rng.sample(others, rng.randint(0, 4))
    return [[party, rng.choice((1, 1, 2, 3, 5, 7, 15, 85))] for party in [*chosen, "villager"]]


def random_policy(rng: Random, scale: Scale, share_of_keys: float) -> Record:
    """Overrides of some of the keys."""
    drawn: Record = {
        "split": random_split(rng),
        "cooling_off_days": rng.choice((0, 0, 0, 1, 2)),
        "notice_days": rng.choice((0, 0, 1, 3)),
        "homestead_cap_m2": to_text(scale.area()),
        "min_work_years": rng.choice((0, 1, 3, 5)),
        "ecological_quota": rng.random() < 0.5,
        "auction_notice_days": rng.choice((0, 0, 1, 2)),
        "extension_seconds": rng.choice((0, 1, 60, 300, 7200)),
        "min_bidders": rng.choice((0, 1, 1, 2, 3)),
        "sealed_tie": rng.choice(("earliest", "draw")),
        "payment_days": rng.choice((1, 1, 2, 30, 60)),
        "subsidy_basis": rng.choice(("head", "area")),
        "subsidy_rate_cny": to_text(scale.money(10)),
        "subsidy_pool_share": rng.choice(("0.00", "0.01", "0.33", "0.50", "1.00")),
        "option_years": rng.choice((0, 1, 1, 2, 5)),
        "low_interest_loan_cap_cny": to_text(scale.money()),
        "fee_offset_share": rng.choice(("0.00", "0.01", "0.50", "0.67", "1.00")),
    }
    return {key: value for key, value in drawn.items() if rng.random() < share_of_keys}


def random_regions(rng: Random, scale: Scale) -> list[Record]:
    """One to three provinces, each with sending and receiving counties."""
    regions: list[Record] = []
    for province in rng.sample(sorted(PROVINCES), rng.choice((1, 2, 2, 3))):
        regions.append({"code": province, "name": PROVINCES[province]})
        zones = ["urbanised", rng.choice(("farm_product", "ecological"))]
        zones += rng.choices(("urbanised", "farm_product", "ecological"), k=rng.randint(0, 2))
        for number, zone in enumerate(zones, start=1):
            county: Record = {"code": f"{province[:2]}010{number}", "name": f"县{number}"}
            county["zone"] = zone
            if rng.random() < 0.8:
                top = 2 * scale.area_top if zone == "urbanised" else scale.area_top
                county["cropland_m2"] = to_text(rng.choice((0, rng.randint(1, top), top, top)))
            if rng.random() < 0.8:
                county["construction_m2"] = to_text(rng.choice((0, scale.area())))
            regions.append(county)
    rng.shuffle(regions)
    return regions


def random_collectives(rng: Random, scale: Scale, regions: list[Record]) -> list[Record]:
    """At least one collective in every sending county, now and then one in a city."""
    collectives: list[Record] = []
    taken: set[str] = set()
    for region in regions:
        zone = region.get("zone")
        wanted = 0 if zone is None else rng.choice((1, 1, 2))
        if zone == "urbanised" and rng.random() < 0.6:
            wanted = 0
        for _ in range(wanted):
            name = unused(rng, "v", taken)
            taken.add(name)
            stock = rng.choice((scale.area(), scale.area_top, 3 * scale.area_top))
            one: Record = {"id": name, "name": f"村{name}", "county": region["code"]}
            one["homestead_m2"] = to_text(stock)
            one["members"] = rng.choice((1, 2, 3, 4, 5, 7, 30))
            collectives.append(one)
    return collectives


def random_coefficients(rng: Random, regions: list[Record], start: datetime) -> list[Record]:
    """For most pairs one or two terms that do not overlap; some are over at the start."""
    provinces = [region["code"] for region in regions if "zone" not in region]
    coefficients: list[Record] = []
    for a in provinces:
        for b in provinces:
            if a == b or rng.random() < 0.2:
                continue
            first = start.date() + timedelta(days=rng.choice((-400, -30, 0, 0, 3)))
            for _ in range(rng.choice((1, 1, 2))):
                last = first + timedelta(days=rng.choice((0, 10, 365, 3000)))
                coefficients.append(
                    {
                        "from": a,
                        "to": b,
                        "yield_out": rng.choice((1, 2, 3, 500, 600, 750)),
                        "yield_in": rng.choice((1, 2, 3, 600, 750, 750, 100_000)),
                        "valid_from": first,
                        "valid_to": last,
                    }
                )
                first = last + timedelta(days=rng.choice((1, 2, 40)))
    return coefficients


def random_world(rng: Random, name: str) -> tuple[Record, Scale, datetime]:
    """A case without steps, the scale of its amounts, and the time of its first step."""
    scale = Scale(rng)
    start = rng.choice(STARTS)
    regions = random_regions(rng, scale)
    collectives = random_collectives(rng, scale, regions)
    case: Record = {"case": name}
    case["policy"] = random_policy(rng, scale, 0.5)
    if rng.random() < 0.8:
        quick = {"cooling_off_days": rng.choice((0, 0, 1)), "notice_days": rng.choice((0, 0, 1))}
        case["policy"] |= quick
    if rng.random() < 0.7:
        subsidy = {"subsidy_pool_share": rng.choice(("0.50", "1.00"))}
        subsidy["subsidy_rate_cny"] = to_text(scale.money(20) + 1)
        case["policy"] |= subsidy
    provinces = [region["code"] for region in regions if "zone" not in region]
    case["policies"] = {
        code: random_policy(rng, scale, 0.4) for code in provinces if rng.random() < 0.6
    }
    case["regions"] = regions
    case["collectives"] = collectives
    ids: set[str] = set()
    case["households"] = []
    for _ in range(rng.randint(3, 9)):
        household = unused(rng, "h", ids)
        ids.add(household)
        chosen = rng.choice(collectives)["id"]
        heads = rng.choice((1, 2, 3, 5))
        case["households"].append(
            {"id": household, "name": f"户{household}", "collective": chosen, "heads": heads}
        )
    ids = set()
    case["bidders"] = []
    for _ in range(rng.randint(2, 5)):
        bidder = unused(rng, "b", ids)
        ids.add(bidder)
        cash = to_text(rng.choice((0, 1, 8, 8, 20)) * scale.money_top // rng.choice((1, 1, 3)))
        case["bidders"].append({"id": bidder, "name": f"公司{bidder}", "cash_cny": cash})
    case["coefficients"] = random_coefficients(rng, regions, start)
    return case, scale, start
