"""Who takes part: regions, collectives, households, bidders, custodians, credentials, cash.

Each is registered once, under what exists already. Land that opens in the ledger and cash that
comes in are where amounts begin: nothing before them says what they should be.
"""

from collections.abc import Callable, Container

from app.audit.records import Record
from app.audit.state_land import Party
from app.audit.world import NODE, NODE_ITSELF, Expected, World

Checker = Callable[[World, Record], None]

RECEIVES = "urbanised"
COUNTY_ROLES = frozenset({"county_clerk", "county_approver", "city"})
PROVINCE_ROLES = frozenset({"exchange", "fund_centre", "province", "operator"})


def _province(region: str) -> str:
    return region[:2] + "0000"


def is_county(world: World, code: str) -> bool:
    """Whether a code is a registered county."""
    return world.regions.get(code) is not None


def is_province(world: World, code: str) -> bool:
    """Whether a code is a registered province."""
    return code in world.regions and world.regions[code] is None


def region_registered(world: World, record: Record) -> None:
    """A province, or a county of a registered province with a zone."""
    code, zone = record.subject, record.body["zone"]
    province = _province(code)
    world.must(code not in world.regions, record, "unique-id", "a new region", code)
    if (zone is None) != (code == province):
        world.find(record, "registration", "a zone for a county, none for a province", zone)
    elif zone is not None:
        known = is_province(world, province)
        world.must(known, record, "registration", "a registered province", province)
    _match_note(world, record, province)
    world.regions[code] = zone


def collective_registered(world: World, record: Record) -> None:
    """A collective of a registered county."""
    id_, county = record.subject, record.body["county"]
    world.must(id_ not in world.collectives, record, "unique-id", "a new collective", id_)
    world.must(is_county(world, county), record, "registration", "a registered county", county)
    province = _province(county)
    _match_note(world, record, province)
    world.collectives[id_] = Party(id_, county, province, record.body["members"], id_)


def household_registered(world: World, record: Record) -> None:
    """A household of a registered collective."""
    id_, of = record.subject, world.collectives.get(record.body["collective"])
    world.must(id_ not in world.households, record, "unique-id", "a new household", id_)
    if of is None:
        raise world.stop(
            record, "registration", "a registered collective", record.body["collective"]
        )
    _match_note(world, record, of.province)
    world.households[id_] = Party(id_, of.county, of.province, record.body["heads"], of.id)


def bidder_registered(world: World, record: Record) -> None:
    """A bidder."""
    id_ = record.subject
    world.must(id_ not in world.bidders, record, "unique-id", "a new bidder", id_)
    _match_note(world, record, NODE)
    world.bidders.add(id_)


def bid_limit_set(world: World, record: Record) -> None:
    """A bidder's next limit; how much it is nobody is told, so one person may have lowered it."""
    id_, body = record.subject, record.body
    world.must(id_ in world.bidders, record, "bid-limit", "a registered bidder", id_)
    number = world.limits.get(id_, 0) + 1
    counted = body | {"number": number}
    world.match(record, Expected(record.kind, "bid-limit", NODE, id_, counted))
    by_person(world, record, "bid-limit")
    proposer = body["proposer"]
    two = proposer not in {record.actor, None} or (proposer is None and number > 1)
    world.must(two, record, "bid-limit", "two persons, or one who lowers it", proposer)
    world.limits[id_] = number


def custodian_registered(world: World, record: Record) -> None:
    """A custodian of seals."""
    id_ = record.subject
    world.must(id_ not in world.custodians, record, "unique-id", "a new custodian", id_)
    _match_note(world, record, NODE)
    world.custodians.add(id_)


def credential_issued(world: World, record: Record) -> None:
    """A credential for a party that exists."""
    id_, role, party = record.subject, record.body["role"], record.body["party"]
    world.must(id_ not in world.credentials, record, "unique-id", "a new credential", id_)
    known = _acts_for(world, role, party)
    world.must(known, record, "registration", f"a party that a {role} acts for", party)
    _match_note(world, record, NODE)
    world.credentials[id_] = True


