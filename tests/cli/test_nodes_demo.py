"""`hrt nodes`, as a person runs it: three nodes, and a story after which their books agree."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.platform.postgres_process import free_port

HRT = Path(sys.executable).with_name("hrt")
HOME, AWAY = "500000", "330000"
ARRIVED = f"{HOME}-t1/{AWAY}"
STORY_SECONDS = 120
OFFSETS = (1, 2, 3, 11, 12, 13)


def free_base():
    """The first port of a range in which all that the three nodes need are free."""
    while True:
        base = random.randrange(20_000, 30_000, 100)
        if all(free_port(base + offset) == base + offset for offset in OFFSETS):
            return base


@contextmanager
def nodes(home, base):
    """The command, for as long as it runs; it is ended as by Ctrl-C."""
    with subprocess.Popen(
        [HRT, "nodes", "--port", str(base)],
        env={name: value for name, value in os.environ.items() if not name.startswith("HRT_")}
        | {"HRT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            end(process)


def end(process):
    """As Ctrl-C ends it; answers with what it said at last."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    return process.communicate(timeout=60)[0]


def told(process):
    """What it says until the nodes can be used."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "--anew begins" in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


class Desk:
    """A node, asked by its supervisor, who signs in as a person does."""

    def __init__(self, home, name, port):
        people = json.loads((home / "nodes" / name / "demo-people.json").read_text())
        (me,) = [person for person in people if person["login"] == "supervisor"]
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        body = {"login": me["login"], "password": me["password"]}
        self.http.post("/v1/sessions", json=body).raise_for_status()

    def read(self, path):
        answer = self.http.get(path)
        answer.raise_for_status()
        return answer.json()

    def balance(self, account):
        return self.read(f"/v1/ledger/accounts/{account}")["balance"]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The story was told once, and the nodes run."""
    home, base = tmp_path_factory.mktemp("nodes"), free_base()
    with nodes(home, base) as process:
        story = told(process)
        names = (HOME, AWAY, "ministry")
        desks = [Desk(home, name, base + n) for n, name in enumerate(names, 1)]
        yield process, base, story, desks, home
        for desk in desks:
            desk.http.close()


def test_each_step_is_told_in_two_languages_with_its_date(played):
    _, base, story, *_ = played
    steps = re.findall(r"^ +(\d+)  \d{4}-\d\d-\d\d  (.*)\n +(.*)$", story, re.MULTILINE)
    assert [int(number) for number, _, _ in steps] == list(range(1, len(steps) + 1))
    assert len(steps) >= 20
    for _, chinese, english in steps:
        assert re.search("[一-鿿]", chinese)
        assert re.search("[a-z]", english)
    assert f"http://127.0.0.1:{base + 2}/#/check/ticket/{ARRIVED}" in story


def test_the_quota_is_gone_at_home_and_stands_converted_where_it_was_sold(played):
    home, away, ministry = played[3]
    assert home.balance(f"ticket:{HOME}:t1") == "0.00"
    assert home.balance(f"conversion:{HOME}:{AWAY}") == "266.67"
    assert away.balance(f"conversion:{AWAY}:{HOME}") == "-177.78"
    assert away.balance(f"certificate:{AWAY}:l1:b2") == "177.78"
    assert away.balance(f"housing:{AWAY}:{HOME}-h1") == "46720.00"
    assert home.balance(f"county:{HOME}:500236") == "12800.00"
    assert home.balance(f"collective:{HOME}:v1") == "7980.00"
    (crossing,) = ministry.read("/v1/crossings")["items"]
    assert (crossing["state"], crossing["document"]) == ("done", "自然资函〔2026〕15号")


def test_what_was_due_is_agreed_paid_and_gone_from_both_books(played):
    home, away, ministry = played[3]
    stated = ministry.read("/v1/stated-obligations")["items"]
    assert [(one["debtor"], one["debtor_cny"], one["state"]) for one in stated] == [
        (HOME, "1500.00", "agreed"),
        (AWAY, "20780.00", "agreed"),
    ]
    for desk in (home, away):
        paid = desk.read("/v1/payment-instructions")["items"]
        assert {(one["payer"], one["amount_cny"], one["state"]) for one in paid} == {
            (HOME, "1500.00", "confirmed"),
            (AWAY, "20780.00", "confirmed"),
        }
        assert desk.read("/v1/positions")["items"] == []


def test_every_node_agrees_with_itself_and_runs_on_real_time(played):
    for desk in played[3]:
        found = desk.read("/v1/ledger/verification")
        assert found["findings"] == []
        assert desk.read("/v1/clock")["kind"] == "system"
        for link in desk.read("/v1/links")["items"]:
            assert (link["backlog"], link["refused"], link["quarantined"]) == (0, 0, 0)
        assert desk.http.get("/").is_success


def test_it_runs_once_and_goes_on_later_with_what_there_is(played):
    process, base, _, _, home = played
    with nodes(home, base) as second:
        assert "already" in second.communicate(timeout=60)[0]
        assert second.returncode == 1
    assert "Stopped; the data is kept." in end(process)
    with socket.create_server(("127.0.0.1", base + 2)), nodes(home, base) as later:
        again = told(later)
        assert f"{base + 2}" in again.splitlines()[0]
        assert not re.search(r"^ +1  \d{4}-", again, re.MULTILINE)
        away = Desk(home, AWAY, base + 102)
        (ministry,) = [x for x in away.read("/v1/links")["items"] if x["peer"] == "ministry"]
        assert ministry["url"] == f"https://127.0.0.1:{base + 113}"
        away.http.close()
