"""What is malformed or not one's own is refused with the field's name, and nothing is written."""

import json
import uuid

import pytest

from app.replay import load_case, play
from tests.http.support import (
    APPLICATION,
    CASES,
    CITY,
    LOT,
    NODE,
    OWN_CASES,
    assert_problem,
    pointers,
    promised,
)

WRITTEN = ("record", "ledger_entry", "ledger_posting", "idempotency")

AMOUNTS_THAT_ARE_NONE = [
    *("1.000", "-1.00", "+1.00", "12345678901234.00", "1e3", "1E+2", "01.00", ".50", "1.", "1"),
    *("", " 1.00", "1.00 ", "1.00\n", "1,000.00", "１.００", "٣.00", "1。00", "NaN", "Infinity"),
    *("0x1.00", "1.00元", "\u200b1.00", "1_000.00", "1.00\x00"),
    *(1, 1.5, 1e3, 0, -1, True, False, [], {}, ["1.00"], {"amount": "1.00"}),
]
AMOUNTS_ABOVE_ZERO = [*AMOUNTS_THAT_ARE_NONE, "0.00"]
IDS_THAT_ARE_NONE = [
    *(
        "",
        " ",
        "a b",
        "a/b",
        "../a",
        "a\x00",
        "户",
        "é",
        "x" * 65,
        "-a",
        ".a",
        "_a",
        "a\n",
        "a\u202e",
    ),
    *(7, 1.0, True, [], {}, ["a"]),
]
TEXTS_THAT_ARE_NONE = [
    "",
    "a\nb",
    "a\x00b",
    "\x7f",
    "a\x85b",
    "a\u2028b",
    "x" * 201,
    7,
    True,
    [],
    {},
]
SEEDS_THAT_ARE_NONE = ["", "a\x00b", 7, True, [], {}, "x" * 10_001]
COUNTS_THAT_ARE_NONE = [-1, 1.5, 1.0, "1", True, -(10**30), [], {}, ""]
FLAGS_THAT_ARE_NONE = ["true", "yes", 0, 1, "", [], 1.0]
TIMES_THAT_ARE_NONE = [
    *("tomorrow", "2026-01-01", "2026-01-01T09:00:00", "2026-02-30T09:00:00+08:00", "", 0, True),
    *("2026-01-01T09:00:00.5+08:00", "1969-12-31T09:00:00+08:00", "9000-01-01T00:00:00+08:00"),
    *("２０26-01-01T09:00:00+08:00", "2026-01-01T09:00:00+99:00", "2026-01-01T24:00:00+08:00"),
]
WORDS_THAT_ARE_NONE = ["sideways", "", "Ascending", 1, True, [], {}]

BIDDER = {"id": "b9", "name": "某公司"}
OPERATOR = ("operator", "500000")
ADMIN = ("system_admin", NODE)
EXCHANGE = ("exchange", "500000")

FIELDS = [
    (OPERATOR, "/v1/lots", LOT, "start_price_cny", AMOUNTS_ABOVE_ZERO, "invalid-amount"),
    (OPERATOR, "/v1/lots", LOT, "reserve_price_cny", AMOUNTS_THAT_ARE_NONE, "invalid-amount"),
    (OPERATOR, "/v1/lots", LOT, "increment_cny", AMOUNTS_THAT_ARE_NONE, "invalid-amount"),
    (OPERATOR, "/v1/lots", LOT, "id", IDS_THAT_ARE_NONE, "invalid-request"),
    (OPERATOR, "/v1/lots", LOT, "province", IDS_THAT_ARE_NONE, "invalid-request"),
    (OPERATOR, "/v1/lots", LOT, "opens_at", TIMES_THAT_ARE_NONE, "invalid-request"),
    (OPERATOR, "/v1/lots", LOT, "mode", WORDS_THAT_ARE_NONE, "invalid-request"),
    (OPERATOR, "/v1/lots", LOT, "draw_seed", SEEDS_THAT_ARE_NONE, "invalid-request"),
    (OPERATOR, "/v1/lots", LOT, "tickets", ["t1", {}, 1, True], "invalid-request"),
    (OPERATOR, "/v1/applications", APPLICATION, "area_m2", AMOUNTS_ABOVE_ZERO, "invalid-amount"),
    (OPERATOR, "/v1/city-approvals", CITY, "work_years", COUNTS_THAT_ARE_NONE, "invalid-request"),
    (OPERATOR, "/v1/city-approvals", CITY, "long_term", FLAGS_THAT_ARE_NONE, "invalid-request"),
    (EXCHANGE, "/v1/bidders", BIDDER, "id", IDS_THAT_ARE_NONE, "invalid-request"),
    (EXCHANGE, "/v1/bidders", BIDDER, "name", TEXTS_THAT_ARE_NONE, "invalid-request"),
    (ADMIN, "/v1/clock", {}, "to", TIMES_THAT_ARE_NONE, "invalid-request"),
]


@pytest.fixture(scope="module")
async def market(shared):
    """A node on which a ticket of Chongqing went to Zhejiang, was sold and landed there."""
    await play(load_case(CASES / "d-two-provinces.yaml"), shared.market)
    return shared


