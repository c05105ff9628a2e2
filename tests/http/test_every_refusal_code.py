"""Each refusal that a slice can give is met over HTTP, well formed, and leaves no trace."""

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Annotated

import pytest
from fastapi import Depends

from app import ledger
from app.kernel.principal import Role
from app.kernel.refusal import BetweenNodes, CommonRefusal, Refusal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, LedgerRefusal, Move
from app.platform import calls, problems
from app.platform.clock import ClockOut, ClockRefusal
from app.platform.settings import ClockKind, Settings
from app.replay import Market, load_case, play
from app.replay.outcome import read_outcome
from tests import sealed
from tests.conftest import TEMPLATE
from tests.http import (
    clearing,
    evidence,
    firms,
    ground,
    holds,
    maxima,
    people,
    reconciling,
    redeeming,
)
from tests.http.support import CASES, FOREVER, NODE, OWN_CASES, assert_problem, open_node, promised

EVERY = [refusal for slice_enum in Refusal.__subclasses__() for refusal in slice_enum]
EXCHANGE = ("exchange", "500000")
TOURS = (CASES / "e-refusals.yaml", OWN_CASES / "more-refusals.yaml")


ON_RECORD = {"record", "tlog_pending", "receipt", "idempotency"}
"""What a refused bid writes: its record, on its way into the log, and the answer that is kept."""


LATER = "8999-01-02T00:00:00+08:00"
NOTICE = {
    "start_price_cny": "140000.00",
    "deposit_cny": "20000.00",
    "opens_at": FOREVER,
    "closes_at": LATER,
}
PLAIN = {"sealing": None, "custodians": None, "opening_days": None}


@dataclass
class Watched(Market):
    """A client that compares the whole database before and after each step it sends."""

    node: object = None
    traces: list = field(default_factory=list)
    outcomes: int = 0

    async def send(self, role, party, path, body, person="a"):
        await self.token(role, party, person)
        # A whole outcome takes a dozen requests, so every seventh step is looked at so closely.
        look = self.outcomes % 7 == 0
        self.outcomes += 1
        before = await self.node.state(), await self.outcome(look=look)
        answer = await Market.send(self, role, party, path, body, person)
        if "request_id" in answer:
            after = await self.node.state(), await self.outcome(look=look)
            written = {table for table, rows in after[0].items() if rows != before[0][table]}
            if after[1] != before[1] or written != (ON_RECORD if "receipt" in answer else set()):
                self.traces.append((path, body, answer["code"]))
        return answer

    async def outcome(self, *, look):
        return await read_outcome("", [], self) if look else None


@pytest.fixture(scope="module")
async def answers(cluster, tmp_path_factory):
    """Every refused response that the whole of this module's requests were given."""
    seen = []

    async def keep(response):
        await response.aread()
        if response.status_code >= 400:
            seen.append(response)

    names = []

    async def fresh(clock=ClockKind.SIMULATED):
        names.append(f"refusals_{uuid.uuid4().hex[:8]}")
        cluster.create_database(names[-1], template=TEMPLATE)
        # What one of them publishes is nothing that the next has forgotten.
        home = tmp_path_factory.mktemp("home")
        settings = Settings(clock=clock, require_durable=False, pool_size=10, home=home)
        node = await open_node(cluster, names[-1], settings)
        node.http.event_hooks = {"response": [keep]}
        return node

    traces = []
    for tour in TOURS:
        node = await fresh()
        watched = Watched(node.http, node.market.security_token, node=node)
        outcome = await play(load_case(tour), watched)
        said = [step["code"] for step in outcome["steps"] if not step["ok"]]
        assert said == promised(tour)
        traces += watched.traces
        await node.close()
    node = await fresh()
    for scenario in SCENARIOS:
        await scenario(node)
    await node.close()
    for auction in (
        a_sealed_auction,
        maxima.refused_in_every_way,
        firms.refused_in_every_way,
        ground.refused_in_every_way,
        evidence.refused_in_every_way,
        holds.refused_in_every_way,
        redeeming.refused_in_every_way,
        clearing.refused_in_every_way,
        clearing.quota_waits_for_its_money,
        reconciling.refused_in_every_way,
    ):
        node = await fresh()
        await auction(node)
        await node.close()
    await a_real_clock(await fresh(ClockKind.SYSTEM))
    for name in names:
        cluster.drop_database(name)
    return seen, traces


async def a_market(node):
    """Two provinces with a county each, a bidder, and policies and coefficients to come."""
    for code, name, zone in (
        ("500000", "重庆市", None),
        ("500236", "奉节县", "farm_product"),
        ("340000", "安徽省", None),
    ):
        body = {"code": code, "name": name, "zone": zone}
        assert (await node.post("system_admin", NODE, "/v1/regions", body)).status_code == 201
    body = {"id": "b1", "name": "两江公司"}
    assert (await node.post(*EXCHANGE, "/v1/bidders", body)).status_code == 201


