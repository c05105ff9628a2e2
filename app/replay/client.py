"""The market as an API client sees it: credentials by party and role, commands, lists."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

NODE = "000000"
FOREVER = "8999-12-31T00:00:00+08:00"
"""Credentials outlive any case: the clock of one may jump by decades."""

ACCEPTED = (200, 201)


@dataclass(slots=True)
class Market:
    """A running node, and the token of its security administrator."""

    http: httpx.AsyncClient
    security_token: str
    _tokens: dict[tuple[str, str, str], str] = field(default_factory=dict)

    async def token(self, role: str, party: str, person: str = "a") -> str:
        """The bearer token of a party in a role; issued when first asked for."""
        known = self._tokens.get((role, party, person))
        if known is not None:
            return known
        answer = await self._post(
            self.security_token,
            "/v1/credentials",
            {
                "person": f"{role}.{party}.{person}",
                "role": role,
                "party": party,
                "expires_at": FOREVER,
            },
        )
        answer.raise_for_status()
        token = str(answer.json()["token"])
        self._tokens[role, party, person] = token
        return token

    async def send(
        self, role: str, party: str, path: str, body: Mapping[str, Any], person: str = "a"
    ) -> dict[str, Any]:
        """Send a command; answers with its result, or with the problem that refused it."""
        token = await self.token(role, party, person)
        answer = await self._post(token, path, body)
        document = answer.json()
        if answer.status_code not in ACCEPTED and "code" not in document:
            answer.raise_for_status()
        return dict(document)

    async def read(self, path: str, role: str = "supervisor") -> dict[str, Any]:
        """Read one document of the node."""
        token = await self.token(role, NODE)
        answer = await self.http.get(path, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return dict(answer.json())

    async def list(self, path: str, role: str = "supervisor") -> list[dict[str, Any]]:
        """Read a whole list, page by page."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            suffix = f"?limit=200{'' if cursor is None else '&cursor=' + cursor}"
            page = await self.read(path + suffix, role)
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items

    async def _post(self, token: str, path: str, body: Mapping[str, Any]) -> httpx.Response:
        # Each step is a request of its own, so each has a key of its own.
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": uuid.uuid4().hex,
            "Content-Type": "application/json",
        }
        # A step may hold what JSON has no word for (.nan, half a surrogate pair, YAML's bytes and
        # sets): it is sent as what no field takes, for the service to refuse.
        content = json.dumps(dict(body), default=lambda _strange: {})
        return await self.http.post(path, content=content, headers=headers)


def refused(document: Mapping[str, Any]) -> str | None:
    """The code of a problem; None for an accepted command."""
    return str(document["code"]) if "request_id" in document and "code" in document else None
