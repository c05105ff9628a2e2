"""Reads a case file. A file that is malformed is refused as a whole, with the place at fault."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from app.kernel.ids import ID_PATTERN, REGION_PATTERN, is_province, province_of
from app.kernel.units import InvalidAmountError, hundredths

POLICY_KEYS = frozenset(
    {
        "split",
        "cooling_off_days",
        "notice_days",
        "homestead_cap_m2",
        "min_work_years",
        "ecological_quota",
        "auction_notice_days",
        "extension_seconds",
        "min_bidders",
        "sealed_tie",
        "payment_days",
        "subsidy_basis",
        "subsidy_rate_cny",
        "subsidy_pool_share",
        "option_years",
        "low_interest_loan_cap_cny",
        "fee_offset_share",
    }
)
TOP_KEYS = frozenset(
    {
        "case",
        "policy",
        "policies",
        "regions",
        "collectives",
        "households",
        "bidders",
        "coefficients",
        "until",
        "steps",
    }
)
# What a thing of each kind must have, and what it may have.
FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "regions": (
        frozenset({"code"}),
        frozenset({"name", "zone", "cropland_m2", "construction_m2", "ecological_m2"}),
    ),
    "collectives": (
        frozenset({"id", "county", "members"}),
        frozenset({"name", "homestead_m2"}),
    ),
    "households": (frozenset({"id", "collective", "heads"}), frozenset({"name"})),
    "bidders": (frozenset({"id"}), frozenset({"name", "cash_cny"})),
    "coefficients": (
        frozenset({"from", "to", "yield_out", "yield_in", "valid_from", "valid_to"}),
        frozenset(),
    ),
}
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})", re.ASCII)
YEARS = range(1970, 9000)


class CaseError(Exception):
    """The file cannot be played; the text names the place and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `body` is what it says besides when and what it does."""

    n: int
    at: datetime
    do: Any
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A case file whose top level is well formed; what steps say is for the service to judge."""

    name: str
    policies: dict[str, dict[str, Any]]
    regions: list[dict[str, Any]]
    collectives: list[dict[str, Any]]
    households: list[dict[str, Any]]
    bidders: list[dict[str, Any]]
    coefficients: list[dict[str, Any]]
    until: datetime | None
    steps: list[Step]

    @property
    def provinces(self) -> list[str]:
        """Codes of the provinces, in the file's order."""
        return [r["code"] for r in self.regions if is_province(r["code"])]


class _Loader(yaml.SafeLoader):
    """Keeps times as they are written, and refuses a key that stands twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - a class attribute of the base, replaced as a whole
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the base's signature
        """Build a map of distinct text keys."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            place = f"line {key_node.start_mark.line + 1}"
            if not isinstance(key_node, yaml.ScalarNode):
                raise CaseError(f"{place}: a key must be plain text")
            if key_node.value in seen:
                raise CaseError(f"{place}: the key {key_node.value!r} stands twice")
            seen.add(key_node.value)
        return dict(super().construct_mapping(node, deep=deep))


def load_case(path: Path) -> Case:
    """Read a case file; raises `CaseError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return parse_case(text)


def parse_case(text: str) -> Case:
    """Read the text of a case; raises `CaseError`."""
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of SafeLoader
        json.dumps(document, default=str)  # an anchor inside itself cannot be sent to anyone
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CaseError(f"broken YAML: {error}") from error
    top = _map(document, "the file")
    _keys(top, "the file", frozenset({"case"}), TOP_KEYS - {"case"})
    name = _text(top["case"], "case")
    regions = _regions(top)
    codes = {r["code"] for r in regions}
    provinces = {code for code in codes if is_province(code)}
    collectives = _things(top, "collectives")
    for place, thing in _placed("collectives", collectives):
        _one_of(thing["county"], codes - provinces, f"{place}.county")
        _count(thing["members"], f"{place}.members")
        _amount(thing.get("homestead_m2", "0.00"), f"{place}.homestead_m2")
    households = _things(top, "households")
    for place, thing in _placed("households", households):
        _one_of(thing["collective"], {c["id"] for c in collectives}, f"{place}.collective")
        _count(thing["heads"], f"{place}.heads")
    bidders = _things(top, "bidders")
    for place, thing in _placed("bidders", bidders):
        _amount(thing.get("cash_cny", "0.00"), f"{place}.cash_cny")
    steps = _steps(top)
    until = None if top.get("until") is None else _instant(top["until"], "until")
    if until is not None and steps and until < steps[-1].at:
        raise CaseError("until: it lies before the last step")
    return Case(
        name=name,
        policies=_policies(top, provinces),
        regions=regions,
        collectives=collectives,
        households=households,
        bidders=bidders,
        coefficients=_coefficients(top, provinces),
        until=until,
        steps=steps,
    )


def _regions(top: dict[str, Any]) -> list[dict[str, Any]]:
    regions = _things(top, "regions", key="code", pattern=REGION_PATTERN)
    codes = {region["code"] for region in regions}
    for place, region in _placed("regions", regions):
        if province_of(region["code"]) not in codes:
            raise CaseError(f"{place}: the county {region['code']} has no province in the file")
        for name in ("cropland_m2", "construction_m2", "ecological_m2"):
            _amount(region.get(name, "0.00"), f"{place}.{name}")
        zone = region.get("zone")
        if not is_province(region["code"]):
            _one_of(zone, {"urbanised", "farm_product", "ecological"}, f"{place}.zone")
    # Provinces first: a county is registered in one.
    return sorted(regions, key=lambda region: not is_province(region["code"]))


def _things(
    top: dict[str, Any], kind: str, key: str = "id", pattern: str = ID_PATTERN
) -> list[dict[str, Any]]:
    seen: set[str] = set()
    things = []
    for place, thing in _placed(kind, _list(top.get(kind), kind)):
        _keys(_map(thing, place), place, *FIELDS[kind])
        id_ = thing[key]
        if not isinstance(id_, str) or re.fullmatch(pattern, id_) is None:
            raise CaseError(f"{place}.{key}: {id_!r} is not well formed")
        if id_ in seen:
            raise CaseError(f"{place}.{key}: {id_} stands twice among {kind}")
        seen.add(id_)
        things.append({**thing, "name": _text(thing.get("name", id_), f"{place}.name")})
    return things


def _policies(top: dict[str, Any], provinces: set[str]) -> dict[str, dict[str, Any]]:
    """Each province's parameters: its own keys replace the common ones, lists as a whole."""
    common = _policy(top.get("policy"), "policy")
    own = {} if top.get("policies") is None else _map(top["policies"], "policies")
    for code in own:
        _one_of(code, provinces, "policies")
    return {code: common | _policy(own.get(code), f"policies.{code}") for code in sorted(provinces)}


