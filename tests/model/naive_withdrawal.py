"""Withdrawal, city approval, reclamation and the ticket (R1-R49, R77-R78, R89-R103)."""

from typing import TYPE_CHECKING

from .naive_world import Record, days

if TYPE_CHECKING:
    from .naive_market import NaiveMarket

ENDED = ("revoked", "rejected")


def apply(market: "NaiveMarket", step: Record) -> str | None:
    """A household applies to give up its homestead."""
    household = market.households[step["household"]]
    collective = market.collectives[household["collective"]]
    if market.regions[collective["county"]]["zone"] not in ("farm_product", "ecological"):
        return "zone-not-sending"
    for other in market.applications.values():
        if other["household"] == step["household"] and other["state"] not in ENDED:
            return "already-applied"
    for owner in step["co_owners"] or []:
        if owner not in (step["consents"] or []):
            return "consent-missing"
    if step["id"] in market.applications:
        return "id-taken"
    policy = market.policies[collective["province"]]
    cap = policy["homestead_cap_m2"]
    lawful = step["area_m2"]
    if cap is not None:
        whole, places = cap.split(".")
        lawful = min(lawful, int(whole) * 100 + int(places))
    market.applications[step["id"]] = {
        "household": step["household"],
        "collective": household["collective"],
        "province": collective["province"],
        "state": "applied",
        "lawful_area": lawful,
        "cooling_off_ends": market.time() + days(policy["cooling_off_days"]),
        "notice_ends": None,
        "city": None,
        "accepted": None,
        "ticket": None,
    }
    return None


def revoke(market: "NaiveMarket", step: Record) -> str | None:
    """The household takes its application back during the cooling-off."""
    application = market.applications[step["application"]]
    if market.time() >= application["cooling_off_ends"]:
        return "cooling-off-over"
    if application["state"] != "applied":
        return "wrong-state"
    application["state"] = "revoked"
    return None


def village_review(market: "NaiveMarket", step: Record) -> str | None:
    """The members vote: two thirds of all of them are needed."""
    application = market.applications[step["application"]]
    members = market.collectives[application["collective"]]["members"]
    if step["votes_for"] > members:
        return "invalid-request"
    if market.time() < application["cooling_off_ends"]:
        return "cooling-off"
    if application["state"] != "applied":
        return "wrong-state"
    if step["votes_for"] * 3 < members * 2:
        application["state"] = "rejected"
    else:
        notice_days = market.policies[application["province"]]["notice_days"]
        application["state"] = "noticed"
        application["notice_ends"] = market.time() + days(notice_days)
    return None


def object_to(market: "NaiveMarket", step: Record) -> str | None:
    """Somebody objects while the public notice runs."""
    application = market.applications[step["application"]]
    if application["state"] != "noticed" or market.time() >= application["notice_ends"]:
        return "notice-closed"
    if step["id"] in market.objections:
        return "id-taken"
    market.objections[step["id"]] = {"application": step["application"], "ruled": False}
    return None


def rule(market: "NaiveMarket", step: Record) -> str | None:
    """An objection is ruled on, once."""
    objection = market.objections[step["objection"]]
    if objection["ruled"]:
        return "already-ruled"
    objection["ruled"] = True
    application = market.applications[objection["application"]]
    if step["upheld"] and application["state"] == "noticed":
        application["state"] = "rejected"
    return None


def township_determine(market: "NaiveMarket", step: Record) -> str | None:
    """The township determines, after the notice and without an open objection."""
    application = market.applications[step["application"]]
    if application["state"] != "noticed":
        return "wrong-state"
    if market.time() < application["notice_ends"]:
        return "notice-open"
    for objection in market.objections.values():
        if objection["application"] == step["application"] and not objection["ruled"]:
            return "objection-open"
    application["state"] = "determined"
    return None


def county_approve(market: "NaiveMarket", step: Record) -> str | None:
    """The county approves; the use right is deregistered."""
    application = market.applications[step["application"]]
    if application["state"] != "determined":
        return "wrong-state"
    application["state"] = "approved"
    return None


def city_approve(market: "NaiveMarket", step: Record) -> str | None:
    """A city takes the household in; its latest approval is the one that counts."""
    application = market.applications[step["application"]]
    city = market.regions[step["city"]]
    if application["state"] in ENDED:
        return "wrong-state"
    if city["zone"] != "urbanised":
        return "zone-not-receiving"
    enough_years = step["work_years"] >= market.policies[city["province"]]["min_work_years"]
    if not (enough_years and step["income_proof"] and step["long_term"]):
        return "settlement-criteria"
    ticket = application["ticket"]
    if ticket is not None and market.tickets[ticket]["state"] != "issued":
        return "wrong-state"
    application["city"] = step["city"]
    return None


def accept_reclamation(market: "NaiveMarket", step: Record) -> str | None:
    """The reclaimed land is accepted: homestead land becomes cropland or ecological land."""
    application = market.applications[step["application"]]
    collective = market.collectives[application["collective"]]
    area = step["accepted_m2"]
    if application["state"] != "approved":
        return "wrong-state"
    if area > application["lawful_area"]:
        return "exceeds-lawful-area"
    if area > collective["homestead"]:
        return "collective-stock-insufficient"
    application["state"] = "accepted"
    application["accepted"] = {
        "area": area,
        "ecological": step["to"] != "cropland",
        "reclamation_cost": step["reclamation_cost_cny"],
        "financing_cost": step["financing_cost_cny"],
    }
    collective["homestead"] -= area
    stock = "cropland" if step["to"] == "cropland" else "ecological"
    market.regions[collective["county"]][stock] += area
    return None


def issue(market: "NaiveMarket", step: Record) -> str | None:
    """The county issues the ticket, and the household's housing account opens, empty."""
    application = market.applications[step["application"]]
    province = application["province"]
    if application["ticket"] is not None:
        return "already-issued"
    if application["state"] != "accepted":
        return "not-accepted"
    accepted = application["accepted"]
    if accepted["ecological"] and not market.policies[province]["ecological_quota"]:
        return "no-quota-for-ecological"
    if step["id"] in market.tickets:
        return "id-taken"
    application["ticket"] = step["id"]
    market.tickets[step["id"]] = {
        "state": "issued",
        "area": accepted["area"],
        "costs": accepted["reclamation_cost"] + accepted["financing_cost"],
        "application": step["application"],
        "household": application["household"],
        "collective": application["collective"],
        "home": province,
        "province": province,
    }
    market.accounts[application["household"]] = {
        "province": province,
        "issued_on": market.time().date(),
        "balance": 0,
        "base": 0,
        "subsidy": 0,
        "housing_paid": 0,
        "cash_paid": 0,
        "rent_due": 0,
        "open": True,
        "subsidised_in": [],
        "affordable_homes": 0,
    }
    return None


def hand_in(market: "NaiveMarket", step: Record) -> str | None:
    """The ticket is handed in at the exchange of its own province."""
    ticket = market.tickets[step["ticket"]]
    if ticket["state"] != "issued":
        return "wrong-state"
    city = market.applications[ticket["application"]]["city"]
    if city is None or market.regions[city]["province"] != ticket["home"]:
        return "city-approval-missing"
    ticket["state"] = "handed_in"
    return None