@pytest.fixture
async def unchanged(market):
    """The test writes nothing."""
    for role, party in (OPERATOR, ADMIN, EXCHANGE):
        await market.market.token(role, party)
    before = await market.counts(*WRITTEN)
    yield
    assert await market.counts(*WRITTEN) == before


@pytest.mark.parametrize(
    ("who", "path", "body", "name", "values", "code"),
    FIELDS,
    ids=[f"{path[4:]}-{name}" for _, path, _, name, _, _ in FIELDS],
)
async def test_a_malformed_field_is_named(market, unchanged, who, path, body, name, values, code):
    for value in values:
        answer = await market.post(*who, path, body | {name: value})
        document = assert_problem(answer, 422, code)
        assert pointers(document)[0].startswith(f"/{name}"), (value, document)
        assert document["errors"][0]["code"] == code


@pytest.mark.parametrize(("who", "path", "body"), [row[:3] for row in FIELDS[::5]])
async def test_an_unknown_field_is_named(market, unchanged, who, path, body):
    document = assert_problem(
        await market.post(*who, path, body | {"colour": "red"}), 422, "invalid-request"
    )
    assert "/colour" in pointers(document)


async def test_a_null_counts_as_left_out(market, unchanged):
    for name in ("id", "province", "tickets", "mode", "start_price_cny", "deposit_cny", "opens_at"):
        for body in (LOT | {name: None}, {k: v for k, v in LOT.items() if k != name}):
            document = assert_problem(
                await market.post(*OPERATOR, "/v1/lots", body), 422, "invalid-request"
            )
            assert pointers(document) == [f"/{name}"]
    # An optional field that is null is one left out: the ticket is what this lot fails by.
    answer = await market.post(*OPERATOR, "/v1/lots", LOT | {"reserve_price_cny": None})
    assert_problem(answer, 409, "ticket-not-available")


async def test_a_malformed_shape_outweighs_a_malformed_amount(market, unchanged):
    body = LOT | {"start_price_cny": "1.000", "mode": "sideways"}
    document = assert_problem(
        await market.post(*OPERATOR, "/v1/lots", body), 422, "invalid-request"
    )
    assert sorted(pointers(document)) == ["/mode", "/start_price_cny"]


async def test_names_of_co_owners_are_texts_in_a_list(market, unchanged):
    for value in ("陈淑芬", [7], [None], ["a\x00"], [["a"]], {"0": "a"}, True):
        for name in ("co_owners", "consents"):
            answer = await market.post(*OPERATOR, "/v1/applications", APPLICATION | {name: value})
            document = assert_problem(answer, 422, "invalid-request")
            assert pointers(document)[0].startswith(f"/{name}")


BODIES_THAT_ARE_NONE = {
    "no JSON": b"{id: b9}",
    "cut off": b'{"id": "b9", "name": "',
    "empty": b"",
    "an array": b"[]",
    "a text": b'"b9"',
    "a number": b"7",
    "null": b"null",
    "not UTF-8": b'{"id": "b9", "name": "\xff\xfe"}',
    "UTF-16": '{"id": "b9"}'.encode("utf-16-le"),
    "too deep": b"[" * 100_000,
    "deep and well formed": b'{"id":' * 900 + b"1" + b"}" * 900,
    "a name twice": b'{"id": "b9", "name": "x", "id": "b8"}',
    "a name twice inside": b'{"id": "b9", "name": {"x": 1, "x": 2}}',
    "not a number": b'{"id": "b9", "name": NaN}',
    "infinity": b'{"id": "b9", "name": -Infinity}',
    "half a surrogate pair": b'{"id": "b9", "name": "\\ud800"}',
    "half a pair as a name": b'{"id": "b9", "name": "x", "\\udfff": 1}',
    "half a pair as a name twice": b'{"\\udfff": 1, "\\udfff": 2}',
    "an integer without end": b'{"id": "b9", "name": ' + b"9" * 5000 + b"}",
    "a long unknown name": b'{"id": "b9", "name": "x", "' + b"y" * 100_000 + b'": 1}',
    "many unknown names": json.dumps({f"x{n}": n for n in range(2000)}).encode(),
}


@pytest.mark.parametrize("content", BODIES_THAT_ARE_NONE.values(), ids=BODIES_THAT_ARE_NONE.keys())
async def test_a_body_that_is_no_object_of_the_schema_is_refused(market, unchanged, content):
    answer = await market.raw(*EXCHANGE, "/v1/bidders", content)
    document = assert_problem(answer, 422, "invalid-request")
    assert document["errors"]
    assert len(answer.content) < 20_000


async def test_a_name_that_stands_twice_is_pointed_at(market, unchanged):
    content = BODIES_THAT_ARE_NONE["a name twice"]
    document = assert_problem(
        await market.raw(*EXCHANGE, "/v1/bidders", content), 422, "invalid-request"
    )
    assert pointers(document) == ["/id"]


