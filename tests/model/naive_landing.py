"""Landing the quota in the receiving city: plots and land sales (R171-R178, R199-R201)."""

from fractions import Fraction
from typing import TYPE_CHECKING

from .naive_fields import to_hundredths
from .naive_world import Record, floor

if TYPE_CHECKING:
    from .naive_market import NaiveMarket


def free_area(market: "NaiveMarket", lot: str) -> int:
    """What is left of a certificate and not yet spoken for by an unsold plot."""
    waiting = [plot for plot in market.plots.values() if plot["lot"] == lot and not plot["sold"]]
    free: int = market.certificates[lot]["area"] - sum(plot["area"] for plot in waiting)
    return free


def select_plot(market: "NaiveMarket", step: Record) -> str | None:
    """The holder of a certificate chooses a plot beforehand."""
    county = market.regions[step["county"]]
    if county["zone"] != "urbanised":
        return "zone-not-receiving"
    certificate = market.certificates.get(step["lot"])
    if (
        certificate is None
        or certificate["bidder"] != step["bidder"]
        or certificate["province"] != county["province"]
        or free_area(market, step["lot"]) < step["area_m2"]
    ):
        return "certificate-insufficient"
    if step["id"] in market.plots:
        return "id-taken"
    market.plots[step["id"]] = {
        "lot": step["lot"],
        "county": step["county"],
        "area": step["area_m2"],
        "collective": step["collective"],
        "sold": False,
        "winner": None,
        "ticket_cost": None,
        "offset": None,
    }
    return None


def land_sale(market: "NaiveMarket", step: Record) -> str | None:
    """The plot is sold: cropland becomes construction land, and the certificate is used up."""
    plot = market.plots[step["plot"]]
    county, certificate = market.regions[plot["county"]], market.certificates[plot["lot"]]
    if plot["sold"]:
        return "wrong-state"
    if county["cropland"] < plot["area"]:
        return "cropland-insufficient"
    cost = floor(Fraction(certificate["cost"] * plot["area"], certificate["area"]))
    winner, holder = market.bidders[step["winner"]], market.bidders[certificate["bidder"]]
    if step["winner"] != certificate["bidder"]:
        if winner["cash"] < cost:
            return "insufficient-funds"
        winner["cash"] -= cost
        holder["cash"] += cost
    fees = step["new_land_fee_cny"] + step["reclamation_fee_cny"]
    share = to_hundredths(market.policies[county["province"]]["fee_offset_share"])
    plot["sold"] = True
    plot["winner"] = step["winner"]
    plot["ticket_cost"] = cost
    plot["offset"] = min(cost, floor(Fraction(fees * share, 100)))
    county["cropland"] -= plot["area"]
    county["construction"] += plot["area"]
    if plot["collective"] is not None:
        market.collectives[plot["collective"]]["off_site_right"] += plot["area"]
    certificate["area"] -= plot["area"]
    certificate["cost"] -= cost
    return None
