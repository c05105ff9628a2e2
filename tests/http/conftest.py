"""Nodes for the tests over HTTP; those of a module that changes nothing of note share one."""

import uuid

import pytest

from app.platform.settings import ClockKind, Settings
from tests.conftest import TEMPLATE
from tests.http.support import open_node


@pytest.fixture(scope="module")
async def shared(cluster, tmp_path_factory):
    """One node for the whole module."""
    name = f"m_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name, template=TEMPLATE)
    settings = Settings(
        clock=ClockKind.SIMULATED,
        require_durable=False,
        pool_size=10,
        home=tmp_path_factory.mktemp("shared-home"),
    )
    node = await open_node(cluster, name, settings)
    yield node
    await node.close()
    cluster.drop_database(name)


@pytest.fixture
async def node(cluster, database, settings):
    """A fresh node for one test."""
    node = await open_node(cluster, database, settings)
    yield node
    await node.close()