async def identities(node):
    security = ("security_admin", NODE, "/v1/credentials")
    person = {"person": "p1", "role": "system_admin", "party": NODE}
    issued = await node.post(*security, person)
    await node.post(*security, person | {"role": "audit_admin"})
    await node.post(*security, person | {"expires_at": "1970-01-01T00:00:00+08:00", "person": "p2"})
    revocation = {"credential": issued.json()["id"]}
    for _ in range(2):
        await node.post("security_admin", NODE, "/v1/credential-revocations", revocation)


async def policies(node):
    proposal = {"province": "500000", "valid_from": FOREVER, "parameters": {}}
    office = ("province", "500000")
    await node.post(*office, "/v1/policies", proposal | {"id": "late"})
    approval = {"policy": "late"}
    for person in ("a", "b", "b"):
        await node.post(*office, "/v1/policy-approvals", approval, person=person)
    past = proposal | {"id": "past", "valid_from": "1970-01-01T00:00:00+08:00"}
    await node.post("system_admin", NODE, "/v1/clock", {"to": "2026-01-01T00:00:00+08:00"})
    await node.post(*office, "/v1/policies", past)
    await node.post(*office, "/v1/policy-approvals", {"policy": "past"}, person="b")
    await node.post("system_admin", NODE, "/v1/clock", {"to": "2025-12-31T23:59:59+08:00"})


async def coefficients(node):
    body = {
        "id": "k1",
        "from": "500000",
        "to": "340000",
        "yield_out": 1,
        "yield_in": 1,
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "document": "自然资函1号",
    }
    for changed in ({}, {"id": "k2", "valid_from": "2026-12-31", "valid_to": "2027-12-31"}):
        await node.post("ministry", NODE, "/v1/coefficients", body | changed)


async def permissions(node):
    body = {"id": "b9", "name": "某公司"}
    await node.http.post("/v1/bidders", json=body)
    await node.post("ministry", NODE, "/v1/bidders", body)
    await node.http.delete("/v1/bidders")
    await node.raw(*EXCHANGE, "/v1/bidders", b" " * 3_000_000)


async def keys(node):
    token = await node.market.token(*EXCHANGE)
    bearer = {"Authorization": f"Bearer {token}"}
    await node.http.post("/v1/bidders", json={"id": "b8", "name": "某"}, headers=bearer)
    for id_ in ("b7", "b6"):
        await node.post(*EXCHANGE, "/v1/bidders", {"id": id_, "name": "某"}, key="the-same")
    # Another process is at work under this key: its lock is what the service meets.
    async with node.owner.transaction():
        scope = "exchange:500000:exchange.500000.a\nheld"
        await node.owner.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", scope)
        await node.post(*EXCHANGE, "/v1/bidders", {"id": "b5", "name": "某"}, key="held")


async def a_database_that_fails(node):
    """It asks for a repetition until the service gives up, and then it breaks."""
    for sqlstate in ("40001", "XX000"):
        await node.owner.execute(f"""
            CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{sqlstate}'; END $$;
            CREATE OR REPLACE TRIGGER fail BEFORE INSERT ON bidder
            FOR EACH ROW EXECUTE FUNCTION fail();
        """)
        before = await node.state()
        await node.post(*EXCHANGE, "/v1/bidders", {"id": "b4", "name": "某"})
        assert await node.state() == before
    await node.owner.execute("DROP TRIGGER fail ON bidder")


async def cash(node):
    deposit = {"id": "bank.1", "bidder": "b1", "amount_cny": "1.00"}
    for amount in ("1.00", "2.00"):
        body = deposit | {"amount_cny": amount}
        await node.post(*EXCHANGE, "/v1/cash-deposits", body)
    # So much that one more yuan cannot be counted.
    bank = AccountRef(AccountKind.BANK, "escrow")
    free = AccountRef(AccountKind.BIDDER_CASH, "b1")
    await node.db.transact(ledger.post, [draft("much", Move(bank, free, 2**63 - 1 - 100))])
    await node.post(*EXCHANGE, "/v1/cash-deposits", deposit | {"id": "bank.2"})


def draft(key, *moves):
    return Draft(kind=EntryKind.CASH_IN, key=key, province=NODE, subject="b1", moves=moves)


async def entries_that_no_slice_posts(node):
    """The ledger's own refusals guard it against mistakes of a slice, which are made here."""
    bank = AccountRef(AccountKind.BANK, "escrow")
    free = AccountRef(AccountKind.BIDDER_CASH, "b1")
    mistakes = {
        "empty": [draft("empty")],
        "nothing": [draft("nothing", Move(bank, free, 0))],
        "self": [draft("self", Move(bank, bank, 1))],
        "undeclared": [draft("undeclared", Move(free, bank, 1))],
        "twice": [draft("twice", Move(bank, free, 1)), draft("twice", Move(bank, free, 2))],
        "overdrawn": [
            Draft(
                kind=EntryKind.DEPOSIT_HOLD,
                key="overdrawn",
                province=NODE,
                subject="l1",
                moves=(
                    Move(
                        AccountRef(AccountKind.BIDDER_CASH, "b0"),
                        AccountRef(AccountKind.DEPOSIT, "l1:b0", "500000"),
                        1,
                    ),
                ),
            )
        ],
    }

    admin = Annotated[calls.Call, Depends(calls.commands(Role.SYSTEM_ADMIN))]

    async def make(name: str, call: admin):
        return await call.run(ledger.post, mistakes[name], lambda _: ClockOut.model_construct())

    node.app.add_api_route("/v1/mistakes/{name}", make, methods=["POST"])
    for name in mistakes:
        await node.post("system_admin", NODE, f"/v1/mistakes/{name}", {})


