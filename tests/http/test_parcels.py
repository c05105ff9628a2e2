"""Outlines of homesteads: whose ground it is, who may know, and what a refusal shows."""

import asyncio
import json
from collections import Counter

import pytest

from tests.conftest import START
from tests.http.ground import second_role
from tests.http.support import NODE, assert_problem, pointers
from tests.parcels import corners, square, wire
from tests.story import AREA, CITY, COUNTY, HERE, THERE, THERE_COUNTY, Story, a_market

CLERK = ("county_clerk", COUNTY)
LAND = {"to": "cropland", "reclamation_cost_cny": "4000.00", "financing_cost_cny": "1000.00"}
ROW = iter(range(1000))
"""Every test lays its parcels on a row of ground of its own."""


@pytest.fixture(scope="module")
async def town(shared):
    """A market, and the numbers of its households that no test has used."""
    households = [f"h{n}" for n in range(40)] + ["g0"]
    shared.story = await Story.begin(shared.market, a_market(START, households, ["b1"]))
    shared.free = iter(households[:-1])
    return shared


@pytest.fixture
def row():
    return next(ROW) * 3


async def apply(town, parcel, *, by=CLERK, area=AREA, household=None, person="a"):
    household = household or next(town.free)
    town.story.world.household_of["application", f"a.{household}"] = household
    body = {"id": f"a.{household}", "household": household, "area_m2": area, "parcel": parcel}
    return await town.post(*by, "/v1/applications", body, person=person)


async def applied(town, parcel, **how):
    answer = await apply(town, parcel, **how)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def body_of(town, kind, subject):
    row = await town.owner.fetchval(
        "SELECT body FROM record WHERE kind = $1 AND subject = $2 ORDER BY id DESC", kind, subject
    )
    return json.loads(bytes(row))


async def test_the_bureau_gives_the_outline_and_those_concerned_see_it(town, row):
    made = await applied(town, square(0, row))
    parcel = made["parcel"]
    assert parcel["ring"] == square(0, row)["ring"]
    assert abs(float(parcel["area_m2"]) - 100) < 0.1
    assert (await body_of(town, "application.applied", made["id"]))["body"]["parcel"] == (
        parcel["hash"]
    )
    path = f"/v1/applications/{made['id']}"
    for role, party in (CLERK, ("villager", made["household"]), ("supervisor", NODE)):
        assert (await town.get(role, party, path)).json()["parcel"] == parcel
        dossier = await town.get(role, party, f"/v1/households/{made['household']}/dossier")
        assert dossier.json()["parcel"] == parcel
    assert_problem(await town.get("county_clerk", THERE_COUNTY, path), 404, "not-found")


async def test_an_application_without_an_outline_is_as_good(town):
    made = await applied(town, None)
    assert made["parcel"] is None
    assert "parcel" not in (await body_of(town, "application.applied", made["id"]))["body"]


async def test_a_villager_leaves_the_outline_to_the_bureau(town, row):
    household = next(town.free)
    answer = await apply(town, square(0, row), by=("villager", household), household=household)
    assert pointers(assert_problem(answer, 409, "parcel-by-bureau")) == ["/parcel"]


SMALL = corners(0)


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        (SMALL[:-1], "parcel-not-closed"),
        ([(y, x) for x, y in SMALL], "parcel-out-of-bounds"),
        ([SMALL[n] for n in (0, 2, 1, 3, 0)], "parcel-not-simple"),
    ],
)
async def test_a_faulty_outline_is_refused_and_nothing_is_written(town, ring, code):
    before = await town.counts("application", "parcel", "record")
    assert pointers(assert_problem(await apply(town, wire(ring)), 409, code)) == ["/parcel"]
    assert await town.counts("application", "parcel", "record") == before


async def test_an_outline_of_another_size_is_refused_with_both_figures(town, row):
    answer = await apply(town, square(0, row), area="102.00")
    assert answer.json()["code"] == "parcel-area-differs"
    about = answer.json()["about"]
    assert about.keys() == {"outline_m2", "registered_m2", "tolerance_m2"}
    assert (about["registered_m2"], about["tolerance_m2"]) == ("102.00", "1.41")


@pytest.mark.parametrize(
    "ring",
    [
        [["111.215", "28.37"]] * 4,
        [["111.2150000"]] * 4,
        [["111.2150000", "28.3700000", "0.0000000"]] * 4,
        [[111.215, 28.37]] * 4,
        square(0)["ring"][:3],
        square(0)["ring"] * 41,
        "POLYGON EMPTY",
    ],
)
async def test_a_malformed_outline_is_no_request(town, ring):
    document = assert_problem(await apply(town, {"ring": ring}), 422, "invalid-request")
    assert all(pointer.startswith("/parcel/ring") for pointer in pointers(document))


async def test_common_ground_is_refused_with_a_picture_of_the_other(town, row):
    first = await applied(town, square(0, row))
    await applied(town, square(1, row))
    answer = await apply(town, square(0, row, east=-1000))
    assert answer.status_code == 409
    document = answer.json()
    assert (document["code"], pointers(document)) == ("parcel-overlaps", ["/parcel"])
    assert document["about"] == {
        "application": first["id"],
        "county": COUNTY,
        "parcel": first["parcel"],
    }


