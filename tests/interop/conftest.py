"""The outside verifiers, made ready once."""

import pytest

from tests.interop import outside


@pytest.fixture(scope="session")
def tlogcheck(tmp_path_factory):
    """The compiled Go verifier."""
    return outside.build_tlogcheck(tmp_path_factory.mktemp("tlogcheck"))


@pytest.fixture(scope="session")
def verdicts(tlogcheck):
    """Ask every outside verifier about folders: a list of {verifier: objection or ""}."""
    outside.install_npm()
    return lambda *folders: outside.verdicts(folders, tlogcheck)
