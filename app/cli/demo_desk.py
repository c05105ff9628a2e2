"""A node of the demo as its people use it: requests over HTTP, and what they see afterwards."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.cli.demo_places import PlacesError, Stand
from app.kernel.ids import NODE
from app.replay import Market
from app.replay.client import refused

SEEN = timedelta(seconds=60)
LOOK_EVERY = timedelta(milliseconds=100)

Document = dict[str, Any]
Tell = Callable[..., Awaitable[None]]
"""What a step is told by: Chinese, English, and where to look at it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One of the nodes, asked by each party with a credential of its own."""

    stand: Stand
    market: Market

    async def must(
        self, role: str, party: str, path: str, body: Mapping[str, Any], person: str = "a"
    ) -> Document:
        """Send a command that is accepted. Raises `PlacesError` where it is refused."""
        answer = await self.market.send(role, party, path, body, person)
        if refused(answer) is not None:
            raise PlacesError(
                f"{self.stand.place.en} refused {path} {dict(body)}: {answer['code']},"
                f" {answer['title_en']}"
            )
        return answer

    async def clock(self, to: datetime) -> None:
        """Move the simulated clock; what falls due on the way is done."""
        await self.must("system_admin", NODE, "/v1/clock", {"to": to.isoformat()})

    async def item(self, path: str, **wanted: Any) -> Document:
        """Wait for the item of a list whose members are as wanted: letters come by themselves."""

        async def look() -> Document | None:
            for item in await self.market.list(path):
                if all(item.get(name) == value for name, value in wanted.items()):
                    return item
            return None

        return await self._seen(f"{path} {wanted}", look)

    async def balance(self, account: str) -> str:
        """What an account of the ledger holds."""
        found = await self.market.read(f"/v1/ledger/accounts/{account}")
        return str(found["balance"])

    async def calm(self) -> None:
        """Wait until every letter of this node has its answer."""

        async def look() -> Document | None:
            links = await self.market.list("/v1/links")
            return None if any(link["backlog"] for link in links) else {}

        await self._seen("letters", look)

    async def file(self, role: str, party: str, path: str) -> bytes:
        """A file of the node for a party."""
        token = await self.market.token(role, party)
        answer = await self.market.http.get(path, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return answer.content

    async def published(self) -> None:
        """Wait until all that the node's log has is in a published checkpoint."""

        async def look() -> Document | None:
            found = await self.market.read("/v1/ledger/verification")
            checkpoint = (await self.market.http.get("/log/checkpoint")).text.split("\n")
            return {} if int(checkpoint[1]) >= int(found["records"]) else None

        await self._seen("a checkpoint", look)

    def page(self, place: str) -> str:
        """The address of a public page of its web client."""
        return f"{self.stand.url}/#{place}"

    def office(self, place: str) -> str:
        """The address of a page for those who sign in."""
        return f"{self.stand.url}/office.html#{place}"

    async def _seen(self, what: str, look: Callable[[], Awaitable[Document | None]]) -> Document:
        try:
            async with asyncio.timeout(SEEN.total_seconds()):
                while True:
                    found = await look()
                    if found is not None:
                        return found
                    await asyncio.sleep(LOOK_EVERY.total_seconds())
        except TimeoutError:
            place = self.stand.place.en
            raise PlacesError(f"{place}: {what} does not come; see {self.stand.log}.") from None


@dataclass(slots=True)
class Scene:
    """The three nodes, the instant at which their clocks stand, and who listens."""

    home: Desk
    away: Desk
    ministry: Desk
    now: datetime
    tell: Tell

    @property
    def desks(self) -> tuple[Desk, Desk, Desk]:
        """All of them."""
        return self.home, self.away, self.ministry

    async def wait(self, **time: int) -> None:
        """Let time go by, at all nodes alike."""
        self.now += timedelta(**time)
        await asyncio.gather(*(desk.clock(self.now) for desk in self.desks))

    async def calm(self) -> None:
        """Wait until every letter that follows from what was said has its answer."""
        # Twice: a letter that was answered may have led to one of a node that was looked at before.
        for _ in range(2):
            for desk in self.desks:
                await desk.calm()
