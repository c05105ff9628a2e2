"""Real logs for the audit: cases played through the API, then every record in order."""

import uuid
from pathlib import Path

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
from tests import scans
from tests.audit.sealed_story import SealedStory
from tests.model.random_cases import random_case

CASES = Path(__file__).resolve().parents[2] / "cases"
RANDOM_SEEDS = range(3000, 3008)
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
    return told


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
