"""What a receipt says, as the text of a signed note (`hrt-receipt/1`). Pure.

One line of canonical JSON: whoever signs it promises that `entry`, byte for byte, stands or will
stand in the log `log`, and says which request was answered how.
"""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from app.transparency.fields import FormatError
from app.transparency.merkle import leaf_hash

VERSION = "hrt-receipt/1"
KEY_SUFFIX = "/receipts"
"""The key that signs the receipts of a log is named after the log."""

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FORMS = {
    "id": re.compile(r"[0-9a-f]{32}", re.ASCII),
    "log": re.compile(r"[^\s+]+"),
    "leaf": _HASH,
    "at": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII),
    "operation": re.compile(r"[A-Z]+ /[\x21-\x7e]*", re.ASCII),
    "code": re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII),
    "request": _HASH,
}
_STATUS = range(200, 500)


class ReceiptTextError(FormatError):
    """The text is not a receipt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptText:
    """A receipt's members.

    `log` is the log's origin, `leaf` the entry's RFC 6962 leaf hash in hex, `entry` the record's
    bytes as text, `at` the instant of the answer in UTC with microseconds, `code` a refusal's code,
    `request` the SHA-256 in hex of the request's JSON value, its names sorted, without spaces and
    with everything beyond ASCII escaped.
    """

    id: str
    log: str
    leaf: str
    entry: str
    at: str
    operation: str
    status: int
    code: str | None
    request: str

    def text(self) -> str:
        """The text that is signed."""
        members = {"v": VERSION} | asdict(self)
        line = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return line + "\n"

    @property
    def record(self) -> dict[str, Any]:
        """The record that the entry is. Raises `ReceiptTextError` where it is none."""
        try:
            record = json.loads(self.entry)
        except (ValueError, RecursionError) as error:
            raise ReceiptTextError(f"the entry is not JSON: {error}") from error
        if not isinstance(record, dict):
            raise ReceiptTextError("the entry is not a record")
        return record


def parse_receipt(text: str) -> ReceiptText:
    """Read the text of a receipt; it is well-formed then, and its leaf is the entry's.

    Raises `ReceiptTextError`. `parse_receipt(x).text() == x`.
    """
    receipt = ReceiptText(**_members(text))
    try:
        entry = receipt.entry.encode()
    except UnicodeEncodeError as error:
        raise ReceiptTextError("its entry is not UTF-8") from error
    if receipt.text() != text:
        raise ReceiptTextError("it is not in canonical form")
    if leaf_hash(entry).hex() != receipt.leaf:
        raise ReceiptTextError("its leaf is not the hash of its entry")
    return receipt


def _members(text: str) -> dict[str, Any]:
    """The members of a receipt, each in its form."""
    try:
        members = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReceiptTextError(f"not JSON: {error}") from error
    if not isinstance(members, dict) or members.pop("v", None) != VERSION:
        raise ReceiptTextError(f"not of the form {VERSION}")
    if members.keys() != ReceiptText.__dataclass_fields__.keys():
        raise ReceiptTextError(f"its members are {', '.join(sorted(members))[:200]}")
    if type(members["status"]) is not int or members["status"] not in _STATUS:
        raise ReceiptTextError("its status is not that of an answer")
    if not isinstance(members["entry"], str):
        raise ReceiptTextError("its entry is not text")
    for name, form in _FORMS.items():
        value = members[name]
        optional = name == "code" and value is None
        if not optional and not (isinstance(value, str) and form.fullmatch(value)):
            raise ReceiptTextError(f"its {name} is malformed")
    return members
