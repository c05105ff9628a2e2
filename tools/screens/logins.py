"""The logins that the demo market prints, as pictures need them."""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = "demo-people.json"


@dataclass(frozen=True, slots=True)
class Login:
    """A person who can sign in; the pictures of this person's pages are named by the login."""

    login: str
    password: str


def read(home: Path) -> list[Login | None]:
    """Everybody of the demo market; None, who stands first, is somebody not signed in."""
    file = home / FILE
    people = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return [None, *(Login(one["login"], one["password"]) for one in people)]
