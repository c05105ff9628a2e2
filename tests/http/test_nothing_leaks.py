"""Planted names and prices are looked for everywhere: tables, answers, addresses, logs."""

import hashlib
import json
import logging

import pytest
import structlog

from app.kernel.principal import LEVEL_OF_ROLE, Role
from app.replay import parse_case, play
from tests.http.support import CASES, CUSTODIAN, NODE, admit_custodian, shown_by_feed

NAMES = {"谭远福": "欧阳清照甲", "卢开秀": "欧阳清照乙", "黄世平": "欧阳清照丙"}
BIDDERS = {
    "沙坪坝区建设开发公司": "司马相如丁",
    "大学城置业公司": "司马相如戊",
    "西永微电园公司": "司马相如己",
}
CO_OWNERS = ("端木子贡庚", "端木子贡辛")
PLANTED = (*NAMES.values(), *BIDDERS.values(), *CO_OWNERS)
WHERE_NAMES_STAND = ("household", "bidder", "application_co_owner")

PRICE = "151234.57"
PRICE_SPELLINGS = (PRICE, PRICE.replace(".", ""), "151,234.57", "151234,57", "0x" + f"{15123457:x}")


class Log(logging.Handler):
    """Everything that any logger of the process writes."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))

    def structured(self, _logger, _name, event):
        self.lines.append(json.dumps(event, ensure_ascii=False, default=repr))
        return event


@pytest.fixture
def log():
    """The process's whole log at its most talkative."""
    log, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    kept = structlog.get_config()
    structlog.configure(processors=[log.structured, structlog.processors.JSONRenderer()])
    yield log
    structlog.configure(**kept)
    root.removeHandler(log)
    root.setLevel(level)


def planted_case(*, price="150000.01"):
    text = (CASES / "b-sealed-tie.yaml").read_text(encoding="utf-8")
    for old, new in (NAMES | BIDDERS).items():
        assert old in text
        text = text.replace(old, new)
    owners = f"co_owners: [{', '.join(CO_OWNERS)}], consents: [{', '.join(reversed(CO_OWNERS))}]"
    text = text.replace('area_m2: "166.67"}', f'area_m2: "166.67", {owners}}}')
    assert CO_OWNERS[0] in text
    return text.replace("150000.01", price)


def until_the_bids(text):
    """The case up to its last bid, so that the lot is still open."""
    return text[: text.index('  - {at: "2026-03-20')]


OF_BIDDERS = ("bank", "bidder_cash", "deposit")
"""Kinds of accounts in which a bid could leave a trace before it has won."""


async def all_answers(node, kinds=None):
    """What every query shows to every role, each acting for a party of this market.

    Accounts are asked for by one of each kind; by those of `kinds` alone, where some are given.
    """
    ids = {"household": "h1", "application": "a1", "ticket": "t1", "lot": "l1", "entry": "1"}
    ids |= {"path": "entries/000", "index": "0", "id": "r1", "key": "k1", "year": "2026"}
    ids |= {"request": "q1", "evidence": "e1", "statement": "1-330000-500000"}
    ids |= {"instruction": "5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f"}
    of_level = {
        "household": "h1",
        "collective": "v1",
        "county": "500237",
        "province": "500000",
        "bidder": "b1",
        "custodian": CUSTODIAN,
    }
    parties = {role: of_level.get(LEVEL_OF_ROLE.get(role), NODE) for role in Role}
    parties[Role.CITY] = "500106"
    await admit_custodian(node)
    one_of_each = "SELECT DISTINCT ON (kind) code FROM ledger_account ORDER BY kind, code"
    standing = [row[0] for row in await node.owner.fetch(one_of_each)]
    codes = [code for code in standing if kinds is None or code.partition(":")[0] in kinds]
    assert codes, "some account of these kinds is there"
    for path, item in node.app.openapi()["paths"].items():
        if "get" not in item:
            continue
        for address in dict.fromkeys(path.format(**ids, code=code) for code in codes):
            for role, party in parties.items():
                if address.endswith("/feed"):
                    answer = await shown_by_feed(node, ids["lot"])
                else:
                    answer = await node.get(role, party, address)
                yield role, address, answer


def found(needles, haystack):
    return [needle for needle in needles if needle in haystack]


async def test_no_name_leaves_the_register(node, log, cluster):
    answers, addresses = [], []

    async def keep(response):
        await response.aread()
        addresses.append(str(response.request.url))
        if response.request.method == "POST":
            answers.append(response.text)

    node.http.event_hooks = {"response": [keep]}
    await play(parse_case(planted_case()), node.market)
    # Registrations and steps are answered without names, so none is kept for repetition.
    assert found(PLANTED, "\n".join(answers)) == []
    await requests_that_fail(node)
    whole = await node.dump(leaving_out=WHERE_NAMES_STAND)
    assert "settlement" in whole
    assert found(PLANTED, whole) == []
    assert found(PLANTED, await node.dump()) == list(PLANTED)
    assert found(PLANTED, "\n".join(addresses)) == []
    assert any("/v1/applications" in line for line in log.lines)
    assert found(PLANTED, "\n".join(log.lines)) == []
    assert found(PLANTED, (cluster.home / "server.log").read_text(encoding="utf-8")) == []


