"""A client of a node for the tools of bidders and custodians.

The credential comes from `HRT_TOKEN` in the environment, never from the command line, where other
users of the machine could read it; it is sent to the named node and written nowhere.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

TOKEN = "HRT_TOKEN"  # noqa: S105 - the name of the variable, not a secret
SECONDS_MAX = 30
OK, NOT_FOUND, BAD_REQUEST = 200, 404, 400


class NodeError(Exception):
    """The node did not answer as asked; the text says what it said."""

    def __init__(self, text: str, status: int | None = None, receipt: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.receipt = receipt


class NodeClient:
    """Asks one node."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def text(self, path: str) -> str:
        """A text that needs no credential."""
        return self._get(path).text

    def content(self, path: str) -> bytes:
        """Bytes that need no credential."""
        return self._get(path).content

    def json(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """A JSON document; the credential is sent where there is one."""
        return _document(self._get(path, params, authorised=TOKEN in os.environ))

    def items(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.json(path, {} if cursor is None else {"cursor": cursor})
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def post(self, path: str, body: Mapping[str, Any], key: str | None = None) -> Any:
        """Send a command under an idempotency key: the same `key` for the same command again."""
        headers = _authorisation() | {"Idempotency-Key": key or uuid.uuid4().hex}
        try:
            response = self._http.post(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise NodeError(
                f"No answer from the node ({type(error).__name__}). Send the same again: it counts"
                " once."
            ) from error
        return _document(_checked(response))

    def _get(
        self, path: str, params: Mapping[str, str] | None = None, *, authorised: bool = False
    ) -> httpx.Response:
        headers = _authorisation() if authorised else {}
        try:
            return _checked(self._http.get(path, params=params, headers=headers))
        except httpx.HTTPError as error:
            raise NodeError(f"No answer from the node ({type(error).__name__}).") from error


@contextmanager
def open_client(url: str) -> Iterator[NodeClient]:
    """A client of the node at `url`, for the length of a block."""
    # No redirects: a credential goes where it was meant to go.
    with httpx.Client(base_url=url, timeout=SECONDS_MAX, follow_redirects=False) as http:
        yield NodeClient(http)


def _authorisation() -> dict[str, str]:
    token = os.environ.get(TOKEN)
    if not token:
        raise NodeError(f"Set {TOKEN} in the environment to your credential's token.")
    return {"Authorization": f"Bearer {token}"}


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        problem = response.json()
        text = f"{problem['code']}: {problem['title']} {problem['title_en']}"
        receipt = problem.get("receipt", {}).get("note")
    except (ValueError, KeyError, TypeError, AttributeError):
        text, receipt = "not a node of this exchange?", None
    raise NodeError(
        f"The node answered {response.status_code}: {text}", response.status_code, receipt
    )


def _document(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise NodeError("The node's answer is not JSON.") from error
