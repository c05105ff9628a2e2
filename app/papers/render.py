"""A paper set in type: PDF/A for archives and PDF/UA for screen readers, its type embedded.

Setting is work of some ten milliseconds for each page, so it is done in a thread of its own, one
paper after the other. Who comes while too many wait is told to come again.
"""

import asyncio
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pylopdf_fonts_zh_cn as type_faces
import segno
import typst

from app.kernel.refusal import CommonRefusal, Rejected
from app.papers.rules import Paper

if TYPE_CHECKING:
    from typst import PDFStandard  # of its stub alone

TEMPLATE = Path(__file__).with_name("paper.typ")
STANDARDS: "list[PDFStandard]" = ["a-2a", "ua-1"]
WAITING_MAX = 32
ROWS_KEPT = 100
GENERATIONS = 11
QUIET_ZONE = 4
"""White modules around a code, as its standard asks."""


@dataclass(slots=True)
class Press:
    """One thread that sets papers, and how many wait for it."""

    thread: ThreadPoolExecutor
    waiting: int = 0

    async def render(self, paper: Paper) -> bytes:
        """The paper as PDF. Raises `Rejected` (`BUSY`) while too many others wait."""
        if self.waiting >= WAITING_MAX:
            raise Rejected(CommonRefusal.BUSY)
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.thread, typeset, paper)
        finally:
            self.waiting -= 1


PRESS = Press(ThreadPoolExecutor(max_workers=1, thread_name_prefix="papers"))


def typeset(paper: Paper) -> bytes:
    """The paper as PDF; equal papers give equal bytes. Not for several threads at once."""
    values = asdict(paper) | {"code": None, "at": None}
    if paper.check.address is not None:
        values["code"] = code(paper.check.address)
    document = {"paper": json.dumps(values, ensure_ascii=False)}
    seconds = int(paper.at.timestamp())
    try:
        return _compile(document, seconds, STANDARDS)
    except typst.TypstError:
        # A name may have a letter that the type lacks, which the standards forbid. Better a paper
        # with an empty box in it than none.
        return _compile(document, seconds, [])
    finally:
        if paper.table is not None and len(paper.table.rows) > ROWS_KEPT:
            _forget()


def code(address: str) -> str:
    """The QR code of an address, as SVG."""
    drawn = io.BytesIO()
    segno.make_qr(address, error="m", boost_error=False).save(
        drawn, kind="svg", border=QUIET_ZONE, xmldecl=False, omitsize=True, light="#ffffff"
    )
    return drawn.getvalue().decode()


def _compile(document: dict[str, str], seconds: int, standards: "list[PDFStandard]") -> bytes:
    made = _compiler().compile(
        TEMPLATE, format="pdf", sys_inputs=document, timestamp=seconds, pdf_standards=standards
    )
    assert isinstance(made, bytes), "a PDF is one file"
    return made


def _forget() -> None:
    # What the compiler computed it keeps while it sets ten papers more. Of a long one that is a
    # hundred MB, so it sets that many of nothing.
    for _ in range(GENERATIONS):
        _compiler().compile(b"", format="pdf", sys_inputs=None)


@cache
def _compiler() -> typst.Compiler:
    """The compiler with these two faces and no others, whatever the machine has."""
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[type_faces.sans_path().parent],
    )
    return typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts)
