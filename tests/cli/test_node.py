"""`hrt node`: two operators give each other their cards, and nobody else's is taken."""

import asyncio
import re
import stat
import uuid

import pytest
from typer.testing import CliRunner

from app.cli import app as command_line
from app.platform.db import open_database
from app.platform.settings import Settings
from tests.conftest import TEMPLATE
from tests.nodes import two_tongues

ADDRESSES = ("--url", "https://127.0.0.1:8443/", "--log-url", "http://127.0.0.1:8000")


class Operator:
    """Types commands on one node."""

    def __init__(self, dsn, home):
        self.home = home
        self.dsn = dsn
        self.env = {
            "HRT_DATABASE_URL": dsn,
            "HRT_HOME": str(home),
            "HRT_ORIGIN": f"{home.name}/log",
        }

    def run(self, *words, status=0, **more):
        done = CliRunner().invoke(command_line, ["node", *map(str, words)], env=self.env, **more)
        assert done.exit_code == status, done.output
        return done.output


@pytest.fixture
def operators(cluster, tmp_path):
    """Two nodes that nobody has named yet."""
    names = [f"c{n}_{uuid.uuid4().hex[:8]}" for n in range(2)]
    for name in names:
        cluster.create_database(name, template=TEMPLATE)
    yield [Operator(cluster.dsn("hrt_app", name), tmp_path / name) for name in names]
    for name in names:
        cluster.drop_database(name)


def named(operator, name, *more):
    operator.run("init", name, *ADDRESSES, *more)
    card = operator.home / "own.card"
    told = operator.run("card", "--out", card)
    return card, re.search(r"Fingerprint: ([0-9a-f ]+)", told).group(1)


def test_two_nodes_exchange_cards(operators):
    here, there = operators
    _, ours = named(here, "500000", "--province", "500000:重庆市")
    card, fingerprint = named(there, "ministry", "--ministry")
    assert "already" in here.run("init", "410000", *ADDRESSES, "--province", "410000:x", status=1)
    for file in (here.home / "node").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert "another" in here.run("peer", "add", card, "--fingerprint", ours, status=1)
    here.run("peer", "add", card, status=1, input="n\n")
    assert "added" in here.run("peer", "add", card, "--fingerprint", fingerprint)
    assert "already" in here.run("peer", "add", card, "--fingerprint", fingerprint, status=1)
    assert here.run("peer", "list").startswith("ministry\tministry\t-\thttps://127.0.0.1:8443\t")
    assert "ministry\t0\t0\t0\t0" in here.run("links")

    assert "1 peers" in here.run("rotate")
    assert "ministry\t1\t0\t0\t1" in here.run("links")
    added = there.run("peer", "add", here.home / "own.card", input="y\n")
    assert "New provinces here: 500000" in added
    here.run("move", *ADDRESSES)
    here.run("renew")
    renewed, again = here.home / "new.card", here.run("card", "--out", here.home / "new.card")
    assert ours not in again
    assert "updated" in there.run("peer", "update", renewed, input="y\n")

    assert "removed" in here.run("peer", "remove", "ministry")
    here.run("peer", "remove", "ministry", status=1)
    assert "0 pairs" in here.run("evidence", here.home / "evidence")


def test_evidence_is_written_for_whoever_is_to_judge(operators):
    here, _ = operators

    async def hear():
        db = open_database(Settings(database_url=here.dsn), here.dsn)
        await two_tongues.tell(db)
        await db.close()

    asyncio.run(hear())
    assert "1 pairs" in here.run("evidence", here.home / "evidence")
    one, two = sorted((here.home / "evidence").iterdir())
    assert '"n":"1.00"' in one.read_text()
    assert '"n":"2.00"' in two.read_text()
    here.run("links", status=1)


@pytest.mark.parametrize(
    "words",
    [
        ("Chongqing", *ADDRESSES, "--province", "500000:x"),
        ("500000", *ADDRESSES, "--province", "500236:x"),
        ("500000", *ADDRESSES, "--province", "500000"),
        ("500000", *ADDRESSES),
        ("500000", "--url", "http://a", "--log-url", "http://a", "--province", "500000:x"),
    ],
    ids=["name", "county", "unnamed", "no-province", "plain-http"],
)
def test_a_node_that_nobody_could_reach_or_name_is_not_made(operators, words):
    operators[0].run("init", *words, status=2)
    assert not (operators[0].home / "node").exists()


def test_what_is_no_card_is_refused(operators):
    here, _ = operators
    card, _ = named(here, "500000", "--province", "500000:重庆市")
    spoilt = here.home / "spoilt.card"
    spoilt.write_text(card.read_text().replace("重庆市", "重庆"))
    here.run("peer", "add", spoilt, status=2)
    assert "already" in here.run("peer", "add", card, status=1, input="y\n")


def test_a_node_without_a_name_has_no_card_and_no_peers(operators):
    here, _ = operators
    for words in (("card",), ("rotate",), ("renew",), ("move", *ADDRESSES)):
        assert "hrt node init" in here.run(*words, status=1)
    assert here.run("peer", "list") == ""
