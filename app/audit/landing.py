"""Quota on the ground: plots selected and sold, certificates used up (R171-R178, R199-R201)."""

from app.audit.clearing_own import unpaid
from app.audit.parties import RECEIVES, Checker
from app.audit.policies import in_force
from app.audit.records import Record
from app.audit.shapes import hundredths_of
from app.audit.splits import move
from app.audit.state_auction import Plot
from app.audit.world import NODE, Expected, World
from app.kernel.shares import floor_div
from app.kernel.units import decimal

WHOLE = 100


def selected(world: World, record: Record) -> None:
    """In an urbanised county, within what is free of the bidder's certificate (R171, R172).

    Where the terms of clearing hold quota, the homes of the lot's tickets are paid for them.
    """
    id_, body = record.subject, record.body
    world.must(id_ not in world.plots, record, "unique-id", "a new plot", id_)
    certificate = world.certificates.get(body["lot"])
    if certificate is None:
        raise world.stop(record, "plot", "a paid lot's certificate", body["lot"])
    county, collective = body["county"], body["collective"]
    zone = world.regions.get(county)
    world.must(zone == RECEIVES, record, "plot", "a county of the urbanised zone", zone)
    area = hundredths_of(body["area_m2"])
    free = certificate.remaining - certificate.reserved
    fits = (
        0 < area <= free
        and certificate.bidder == body["bidder"]
        and certificate.province == county[:2] + "0000"
    )
    world.must(fits, record, "plot", f"{certificate.bidder} with {decimal(free)} free", body)
    known = collective is None or collective in world.collectives
    world.must(known, record, "plot", "a registered collective", collective)
    waits = unpaid(world, certificate.lot) if world.clearing.holding else []
    world.must(not waits, record, "quota-held", "all paid that it owes for its tickets", waits)
    world.match(record, Expected(record.kind, "plot", certificate.province, id_, body))
    world.plots[id_] = Plot(id_, certificate, county, area, collective)
    certificate.reserved += area


def sold(world: World, record: Record) -> None:
    """Once: quota and cropland used up, their cost, its offset, its resale (R173-R177)."""
    body, plot = record.body, world.plots.get(record.subject)
    if plot is None or plot.sold:
        raise world.stop(record, "land-sale", "a plot that is not sold yet", record.subject)
    certificate, winner = plot.certificate, str(body["winner"])
    world.must(winner in world.bidders, record, "land-sale", "a registered bidder", winner)
    province = certificate.province
    share = in_force(world, record, province, record.policy)["fee_offset_share"]
    cost = floor_div(certificate.cost * plot.area, max(certificate.remaining, 1))
    fees = hundredths_of(body["new_land_fee_cny"]) + hundredths_of(body["reclamation_fee_cny"])
    shared = {
        "plot": plot.id,
        "lot": certificate.lot,
        "area_m2": decimal(plot.area),
        "remaining_area_m2": decimal(certificate.remaining),
        "remaining_cost_cny": decimal(certificate.cost),
        "ticket_cost_cny": decimal(cost),
    }
    facts = body | shared
    facts |= {
        "fee_offset_share": decimal(share),
        "offset_cny": decimal(min(cost, floor_div(fees * share, WHOLE))),
    }
    county = plot.county
    moves = move(certificate.account, f"construction:{province}:{county}", plot.area)
    moves += move(f"cropland:{province}:{county}", f"farmland_taken:{province}:{county}", plot.area)
    if plot.collective is not None:
        at = world.collectives[plot.collective].province
        moves += move(
            f"off_site_granted:{at}:{plot.collective}",
            f"off_site_right:{at}:{plot.collective}",
            plot.area,
        )
    owed = [
        Expected(
            "entry.land_sale",
            "land-sale",
            province,
            plot.id,
            facts,
            record.policy,
            f"land-sale:{plot.id}",
            moves,
        )
    ]
    if winner != certificate.bidder and cost:
        cash = move(
            f"bidder_cash:{NODE}:{winner}", f"bidder_cash:{NODE}:{certificate.bidder}", cost
        )
        owed.append(
            Expected(
                "entry.certificate_resale",
                "land-sale",
                NODE,
                plot.id,
                shared,
                key=f"certificate-resale:{plot.id}",
                moves=cash,
            )
        )
    world.foresee(("plot", plot.id), record, owed)
    certificate.remaining -= plot.area
    certificate.reserved -= plot.area
    certificate.cost -= cost
    plot.sold = True


def resold(world: World, record: Record) -> None:
    """Only behind the sale of the land."""
    if not world.go_on(("plot", record.subject), record):
        raise world.stop(record, "land-sale", "a land sale before it", record.subject)


CHECKERS: dict[str, Checker] = {
    "plot.selected": selected,
    "entry.land_sale": sold,
    "entry.certificate_resale": resold,
}
