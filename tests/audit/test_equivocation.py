"""What a node puts on record of another's two tongues is told once, and of two different things."""

from datetime import UTC, datetime

import pytest

from app.audit.stream import audit_records
from app.kernel.ids import NODE
from app.ledger.rules import Note, note_body

TOLD = {"type": "xfer.propose", "transfer": "x1", "revision": 1, "held": "0a" * 32}
NOW = datetime(2026, 4, 13, 1, tzinfo=UTC)


def entry(**changed):
    note = Note(
        kind="node.equivocated",
        province=NODE,
        subject="410000",
        body=TOLD | {"other": "0b" * 32} | changed,
    )
    return note_body(note, "node", NOW)


def rules(*entries):
    return set(audit_records(entries).counts)


def test_the_record_is_right():
    assert rules(entry()) == set()


def test_it_is_told_once_of_a_matter():
    assert rules(entry(), entry()) == {"equivocation"}
    assert rules(entry(), entry(revision=2)) == set()


def test_the_same_thing_twice_is_no_contradiction():
    assert rules(entry(other=TOLD["held"])) == {"equivocation"}


@pytest.mark.parametrize(
    "changed", [{"type": "Xfer"}, {"transfer": "a b"}, {"held": "x"}, {"note": "lqx-msg/1"}]
)
def test_nothing_else_has_a_place_in_it(changed):
    assert rules(entry(**changed)) == {"form"}
