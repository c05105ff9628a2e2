"""What can be refused about evidence."""

from tests import scans
from tests.conftest import START
from tests.story import COUNTY, Story, a_market

CLERK = ("county_clerk", COUNTY)
PATH = "/v1/evidence"
APPLICATION = "a.h0"


def piece(id_, kind, content, **more):
    return scans.piece(id_, kind, content, APPLICATION, **more)


async def an_approved_application(node):
    """Of household h0, with a city that takes it in."""
    story = await Story.begin(node.market, a_market(START, ["h0", "h1"], []))
    await story.approve("h0")
    return story


async def refused_in_every_way(node):
    """From the wrong office to one piece too many."""
    await an_approved_application(node)
    form, photo = scans.pdf(), scans.png()

    async def file(id_, kind, content, role=CLERK, **more):
        return await node.post(*role, PATH, piece(id_, kind, content, **more))

    assert (await file("e1", "application_form", form)).status_code == 201
    assert (await file("e2", "photo_before", photo)).status_code == 201
    await file("e3", "vote_record", form)
    await file("e3", "settlement_proof", form)
    await file("e3", "consent", b"<html>")
    await file("e3", "consent", scans.jpeg(4 * 1024 * 1024 + 1))
    await file("e3", "photo_after", form)
    await file("e3", "photo_after", photo)
    await file("e3", "consent", form, replaces="e1")
    assert (await file("e3", "application_form", form, replaces="e1")).status_code == 201
    await file("e4", "application_form", form, replaces="e1")
    for n in range(4, 51):
        assert (await file(f"e{n}", "other", form)).status_code == 201
    await file("e51", "other", form)
    early = scans.piece("f1", "photo_after", photo, "a.h1")
    made = {"id": "a.h1", "household": "h1", "area_m2": "100.00"}
    await node.post(*CLERK, "/v1/applications", made)
    await node.post(*CLERK, PATH, early)
