"""Reads a case file for the naive market, and writes one.

Timestamps stay the texts that stand in the file, so that nothing is rounded or shifted on the way.
"""

from pathlib import Path
from typing import Any

import yaml


class ExactLoader(yaml.SafeLoader):
    """YAML as `safe_load` reads it, but a plain timestamp or date stays a text."""


ExactLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_case(path: Path) -> dict[str, Any]:
    """The case in a file whose top level is valid."""
    case: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=ExactLoader)
    return case


def dump_case(case: dict[str, Any], path: Path) -> None:
    """Writes a case as a YAML file."""
    text = yaml.safe_dump(case, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(text, encoding="utf-8")
