"""Whatever is changed in a published log, everybody who can see it says so."""

import re
import shutil

import pytest

from app.transparency.fields import TrustError
from tests.interop import tampering_content, tampering_signed
from tests.interop.outside import NAMES
from tests.interop.published import Published, check
from tests.interop.tampering import Good

SIZE = 600
LOG = Published([f'{{"record":{i}}}'.encode() for i in range(SIZE)])
# The proof of the receipt that is tampered with has an inner and a border part.
GOOD = Good(LOG, index=299, seen=(300, 512))
KINDS = [*tampering_signed.KINDS, *tampering_content.KINDS]


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    LOG.write(folder)
    LOG.keep(folder, [0, 255, GOOD.index, SIZE - 1], GOOD.seen)
    return folder


@pytest.fixture(scope="module")
def tampered(good, tmp_path_factory):
    """A folder per kind, each a copy of the good one with one thing changed."""
    root = tmp_path_factory.mktemp("tampered")
    folders = {}
    for kind in KINDS:
        folders[kind.name] = root / kind.name
        shutil.copytree(good, folders[kind.name])
        kind.change(GOOD, folders[kind.name])
    return folders


@pytest.fixture(scope="module")
def answers(tampered, verdicts):
    return dict(zip(tampered, verdicts(*tampered.values()), strict=True))


def test_the_untouched_log_is_accepted_by_all(good, verdicts):
    check(good)
    assert verdicts(good) == [dict.fromkeys(NAMES, "")]


def test_there_are_many_kinds():
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 50


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_tampered_log_is_rejected_by_us_and_by_all_that_can_see_it(kind, tampered, answers):
    with pytest.raises(TrustError):
        check(tampered[kind.name])
    found = answers[kind.name]
    objecting = {name for name in NAMES if found[name]}
    assert objecting == {"go", *kind.sees}, found


def test_objections_are_about_the_log_and_not_about_the_verifiers(answers):
    """A verifier that stumbles over its own program would object to everything."""
    broken = re.compile("is not a function|undefined|panic|AttributeError|TypeError|KeyError")
    assert not [found for found in answers.values() if broken.search(str(found))]
