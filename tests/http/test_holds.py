"""Holds over HTTP: "I did not agree" stops every step, whoever takes it, until it is heard."""

import asyncio
import json

import asyncpg
import pytest

from app.audit.stream import audit_records
from tests.conftest import START
from tests.http.holds import (
    APPROVER,
    HOLDS,
    RELEASES,
    WINDOW,
    a_lot,
    a_story,
    hold,
    release,
    take_back,
)
from tests.http.support import NODE, assert_problem, pointers
from tests.story import AREA, CITY, COUNTY, HERE, THERE, THERE_COUNTY, Request

SETTLES = {"city": CITY, "work_years": 5, "income_proof": True, "long_term": True}
RECLAIMED = {
    "accepted_m2": AREA,
    "to": "cropland",
    "reclamation_cost_cny": "4000.00",
    "financing_cost_cny": "1000.00",
}
WAY = (
    ("village_review", {"votes_for": 30}),
    ("township_determine", {}),
    ("city_approve", SETTLES),
    ("county_approve", {}),
    ("accept_reclamation", RECLAIMED),
    ("issue", {"id": "t.h0"}),
)
"""Every step of an application up to its ticket."""
NEIGHBOURS = [f"h{n}" for n in range(10, 13)]


@pytest.fixture(scope="module")
async def story(shared):
    story = await a_story(shared, ["h0", "h1", "h2", "h3", "h4", "h5", *NEIGHBOURS])
    for household in ("h0", "h1", "h2", "h3", "h4", "h5"):
        await story.must("apply", id=f"a.{household}", household=household, area_m2=AREA)
    return story


async def application(node, household):
    answer = await node.get("villager", household, f"/v1/applications/a.{household}")
    return answer.json()


async def test_every_step_onward_waits_for_the_end_of_a_hold(shared, story):
    steps = [(do, {"application": "a.h0"} | body) for do, body in WAY]
    steps.append(("hand_in", {"ticket": "t.h0"}))
    for n, (do, body) in enumerate(steps):
        placed = await hold(shared, "h0", f"s0.{n}")
        assert placed.status_code == 201, placed.text
        before = await application(shared, "h0"), await shared.counts("ledger_entry")
        assert before[0]["hold"] == f"s0.{n}"
        assert_problem(await story.ask(do, **body), 409, "held")
        assert (await application(shared, "h0"), await shared.counts("ledger_entry")) == before
        assert (await take_back(shared, "h0", f"s0.{n}")).status_code == 201
        await story.must(do, **body)
    assert (await application(shared, "h0"))["may_hold"]


async def test_a_ticket_that_is_handed_in_is_listed_only_without_a_hold(shared, story):
    assert (await hold(shared, "h0", "s0.l")).status_code == 201
    lot = a_lot("t.h0")
    refused = await shared.post("exchange", HERE, "/v1/lots", lot)
    document = assert_problem(refused, 409, "held")
    assert document["about"] == {"tickets": ["t.h0"]}
    assert pointers(document) == ["/tickets"]
    assert (await take_back(shared, "h0", "s0.l")).status_code == 201
    assert (await shared.post("exchange", HERE, "/v1/lots", lot)).status_code == 201
    assert not (await application(shared, "h0"))["may_hold"]
    assert_problem(await hold(shared, "h0", "s0.late"), 409, "hold-too-late")


async def test_the_county_hears_it_by_somebody_who_had_no_hand_in_it(shared, story):
    await story.must("village_review", application="a.h1", votes_for=30)
    await story.must("township_determine", application="a.h1")
    await story.must("county_approve", application="a.h1")
    assert (await hold(shared, "h1", "s1", by=WINDOW, person="c")).status_code == 201
    for by, person in ((APPROVER, "a"), (WINDOW, "c")):
        answer = await release(shared, "s1", "confirmed", by, person=person)
        assert_problem(answer, 409, "same-person")
    answer = await release(shared, "s1", "confirmed", APPROVER, person="b")
    assert (answer.status_code, answer.json()["outcome"]) == (201, "confirmed")
    await story.must("accept_reclamation", application="a.h1", **RECLAIMED)


async def test_what_is_withdrawn_before_the_land_is_reclaimed_is_revoked(shared, story):
    await story.must("village_review", application="a.h2", votes_for=30)
    await story.must("township_determine", application="a.h2")
    await story.must("county_approve", application="a.h2")
    assert (await hold(shared, "h2", "s2", reason="signature_not_mine")).status_code == 201
    assert (await release(shared, "s2", "withdrawn", APPROVER, person="b")).status_code == 201
    left = await application(shared, "h2")
    assert (left["state"], left["hold"], left["may_hold"]) == ("revoked", None, False)
    await story.must("apply", id="a.h2.again", household="h2", area_m2=AREA)


async def test_reclaimed_land_is_held_until_the_household_agrees(shared, story):
    assert (await hold(shared, "h1", "s3")).status_code == 201
    refused = await release(shared, "s3", "withdrawn", APPROVER, person="b")
    assert_problem(refused, 409, "land-reclaimed")
    refused = await story.ask("issue", application="a.h1", id="t.h1")
    assert_problem(refused, 409, "held")
    assert (await take_back(shared, "h1", "s3")).status_code == 201
    await story.must("issue", application="a.h1", id="t.h1")


