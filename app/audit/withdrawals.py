"""From the application to the handed-in ticket (R1-R49, R77-R110, R118, R189-R190)."""

from app.audit.holds import unheld
from app.audit.parties import RECEIVES, Checker
from app.audit.policies import in_force
from app.audit.records import Record
from app.audit.shapes import hundredths_of
from app.audit.state_housing import Housing
from app.audit.state_land import Application, Objection, Ticket
from app.audit.world import Expected, World
from app.kernel.calendar import days, local_date, wire
from app.kernel.units import decimal

ENDED = frozenset({"revoked", "rejected"})


def applied(world: World, record: Record) -> None:
    """A sending zone, no other application that is not ended, the policy in force (R77, R93)."""
    id_, body = record.subject, record.body
    household = world.households.get(body["household"])
    if household is None:
        raise world.stop(record, "application", "a registered household", body["household"])
    world.must(id_ not in world.applications, record, "unique-id", "a new application", id_)
    zone = world.regions.get(household.county)
    world.must(zone != RECEIVES, record, "application", "a county in a sending zone", zone)
    before = household.application
    free = before is None or before.state in ENDED
    world.must(free, record, "application", "no application that is open or led to land", id_)
    parameters = in_force(world, record, household.province, record.policy)
    area, cap = hundredths_of(body["area_m2"]), parameters["homestead_cap"]
    lawful = area if cap is None else min(area, cap)
    ends = record.at + days(parameters["cooling_off_days"])
    wanted = body | {
        "collective": household.collective,
        "lawful_m2": decimal(lawful),
        "cooling_off_ends_at": wire(ends),
    }
    world.must(area > 0, record, "application", "an area above zero", body["area_m2"])
    world.match(
        record,
        Expected(record.kind, "application", household.province, id_, wanted, record.policy),
    )
    household.application = world.applications[id_] = Application(
        id_,
        household,
        lawful,
        str(record.policy),
        "applied",
        ends,
        body["area_m2"],
        decimal(lawful),
    )
    household.application.filed_by = record.actor
    household.application.steps_by.add(record.actor)
    _parcel(world, record, household.application)


def _parcel(world: World, record: Record, of: Application) -> None:
    """Once for an application; the same outline for no two that have not ended."""
    hash_ = record.body.get("parcel")
    if hash_ is None:
        return
    holder = world.parcels.get(hash_)
    free = holder is None or holder.state in ENDED
    world.must(free, record, "parcel", "ground that no other application holds", hash_)
    world.must(not of.has_parcel, record, "parcel", "the application's only outline", hash_)
    world.parcels[hash_], of.has_parcel = of, True


def _application(world: World, record: Record, id_: str, *states: str) -> Application:
    found = world.applications.get(id_)
    if found is None:
        raise world.stop(record, "application", "an application", id_)
    if states and found.state not in states:
        world.find(record, "application-state", " or ".join(states), found.state)
    return found


def _match(world: World, record: Record, of: Application, body: dict[str, object]) -> None:
    world.match(
        record, Expected(record.kind, "application", of.province, record.subject, body, of.policy)
    )


def _step(world: World, record: Record, of: Application) -> None:
    """A step onward that a person takes for the household, who may then end no hold of it."""
    unheld(world, record, of)
    of.steps_by.add(record.actor)


def revoked(world: World, record: Record) -> None:
    """Before the cooling-off is over (R77, R78)."""
    found = _application(world, record, record.subject, "applied")
    in_time = record.at < found.cooling_off_ends
    ends = found.cooling_off_ends.isoformat()
    world.must(in_time, record, "cooling-off", f"before {ends}", record.at)
    _match(world, record, found, {})
    found.state = "revoked"