async def more_than_is_matched(node):
    village = {"id": "v1", "name": "某村", "county": "500236", "members": 1}
    assert (await node.post("system_admin", NODE, "/v1/collectives", village)).status_code == 201
    await node.get("province", "500000", "/v1/matching", need="v1:9999999999999.99")


SCENARIOS = (
    a_market,
    identities,
    people.refused_in_every_way,
    policies,
    coefficients,
    permissions,
    keys,
    a_database_that_fails,
    entries_that_no_slice_posts,
    cash,
    more_than_is_matched,
)


async def a_sealed_auction(node):
    """Everything that custodians and their bidders can be told no about."""
    await sealed.open_market(node, tickets=["t1", "t2"])
    under = await sealed.terms(node)
    first = sealed.sealed(under, "b1", 1, "150000.00")
    await node.post(*EXCHANGE, "/v1/notices", {"lot": "l1"} | NOTICE)
    other = sealed.listing("l2", tickets=["t3"], opens_at=FOREVER, closes_at=LATER)
    await node.post(*EXCHANGE, "/v1/lots", other | {"custodians": sealed.custodians("l1")})
    await sealed.accepted(node, *EXCHANGE, "/v1/lots", other | PLAIN)
    await sealed.register(node, "b3", "l2", bid_key=None)
    await node.post(*EXCHANGE, "/v1/notices", {"lot": "l2"} | NOTICE | {"deposit_cny": "1.00"})
    await sealed.bid(node, "b3", first, "l2")
    plain = {"lot": "l1", "bidder": "b1", "price_cny": "150000.00"}
    await node.post("bidder", "b1", "/v1/bids", plain)
    await maxima.leave(node, "b1", "150000.00")
    for bidder, note in (
        ("b2", first),
        ("b1", sealed.sealed(under, "b1", 1, "1.00", by=sealed.signer("l1", "b3"))),
        *[("b1", first)] * 2,
    ):
        await sealed.bid(node, bidder, note)
    await sealed.release(node, "audit")
    await sealed.move(node, sealed.CLOSES)
    await sealed.release(node, "audit", private=sealed.secret("x"))
    for _ in range(2):
        await sealed.release(node, "audit")
    await probes(node)


async def probes(node):
    probe = {"id": "p1", "lot": "l1", "custodian": "audit", "sealed": sealed.text64(bytes(80))}
    hashed = {"nonce_hash": hashlib.sha256(bytes(32)).hexdigest()}
    await sealed.accepted(node, "bidder", "b1", "/v1/probes", probe | hashed)
    for nonce in (b"x" * 32, bytes(32), bytes(32)):
        answer = {"probe": "p1", "nonce": sealed.text64(nonce)}
        await node.post("custodian", "audit", "/v1/probe-answers", answer)


async def a_real_clock(node):
    await node.post("system_admin", NODE, "/v1/clock", {"to": FOREVER})
    await node.close()


@pytest.mark.parametrize("refusal", EVERY, ids=lambda r: f"{type(r).__name__}.{r.name}")
async def test_a_refusal_is_met_over_http_as_a_problem_in_two_languages(refusal, answers):
    met = [r for r in answers[0] if r.json()["title_en"] == refusal.en]
    assert met, "no request of this module is refused so: add a case or a scenario"
    for response in met:
        document = assert_problem(response, problems.status_of(refusal), refusal.code)
        assert document["title"] == refusal.zh


async def test_every_code_of_the_catalogue_was_met(answers):
    # What nobody meets before there are several nodes is met in tests/nodes.
    between_nodes = {r.code for enum in BetweenNodes.__subclasses__() for r in enum}
    met = {r.json()["code"] for r in answers[0]}
    assert met == problems.catalogue().keys() - (between_nodes - {r.code for r in EVERY})


async def test_every_type_resolves_to_what_it_means(answers, shared):
    for type_ in sorted({r.json()["type"] for r in answers[0]}):
        page = await shared.http.get(type_)
        assert page.status_code == 200
        said = {r.json()["title"] for r in answers[0] if r.json()["type"] == type_}
        assert said <= {meaning["zh"] for meaning in page.json()["meanings"]}
    assert_problem(await shared.http.get("/v1/problems/no-such-code"), 404, "not-found")


async def test_a_refused_step_changes_nothing_and_a_refused_bid_the_record_alone(answers):
    assert answers[1] == []


def test_texts_say_what_to_do_and_differ_from_each_other():
    for refusal in EVERY:
        assert refusal.zh.endswith(("。", "！"))
        assert refusal.en.endswith(".")
    assert len({r.zh for r in EVERY}) == len({r.en for r in EVERY})
    assert ClockRefusal.REAL in EVERY
    assert {LedgerRefusal.OVERFLOW, CommonRefusal.BUSY} <= set(EVERY)
