"""The laws that hold at every instant of every case, whatever the steps were.

Money and land that came in and went out are counted here from the case and from the market's
counters at the borders, apart from the balances they are compared with.
"""

from .naive_fields import to_hundredths
from .naive_market import NaiveMarket
from .naive_world import Record

IN_CIRCULATION = ("issued", "handed_in", "listed", "sold", "locked")


def accounts_law(market: NaiveMarket) -> list[str]:
    """base + subsidy = balance + housing paid + cash paid, and a closed account is empty."""
    broken = []
    for name, one in market.accounts.items():
        into, out = one["base"] + one["subsidy"], one["housing_paid"] + one["cash_paid"]
        if into != one["balance"] + out or one["balance"] < 0:
            broken.append(f"account of {name}: {one}")
        if not one["open"] and one["balance"] != 0:
            broken.append(f"closed account of {name} holds {one['balance']}")
    return broken


def land_at_start(case: Record) -> tuple[int, int]:
    """(homestead + construction land, cropland) of a fresh case."""
    regions, collectives = case.get("regions") or [], case.get("collectives") or []
    building = sum(to_hundredths(one.get("homestead_m2") or "0.00") for one in collectives)
    building += sum(to_hundredths(one.get("construction_m2") or "0.00") for one in regions)
    return building, sum(to_hundredths(one.get("cropland_m2") or "0.00") for one in regions)


def land_law(case: Record, market: NaiveMarket) -> list[str]:
    """Homestead + quota + construction land stays, conversion differences counted; so does all."""
    homestead = sum(one["homestead"] for one in market.collectives.values())
    waiting = sum(
        one["accepted"]["area"]
        for one in market.applications.values()
        if one["accepted"] and one["ticket"] is None
    )
    quota = sum(
        one["area"] for one in market.tickets.values() if one["state"] in IN_CIRCULATION
    ) + sum(one["area"] for one in market.certificates.values())
    regions = market.regions.values()
    construction = sum(one["construction"] for one in regions)
    converted = sum(
        one["sent"] - one["received"]
        for one in market.transfers.values()
        if one["state"] == "approved"
    )
    building, cropland = land_at_start(case)
    broken = []
    if homestead + waiting + quota + construction + converted != building:
        broken.append("homestead + quota in circulation + construction land changed")
    fields = sum(one["cropland"] + one["ecological"] for one in regions)
    if homestead + construction + fields != building + cropland:
        broken.append("the land of all counties together changed")
    return broken


def money_law(case: Record, market: NaiveMarket, taken: list[Record]) -> list[str]:
    """Money in = money out + money held: in all, and in each province with what is due."""
    broken = []
    cash_at_start = sum(to_hundredths(one["cash_cny"]) for one in case.get("bidders") or [])
    pooled = 0
    for step in taken:
        if step["do"] == "land_income":
            province = market.regions[step["county"]]["province"]
            share = to_hundredths(market.policies[province]["subsidy_pool_share"])
            pooled += to_hundredths(step["amount_cny"]) * share // 100
    out = sum(one["housing_paid"] + one["cash_paid"] for one in market.accounts.values())
    held = sum(one["cash"] + one["held"] for one in market.bidders.values())
    held += sum(one["balance"] for one in market.accounts.values())
    held += sum(market.parties.values())
    if cash_at_start + pooled != out + held:
        broken.append(f"money in {cash_at_start + pooled}, out {out}, held {held}")
    for province in market.policies:
        claims = claims_in(market, province)
        if market.money_in[province] - market.money_out[province] != claims:
            broken.append(f"province {province} does not hold its claims of {claims}")
    return broken


def province_of_party(market: NaiveMarket, party: str) -> str:
    """The province in which a party's account is kept."""
    kind, name = party.split(":")
    if kind == "county":
        province: str = market.regions[name]["province"]
        return province
    if kind in ("exchange", "subsidy_pool"):
        return name
    home: str = market.collectives[name]["province"]
    return home


def claims_in(market: NaiveMarket, province: str) -> int:
    """What a province must hold: accounts, parties, and what it owes less what it is owed."""
    claims: int = sum(
        one["balance"] for one in market.accounts.values() if one["province"] == province
    )
    for party, amount in market.parties.items():
        if province_of_party(market, party) == province:
            claims += amount
    for (debtor, creditor), amount in market.positions.items():
        if debtor == province:
            claims += amount
        if creditor == province:
            claims -= amount
    return claims


def holds_law(market: NaiveMarket) -> list[str]:
    """What is held of a bidder is the sum of its deposits in lots that still hold them."""
    broken = []
    for name, bidder in market.bidders.items():
        held = 0
        for lot in market.lots.values():
            running = lot["state"] in ("open", "frozen") and name in lot["registered"]
            if running or (lot["state"] == "sold" and lot["winner"] == name):
                held += lot["deposit"]
        if bidder["held"] != held or bidder["cash"] < 0:
            broken.append(f"bidder {name}: {bidder}, deposits {held}")
    return broken


def broken_laws(case: Record, market: NaiveMarket, taken: list[Record]) -> list[str]:
    """Every law that does not hold, in words; `taken` are the steps accepted so far."""
    return [
        *accounts_law(market),
        *land_law(case, market),
        *money_law(case, market, taken),
        *holds_law(market),
    ]