def _policy(value: Any, place: str) -> dict[str, Any]:
    policy = {} if value is None else _map(value, place)
    for key in policy:
        if key not in POLICY_KEYS:
            raise CaseError(f"{place}: there is no policy key {key!r}")
    return policy


def _coefficients(top: dict[str, Any], provinces: set[str]) -> list[dict[str, Any]]:
    coefficients = _list(top.get("coefficients"), "coefficients")
    for place, thing in _placed("coefficients", coefficients):
        _keys(_map(thing, place), place, *FIELDS["coefficients"])
        _one_of(thing["from"], provinces, f"{place}.from")
        _one_of(thing["to"], provinces, f"{place}.to")
        for name in ("valid_from", "valid_to"):
            try:
                date.fromisoformat(thing[name])
            except (TypeError, ValueError):
                raise CaseError(f"{place}.{name}: {thing[name]!r} is not a date") from None
    return coefficients


def _steps(top: dict[str, Any]) -> list[Step]:
    steps: list[Step] = []
    for place, value in _placed("steps", _list(top.get("steps"), "steps")):
        if not isinstance(value, dict):
            raise CaseError(f"{place}: a map is expected")
        # A field that YAML reads as a number or a boolean is one that no step has.
        raw = {str(key): field for key, field in value.items()}
        if raw.get("at") is None:
            raise CaseError(f"{place}: it has no `at`")
        at = _instant(raw["at"], f"{place}.at")
        if steps and at < steps[-1].at:
            raise CaseError(f"{place}.at: it lies before the step before it")
        body = {k: v for k, v in raw.items() if k not in {"at", "do"}}
        steps.append(Step(len(steps) + 1, at, raw.get("do"), body))
    return steps


def _placed(kind: str, things: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{kind}[{n}]", thing) for n, thing in enumerate(things, 1))


def _map(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise CaseError(f"{place}: a map with text keys is expected")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise CaseError(f"{place}: a list is expected")
    return value


def _keys(
    value: dict[str, Any], place: str, required: frozenset[str], optional: frozenset[str]
) -> None:
    for key in sorted(value.keys() - required - optional):
        raise CaseError(f"{place}: there is no field {key!r}")
    for key in sorted(required):
        if value.get(key) is None:
            raise CaseError(f"{place}: the field {key!r} is missing")


def _checked(value: Any, place: str, good: Callable[[Any], bool], what: str) -> Any:
    if not good(value):
        raise CaseError(f"{place}: {value!r} is not {what}")
    return value


def _text(value: Any, place: str) -> str:
    return str(_checked(value, place, lambda v: isinstance(v, str) and v != "", "a text"))


def _one_of(value: Any, known: set[str], place: str) -> None:
    _checked(value, place, lambda v: isinstance(v, str) and v in known, "known in the file")


def _count(value: Any, place: str) -> None:
    _checked(value, place, lambda v: type(v) is int and v >= 0, "a whole number of zero or more")


def _amount(value: Any, place: str) -> None:
    try:
        hundredths(value)
    except InvalidAmountError:
        raise CaseError(f"{place}: {value!r} is not a decimal text with two places") from None


def _instant(value: Any, place: str) -> datetime:
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            instant = datetime.fromisoformat(value)
            if instant.year in YEARS:
                return instant
    except ValueError:
        pass
    raise CaseError(f"{place}: {value!r} is not a time in whole seconds with an offset")
