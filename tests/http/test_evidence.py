"""Evidence over HTTP: who files and reads what, and that the log binds it."""

import base64
import hashlib
import json

import pytest

from tests import scans
from tests.conftest import START
from tests.http.evidence import APPLICATION, CLERK, PATH, an_approved_application, piece
from tests.http.support import NODE, assert_problem, pointers
from tests.story import CITY, COUNTY, HERE, THERE, THERE_COUNTY, Story, a_market

LIST = f"/v1/applications/{APPLICATION}/evidence"
PHOTO, FORM = scans.png(), scans.pdf()
SUPERVISOR = ("supervisor", NODE)
VILLAGE = "v0"
READERS = (
    ("villager", "h0"),
    ("collective", VILLAGE),
    ("township", VILLAGE),
    CLERK,
    ("county_approver", COUNTY),
    ("province", HERE),
    ("operator", HERE),
    SUPERVISOR,
)
STRANGERS = (
    ("villager", "h1"),
    ("collective", "v1"),
    ("township", "v1"),
    ("county_clerk", THERE_COUNTY),
    ("city", CITY),
    ("province", THERE),
    ("operator", THERE),
)


@pytest.fixture(scope="module")
async def filed(shared):
    """An approved application with a form, a photo and another photo in its place."""
    await an_approved_application(shared)
    answers = {}
    for id_, kind, content, more in (
        ("e1", "application_form", FORM, {}),
        ("e2", "photo_before", PHOTO, {}),
        ("e3", "photo_before", scans.jpeg(), {"replaces": "e2"}),
    ):
        answer = await shared.post(*CLERK, PATH, piece(id_, kind, content, **more), key=id_)
        assert answer.status_code == 201, answer.text
        answers[id_] = answer.json()
    shared.filed = answers
    return shared


async def record_of(node, id_):
    body = await node.owner.fetchval(
        "SELECT body FROM record WHERE kind = 'evidence.filed' AND subject = $1", id_
    )
    return json.loads(body)


async def test_the_log_holds_a_commitment_that_only_the_content_opens(filed):
    for id_, content in (("e1", FORM), ("e2", PHOTO)):
        shown, record = filed.filed[id_], await record_of(filed, id_)
        said = hashlib.sha256(bytes.fromhex(shown["salt"]) + content).hexdigest()
        assert record["body"].pop("commitment") == said == shown["commitment"]
        assert record["body"] == {
            "application": APPLICATION,
            "number": int(id_[1:]),
            "kind": shown["kind"],
            "media_type": shown["media_type"],
            "size": len(content),
            "replaces": None,
        }
        plain = hashlib.sha256(content).hexdigest()
        assert plain not in json.dumps(record)
        assert shown["salt"] not in json.dumps(record)


@pytest.mark.parametrize("reader", READERS, ids="-".join)
async def test_whom_the_application_concerns_reads_its_evidence(filed, reader):
    archive = (await filed.get(*reader, LIST)).json()
    assert [(i["id"], i["replaced_by"]) for i in archive["items"]] == [
        ("e1", None),
        ("e2", "e3"),
        ("e3", None),
    ]
    assert archive["missing"] == ["vote_record", "public_notice", "settlement_proof"]
    assert ("photo_after" in archive["may_file"]) == (reader[0].startswith(("county", "oper")))
    answer = await filed.get(*reader, f"{PATH}/e2")
    assert (answer.status_code, answer.content) == (200, PHOTO)


@pytest.mark.parametrize("stranger", STRANGERS, ids="-".join)
async def test_to_others_there_is_none(filed, stranger):
    for path, field in ((LIST, "/application"), (f"{PATH}/e1", "/evidence")):
        answer = await filed.get(*stranger, path)
        assert pointers(assert_problem(answer, 404, "not-found")) == [field]
        nothing = await filed.get(*stranger, path.replace(APPLICATION, "a9").replace("e1", "e9"))
        assert nothing.json()["title"] == answer.json()["title"]
    if stranger[0] not in {"villager", "province"}:
        refused = await filed.post(*stranger, PATH, piece("e9", "consent", FORM))
        code = "evidence-not-yours" if stranger == ("city", CITY) else "not-found"
        assert refused.json()["code"] == code


