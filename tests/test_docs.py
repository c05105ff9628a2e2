"""The documents say what the code is: every name in them exists, and what must be told is told."""

import inspect
import re
from pathlib import Path

import pytest
import yaml

from app.accounts.rules import ContractKind, GapBy
from app.accounts.rules_redemptions import RedemptionKind, RedemptionState, RefusalReason
from app.auction.rules import LotState, Mode
from app.cli import app as command_line
from app.evidence.rules import EvidenceKind
from app.identity.rules import Zone
from app.kernel.principal import ADMINS, Role
from app.ledger.rules import AccountKind, EntryKind
from app.main import ROUTERS, create_app
from app.platform import browser, problems
from app.platform.db import open_database
from app.platform.settings import Settings
from app.policy.rules import Parameters, Party, SealedTie, SubsidyBasis
from app.replay import parse_case
from app.replay.case import FIELDS, POLICY_KEYS, TOP_KEYS
from app.replay.play import PATHS
from app.tickets.rules import LandUse, TicketState
from app.transfers.rules import TransferState
from app.withdrawal.rules import ApplicationState

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docker").glob("*.md")]
)
SOURCES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")])

RULE = re.compile(r"\bR(\d{1,3})(?:\s?(?:-|–|to)\s?R(\d{1,3}))?\b")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
ENDPOINT = re.compile(r"(?:\b(GET|POST)\s+)?(/v1/[a-z-]+[A-Za-z0-9_{}:./$-]*)")
CODE = re.compile(r"`([^`\n]+)`")
OUR_FOLDERS = ("app/", "bench/", "cases/", "docker/", "docs/", "migrations/", "tests/", "tools/")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def reference(name: str) -> str:
    return read(REFERENCE / name)


def rules_cited(text: str) -> set[int]:
    """Rules by number; of a range, which names a chapter, its two ends."""
    return {int(number) for ends in RULE.findall(text) for number in ends if number}


def anchors(path: Path) -> set[str]:
    """The anchors that Git hosts give to headings: lower case, no punctuation, dashes."""
    headings = re.findall(r"^#+ (.+)$", read(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.replace("`", "").lower()).replace(" ", "-") for h in headings}


