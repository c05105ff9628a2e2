"""Papers as others see them: text, type and codes by an engine and a reader that are not ours."""

import re

import pypdfium2
import zxingcpp
from pypdfium2 import raw

SCALE = 3


class Pdf:
    """A PDF that was read."""

    def __init__(self, data):
        self.document = pypdfium2.PdfDocument(data)
        self.pages = [page.get_textpage().get_text_bounded() for page in self.document]

    @property
    def text(self):
        """All text, without any blanks and breaks: where a line breaks does not matter."""
        return flat("".join(self.pages))

    @property
    def metadata(self):
        return self.document.get_metadata_dict()

    def fonts(self):
        """Of each font that sets a text: its name, and whether it is embedded."""
        found = set()
        for page in self.document:
            for part in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
                font = raw.FPDFTextObj_GetFont(part)
                length = raw.FPDFFont_GetBaseFontName(font, None, 0)
                name = bytearray(length)
                buffer = (raw.c_char * length).from_buffer(name)
                raw.FPDFFont_GetBaseFontName(font, buffer, length)
                found.add((name[:-1].decode(), bool(raw.FPDFFont_GetIsEmbedded(font))))
        return found

    def codes(self):
        """What the QR codes on all pages say, scanned off the drawn page."""
        return [
            code.text
            for page in self.document
            for code in zxingcpp.read_barcodes(grey(page.render(scale=SCALE, grayscale=True)))
        ]


def grey(picture):
    """A picture as the reader takes it: rows of grey, with what fills them up to their stride."""
    shape = [picture.height, picture.stride]
    return memoryview(bytes(picture.buffer)).cast("B", shape)


def flat(text):
    """The text without blanks, breaks and what may break."""
    return re.sub(r"[\s\u200b\ufffe]", "", text)
