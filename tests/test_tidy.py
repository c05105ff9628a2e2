"""Style rules that matter are tests."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
FOLDERS = ("app", "tests", "migrations", "bench", "tools")
SOURCES = sorted(
    path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if path.stat().st_size
)
APP = [path for path in SOURCES if path.is_relative_to(ROOT / "app")]
SLICES = sorted(
    path.parent.name for path in (ROOT / "app").glob("*/rules.py") if path.parent.name != "kernel"
)


# Turns the framework's floats into whole numbers, so it has to name them.
WITHOUT_AMOUNTS = {"openapi.py"}


def name(path):
    return str(path.relative_to(ROOT))


@cache
def text_of(path):
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path):
    return ast.parse(text_of(path))


def told(paths, faults):
    """What is wrong with files, one line each: one test for all, as a thousand take a minute."""
    return [f"{name(path)}: {fault}" for path in paths for fault in faults(path)]


def functions(tree):
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def tracked():
    """Every file that a clone would hold: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_a_file_is_one_room():
    def faults(path):
        if len(text_of(path).splitlines()) > FILE_LINES_MAX:
            yield f"more than {FILE_LINES_MAX} lines"
        if not ast.get_docstring(tree_of(path)):
            yield "a module says what it is for"
        for function in functions(tree_of(path)):
            lines = function.end_lineno - function.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{function.name} has {lines} lines"

    assert len(SOURCES) > len(APP) > 0
    assert told(SOURCES, faults) == []


def test_no_float_enters_the_product():
    seconds = {"db.py", "postgres.py", "postgres_process.py", "serving.py", "jobs.py"}

    def faults(path):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and type(node.value) is float:
                # How long to wait is no amount; nothing else may be a fraction.
                if path.name not in seconds:
                    yield f"line {node.lineno}: {node.value}"
            elif isinstance(node, ast.Name) and path.name not in WITHOUT_AMOUNTS:
                if node.id in {"float", "Decimal"}:
                    yield f"line {node.lineno}: {node.id}"
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                # A path is joined with the same sign; a number is divided by a named rounding.
                division = ast.unparse(node)
                if "Path" not in text_of(path) and "home" not in division:
                    yield f"line {node.lineno}: {division}"

    assert told(APP, faults) == []


def test_nothing_is_left_to_be_done_later():
    def faults(path):
        return re.findall(r"\b(TODO|FIXME|XXX|HACK)\b", text_of(path))

    assert told([path for path in SOURCES if path != Path(__file__)], faults) == []


def test_only_the_platform_commits():
    def faults(path):
        return re.findall(r"\.(commit|rollback|begin)\(", text_of(path))

    database = ROOT / "app" / "platform" / "db.py"
    assert told([database], faults)
    assert told([path for path in APP if path != database], faults) == []


def test_time_is_never_read_but_from_the_transaction():
    def faults(path):
        read = r"\btime\.time\(|datetime\.(?:now|utcnow|today)\(|date\.today\("
        return re.findall(read, text_of(path))

    assert told(APP, faults) == []


@pytest.mark.parametrize("slice_", SLICES)
def test_a_slice_has_a_front_door_that_tells_its_story(slice_):
    tree = ast.parse((ROOT / "app" / slice_ / "__init__.py").read_text(encoding="utf-8"))
    assert len(ast.get_docstring(tree).splitlines()) >= 3
    assert any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for node in tree.body
    )


@pytest.mark.parametrize("slice_", SLICES)
def test_routes_decide_nothing_about_value(slice_):
    routes = ROOT / "app" / slice_ / "routes.py"
    if routes.exists():
        assert not re.search(r"\b(insert|update|post|record)_?\w*\(tx", routes.read_text())


def test_migrations_are_numbered_without_a_gap_and_follow_each_other():
    files = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    numbers = [file.name[:4] for file in files]
    assert numbers == [f"{n:04d}" for n in range(1, len(files) + 1)]
    for before, file in zip([None, *numbers], files, strict=False):
        text = file.read_text(encoding="utf-8")
        assert f'revision = "{file.name[:4]}"' in text
        assert f"down_revision = {before!r}".replace("'", '"') in text.replace("'", '"')


def test_nothing_names_a_registry_or_a_folder_of_one_machine():
    hosts = r"(pypi|npmjs|registry|files\.pythonhosted|deb\.debian)\.(org|io|com)"
    places = r"(?<![\w.])/(work|root|home|tmp)/\w"
    for path in tracked():
        if path.suffix in {".png", ".ico"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        found = re.search(f"{hosts}|{places}", text)
        assert found is None, f"{name(path)}: {found.group()}"