def _acts_for(world: World, role: str, party: str) -> bool:
    among: dict[str, Container[str]] = {
        "villager": world.households,
        "collective": world.collectives,
        "township": world.collectives,
        "bidder": world.bidders,
        "bidder_viewer": world.bidders,
        "custodian": world.custodians,
    }
    if role in COUNTY_ROLES:
        return is_county(world, party)
    if role in PROVINCE_ROLES:
        return is_province(world, party)
    return party in among[role] if role in among else party == NODE


def credential_revoked(world: World, record: Record) -> None:
    """A credential that is live, once."""
    live = world.credentials.get(record.subject, False)
    world.must(live, record, "registration", "a live credential", record.subject)
    _match_note(world, record, NODE)
    world.credentials[record.subject] = False


def login_created(world: World, record: Record) -> None:
    """A login of a person, once. Whether the person has a credential the log does not say."""
    person = record.subject
    world.must(person not in world.logins, record, "unique-id", "a new login", person)
    by_person(world, record, "registration")
    _match_note(world, record, NODE)
    world.logins.add(person)


def password_reset(world: World, record: Record) -> None:
    """A person who has a login."""
    person = record.subject
    world.must(person in world.logins, record, "registration", "a person with a login", person)
    by_person(world, record, "registration")
    _match_note(world, record, NODE)


def _match_note(world: World, record: Record, province: str) -> None:
    world.match(
        record, Expected(record.kind, "registration", province, record.subject, record.body)
    )


# ------------------------------------------------------------------------ where amounts begin


def opening_stock(world: World, record: Record) -> None:
    """Land that a region or a collective has at the start, once."""
    id_ = record.subject
    collective = world.collectives.get(id_)
    at_collective = collective is not None and record.key == f"opening:collective:{id_}"
    if collective is not None and at_collective:
        province = collective.province
        kinds = [("land_opening", "homestead")]
    elif is_county(world, id_):
        province = _province(id_)
        kinds = [
            ("land_opening", "construction"),
            ("farmland_opening", "cropland"),
            ("farmland_opening", "ecological"),
        ]
    else:
        raise world.stop(record, "opening-stock", "a registered county or collective", id_)
    # The amounts begin here; which of the accounts get one is free as well.
    stands = {(source, target): moved for source, target, moved, _, _ in record.postings}
    moves = tuple(
        (source, target, stands[source, target])
        for source, target in ((f"{a}:{province}:{id_}", f"{b}:{province}:{id_}") for a, b in kinds)
        if (source, target) in stands
    )
    owner = "collective" if at_collective else "region"
    world.match(
        record,
        Expected(
            record.kind,
            "opening-stock",
            province,
            id_,
            {},
            key=f"opening:{owner}:{id_}",
            moves=moves,
        ),
    )


def cash_in(world: World, record: Record) -> None:
    """Money that reached the escrow bank account for a bidder, by the bank's reference."""
    bidder = record.subject
    world.must(bidder in world.bidders, record, "cash-in", "a registered bidder", bidder)
    moved = record.postings[0][2]
    world.match(
        record,
        Expected(
            record.kind,
            "cash-in",
            NODE,
            bidder,
            record.body,
            key=f"cash-in:{record.body['reference']}",
            moves=((f"bank:{NODE}:escrow", f"bidder_cash:{NODE}:{bidder}", moved),),
        ),
    )


def by_person(world: World, record: Record, rule: str) -> None:
    """What the node itself never does."""
    world.must(record.actor != NODE_ITSELF, record, rule, "a person's act", record.actor)


CHECKERS: dict[str, Checker] = {
    "region.registered": region_registered,
    "collective.registered": collective_registered,
    "household.registered": household_registered,
    "bidder.registered": bidder_registered,
    "custodian.registered": custodian_registered,
    "bid_limit.set": bid_limit_set,
    "credential.issued": credential_issued,
    "credential.revoked": credential_revoked,
    "login.created": login_created,
    "password.reset": password_reset,
    "entry.opening_stock": opening_stock,
    "entry.cash_in": cash_in,
}