async def test_a_content_is_a_file_and_never_a_page(filed):
    for id_, suffix in (("e1", "pdf"), ("e2", "png"), ("e3", "jpg")):
        answer = await filed.get(*CLERK, f"{PATH}/{id_}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == f'attachment; filename="{id_}.{suffix}"'
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_repetition_is_answered_alike_and_its_answer_keeps_no_content(filed):
    body = piece("e1", "application_form", FORM)
    again = await filed.post(*CLERK, PATH, body, key="e1")
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == filed.filed["e1"]
    other = await filed.post(*CLERK, PATH, body | {"kind": "other"}, key="e1")
    assert_problem(other, 422, "idempotency-key-reused")
    kept = await filed.owner.fetch(
        "SELECT body FROM idempotency WHERE operation = $1", f"POST {PATH}"
    )
    assert len(kept) == 3
    assert not any(body["content"] in row[0] for row in kept)
    dump = await filed.dump(leaving_out=("evidence",))
    assert "%PDF" not in dump
    assert body["content"] not in dump


async def test_what_is_no_file_of_ours_is_refused(filed):
    for content in ("", "x", "A===", "AB==", "JVBERi0x\n", 7, None, [], "中"):
        body = piece("e9", "other", b"") | {"content": content}
        answer = await filed.post(*CLERK, PATH, body)
        assert pointers(assert_problem(answer, 422, "invalid-request")) == ["/content"]
    for content in (b"GIF89a", b" %PDF-1.4", b"<svg/>", PHOTO[1:]):
        answer = await filed.post(*CLERK, PATH, piece("e9", "other", content))
        assert_problem(answer, 409, "evidence-type-unknown")


async def test_the_largest_piece_is_taken_and_one_byte_more_is_not(filed):
    most = scans.jpeg(4 * 1024 * 1024)
    answer = await filed.post(*CLERK, PATH, piece("big", "other", most))
    assert (answer.status_code, answer.json()["size"]) == (201, len(most))
    assert (await filed.get(*CLERK, f"{PATH}/big")).content == most
    over = await filed.post(*CLERK, PATH, piece("bigger", "other", most + b"\0"))
    assert_problem(over, 409, "evidence-too-large")
    far_over = await filed.post(*CLERK, PATH, piece("far", "other", most * 2))
    assert_problem(far_over, 413, "body-too-large")
    elsewhere = {"id": "b1", "name": base64.b64encode(most).decode()}
    assert_problem(
        await filed.post("exchange", HERE, "/v1/bidders", elsewhere), 413, "body-too-large"
    )


async def test_a_photo_serves_once_in_the_whole_market(filed):
    made = {"id": "a.h1", "household": "h1", "area_m2": "100.00"}
    assert (await filed.post(*CLERK, "/v1/applications", made)).status_code == 201
    photo = scans.jpeg()
    taken = scans.piece("f1", "photo_before", photo, "a.h1")
    assert_problem(await filed.post(*CLERK, PATH, taken), 409, "evidence-photo-known")
    # The photo that was replaced is free: it may have been filed here by mistake.
    freed = scans.piece("f1", "photo_before", PHOTO, "a.h1")
    assert (await filed.post(*CLERK, PATH, freed)).status_code == 201


async def test_a_city_files_what_it_took_in_by_and_reads_nothing_else(node):
    story = await Story.begin(node.market, a_market(START, ["h0"], []))
    body = {"id": APPLICATION, "household": "h0", "area_m2": "100.00"}
    await story.must("apply", **body)
    proof = piece("c1", "settlement_proof", FORM)
    city = ("city", CITY)
    assert_problem(await node.post(*city, PATH, proof), 404, "not-found")
    assert_problem(await node.get(*city, LIST), 404, "not-found")
    criteria = {"work_years": 5, "income_proof": True, "long_term": True}
    await story.must("city_approve", application=APPLICATION, city=CITY, **criteria)
    assert (await node.post(*city, PATH, proof)).status_code == 201
    own = piece("e1", "consent", FORM)
    assert (await node.post("township", VILLAGE, PATH, own)).status_code == 201
    archive = (await node.get(*city, LIST)).json()
    assert [i["id"] for i in archive["items"]] == ["c1"]
    assert archive["missing"] == archive["may_file"] == []
    assert (await node.get(*city, f"{PATH}/c1")).content == FORM
    assert_problem(await node.get(*city, f"{PATH}/e1"), 404, "not-found")
    archive = (await node.get(*SUPERVISOR, LIST)).json()
    assert [i["filed_by"] for i in archive["items"]] == ["city", "township"]


async def test_a_dossier_tells_when_evidence_was_filed(filed):
    dossier = (await filed.get(*SUPERVISOR, "/v1/households/h0/dossier")).json()
    told = [e["subject"] for e in dossier["events"] if e["kind"] == "evidence.filed"]
    assert told[:3] == ["e1", "e2", "e3"]
