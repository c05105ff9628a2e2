"""Real logs for the audit: cases played through the API, then every record in order."""

import uuid
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
import yaml
from sqlalchemy import text

from app.cli.demo_ground import outline
from app.cli.replay import first_credential
from app.kernel.units import hundredths
from app.main import create_app
from app.platform.db import open_database
from app.platform.settings import ClockKind, Settings
from app.replay import Market, load_case, parse_case, play
from tests import clearing, redemptions, scans
from tests.audit.sealed_story import SealedStory
from tests.conftest import START
from tests.http.kept_receipts import publish
from tests.model.random_cases import random_case
from tests.story import Story, a_market

CASES = Path(__file__).resolve().parents[2] / "cases"
# Fourteen more are audited where they end as in the naive market.
RANDOM_SEEDS = range(3000, 3003)
STEPS = 130


async def leaves_of(db):
    """Every record's bytes in the order in which they were written."""
    async with db.read() as reader:
        rows = await reader.run(text("SELECT body FROM record ORDER BY id"))
        return [bytes(row.body) for row in rows]


@pytest.fixture(scope="session")
async def new_market(cluster, tmp_path_factory):
    """Makes markets on databases of their own; answers with the market and the database."""
    opened = []

    async def make():
        name = f"audit_{uuid.uuid4().hex[:12]}"
        cluster.create_database(name, template="hrt_template")
        settings = Settings(
            clock=ClockKind.SIMULATED,
            require_durable=False,
            pool_size=5,
            home=tmp_path_factory.mktemp("home"),
        )
        db = open_database(settings, cluster.dsn("hrt_app", name))
        transport = httpx.ASGITransport(create_app(db, settings))
        http = httpx.AsyncClient(transport=transport, base_url="http://node")
        opened.append((name, db, http))
        return Market(http, await first_credential(db)), db

    yield make
    for name, db, http in opened:
        await http.aclose()
        await db.close()
        cluster.drop_database(name)


def on_the_ground(case):
    """A case whose homesteads have outlines, and whose freezes have reasons."""
    raw = yaml.safe_load((CASES / f"{case}.yaml").read_text(encoding="utf-8"))
    areas = {}
    for step in raw["steps"]:
        if step["do"] == "apply":
            areas[step["id"]] = hundredths(step["area_m2"])
        elif step["do"] == "accept_reclamation":
            place = list(areas).index(step["application"])
            step["parcel"] = outline("anhua-1", place, areas[step["application"]])
        elif step["do"] in {"freeze", "resume"}:
            step["reason"] = "系统故障,正在核查"
    return parse_case(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False))


@pytest.fixture(scope="session")
async def logs(new_market):
    """The logs of the cases in the folder of cases and of random ones, by name."""
    made = {}
    for path in sorted(CASES.glob("*.yaml")):
        made[path.stem] = load_case(path)
    for seed in RANDOM_SEEDS:
        raw = random_case(seed, STEPS)
        made[f"random-{seed}"] = parse_case(
            yaml.safe_dump(raw, allow_unicode=True, sort_keys=False)
        )
    made["on-the-ground"] = on_the_ground("b-sealed-tie")
    made["for-a-reason"] = on_the_ground("c-default-relist")
    told = {}
    for name, case in made.items():
        market, db = await new_market()
        await play(case, market)
        told[name] = await leaves_of(db)
    market, db = await new_market()
    await SealedStory.tell(market)
    told["sealed"] = await leaves_of(db)
    market, db = await new_market()
    await play(load_case(CASES / "a-one-household.yaml"), market)
    await filed(market)
    told["evidence"] = await leaves_of(db)
    await asked(market)
    told["redemptions"] = await leaves_of(db)
    market, db = await new_market()
    await holding(market)
    told["holds"] = await leaves_of(db)
    market, db = await new_market()
    await cleared(market, db)
    told["clearing"] = await leaves_of(db)
    return told


async def holding(market):
    """Three households did not agree: one takes it back, one is heard, one wants no more of it."""
    households = [f"h{n}" for n in range(4)]
    story = await Story.begin(market, a_market(START, households, []))
    for n, household in enumerate(households):
        application = f"a.{household}"
        await story.must("apply", id=application, household=household, area_m2="100.00")
        hold = {"id": f"s{n}", "application": application, "reason": "not_asked"}
        assert "placed_at" in await market.send("villager", household, "/v1/holds", hold)
    for n, (outcome, role, party) in enumerate(
        (
            ("taken_back", "villager", "h0"),
            ("confirmed", "county_approver", "500236"),
            ("withdrawn", "county_approver", "500236"),
        )
    ):
        ends = {"hold": f"s{n}", "outcome": outcome}
        answer = await market.send(role, party, "/v1/hold-releases", ends)
        assert answer.get("outcome") == outcome, answer
    await story.must("village_review", application="a.h0", votes_for=30)
    await story.must("township_determine", application="a.h0")


async def cleared(market, db):
    """Two provinces that owe each other, and pay through the bank."""
    case = load_case(CASES / "d-two-provinces.yaml")
    steps = [step for step in case.steps if step.do != "settle_provinces"]
    await play(replace(case, steps=steps), market)
    app = market.http._transport.app
    await publish(SimpleNamespace(app=app, db=db))
    await clearing.tell(market, "500000", "330000")


async def filed(market):
    """The file of a reclaimed homestead, with a report in the place of another."""
    for id_, kind, content, replaces in (
        ("e1", "acceptance_report", scans.pdf(), None),
        ("e2", "acceptance_report", scans.pdf("again"), "e1"),
        ("e3", "photo_after", scans.png(), None),
    ):
        body = scans.piece(id_, kind, content, replaces=replaces)
        answer = await market.send("county_clerk", "500236", "/v1/evidence", body)
        assert answer.get("number") == int(id_[1:]), answer


async def asked(market):
    """Requests of a household that rents, and has nothing left: two are done, one waits."""
    home = {"price_cny": "10.00", "gap": "lump_sum"}
    await redemptions.ask(market, "q1", "affordable_purchase", "h1", **home)
    await redemptions.ask(market, "q2", "mortgage_offset", "h1")
    await redemptions.ask(market, "q3", "refund", "h1")
    await redemptions.approve(market, "q1")
    await redemptions.refuse(market, "q2")
    await redemptions.withdraw(market, "q3", "h1")
    await redemptions.ask(market, "q4", "public_purchase", "h1", rental="r1", gap="lump_sum")
    await redemptions.approve(market, "q4")
    await redemptions.ask(market, "q5", "refund", "h1")