async def test_a_body_of_another_type_is_refused(market, unchanged):
    for type_ in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        content = json.dumps(BIDDER)
        answer = await market.raw(*EXCHANGE, "/v1/bidders", content, Content_Type=type_)
        assert_problem(answer, 422, "invalid-request")


async def test_a_body_of_three_megabytes_is_refused(market, unchanged):
    async def in_chunks():
        for _ in range(48):
            yield b" " * 65_536

    assert_problem(
        await market.raw(*EXCHANGE, "/v1/bidders", b" " * 3_000_000), 413, "body-too-large"
    )
    assert_problem(await market.raw(*EXCHANGE, "/v1/bidders", in_chunks()), 413, "body-too-large")


async def test_an_address_or_method_that_is_none_is_a_problem(market, unchanged):
    assert_problem(await market.http.get("/v1/nowhere"), 404, "not-found")
    answer = await market.http.put("/v1/bidders", json=BIDDER)
    assert_problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) <= {"GET", "POST", "HEAD"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/households/%00",
        "/v1/households/%E6%88%B7",
        "/v1/lots/" + "x" * 65,
        "/v1/lots/a%0Ab",
        "/v1/applications/-a",
        "/v1/tickets/a/b/c",
        "/v1/tickets/..%2F..",
        "/v1/housing-accounts/%FF",
        "/v1/ledger/accounts/housing",
        "/v1/ledger/accounts/housing:500000:h1/movements/0/explanation",
        "/v1/ledger/accounts/housing:500000:h1/movements/99999999999999999999/explanation",
        "/v1/ledger/accounts/housing:500000:h1/movements/x/explanation",
        "/v1/problems/" + "x" * 101,
    ],
)
async def test_a_malformed_id_in_a_path_is_named(market, unchanged, path):
    document = assert_problem(await market.get("supervisor", NODE, path), 422, "invalid-request")
    assert pointers(document)[0].startswith("/path/")


async def test_a_key_belongs_to_one_request(market):
    key, path = uuid.uuid4().hex, "/v1/bidders"
    body = {"id": f"b{key[:8]}", "name": "某公司"}
    first = await market.post(*EXCHANGE, path, body, key=key)
    assert first.status_code == 201
    before = await market.counts(*WRITTEN)

    spelled = json.dumps(dict(reversed(body.items())), indent=2)
    again = await market.raw(*EXCHANGE, path, spelled, Idempotency_Key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers

    for other in ({"id": body["id"], "name": "别的公司"}, body | {"id": "another"}):
        answer = await market.post(*EXCHANGE, path, other, key=key)
        assert_problem(answer, 422, "idempotency-key-reused")
    deposit = {"id": "bank.9", "bidder": "b1", "amount_cny": "1.00"}
    answer = await market.post(*EXCHANGE, "/v1/cash-deposits", deposit, key=key)
    assert_problem(answer, 422, "idempotency-key-reused")
    assert await market.counts(*WRITTEN) == before

    # Another person's key of the same spelling is another key.
    answer = await market.post(*EXCHANGE, path, body, key=key, person="other")
    assert_problem(answer, 409, "id-taken")


async def test_the_greatest_amounts_are_taken_exactly(node):
    tour = OWN_CASES / "greatest-amounts.yaml"
    outcome = await play(load_case(tour), node.market)
    assert [step["code"] for step in outcome["steps"] if not step["ok"]] == promised(tour)
    account = outcome["housing_accounts"]["h1"]
    # The first month takes the subsidy of one square metre; nothing is left for the second.
    due = str(2 * ((10**15 - 1) ** 2 // 100) - (10**15 - 1))
    assert account["rent_due_cny"] == f"{due[:-2]}.{due[-2:]}"
    assert account["housing_paid_cny"] == account["subsidy_cny"] == "9999999999999.99"
    assert outcome["ledger"] == {"balanced": True, "log_verified": True}
    assert outcome["regions"]["500112"]["construction_m2"] == "14999999999999.98"


async def test_a_refused_request_leaves_its_key_free(market):
    key = uuid.uuid4().hex
    taken = await market.post(*EXCHANGE, "/v1/bidders", {"id": "b1", "name": "某"}, key=key)
    assert_problem(taken, 409, "id-taken")
    body = {"id": f"b{key[:8]}", "name": "某"}
    assert (await market.post(*EXCHANGE, "/v1/bidders", body, key=key)).status_code == 201


async def test_a_key_is_asked_for_and_bounded(market, unchanged):
    token = await market.market.token(*EXCHANGE)
    bearer = {"Authorization": f"Bearer {token}"}
    answer = await market.http.post("/v1/bidders", json=BIDDER, headers=bearer)
    assert_problem(answer, 400, "idempotency-key-missing")
    for key in ("", "a b", "x" * 256, "\x7f"):
        answer = await market.http.post(
            "/v1/bidders", json=BIDDER, headers=bearer | {"Idempotency-Key": key}
        )
        document = assert_problem(answer, 422, "invalid-request")
        assert pointers(document) == ["/header/Idempotency-Key"]
