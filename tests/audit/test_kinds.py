"""No kind of record is written that the audit and the reference do not know."""

import ast
import re
from pathlib import Path

from app.audit import book
from app.audit.records import KINDS
from app.audit.schemas import ENTRIES, NOTES
from app.audit.stream import CHECKERS
from app.ledger.kinds import MOVES, EntryKind

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference" / "log-records.md"
KIND = re.compile(r"[a-z_]+\.[a-z_]+|commit")


def written():
    """The kinds of notes in the code: literals that are a `kind=`, or reach one as an argument."""
    kinds = set()
    for path in (ROOT / "app").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "audit" in path.parts or not ("Note(" in text or "book_use(" in text):
            continue
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
        for call in calls:
            named = [keyword.value for keyword in call.keywords if keyword.arg == "kind"]
            kinds |= {
                value.value
                for value in [*named, *call.args]
                if isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and KIND.fullmatch(value.value)
            }
    return kinds


def told():
    """The kinds that the reference of log records describes."""
    first_cells = re.findall(
        r"^\| `([a-z_.]+)` \|", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE
    )
    # `commit` is a rule of findings as well.
    return {cell for cell in first_cells if KIND.fullmatch(cell)}


def test_every_kind_that_the_code_writes_has_a_schema_and_a_checker():
    notes = written()
    entries = {f"entry.{kind}" for kind in EntryKind}
    assert notes <= set(NOTES), notes - set(NOTES)
    assert set(NOTES) <= notes, set(NOTES) - notes
    assert entries == set(ENTRIES)
    assert set(CHECKERS) == KINDS == set(NOTES) | entries


def test_every_kind_is_told_in_the_reference():
    assert told() == KINDS


def test_the_reference_names_every_rule_that_a_finding_can_name():
    text = REFERENCE.read_text(encoding="utf-8")
    rules = set()
    for path in (ROOT / "app" / "audit").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                ("world.must", "world.find", "world.stop", "world.by_clock", "self.find")
            ):
                place = 2 if ast.unparse(node.func).endswith(("must", "by_clock")) else 1
                value = node.args[place]
                if isinstance(value, ast.Constant):
                    rules.add(value.value)
    assert rules
    missing = {rule for rule in rules if f"`{rule}`" not in text}
    assert not missing


def test_the_moves_are_those_that_the_ledger_declares():
    assert {
        f"entry.{kind}": frozenset((str(a), str(b)) for a, b in moves)
        for kind, moves in MOVES.items()
    } == book.MOVES


def test_the_audit_knows_no_slice():
    ours = {"app.audit", "app.kernel", "app.seal", "app.transparency"}
    pure = {"checkpoints", "fields", "merkle", "notes", "proofs", "quorum", "suites", "tiles"}
    for path in (ROOT / "app" / "audit").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
                parts = str(node.module).split(".")
                assert ".".join(parts[:2]) in ours, (path.name, node.module)
                if parts[1] == "transparency":
                    assert parts[2] in pure, (path.name, node.module)
