"""What is set up in this process says nothing, as in `tests/nodes`."""

from tests.nodes.conftest import quiet

__all__ = ["quiet"]
