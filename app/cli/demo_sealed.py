"""The sealed lots of the demo market, and the five custodians whose keys lie in its home folder.

One lot takes sealed bids; another has closed and waits for three keys, so that a newcomer can play
every part. The rivals' bids are sealed as `hrt seal` does it, and nobody keeps what would open
them: only the custodians' keys do.
"""

import secrets
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.cli.custodian import make_key
from app.cli.demo_story import HUNAN, SEALED_LOTS, sealed_tickets
from app.cli.notices import parse_notice
from app.cli.secret_files import KEY_BYTES
from app.kernel.ids import NODE
from app.kernel.units import decimal
from app.platform.settings import Settings
from app.replay import Market
from app.seal import seal
from app.transparency.notes import Ed25519Signer, sign, vkey

OPEN, CLOSED = "hunan-99", "hunan-98"
CUSTODIANS = (
    ("ministry", "自然资源部"),
    ("audit", "省审计厅"),
    ("notary", "公证处"),
    ("seller", "出让方代表"),
    ("exchange", "农村产权交易中心"),
)
THRESHOLD, OPENING_DAYS = 3, 60
# Under whose bid, counted in whole percent of the start price.
BIDS = ((CLOSED, "b2", 104), (CLOSED, "b3", 109), (OPEN, "b2", 102))


def custodians_folder(settings: Settings) -> Path:
    """Where each custodian of the demo has a folder with its keys and its credential."""
    return settings.home / "custodians"


def forget_custodians(settings: Settings) -> None:
    """Delete the custodians' folders."""
    shutil.rmtree(custodians_folder(settings), ignore_errors=True)


@dataclass(slots=True)
class SealedLots:
    """What happens to the sealed lots while the story of the demo is played up to `now`."""

    market: Market
    folder: Path
    now: datetime
    _plan: list[tuple[datetime, Callable[[], Awaitable[None]]]] = field(init=False)
    _signers: dict[tuple[str, str], Ed25519Signer] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Each part is done once the story has come to its time."""
        self._plan = [
            (self.now - timedelta(days=22), self._list),
            (self.now - timedelta(days=20), self._register),
            (self.now - timedelta(days=2, minutes=-30), self._bid),
        ]

    async def after(self, at: datetime) -> None:
        """Do what is to be done by an instant of the story."""
        while self._plan and self._plan[0][0] <= at:
            _, act = self._plan.pop(0)
            await act()

    async def _list(self) -> None:
        for id_, name in CUSTODIANS:
            await self._send("security_admin", NODE, "/v1/custodians", {"id": id_, "name": name})
        opens = self.now - timedelta(days=2, minutes=-10)
        closes = {CLOSED: self.now - timedelta(hours=12), OPEN: self.now + timedelta(days=6)}
        for lot, (_, start, deposit) in SEALED_LOTS.items():
            body = {
                "id": lot,
                "province": HUNAN,
                "tickets": sealed_tickets(lot),
                "mode": "sealed",
                "sealing": "lqx-seal/1",
                "start_price_cny": decimal(start),
                "deposit_cny": decimal(deposit),
                "opens_at": opens.isoformat(),
                "closes_at": closes[lot].isoformat(),
                "threshold": THRESHOLD,
                "opening_days": OPENING_DAYS,
                "custodians": [
                    {"custodian": id_, "public_key": make_key(self.folder / id_, lot)}
                    for id_, _ in CUSTODIANS
                ],
            }
            await self._send("exchange", HUNAN, "/v1/lots", body)

    async def _register(self) -> None:
        for lot, bidder, _ in BIDS:
            signer = Ed25519Signer(f"{bidder}/{lot}", secrets.token_bytes(KEY_BYTES))
            self._signers[lot, bidder] = signer
            body = {"lot": lot, "bidder": bidder, "bid_key": vkey(signer)}
            await self._send("bidder", bidder, "/v1/registrations", body)

    async def _bid(self) -> None:
        for lot, bidder, percent in BIDS:
            path = f"/v1/lots/{lot}/notice"
            terms = parse_notice(path, await self.market.read(path)).sealing
            price = {"price_cny": decimal(SEALED_LOTS[lot][1] * percent // 100)}
            message = seal(terms, bidder, 1, price, secrets.token_bytes(KEY_BYTES))
            note = sign(message.decode() + "\n", self._signers[lot, bidder]).encode()
            body = {"lot": lot, "bidder": bidder, "note": note}
            await self._send("bidder", bidder, "/v1/sealed-bids", body)

    async def keep_tokens(self) -> None:
        """Put each custodian's credential beside its keys, for nobody else to read."""
        for id_, _ in CUSTODIANS:
            file = self.folder / id_ / "token"
            file.touch(mode=0o600)
            file.write_text(await self.market.token("custodian", id_), encoding="ascii")

    async def _send(self, role: str, party: str, path: str, body: dict[str, Any]) -> None:
        answer = await self.market.send(role, party, path, body)
        assert "request_id" not in answer, f"the demo was refused at {path}: {answer}"