async def requests_that_fail(node):
    """Malformed, refused and crashed requests with names in them."""
    name = CO_OWNERS[0]
    body = {"id": "h9", "name": name, "collective": "v1", "heads": 1}
    for changed in (
        {"heads": name},
        {"id": name},
        {name: name},
        {"collective": "v9"},
        {"id": "h1"},
    ):
        answer = await node.post("province", "500000", "/v1/households", body | changed)
        assert answer.status_code in {404, 409, 422}
        if name not in changed:  # the name of a field at fault is shown to who sent it
            assert name not in answer.text
    await node.owner.execute("""
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'planted: %', NEW.name; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON household
        FOR EACH ROW EXECUTE FUNCTION fail();
    """)
    answer = await node.post("province", "500000", "/v1/households", body)
    assert answer.status_code == 500
    assert name not in answer.text


async def test_names_are_shown_to_whom_they_concern_only(node):
    await play(parse_case(planted_case()), node.market)
    shown = {}
    async for role, address, answer in all_answers(node):
        for name in found(PLANTED, answer.text):
            shown.setdefault((role, address), []).append(name)
    of_household = {
        Role.VILLAGER,
        Role.COLLECTIVE,
        Role.TOWNSHIP,
        Role.COUNTY_CLERK,
        Role.COUNTY_APPROVER,
        Role.FUND_CENTRE,
        Role.PROVINCE,
        Role.OPERATOR,
        Role.SUPERVISOR,
    }
    own = {(role, "/v1/households/h1"): [NAMES["谭远福"]] for role in of_household}
    all_bidders = (Role.EXCHANGE, Role.FUND_CENTRE, Role.SUPERVISOR)
    own |= {(role, "/v1/bidders"): list(BIDDERS.values()) for role in all_bidders}
    own |= {
        (role, "/v1/bidders"): [BIDDERS["沙坪坝区建设开发公司"]]
        for role in (Role.BIDDER, Role.BIDDER_VIEWER)
    }
    assert shown == own


async def test_a_sealed_price_is_nowhere_before_the_close(node, log):
    answers = []

    async def keep(response):
        await response.aread()
        answers.append(response.text)

    node.http.event_hooks = {"response": [keep]}
    await play(parse_case(until_the_bids(planted_case(price=PRICE))), node.market)
    again = {"lot": "l1", "bidder": "b1", "price_cny": PRICE}
    for key in ("once", "once", "twice"):
        answer = await node.post("bidder", "b1", "/v1/bids", again, key=key)
        assert answer.status_code == 201
        assert answer.json()["price_cny"] is None
    assert (
        await node.post("bidder", "b1", "/v1/bids", again | {"price_cny": PRICE + "0"})
    ).is_error
    async for _ in all_answers(node, OF_BIDDERS):
        pass
    assert found(PRICE_SPELLINGS, "\n".join(answers)) == []
    assert len(answers) > 500
    assert found(PRICE_SPELLINGS, await node.dump(leaving_out=("bid",))) == []
    assert found(PRICE_SPELLINGS, await node.dump()) == [PRICE.replace(".", "")]
    assert found(PRICE_SPELLINGS, "\n".join(log.lines)) == []
    for lot in (await node.http.get("/v1/lots/l1")).json(), *(await node.market.list("/v1/lots")):
        assert lot["current_price_cny"] is lot["permitted_price_cny"] is lot["price_cny"] is None
    assert (await node.http.get("/v1/lots/l1/bids")).json()["items"] == []


async def test_a_frozen_sealed_lot_keeps_its_seals(node):
    await play(parse_case(until_the_bids(planted_case(price=PRICE))), node.market)
    await node.post("exchange", "500000", "/v1/freezes", {"lot": "l1"})
    await node.post("system_admin", NODE, "/v1/clock", {"to": "2026-05-01T00:00:00+08:00"})
    async for _, address, answer in all_answers(node, OF_BIDDERS):
        assert found(PRICE_SPELLINGS, answer.text) == [], address
    assert found(PRICE_SPELLINGS, await node.dump(leaving_out=("bid",))) == []


async def test_the_close_opens_the_seals_and_anyone_can_check_them(node):
    await play(parse_case(until_the_bids(planted_case(price=PRICE))), node.market)
    await node.post("system_admin", NODE, "/v1/clock", {"to": "2026-03-11T17:00:00+08:00"})
    bids = (await node.http.get("/v1/lots/l1/bids")).json()["items"]
    assert [(b["bidder"], b["price_cny"]) for b in bids] == [
        ("b1", PRICE),
        ("b2", PRICE),
        ("b3", "139999.99"),
        ("b1", PRICE),
    ]
    rows = await node.owner.fetch("SELECT kind, body FROM record WHERE subject = 'l1' ORDER BY id")
    bodies = [
        (row[0], json.loads(row[1])["body"])
        for row in rows
        if row[0].startswith(("bid", "lot.opened"))
    ]
    sealed = {b["number"]: b["commitment"] for kind, b in bodies if kind == "bid.placed"}
    opened = next(b["bids"] for kind, b in bodies if kind == "lot.opened")
    assert len(opened) == 3
    for number, paddle, price, salt in opened:
        said = hashlib.sha256(bytes.fromhex(salt) + f"{paddle}:{price}".encode()).hexdigest()
        assert sealed[number] == said
