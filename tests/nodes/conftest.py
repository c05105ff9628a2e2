"""Nodes in this process say nothing: a line for each request and letter would take long."""

import pytest
import structlog

from app.platform import logs


@pytest.fixture(scope="module", autouse=True)
def quiet():
    logs.configure(quiet=True)
    yield
    structlog.reset_defaults()
