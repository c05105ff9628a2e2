"""Pure rules of evidence: whose kind, at which stage, in what form, in whose place."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence import rules
from app.evidence.rules import Evidence, EvidenceKind, EvidenceRefusal, FileEvidence, MediaType
from app.kernel.principal import Principal, Role
from app.kernel.units import Area
from app.withdrawal.rules import Application, ApplicationState
from tests import scans
from tests.conftest import START

APPLICATION = Application(
    id="a1",
    household="h1",
    collective="v1",
    county="500236",
    province="500000",
    area=Area(100_00),
    floor_area=None,
    lawful_area=Area(100_00),
    co_owners=1,
    state=ApplicationState.APPROVED,
    applied_at=START,
    cooling_off_ends_at=START + timedelta(days=30),
    policy="p1",
    city="500112",
)
BUREAU = (Role.COLLECTIVE, Role.TOWNSHIP, Role.COUNTY_CLERK, Role.COUNTY_APPROVER, Role.CITY)
FORM = scans.pdf()
CONTENTS = {MediaType.PDF: FORM, MediaType.PNG: scans.png(), MediaType.JPEG: scans.jpeg()}


def piece(number, kind=EvidenceKind.CONSENT, **more):
    parts = {
        "id": f"e{number}",
        "application": "a1",
        "number": number,
        "kind": kind,
        "media_type": MediaType.PDF,
        "size": 1,
        "salt": bytes(32),
        "commitment": "00",
        "filed_at": START,
        "filed_by": Role.TOWNSHIP,
    }
    return Evidence(**parts | more)


def judged(kind, content=FORM, *, pieces=(), by=Role.OPERATOR, state=None, **more):
    application = replace(APPLICATION, state=state or APPLICATION.state)
    known = more.pop("is_known_photo", False)
    command = FileEvidence("e9", "a1", kind, content, **more)
    return rules.decide_filing(command, application, pieces, by, is_known_photo=known)


@given(st.sampled_from(EvidenceKind), st.sampled_from(BUREAU), st.sampled_from(ApplicationState))
def test_what_a_role_may_file_is_what_is_told_and_what_is_taken(kind, by, state):
    application = replace(APPLICATION, state=state)
    told = kind in rules.kinds_for(by, application)
    taken = judged(kind, scans.png(), by=by, state=state)
    assert told == isinstance(taken, MediaType)
    if not told:
        mine = by in rules.FILERS[kind]
        assert taken is (EvidenceRefusal.OUT_OF_STAGE if mine else EvidenceRefusal.NOT_YOURS)


def test_every_kind_has_filers_beside_the_window_and_a_stage():
    for kind in EvidenceKind:
        assert Role.OPERATOR in rules.FILERS[kind]
        assert rules.FILERS[kind] & set(BUREAU)
        assert rules.STAGES[kind]
        assert ApplicationState.REVOKED not in rules.STAGES[kind]


def test_nothing_is_photographed_as_it_was_before_once_it_is_not():
    accepted, photo = ApplicationState.ACCEPTED, scans.png()
    refused = judged(EvidenceKind.PHOTO_BEFORE, photo, state=accepted)
    assert refused is EvidenceRefusal.OUT_OF_STAGE
    assert judged(EvidenceKind.PHOTO_AFTER, photo, state=accepted) is MediaType.PNG
    for early in (ApplicationState.APPLIED, ApplicationState.NOTICED, ApplicationState.DETERMINED):
        assert judged(EvidenceKind.PHOTO_AFTER, photo, state=early) is EvidenceRefusal.OUT_OF_STAGE


def test_proof_of_settlement_waits_for_a_city():
    without = replace(APPLICATION, city=None)
    kind = EvidenceKind.SETTLEMENT_PROOF
    assert kind in rules.kinds_for(Role.CITY, APPLICATION)
    assert kind not in rules.kinds_for(Role.CITY, without)


@given(st.sampled_from(MediaType), st.binary(max_size=9))
def test_the_format_is_told_by_the_first_bytes_alone(media_type, rest):
    content = CONTENTS[media_type]
    assert rules.media_type_of(content + rest) is media_type
    assert rules.media_type_of(b"\0" + content) is None


@pytest.mark.parametrize(
    "content", [b"", b"%PDF", b"\xff\xd8", b"GIF89a", b"<html>", b"PK\x03\x04"]
)
def test_other_formats_are_not_taken(content):
    assert judged(EvidenceKind.OTHER, content) is EvidenceRefusal.TYPE_UNKNOWN


@given(st.integers(-1, 1))
def test_the_size_has_a_sharp_edge(beyond):
    content = scans.jpeg(rules.SIZE_MAX + beyond)
    expected = EvidenceRefusal.TOO_LARGE if beyond > 0 else MediaType.JPEG
    assert judged(EvidenceKind.OTHER, content) is expected


@given(st.integers(rules.PIECES_MAX - 2, rules.PIECES_MAX + 1))
def test_the_number_has_a_sharp_edge_also_for_what_replaces(before):
    pieces = [piece(n + 1) for n in range(before)]
    full = before >= rules.PIECES_MAX
    for more in ({}, {"replaces": "e1"}):
        found = judged(EvidenceKind.CONSENT, pieces=pieces, **more)
        assert found is (EvidenceRefusal.FULL if full else MediaType.PDF)


def test_a_piece_is_replaced_once_by_one_of_its_kind():
    pieces = [piece(1), piece(2, replaced_by="e3"), piece(3, replaces="e2")]
    assert judged(EvidenceKind.OTHER, pieces=pieces, replaces="e1") is EvidenceRefusal.KIND_DIFFERS
    consent = EvidenceKind.CONSENT
    assert judged(consent, pieces=pieces, replaces="e2") is EvidenceRefusal.REPLACED
    for standing in ("e1", "e3"):
        assert judged(consent, pieces=pieces, replaces=standing) is MediaType.PDF


def test_a_known_photo_is_refused_and_a_known_form_is_not():
    for kind in (EvidenceKind.PHOTO_BEFORE, EvidenceKind.PHOTO_AFTER):
        known = judged(kind, scans.png(), is_known_photo=True)
        assert known is EvidenceRefusal.PHOTO_KNOWN
        assert judged(kind) is EvidenceRefusal.NO_PHOTO
    assert judged(EvidenceKind.VOTE_RECORD, is_known_photo=True) is MediaType.PDF


@given(st.sampled_from(ApplicationState), st.integers(0, 1), st.sampled_from((None, "500112")))
def test_what_is_missing_can_be_filed_or_is_past(state, co_owners, city):
    application = replace(APPLICATION, state=state, co_owners=co_owners, city=city)
    wanted = rules.missing(application, [])
    assert set(wanted) <= set(rules.kinds_for(Role.OPERATOR, application))
    assert (EvidenceKind.CONSENT in wanted) <= (co_owners > 0)
    pieces = [piece(n, kind) for n, kind in enumerate(wanted)]
    assert rules.missing(application, pieces) == []


def principal(role, party):
    return Principal("c", "p", role, party)


def test_a_city_is_concerned_by_what_it_took_in_and_shown_what_is_its_own():
    city, other = principal(Role.CITY, "500112"), principal(Role.CITY, "500236")
    assert rules.concerns(city, APPLICATION)
    assert not rules.concerns(other, APPLICATION), "a city is not the county where the land lies"
    own, local = piece(1, city="500112"), piece(2)
    assert [rules.is_shown(city, p, None) for p in (own, local)] == [True, False]
    assert not rules.is_shown(other, own, APPLICATION)
    clerk = principal(Role.COUNTY_CLERK, "500236")
    assert rules.is_shown(clerk, own, APPLICATION)
    assert not rules.is_shown(clerk, own, None)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=4))
def test_a_commitment_is_of_salt_and_content(salt, content):
    assert rules.commitment_of(salt, content) == hashlib.sha256(salt + content).hexdigest()


def test_neither_content_nor_salt_is_in_any_representation():
    assert "secret" not in repr(FileEvidence("e1", "a1", EvidenceKind.OTHER, b"secret"))
    assert "salt" not in repr(piece(1))