async def test_whose_application_ends_frees_its_ground(town, row):
    first = await applied(town, square(0, row))
    assert (await apply(town, square(0, row))).json()["code"] == "parcel-overlaps"
    await town.story.must("village_review", application=first["id"], votes_for=0)
    assert (await applied(town, square(0, row)))["parcel"] == first["parcel"]


async def test_of_many_that_overlap_at_once_one_is_accepted(town, row):
    rings = [square(0, row, east=100 * n) for n in range(8)]
    answers = await asyncio.gather(*(apply(town, ring) for ring in rings))
    codes = Counter(answer.json().get("code", "accepted") for answer in answers)
    assert codes == {"accepted": 1, "parcel-overlaps": 7}


async def issued(town, household, parcel, city=CITY):
    """A ticket whose outline came with the acceptance."""
    await town.story.approve(household, city)
    application = f"a.{household}"
    land = {"application": application, "accepted_m2": AREA, **LAND}
    await town.story.must("accept_reclamation", parcel=parcel, **land)
    await town.story.must("issue", application=application, id=f"t.{household}")
    return f"t.{household}"


async def test_the_outline_may_come_with_the_acceptance_and_the_log_has_its_hash(town, row):
    household = next(town.free)
    ticket = await issued(town, household, square(0, row))
    shown = (await town.get(*CLERK, f"/v1/applications/a.{household}")).json()["parcel"]
    assert shown["ring"] == square(0, row)["ring"]
    facts = (await body_of(town, "entry.reclamation", f"a.{household}"))["facts"]
    assert facts["parcel"] == shown["hash"]
    assert "ring" not in (await town.http.get(f"/v1/tickets/{ticket}")).text, "not for everybody"
    assert (await apply(town, square(0, row))).json()["about"]["application"] == f"a.{household}"


async def test_an_application_has_one_outline(town, row):
    made = await applied(town, square(0, row))
    story, of = town.story, {"application": made["id"]}
    await story.must("village_review", votes_for=30, **of)
    await story.must("township_determine", **of)
    await story.must("county_approve", **of)
    body = {**of, "accepted_m2": AREA, **LAND}
    again = await town.post(
        *CLERK, "/v1/acceptances", body | {"parcel": square(2, row)}, person="b"
    )
    assert pointers(assert_problem(again, 409, "parcel-known")) == ["/parcel"]
    assert (await town.post(*CLERK, "/v1/acceptances", body, person="b")).status_code == 201


async def test_who_filed_or_determined_neither_approves_nor_accepts(town, row):
    made = await applied(town, square(0, row))
    story, of = town.story, {"application": made["id"]}
    await story.must("village_review", votes_for=30, **of)
    await story.must("township_determine", **of)
    for person in (f"township.{made['collective']}.a", f"county_clerk.{COUNTY}.a"):
        same = await second_role(
            town, person, "county_approver", COUNTY, "/v1/county-approvals", of
        )
        assert_problem(same, 409, "same-person")
    await story.must("county_approve", **of)
    body = {**of, "accepted_m2": AREA, **LAND}
    assert_problem(await town.post(*CLERK, "/v1/acceptances", body), 409, "same-person")
    assert (await town.post(*CLERK, "/v1/acceptances", body, person="b")).status_code == 201


async def test_a_lot_shows_its_tickets_on_the_ground_also_from_another_province(town, row):
    story = town.story
    ticket = await issued(town, "g0", square(0, row))
    await story.must("outflow", id="x1", ticket=ticket, to=HERE)
    await story.must("accept_transfer", transfer="x1")
    await story.must("approve_transfer", transfer="x1")
    plain = (await story.hand_in([next(town.free)]))[0]
    tickets = [f"{ticket}/{HERE}", plain]
    opens, closes = START.replace(year=2030), START.replace(year=2031)
    await story.list_lot("l1", tickets, opens, closes)

    path = "/v1/lots/l1/tickets"
    assert_problem(await town.http.get(path), 401, "unauthenticated")
    assert_problem(await town.get("villager", "g0", path), 403, "forbidden")
    shown = (await town.get("exchange", HERE, path)).json()["items"]
    assert [one["ticket"] for one in shown] == sorted(tickets)
    by_id = {one["ticket"]: one for one in shown}
    moved = by_id[f"{ticket}/{HERE}"]
    assert moved["parcel"]["ring"] == square(0, row)["ring"]
    assert (moved["state"], moved["home_province"]) == ("listed", THERE)
    assert by_id[plain]["parcel"] is None
    one = (await town.get("exchange", HERE, path, limit=1)).json()
    rest = (await town.get("exchange", HERE, path, limit=1, cursor=one["next"])).json()
    assert one["items"] + rest["items"] == shown
    absent = await town.get("exchange", HERE, "/v1/lots/nobodys/tickets")
    assert_problem(absent, 404, "not-found")
