"""Scans and photos for two dossiers of the demo market: invented, and drawn here in a few lines.

The first household's file is complete; of an application under notice something is missing, and a
form that was signed in the wrong place has been replaced.
"""

import base64
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.cli.demo_story import ANHUA, YUELU
from app.replay import Market

Patch = tuple[str, int, int, int, int]
"""A colour, and where it lies: from left, from top, to right, to bottom."""

WIDTH, HEIGHT = 480, 320
SKY, HILL, EARTH = "c4dcec", "7e9876", "a48460"
WALL, ROOF, DOOR = "e2d6be", "6e4a3c", "604630"
CROP, INK, SHEET = "46803a", "3c3c42", "faf8f0"

LAND: tuple[Patch, ...] = (
    (SKY, 0, 0, 480, 150),
    (HILL, 0, 150, 480, 200),
    (HILL, 260, 120, 460, 150),
    (EARTH, 0, 200, 480, 320),
)
HOUSE: tuple[Patch, ...] = (
    *LAND,
    *((ROOF, 236 - 4 * n, 90 + 2 * n, 244 + 4 * n, 92 + 2 * n) for n in range(30)),
    (WALL, 130, 150, 350, 250),
    (DOOR, 220, 180, 260, 250),
    (SKY, 160, 175, 195, 210),
    (SKY, 285, 175, 320, 210),
)
FIELD: tuple[Patch, ...] = (
    *LAND,
    *((CROP, 0, 206 + 2 * n * (n + 4), 480, 210 + 2 * n * (n + 6)) for n in range(6)),
)
FORM: tuple[Patch, ...] = (
    (SHEET, 0, 0, 480, 320),
    (INK, 140, 22, 340, 30),
    *((INK, 60, 60 + 22 * n, 420, 62 + 22 * n) for n in range(9)),
    (INK, 300, 276, 400, 279),
)

COMPLETE, UNDER_NOTICE = "a1", "o2"
"""An application, and the objection by which another one is known."""


def draw(scene: tuple[Patch, ...]) -> bytes:
    """A picture as PNG; later patches lie over earlier ones."""
    lines = [bytearray(3 * WIDTH) for _ in range(HEIGHT)]
    for colour, left, top, right, bottom in scene:
        for line in lines[top:bottom]:
            line[3 * left : 3 * right] = bytes.fromhex(colour) * (right - left)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    parts = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
        for name, part in parts
    )


def write(title: str) -> bytes:
    """A PDF of one page with a line of text."""
    shown = f"BT /F1 20 Tf 72 760 Td ({title}) Tj ET".encode("ascii")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 6 0 R>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Font<</F1 5 0 R>>>>",
    ]
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return written + head + table + tail % (len(objects) + 1, len(written))


VILLAGE, CLERK, CITY = ("collective", "anhua-1"), ("county_clerk", ANHUA), ("city", YUELU)
# after which step, who files it, what it shows
FILED: Mapping[str, tuple[tuple[tuple[str, str], str, Callable[[], bytes]], ...]] = {
    "apply": (
        (CLERK, "application_form", lambda: draw(FORM)),
        (CLERK, "photo_before", lambda: draw(HOUSE)),
    ),
    "village_review": (
        (VILLAGE, "vote_record", lambda: write("Demo: record of the members' vote")),
        (VILLAGE, "public_notice", lambda: write("Demo: public notice as posted")),
    ),
    "city_approve": ((CITY, "settlement_proof", lambda: write("Demo: labour contract")),),
    "accept_reclamation": (
        (CLERK, "photo_after", lambda: draw(FIELD)),
        (CLERK, "acceptance_report", lambda: write("Demo: acceptance report")),
    ),
}


@dataclass(slots=True)
class DemoEvidence:
    """Files evidence while the story of the demo is played."""

    market: Market
    count: int = 0

    async def after(self, do: str, body: Mapping[str, Any]) -> None:
        """File what a step of the story brings."""
        application = body.get("id" if do == "apply" else "application")
        if application == COMPLETE:
            for who, kind, made in FILED.get(do, ()):
                await self._file(who, str(application), kind, made())
        if do == "object" and body["id"] == UNDER_NOTICE:
            wrong = await self._file(CLERK, str(application), "application_form", write("Demo"))
            right = write("Demo: application, signed")
            await self._file(CLERK, str(application), "application_form", right, replaces=wrong)

    async def _file(
        self,
        who: tuple[str, str],
        application: str,
        kind: str,
        content: bytes,
        replaces: str | None = None,
    ) -> str:
        self.count += 1
        body = {
            "id": f"e{self.count}",
            "application": application,
            "kind": kind,
            "content": base64.b64encode(content).decode(),
            "replaces": replaces,
        }
        answer = await self.market.send(*who, "/v1/evidence", body)
        assert "number" in answer, f"the demo's evidence was refused: {answer}"
        return f"e{self.count}"