def rows(text: str, first: str) -> list[list[str]]:
    """The cells of table rows whose first cell matches."""
    table = [line for line in text.splitlines() if re.match(rf"\| {first}", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


@pytest.fixture(scope="module")
def paths():
    """Each path of the API with its methods."""
    settings = Settings(database_url=None)
    app = create_app(open_database(settings, "postgresql://nobody@127.0.0.1/none"), settings)
    return {path: {m.upper() for m in ops} for path, ops in app.openapi()["paths"].items()}


def allowed_roles(route) -> frozenset[Role] | None:
    """The roles that the route's own dependency lets in; None: it is public."""
    for dependency in walk(route.dependant):
        if getattr(dependency.call, "__qualname__", "").startswith(("commands.", "queries.")):
            return inspect.getclosurevars(dependency.call).nonlocals["allowed"]
    return None


def walk(dependant):
    for dependency in dependant.dependencies:
        yield dependency
        yield from walk(dependency)


def test_every_rule_that_code_and_documents_cite_is_in_the_catalogue():
    text = reference("rules.md")
    catalogue = [int(row[0][1:]) for row in rows(text, r"R\d+ ")]
    assert catalogue == sorted(set(catalogue)), "each rule once, in order"
    missing = {
        str(path.relative_to(ROOT)): rules_cited(read(path)) - set(catalogue)
        for path in [*SOURCES, *DOCUMENTS]
    }
    assert not {path: rules for path, rules in missing.items() if rules}


def test_every_rule_says_where_it_is_enforced_and_from_what_source():
    text = reference("rules.md")
    sources = {row[0] for row in rows(text, "(?!Rule|R[0-9]|Short|-)") if len(row) == 2}
    for number, meaning, chinese, source, where in rows(text, r"R\d+ "):
        assert meaning, number
        assert re.search(r"[\u4e00-\u9fff]", chinese), number
        assert set(source.split(", ")) <= sources, number
        assert where, number


def test_every_link_between_documents_leads_somewhere():
    broken = []
    for path in DOCUMENTS:
        for target in LINK.findall(read(path)):
            if "://" in target:
                continue
            name, _, anchor = target.partition("#")
            there = (path.parent / name).resolve() if name else path
            if not there.exists() or (anchor and anchor not in anchors(there)):
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert not broken


def test_every_document_is_reached_from_the_index():
    seen: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        path = ahead.pop()
        if path in seen or path.suffix != ".md":
            continue
        seen.add(path)
        links = [t.partition("#")[0] for t in LINK.findall(read(path)) if "://" not in t]
        ahead += [(path.parent / name).resolve() for name in links if name]
    assert seen == set(DOCUMENTS)


def test_every_endpoint_in_the_documents_exists(paths):
    patterns = [
        (re.compile(re.sub(r"\{[^}]+\}", r"[^ ]+", re.sub(r"([.])", r"\\\1", path))), methods)
        for path, methods in paths.items()
    ]
    unknown = []
    for document in DOCUMENTS:
        for method, named in ENDPOINT.findall(read(document)):
            found = [m for pattern, m in patterns if pattern.fullmatch(named.rstrip(".:"))]
            if not found or (method and not any(method in methods for methods in found)):
                unknown.append(f"{document.relative_to(ROOT)}: {method} {named}")
    assert not unknown


def test_every_file_in_the_documents_exists():
    missing = []
    for document in DOCUMENTS:
        for name in CODE.findall(read(document)):
            path = name.split(" ")[0].rstrip(",")
            if path.startswith(OUR_FOLDERS) and not (ROOT / path).exists():
                missing.append(f"{document.relative_to(ROOT)}: {path}")
    assert not missing


def test_every_function_that_a_document_names_beside_a_file_is_in_it():
    absent = []
    for document in DOCUMENTS:
        text = read(document)
        for path, name in re.findall(r"`(app/[\w/]+\.py)`(?:, | \()`([\w.]+)`", text):
            if name.split(".")[-1] not in read(ROOT / path):
                absent.append(f"{document.relative_to(ROOT)}: {name} in {path}")
    assert not absent


@pytest.mark.parametrize(
    "kinds",
    [
        AccountKind,
        ApplicationState,
        ContractKind,
        EntryKind,
        EvidenceKind,
        GapBy,
        LandUse,
        LotState,
        Mode,
        Party,
        RedemptionKind,
        RedemptionState,
        RefusalReason,
        Role,
        SealedTie,
        SubsidyBasis,
        TicketState,
        TransferState,
        Zone,
    ],
    ids=lambda kinds: kinds.__name__,
)
def test_every_word_of_the_code_is_in_the_glossary(kinds):
    words = {w for row in rows(reference("glossary.md"), "[`*]") for w in CODE.findall(row[0])}
    assert {member.value for member in kinds} <= words


WITH_A_SESSION = "who is signed in"


def is_of_a_session(route) -> bool:
    """Whether the route asks for the session of a browser."""
    calls = [dependency.call for dependency in walk(route.dependant)]
    return browser.looks in calls or browser.acts in calls


def test_every_command_is_told_with_its_step_and_roles():
    told = {row[0].strip("`"): (row[1].strip("`"), row[3]) for row in commands_told()}
    steps = {path: step for step, path in PATHS.items()}
    for route in (r for router in ROUTERS for r in router.routes if "POST" in r.methods):
        roles = allowed_roles(route)
        step, text = told.pop(f"POST {route.path}")
        if roles is None:
            assert step == "–"
            assert text == (WITH_A_SESSION if is_of_a_session(route) else "anybody"), route.path
            continue
        assert step == steps.get(route.path, "–"), route.path
        # Of steps the service window takes every one; of the rest, those that name it.
        assert Role.OPERATOR in roles or route.path not in steps, route.path
        named = {Role(word) for word in CODE.findall(text)}
        assert named == roles - ({Role.OPERATOR} if route.path in steps else set()), route.path
    assert not told


def commands_told():
    return rows(reference("http-api.md"), "`POST ")


def test_every_query_is_told_with_its_roles():
    told = {row[0].strip("`"): row[2] for row in rows(reference("http-api.md"), "`GET ")}
    everyone = frozenset(set(Role) - ADMINS - {Role.MINISTRY})
    for route in (r for router in ROUTERS for r in router.routes if "GET" in r.methods):
        roles = allowed_roles(route)
        text = told.pop(f"GET {route.path.replace(':path}', '}')}")
        if is_of_a_session(route):
            assert text == WITH_A_SESSION, route.path
            continue
        if roles in {None, everyone, frozenset(Role)}:
            word = {None: "anybody", everyone: "everyone"}.get(roles, "every role")
            assert text == word, route.path
        else:
            assert {Role(word) for word in CODE.findall(text)} == roles, route.path
    assert not told


def test_every_problem_is_told_under_its_status():
    told = {row[0]: set(CODE.findall(row[1])) for row in rows(reference("http-api.md"), r"\d{3} ")}
    real: dict[str, set[str]] = {}
    for code, meanings in problems.catalogue().items():
        for meaning in meanings:
            real.setdefault(str(meaning.status), set()).add(code)
    assert told == real


def test_every_step_and_key_of_a_case_is_told():
    text = reference("case-format.md")
    words = set(CODE.findall(text)) | set(re.findall(r"\b\w+\b", text))
    for names in (PATHS, TOP_KEYS, *(must | may for must, may in FIELDS.values())):
        assert set(names) <= words


def test_the_case_of_the_tutorial_can_be_played():
    text = read(ROOT / "docs" / "tutorial" / "your-first-case.md")
    case = parse_case(text.split("```yaml\n")[1].split("```")[0])
    assert {step.do for step in case.steps} <= PATHS.keys()


def test_every_policy_key_is_told_with_its_default():
    table = rows(reference("policy-parameters.md"), "`[a-z]")
    told = {row[0].strip("`"): row[1] for row in table}
    assert told.keys() == POLICY_KEYS
    defaults = Parameters()
    for key in ("cooling_off_days", "notice_days", "min_work_years", "auction_notice_days"):
        assert told[key] == str(getattr(defaults, key))
    for key in ("extension_seconds", "min_bidders", "payment_days", "option_years"):
        assert told[key] == str(getattr(defaults, key))
    assert told["sealed_tie"] == defaults.sealed_tie
    assert told["subsidy_basis"] == defaults.subsidy_basis
    assert told["split"] == ", ".join(f"{party} {weight}" for party, weight in defaults.split)


def test_every_setting_and_command_is_told():
    settings = {row[0].strip("`") for row in rows(reference("settings.md"), "`HRT_")}
    assert settings >= {f"HRT_{name.upper()}" for name in Settings.model_fields}
    told = reference("cli.md")
    for command in command_line.registered_commands:
        assert f"`hrt {command.name}" in told


def test_every_service_of_the_compose_file_is_told():
    compose = yaml.safe_load(read(ROOT / "docker" / "compose.yaml"))
    assert compose["services"].keys() <= set(CODE.findall(read(ROOT / "docker" / "README.md")))


def test_every_chinese_document_has_as_many_parts_as_its_english_one():
    for chinese in (d for d in DOCUMENTS if d.name.endswith(".zh-CN.md")):
        english = chinese.with_name(chinese.name.replace(".zh-CN", ""))
        parts = [
            [line[:3] for line in read(d).splitlines() if re.match(r"#+ |\d\. |\| ", line)]
            for d in (chinese, english)
        ]
        assert len(parts[0]) == len(parts[1]), chinese.name
