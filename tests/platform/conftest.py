"""Folders for servers of the tests' own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.platform.postgres import PrivateCluster


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may enter (pytest's own is closed), emptied of servers after."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o711)
        yield place
        for identity in place.glob("*/cluster.json"):
            PrivateCluster(identity.parent, durable=False).stop()
