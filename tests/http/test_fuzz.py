"""Requests drawn from the OpenAPI document: none crashes, and every answer is a documented one."""

import asyncio
import contextlib
import threading
import uuid

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.cli.replay import first_credential
from app.cli.serving import served
from app.kernel.ids import ID_PATTERN, TICKET_PATTERN
from app.platform.settings import ClockKind, Settings
from app.replay import Market, load_case, play_steps
from tests.conftest import TEMPLATE
from tests.http.support import CASES, NODE

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES = {
    "supervisor": NODE,
    "system_admin": NODE,
    "security_admin": NODE,
    "ministry": NODE,
    "province": "500000",
    "operator": "500000",
    "exchange": "500000",
    "bidder": "b1",
    "villager": "h1",
}
KNOWN = [
    *("a1", "a2", "a4", "h1", "h2", "h3", "v1", "v2", "t1", "t4", "l1", "b1", "b2", "b3"),
    *("500000", "500236", "500112", "340000", "340104", "o1", "500000.case", "coefficient.1"),
]
CASES_OF_AN_OPERATION = {GenerationMode.POSITIVE: 10, GenerationMode.NEGATIVE: 4}
STEPS_PLAYED = 55


@pytest.fixture(scope="module")
def node(cluster, tmp_path_factory):
    """A served node in the middle of a market, and tokens for a few roles."""
    name = f"fuzz_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name, template=TEMPLATE)
    ready, stop, found = threading.Event(), threading.Event(), {}

    async def serve():
        # A home of its own: another one may remember a longer log than this database has.
        config = Settings(
            clock=ClockKind.SIMULATED,
            require_durable=False,
            pool_size=5,
            home=tmp_path_factory.mktemp("fuzz"),
        )
        async with served(config, cluster.dsn("hrt_app", name)) as (address, db):
            token = await first_credential(db)
            async with httpx.AsyncClient(base_url=address, timeout=60) as http:
                market = Market(http, token)
                async for step, _ in play_steps(load_case(CASES / "e-refusals.yaml"), market):
                    if step.n == STEPS_PLAYED:
                        break
                tokens = {role: await market.token(role, party) for role, party in ROLES.items()}
                document = (await http.get("/openapi.json")).json()
            found.update(address=address, tokens=tokens, document=document)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(60)
        yield found
    finally:
        stop.set()
        thread.join()
        cluster.drop_database(name)


def with_known_ids(part):
    """The same document, in which an id is often one that exists."""
    if isinstance(part, list):
        return [with_known_ids(member) for member in part]
    if not isinstance(part, dict):
        return part
    if part.get("pattern") in {ID_PATTERN, TICKET_PATTERN}:
        return {"anyOf": [{"enum": KNOWN}, {"type": "string", "pattern": part["pattern"]}]}
    return {name: with_known_ids(member) for name, member in part.items()}


def test_nothing_drawn_from_the_document_crashes_or_surprises(node):
    schema = schemathesis.openapi.from_dict(with_known_ids(node["document"]))
    schema.config.update(base_url=node["address"])
    accepted = set()
    with requests.Session() as session:
        # A feed never ends; what it refuses is tested beside it.
        every = (result.ok() for result in schema.get_all_operations())
        operations = [operation for operation in every if not operation.path.endswith("/feed")]
        # The clock last: it may run for thousands of years, and every lot is closed then.
        for operation in sorted(operations, key=lambda o: o.label == "POST /v1/clock"):
            tokens = list(node["tokens"].values())
            for mode, count in CASES_OF_AN_OPERATION.items():
                # What has no parameter has nothing that could be malformed.
                with contextlib.suppress(Unsatisfiable):
                    draw(operation, mode, count, (session, tokens, accepted))
    # Not only refusals: the cases drawn reach what most operations do.
    assert {label.split()[0] for label in accepted} == {"GET", "POST"}
    assert len(accepted) > 35, accepted


def draw(operation, mode, count, how):
    session, tokens, accepted = how
    checks = CHECKS if mode is GenerationMode.POSITIVE else [*CHECKS, negative_data_rejection]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case):
        # A role that may not do this at all has been seen to be refused once.
        for token in tuple(tokens[-2:]):
            headers = {"Authorization": f"Bearer {token}"}
            if mode is GenerationMode.POSITIVE:
                headers["Idempotency-Key"] = uuid.uuid4().hex
            answer = case.call_and_validate(headers=headers, session=session, checks=checks)
            if answer.status_code == 403:
                tokens.remove(token)
            else:
                tokens.insert(0, tokens.pop(tokens.index(token)))
            if answer.status_code in {200, 201}:
                accepted.add(operation.label)

    send()