async def test_strangers_find_no_application_to_hold_and_no_hold_to_end(shared, story):
    assert (await hold(shared, "h3", "s4", reason="family_disagrees")).status_code == 201
    body = {"id": "s5", "application": "a.h4", "reason": "other"}
    for by in (("villager", "h3"), ("operator", THERE)):
        answer = await shared.post(*by, HOLDS, body)
        assert pointers(assert_problem(answer, 404, "not-found")) == ["/application"]
    said = {"hold": "s4", "outcome": "confirmed"}
    for by in (("villager", "h4"), ("county_approver", THERE_COUNTY), ("operator", THERE)):
        answer = await shared.post(*by, RELEASES, said)
        assert pointers(assert_problem(answer, 404, "not-found")) == ["/hold"]
    for by in (("county_clerk", COUNTY), ("township", "v3")):
        answer = await shared.post(*by, RELEASES, said)
        assert_problem(answer, 403, "forbidden")


async def test_why_is_told_to_whom_the_application_is_and_is_in_no_record(shared, story):
    dossier = (await shared.get("villager", "h3", "/v1/households/h3/dossier")).json()
    (held,) = dossier["holds"]
    assert (held["id"], held["reason"], held["outcome"]) == ("s4", "family_disagrees", None)
    assert "application.held" in [event["kind"] for event in dossier["events"]]
    reports = await shared.get("supervisor", NODE, "/v1/reports/holds", limit=200)
    rows = {row["id"]: row for row in reports.json()["items"]}
    assert (rows["s2"]["outcome"], rows["s2"]["state"]) == ("withdrawn", "revoked")
    assert "reason" not in rows["s4"]
    bodies = await shared.owner.fetch("SELECT body FROM record WHERE kind LIKE 'application.h%'")
    said = [json.loads(row["body"])["body"] for row in bodies]
    assert {frozenset(body) for body in said} == {
        frozenset({"hold"}),
        frozenset({"hold", "outcome", "state"}),
    }


REFUSED_BY_THE_DATABASE = {
    "a step": "UPDATE application SET state = 'noticed', notice_ends_at = cooling_off_ends_at"
    " WHERE id = 'a.h3'",
    "a city": f"UPDATE application SET city = '{CITY}' WHERE id = 'a.h3'",
    "a hold that nothing names": "UPDATE application SET hold = NULL WHERE id = 'a.h3'",
    "an end that leaves it named": "UPDATE application_hold SET outcome = 'confirmed',"
    " ended_at = placed_at WHERE id = 's4'",
    "a hold of another": "UPDATE application SET hold = 's4' WHERE id = 'a.h4'",
    "an end that changes": "UPDATE application_hold SET outcome = 'confirmed' WHERE id = 's2'",
    "a hold that is forgotten": "DELETE FROM application_hold WHERE id = 's2'",
    "a market for what is held": "UPDATE application SET beyond_hold = true WHERE id = 'a.h3'",
    "another way out than a hold": "UPDATE application SET state = 'revoked' WHERE id = 'a.h5'",
}


@pytest.mark.parametrize("what", REFUSED_BY_THE_DATABASE)
async def test_the_database_holds_it_too(shared, story, what):
    if what.startswith("another way"):
        await story.must("village_review", application="a.h5", votes_for=30)
    with pytest.raises((asyncpg.IntegrityConstraintViolationError, asyncpg.RaiseError)):
        await shared.owner.execute(REFUSED_BY_THE_DATABASE[what])


async def test_the_database_moves_no_ticket_that_is_held(shared, story):
    assert (await hold(shared, "h1", "s6")).status_code == 201
    for state in ("handed_in", "locked"):
        with pytest.raises(asyncpg.CheckViolationError):
            await shared.owner.execute(f"UPDATE ticket SET state = '{state}' WHERE id = 't.h1'")


async def test_of_a_hold_and_a_listing_at_once_one_comes_first(shared, story):
    tickets = await story.hand_in(NEIGHBOURS)
    listed = 0
    for n, household in enumerate(NEIGHBOURS):
        lot = a_lot(tickets[n]) | {"id": f"l.{household}"}
        held, lot_answer = await asyncio.gather(
            hold(shared, household, f"r.{n}"), story.send(Request("list", lot))
        )
        codes = {held.status_code, lot_answer.status_code}
        assert codes == {201, 409}, (held.text, lot_answer.text)
        refused = held if held.status_code == 409 else lot_answer
        assert refused.json()["code"] in {"held", "hold-too-late"}
        listed += lot_answer.status_code == 201
    stands = await shared.owner.fetchval("SELECT count(*) FROM application WHERE hold LIKE 'r.%'")
    assert stands + listed == len(NEIGHBOURS)


async def test_an_application_that_ends_takes_its_hold_along(node):
    story = await a_story(node, ["h0", "h1"], cooling_off_days=5, notice_days=5)
    for household in ("h0", "h1"):
        await story.must("apply", id=f"a.{household}", household=household, area_m2=AREA)
    assert (await hold(node, "h0", "s0")).status_code == 201
    await story.must("revoke", application="a.h0")
    await story.clock(START.replace(day=START.day + 5))
    await story.must("village_review", application="a.h1", votes_for=30)
    await story.must("object", id="o1", application="a.h1")
    assert (await hold(node, "h1", "s1")).status_code == 201
    await story.must("rule", objection="o1", upheld=True)
    rows = await node.owner.fetch("SELECT id, outcome FROM application_hold ORDER BY id")
    assert [tuple(row) for row in rows] == [("s0", "lapsed"), ("s1", "lapsed")]
    await audited(node)


async def audited(node):
    rows = await node.owner.fetch("SELECT body FROM record ORDER BY id")
    report = audit_records(bytes(row["body"]) for row in rows)
    assert report.first is None, report.first.line()


async def test_the_audit_agrees_with_all_of_it(shared, story):
    await audited(shared)
