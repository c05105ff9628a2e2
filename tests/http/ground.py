"""What can be refused about a homestead's ground, and to one person who does the work of two."""

from tests.conftest import START
from tests.http.support import NODE
from tests.parcels import corners, square, wire
from tests.story import AREA, COUNTY, Story, a_market

CLERK = ("county_clerk", COUNTY)
LAND = {"to": "cropland", "reclamation_cost_cny": "4000.00", "financing_cost_cny": "1000.00"}
FAULTY = (
    corners(0)[:-1],
    [(y, x) for x, y in corners(0)],
    [corners(0)[n] for n in (0, 2, 1, 3, 0)],
)


async def second_role(node, person, role, party, path, body):
    """A command of a person who has another role as well."""
    credential = {"person": person, "role": role, "party": party}
    issued = await node.post("security_admin", NODE, "/v1/credentials", credential)
    token = issued.json()["token"]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{person}.{path}"}
    return await node.http.post(path, json=body, headers=headers)


async def refused_in_every_way(node):
    """An application, from its outline to its acceptance."""
    story = await Story.begin(node.market, a_market(START, ["h0", "h1"], []))
    body = {"id": "a.h0", "household": "h0", "area_m2": AREA}
    for ring in FAULTY:
        await node.post(*CLERK, "/v1/applications", body | {"parcel": wire(ring)})
    await node.post("villager", "h0", "/v1/applications", body | {"parcel": square(0)})
    outlined = body | {"parcel": square(0)}
    await node.post(*CLERK, "/v1/applications", outlined | {"area_m2": "102.00"})
    made = await node.post(*CLERK, "/v1/applications", outlined)
    assert made.status_code == 201, made.text
    another = {"id": "a.h1", "household": "h1", "parcel": square(0, east=9)}
    await node.post(*CLERK, "/v1/applications", outlined | another)

    story.world.learn("apply", body)
    of = {"application": "a.h0"}
    await story.must("village_review", votes_for=30, **of)
    await story.must("township_determine", **of)
    collective = made.json()["collective"]
    await second_role(
        node, f"township.{collective}.a", "county_approver", COUNTY, "/v1/county-approvals", of
    )
    await story.must("county_approve", **of)
    land = of | LAND | {"accepted_m2": AREA}
    await node.post(*CLERK, "/v1/acceptances", land)
    await node.post(*CLERK, "/v1/acceptances", land | {"parcel": square(2)}, person="b")