def reviewed(world: World, record: Record) -> None:
    """After the cooling-off; two thirds of all members open the notice (R30-R33)."""
    found, body = _application(world, record, record.subject, "applied"), record.body
    _step(world, record, found)
    ends = found.cooling_off_ends.isoformat()
    waited = record.at >= found.cooling_off_ends
    world.must(waited, record, "cooling-off", f"not before {ends}", record.at)
    members = world.collectives[found.household.collective].size
    carried = body["votes_for"] * 3 >= members * 2
    parameters = world.policies.parameters(found.policy) or {}
    found.state = "noticed" if carried else "rejected"
    if carried:
        found.notice_ends = record.at + days(parameters.get("notice_days", 0))
    world.must(body["votes_for"] <= members, record, "vote", f"at most {members} votes", body)
    ends_at = found.notice_ends
    _match(
        world,
        record,
        found,
        {
            "votes_for": body["votes_for"],
            "members": members,
            "state": found.state,
            "notice_ends_at": None if ends_at is None else wire(ends_at),
        },
    )


def objected(world: World, record: Record) -> None:
    """While the notice runs, its closing instant excluded (R34)."""
    id_ = record.subject
    found = _application(world, record, record.body["application"], "noticed")
    world.must(id_ not in world.objections, record, "unique-id", "a new objection", id_)
    ends = found.notice_ends
    runs = ends is not None and record.at < ends
    world.must(runs, record, "notice-period", f"before {ends}", record.at)
    world.match(record, Expected(record.kind, "objection", found.province, id_, record.body))
    world.objections[id_] = Objection(id_, found)
    found.open_objections += 1


def ruled(world: World, record: Record) -> None:
    """Once; upheld, it rejects an application that is still noticed (R34)."""
    objection = world.objections.get(record.subject)
    if objection is None:
        raise world.stop(record, "objection", "an objection", record.subject)
    found = objection.application
    world.must(not objection.ruled, record, "objection", "not ruled on before", record.subject)
    if record.body["upheld"] and found.state == "noticed":
        found.state = "rejected"
    if not objection.ruled:
        found.open_objections -= 1
    objection.ruled = True
    wanted = {
        "application": found.id,
        "upheld": record.body["upheld"],
        "state": found.state,
    }
    world.match(record, Expected(record.kind, "objection", found.province, record.subject, wanted))


def determined(world: World, record: Record) -> None:
    """After the notice, with every objection ruled on (R35)."""
    found = _application(world, record, record.subject, "noticed")
    _step(world, record, found)
    over = found.notice_ends is not None and record.at >= found.notice_ends
    world.must(over, record, "notice-period", f"not before {found.notice_ends}", record.at)
    quiet = found.open_objections == 0
    world.must(quiet, record, "objection", "every objection ruled on", found.open_objections)
    _match(world, record, found, {})
    found.state, found.determined_by = "determined", record.actor


def _another(world: World, record: Record, *before: str | None) -> None:
    other = record.actor not in before
    world.must(other, record, "two-persons", "another person than before", record.actor)


def approved(world: World, record: Record) -> None:
    """The county, after the determination, by another person (R39, R40, R49)."""
    found = _application(world, record, record.subject, "determined")
    _step(world, record, found)
    _another(world, record, found.filed_by, found.determined_by)
    _match(world, record, found, {"area_m2": found.area_text, "lawful_m2": found.lawful_text})
    found.state = "approved"


def city_approved(world: World, record: Record) -> None:
    """An urbanised city whose criteria are met, until the ticket has moved on (R18, R104-R109)."""
    body, city = record.body, record.body["city"]
    found = _application(world, record, record.subject)
    unheld(world, record, found)
    world.must(found.state not in ENDED, record, "application-state", "not ended", found.state)
    zone = world.regions.get(city)
    world.must(zone == RECEIVES, record, "city", "a city of the urbanised zone", zone)
    province = city[:2] + "0000"
    parameters = in_force(world, record, province, record.policy)
    least = parameters["min_work_years"]
    meets = body["work_years"] >= least and body["income_proof"] and body["long_term"]
    world.must(meets, record, "city", "the criteria of settlement met", body)
    movable = found.ticket is None or found.ticket.state == "issued"
    world.must(movable, record, "city", "a ticket that is not yet handed in", found.id)
    wanted = body | {"min_work_years": least}
    world.match(record, Expected(record.kind, "city", province, found.id, wanted, record.policy))
    found.city = city


