"""Write the API's description for the browser client: `python -m tools.write_openapi [--check]`.

`npm run api` generates `web/src/api/schema.d.ts` from the file, so that a change of the API which
the client does not know yet is an error of its compiler. With `--check` nothing is written: the
exit status is 1 when the file is stale.
"""

import json
import sys
import tempfile
from pathlib import Path

from app.main import create_app
from app.platform.db import open_database
from app.platform.settings import Settings

FILE = Path(__file__).resolve().parents[1] / "web" / "src" / "api" / "openapi.json"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
"""Never connected to: describing needs no database."""

WITHOUT = frozenset({"example", "examples"})
"""They are for people; no type comes from them."""


def described() -> str:
    """The OpenAPI document as the file holds it, the same bytes for the same API."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        app = create_app(open_database(settings, NOWHERE), settings)
        document = app.openapi()
    return json.dumps(_plain(document), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _plain(part: object) -> object:
    if isinstance(part, dict):
        return {key: _plain(value) for key, value in part.items() if key not in WITHOUT}
    if isinstance(part, list):
        return [_plain(value) for value in part]
    return part


def main(arguments: list[str]) -> int:
    """Write the file, or say whether it is stale."""
    text = described()
    if arguments == ["--check"]:
        return int(not FILE.exists() or FILE.read_text(encoding="utf-8") != text)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
