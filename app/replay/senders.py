"""Who sends a step: the party that would take it, or an operator where it does not exist.

What a step names is looked up among what earlier accepted steps made, as the party itself would
know it. The service decides; a wrong guess here could only be refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.kernel.ids import is_province, province_of, transferred_ticket
from app.replay.case import Case

Sender = tuple[str, str]
"""A role and the party it acts for."""


@dataclass(slots=True)
class World:
    """What the parties of a case know: who belongs where, and what was made by whom."""

    case: Case
    collective_of: dict[str, str] = field(default_factory=dict)
    county_of: dict[str, str] = field(default_factory=dict)
    province_of_account: dict[str, str] = field(default_factory=dict)
    regions: set[str] = field(default_factory=set)
    bidders: set[str] = field(default_factory=set)
    household_of: dict[tuple[str, str], str] = field(default_factory=dict)
    application_of: dict[str, str] = field(default_factory=dict)
    province_of_lot: dict[str, str] = field(default_factory=dict)
    county_of_plot: dict[str, str] = field(default_factory=dict)
    receiver_of: dict[str, str] = field(default_factory=dict)
    ticket_of: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case) -> "World":
        """The world before the first step."""
        world = cls(case)
        world.county_of = {c["id"]: c["county"] for c in case.collectives}
        world.collective_of = {h["id"]: h["collective"] for h in case.households}
        world.regions = {r["code"] for r in case.regions}
        world.bidders = {b["id"] for b in case.bidders}
        world.province_of_account = {
            household: province_of(world.county_of[collective])
            for household, collective in world.collective_of.items()
        }
        return world

    def learn(self, do: str, body: dict[str, Any]) -> None:
        """Remember what an accepted step made."""
        if do == "apply":
            self.household_of["application", body["id"]] = body["household"]
        elif do == "object":
            self.application_of[body["id"]] = body["application"]
        elif do == "issue":
            self.household_of["ticket", body["id"]] = self.household_of[
                "application", body["application"]
            ]
        elif do == "list":
            self.province_of_lot[body["id"]] = body["province"]
        elif do == "rent_public":
            self.household_of["rental", body["id"]] = body["household"]
        elif do == "select_plot":
            self.county_of_plot[body["id"]] = body["county"]
        elif do == "outflow":
            self.receiver_of[body["id"]] = body["to"]
            self.ticket_of[body["id"]] = body["ticket"]
        elif do == "approve_transfer":
            ticket = self.ticket_of[body["transfer"]]
            receiver = self.receiver_of[body["transfer"]]
            household = self.household_of["ticket", ticket]
            self.province_of_account[household] = receiver
            self.household_of["ticket", transferred_ticket(ticket, receiver)] = household

    def operator(self) -> Sender:
        """An operator of a province."""
        return ("operator", self.case.provinces[0])

    def sender(self, do: str, body: dict[str, Any]) -> Sender:
        """Who sends this step."""
        return _SENDERS[do](self, body) or self.operator()

    def villager(self, household: Any) -> Sender | None:
        """The household itself."""
        return ("villager", household) if _known(household, self.collective_of) else None

    def of_application(self, role: str, application: Any) -> Sender | None:
        """A party at the level of the application's village or county."""
        household = self.made("application", application)
        if household is None:
            return None
        collective = self.collective_of[household]
        at_county = role.startswith("county")
        return (role, self.county_of[collective] if at_county else collective)

    def made(self, kind: str, id_: Any) -> str | None:
        """The household behind an application, ticket, rental or transfer."""
        return self.household_of.get((kind, id_)) if isinstance(id_, str) else None


def _known(id_: Any, among: Any) -> bool:
    return isinstance(id_, str) and id_ in among


def _villager_of(kind: str) -> Callable[[World, dict[str, Any]], Sender | None]:
    return lambda w, b: w.villager(w.made(kind, b.get(kind)))


