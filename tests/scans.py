"""Small files of the kinds that are filed as evidence, made here, and how they are sent."""

import base64
import struct
import zlib


def png(colour=(120, 90, 60), side=8):
    """A picture of one colour."""
    row = b"\0" + bytes(colour) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(row * side)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def jpeg(size=64):
    """What begins as a JPEG, of a size."""
    return b"\xff\xd8\xff\xe0" + bytes(size - 4)


def pdf(text="form"):
    """A page without anything on it, beside a text that nobody sees."""
    body = [
        b"%PDF-1.4",
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj",
        b"trailer<</Root 1 0 R>>",
        b"% " + text.encode(),
        b"%%EOF\n",
    ]
    return b"\n".join(body)


def piece(id_, kind, content, application="a1", **more):
    """The body of a filing."""
    sent = base64.b64encode(content).decode()
    return {"id": id_, "application": application, "kind": kind, "content": sent} | more
