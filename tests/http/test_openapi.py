"""The OpenAPI document says what is deployed, with an example of everything that works."""

import re

import jsonschema_rs
import pytest
from fastapi.routing import APIRoute

from app.kernel.refusal import CommonRefusal
from app.platform.openapi import operations
from app.platform.problems import status_of
from app.replay import load_case, play
from tests.http.people import hire
from tests.http.support import CASES, CUSTODIAN, NODE, admit_custodian

JSON = "application/json"
PROBLEM = "application/problem+json"
FILES = {
    "text/plain",
    "text/plain; charset=utf-8",
    "text/event-stream",
    "application/octet-stream",
    "application/pdf",
}
"""Answers that are files in a format of their own, with an example where it helps."""


@pytest.fixture(scope="module")
def document(shared):
    return shared.app.openapi()


@pytest.fixture(scope="module")
def every(document):
    """Each operation by its method and path."""
    return {
        (method, path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def checked(document, schema, value):
    """The value is one of the schema, formats included."""
    whole = schema | {"components": document["components"]}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)


def walk(value, place=""):
    """Every part of the document with its place."""
    yield place, value
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for name, part in parts:
        if isinstance(part, dict | list):
            yield from walk(part, f"{place}/{name}")


async def test_it_is_openapi_3_1_and_served_as_it_is(shared, document):
    assert document["openapi"].startswith("3.1")
    served = await shared.http.get("/openapi.json")
    assert served.json() == document


async def test_its_page_asks_nothing_of_the_internet(shared):
    page = await shared.http.get("/docs")
    assert page.status_code == 200
    assert "://" not in page.text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(assets) == 3
    for asset in assets:
        assert (await shared.http.get(asset)).status_code == 200, asset


def test_deployed_routes_are_documented_routes(shared, every):
    deployed = {
        (method.lower(), route.path_format)
        for route in leaves(shared.app.router)
        for method in route.methods
    }
    pages = {("get", "/docs"), ("get", "/docs/oauth2-redirect")}
    # Addresses of another standard, for machines that follow its text.
    witness = {place for place in deployed if place[1].startswith("/witness/")}
    assert deployed - every.keys() == pages | witness
    assert every.keys() - deployed == set()


def leaves(router):
    """The routes of an app, also of routers that were included whole."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from leaves(route.original_router)


def test_every_operation_has_an_id_a_summary_a_tag_and_a_description(every):
    ids = [operation["operationId"] for operation in every.values()]
    assert len(set(ids)) == len(ids)
    for place, operation in every.items():
        assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"]), place
        assert operation["summary"], place
        assert operation["description"], place
        assert len(operation["tags"]) == 1, place


def test_every_request_has_an_example_that_its_schema_takes(document, every):
    for (method, path), operation in every.items():
        assert ("requestBody" in operation) == (method == "post"), path
        if method == "post":
            schema = operation["requestBody"]["content"][JSON]["schema"]
            named = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            assert named["examples"], path
            assert named["additionalProperties"] is False, path
            for example in named["examples"]:
                checked(document, schema, example)
        for parameter in operation.get("parameters", ()):
            if parameter["required"]:
                for example in parameter["schema"]["examples"]:
                    checked(document, parameter["schema"], example)


def test_every_answer_has_an_example_that_its_schema_takes(document, every):
    seen = 0
    for place, operation in every.items():
        for status, response in operation["responses"].items():
            ((type_, media),) = response["content"].items()
            problem = int(status) >= 400 and place[1] != "/readyz"
            assert type_ == PROBLEM if problem else type_ in {JSON, *FILES}, (place, status)
            if type_ not in FILES:
                assert media["schema"], (place, status)
                checked(document, media["schema"], media["example"])
            if problem:
                assert media["example"]["status"] == int(status)
            seen += 1
    assert seen > 300


OF_SESSIONS = {"/v1/sessions", "/v1/sessions/switch", "/v1/sessions/end", "/v1/passwords"}
"""Neither key nor credential: with a key something of the password would be kept."""


def test_a_command_documents_every_problem_it_can_meet(every):
    statuses = {"401", "403", "404", "409", "413", "422", "503"}
    assert status_of(CommonRefusal.BUSY) == 503
    for (method, path), operation in every.items():
        if method == "post":
            assert statuses <= operation["responses"].keys(), path
            parameters = {p["name"]: p["required"] for p in operation.get("parameters", ())}
            if path in OF_SESSIONS:
                security = [] if path == "/v1/sessions" else [{"APIKeyCookie": []}]
                assert parameters == ({"X-CSRF-Token": False} if security else {}), path
            else:
                assert "400" in operation["responses"], path
                security = [{"HTTPBearer": []}, {"APIKeyCookie": []}]
                assert parameters["Idempotency-Key"] is True
                assert parameters["X-CSRF-Token"] is False
            assert operation.get("security", []) == security, path


def test_a_query_that_asks_for_a_credential_says_so(every):
    for (method, path), operation in every.items():
        if method == "get" and "security" in operation:
            assert {"401", "403"} <= operation["responses"].keys(), path


def test_no_number_is_a_float(document):
    for place, part in walk(document):
        if isinstance(part, dict) and "type" in part:
            types = part["type"] if isinstance(part["type"], list) else [part["type"]]
            assert "number" not in types, place
        if isinstance(part, dict):
            for value in part.values():
                assert not isinstance(value, float), place


def test_every_amount_is_a_decimal_text(document):
    for name, schema in document["components"]["schemas"].items():
        for field, member in schema.get("properties", {}).items():
            if field.endswith(("_cny", "_m2")):
                options = member.get("anyOf", [member])
                types = {option["type"] for option in options}
                assert types <= {"string", "null"}, f"{name}.{field}"
                assert "string" in types


def test_nothing_in_it_is_left_over(document):
    references = {
        part["$ref"].rsplit("/", 1)[1]
        for _, part in walk(document)
        if isinstance(part, dict) and "$ref" in part
    }
    assert references == document["components"]["schemas"].keys()
    assert len(list(operations(document))) == sum(len(p) for p in document["paths"].values())


async def test_the_examples_of_requests_are_understood_by_the_service(shared, document, every):
    """Sent as they stand, none is malformed: what they name need not exist."""
    roles = {
        **dict.fromkeys(("operator", "province", "exchange"), "500000"),
        **dict.fromkeys(("system_admin", "security_admin", "ministry"), NODE),
        "bidder": "b1",
        "custodian": CUSTODIAN,
    }
    body = {"code": "500000", "name": "重庆市"}
    await shared.post("system_admin", NODE, "/v1/regions", body)
    await shared.post("exchange", "500000", "/v1/bidders", {"id": "b1", "name": "某公司"})
    await admit_custodian(shared)
    browser = await hire(shared, "p-1", ("supervisor", NODE))
    for (method, path), operation in every.items():
        if method == "post":
            schema = operation["requestBody"]["content"][JSON]["schema"]
            example = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]][
                "examples"
            ][0]
            if path in OF_SESSIONS:
                answer = await browser.post(path, example)
                understood = {"sign-in-failed", "not-found", "password-wrong"}
                assert answer.json()["code"] in understood, (path, answer.text)
                continue
            for role, party in roles.items():
                answer = await shared.post(role, party, path, example)
                if answer.status_code != 403:
                    break
            assert answer.status_code in {200, 201, 404, 409}, (path, answer.text)


@pytest.mark.parametrize("case", ["d-two-provinces", "b-sealed-tie", "e-refusals"])
async def test_every_answer_of_a_case_is_one_that_is_documented(node, document, every, case):
    answers = []

    async def keep(response):
        await response.aread()
        answers.append(response)

    node.http.event_hooks = {"response": [keep]}
    await play(load_case(CASES / f"{case}.yaml"), node.market)
    met = set()
    for answer in answers:
        place = (answer.request.method.lower(), template(every, answer.request))
        response = every[place]["responses"][str(answer.status_code)]
        media = response["content"][answer.headers["content-type"]]
        assert answer.json().keys() == media["example"].keys(), place
        checked(document, media["schema"], answer.json())
        met.add(place)
    assert len(met) > 30


def template(every, request):
    """The documented path of a request's address; the most particular one."""
    fits = [
        path
        for method, path in every
        if method == request.method.lower()
        and re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", path), request.url.path)
    ]
    return min(fits, key=lambda path: path.count("{"))