def _household(w: World, b: dict[str, Any]) -> Sender | None:
    return w.villager(b.get("household"))


def _application(role: str) -> Callable[[World, dict[str, Any]], Sender | None]:
    return lambda w, b: w.of_application(role, b.get("application"))


def _rule(w: World, b: dict[str, Any]) -> Sender | None:
    objection = b.get("objection")
    if not _known(objection, w.application_of):
        return None
    return w.of_application("township", w.application_of[str(objection)])


def _city(w: World, b: dict[str, Any]) -> Sender | None:
    return _region(w, b.get("city"), "city")


def _county(w: World, b: dict[str, Any]) -> Sender | None:
    return _region(w, b.get("county"), "county_clerk")


def _region(w: World, code: Any, role: str) -> Sender | None:
    if not _known(code, w.regions):
        return None
    return ("province" if is_province(code) else role, code)


def _exchange(w: World, b: dict[str, Any]) -> Sender | None:
    province = b.get("province")
    return ("exchange", str(province)) if _known(province, w.case.provinces) else None


def _lot(w: World, b: dict[str, Any]) -> Sender | None:
    lot = b.get("lot")
    return ("exchange", w.province_of_lot[str(lot)]) if _known(lot, w.province_of_lot) else None


def _bidder(w: World, b: dict[str, Any]) -> Sender | None:
    bidder = b.get("bidder")
    return ("bidder", str(bidder)) if _known(bidder, w.bidders) else None


def _subsidise(w: World, b: dict[str, Any]) -> Sender | None:
    household = b.get("household")
    if not _known(household, w.province_of_account):
        return None
    return ("fund_centre", w.province_of_account[str(household)])


def _plot(w: World, b: dict[str, Any]) -> Sender | None:
    plot = b.get("plot")
    return ("county_clerk", w.county_of_plot[str(plot)]) if _known(plot, w.county_of_plot) else None


def _receiver(w: World, b: dict[str, Any]) -> Sender | None:
    transfer = b.get("transfer")
    return ("province", w.receiver_of[str(transfer)]) if _known(transfer, w.receiver_of) else None


def _ministry(_w: World, _b: dict[str, Any]) -> Sender | None:
    return ("ministry", "000000")


def _reject(w: World, b: dict[str, Any]) -> Sender | None:
    return _ministry(w, b) if b.get("by") == "ministry" else _receiver(w, b)


def _province_a(w: World, b: dict[str, Any]) -> Sender | None:
    a = b.get("a")
    return ("province", str(a)) if _known(a, w.case.provinces) else None


_SENDERS: dict[str, Callable[[World, dict[str, Any]], Sender | None]] = {
    "apply": _household,
    "revoke": lambda w, b: w.villager(w.made("application", b.get("application"))),
    "village_review": _application("collective"),
    "object": _application("township"),
    "rule": _rule,
    "township_determine": _application("township"),
    "county_approve": _application("county_approver"),
    "city_approve": _city,
    "accept_reclamation": _application("county_clerk"),
    "issue": _application("county_clerk"),
    "hand_in": _villager_of("ticket"),
    "list": _exchange,
    "register": _bidder,
    "bid": _bidder,
    "freeze": _lot,
    "resume": _lot,
    "pay": _bidder,
    "land_income": _county,
    "subsidise": _subsidise,
    "buy_affordable": _household,
    "resell_affordable": _household,
    "exchange_low_rent": _household,
    "rent_public": _household,
    "end_rental": _villager_of("rental"),
    "buy_public": _villager_of("rental"),
    "refund": _household,
    "buy_commercial": _household,
    "offset_mortgage": _household,
    "withdraw_cash": _household,
    "select_plot": _bidder,
    "land_sale": _plot,
    "outflow": _villager_of("ticket"),
    "accept_transfer": _receiver,
    "approve_transfer": _ministry,
    "reject_transfer": _reject,
    "settle_provinces": _province_a,
}