def reclamation(world: World, record: Record) -> None:
    """Within the lawful area, by another than who filed; farmland rises (R89-R92, R96)."""
    found, body = _application(world, record, record.subject, "approved"), record.body
    _step(world, record, found)
    _another(world, record, found.filed_by)
    area = hundredths_of(body["accepted_m2"])
    lawful = 0 < area <= found.lawful
    world.must(lawful, record, "lawful-area", f"at most {found.lawful_text}", body["accepted_m2"])
    of, made = found.household, "cropland" if body["to"] == "cropland" else "ecological"
    p = of.province
    moves = (
        (f"homestead:{p}:{of.collective}", f"accepted:{p}:{found.id}", area),
        (f"farmland_made:{p}:{of.county}", f"{made}:{p}:{of.county}", area),
    )
    world.match(
        record,
        Expected(
            record.kind,
            "acceptance",
            p,
            found.id,
            body | {"lawful_m2": found.lawful_text},
            found.policy,
            f"acceptance:{found.id}",
            moves,
        ),
    )
    _parcel(world, record, found)
    found.state, found.accepted = "accepted", area
    found.ecological = made == "ecological"
    found.reclamation = hundredths_of(body["reclamation_cost_cny"])
    found.financing = hundredths_of(body["financing_cost_cny"])


def issued(world: World, record: Record) -> None:
    """Once, of the accepted area, for forest and grass only where the policy says so (R190)."""
    id_, body = record.subject, record.body
    found = _application(world, record, body["application"], "accepted")
    unheld(world, record, found)
    world.must(found.ticket is None, record, "issue", "the application's only ticket", id_)
    world.must(id_ not in world.tickets, record, "unique-id", "a new ticket", id_)
    parameters = world.policies.parameters(found.policy) or {}
    gives = not found.ecological or parameters.get("ecological_quota")
    world.must(gives, record, "issue", "quota for cropland alone", "forest or grass")
    ticket = Ticket(id_, found, found.province, found.accepted, record.at)
    world.match(
        record,
        Expected(
            record.kind,
            "issue",
            found.province,
            id_,
            {
                "application": found.id,
                "household": found.household.id,
                "area_m2": decimal(found.accepted),
                "reclamation_cost_cny": decimal(found.reclamation),
                "financing_cost_cny": decimal(found.financing),
            },
            found.policy,
            f"issue:{id_}",
            ((f"accepted:{found.province}:{found.id}", ticket.account, found.accepted),),
        ),
    )
    found.ticket = world.tickets[id_] = ticket
    world.housing[found.household.id] = Housing(
        found.household.id, found.province, found.province, local_date(record.at)
    )


def handed_in(world: World, record: Record) -> None:
    """An issued ticket, with a city of its own province (R109, R118)."""
    ticket = world.tickets.get(record.subject)
    if ticket is None:
        raise world.stop(record, "hand-in", "a ticket", record.subject)
    found = ticket.application
    unheld(world, record, found)
    world.must(ticket.state == "issued", record, "ticket-state", "issued", ticket.state)
    near = found.city is not None and found.city[:2] == ticket.province[:2]
    world.must(near, record, "hand-in", f"a city of {ticket.province}", found.city)
    wanted = {"application": found.id, "city": found.city, "area_m2": decimal(ticket.area)}
    world.match(
        record,
        Expected(record.kind, "hand-in", ticket.province, ticket.id, wanted, found.policy),
    )
    ticket.state = "handed_in"


CHECKERS: dict[str, Checker] = {
    "application.applied": applied,
    "application.revoked": revoked,
    "application.reviewed": reviewed,
    "objection.raised": objected,
    "objection.ruled": ruled,
    "application.determined": determined,
    "application.approved": approved,
    "application.city_approved": city_approved,
    "entry.reclamation": reclamation,
    "entry.issue": issued,
    "ticket.handed_in": handed_in,
}
