"""What is read of a bank's file: camt.053 (statement) and camt.054 (notification), version 08.

Strict in all that is read, and blind to all else: the published structure allows much that says
nothing about money (balances, addresses, remittance texts). A file in which something that is read
is missing, repeated or malformed is refused whole; nothing in it is guessed. There is no document
type and so no entity; depth and number of elements are bounded.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from app.kernel.units import Fen

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
MESSAGES = {
    "camt.053.001.08": ("BkToCstmrStmt", "Stmt"),
    "camt.054.001.08": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
DEPTH_MAX, ELEMENTS_MAX, ENTRIES_MAX = 40, 200_000, 5_000

_ID = re.compile(r"[^\x00-\x1f\x7f]{1,35}")
_NUMBER = re.compile(r"[0-9A-Za-z]{1,34}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,2})0{0,3})?", re.ASCII)


class BankFileError(Exception):
    """The file is not one that can be read; `place` says where, without quoting it."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One transaction on the account. `amount` is in hundredths of `currency`.

    `reference` is the bank's own; `end_to_end` is what the payer gave its instruction.
    """

    reference: str
    end_to_end: str | None
    amount: Fen
    currency: str
    credit: bool
    booked: bool
    reversal: bool
    debtor_account: str | None = field(repr=False)
    day: date | None

    @property
    def money(self) -> tuple[str | None, int, str, bool]:
        """What makes a repetition the same: whose, how much, and whether it was taken back."""
        return self.end_to_end, self.amount, self.currency, self.reversal


@dataclass(frozen=True, slots=True)
class BankFile:
    """A bank's message about one account."""

    message: str
    id: str
    account: str = field(repr=False)
    entries: tuple[BankEntry, ...]


def read_file(content: bytes) -> BankFile:
    """Read a file; raises `BankFileError`."""
    root = _parse(content)
    space, _, name = root.tag.partition(" ")
    message = space.removeprefix(NAMESPACE)
    if message not in MESSAGES or space == message or name != "Document":
        raise BankFileError("Document")
    outer, report = MESSAGES[message]
    body = _Node(root, space, "Document").one(outer)
    id_ = body.one("GrpHdr").text("MsgId", _ID)
    reports = body.all(report)
    if not reports:
        raise BankFileError(f"{body.path}/{report}")
    accounts = {one.one("Acct").one("Id").account() for one in reports}
    if len(accounts) != 1:
        raise BankFileError(f"{body.path}/{report}/Acct: one account to a file")
    entries = [entry for one in reports for row in one.all("Ntry") for entry in _entries(row)]
    if len(entries) > ENTRIES_MAX:
        raise BankFileError(f"{body.path}: more than {ENTRIES_MAX} entries")
    return BankFile(message, id_, accounts.pop(), tuple(entries))


class _Node:
    """An element with where it stands, read by the names of its children."""

    def __init__(self, element: Element, space: str, path: str) -> None:
        self.element = element
        self.space = space
        self.path = path

    def all(self, name: str) -> list["_Node"]:
        # By name, not by `findall`: its little language takes the namespace for a prefix.
        found = [one for one in self.element if one.tag == f"{self.space} {name}"]
        return [
            _Node(one, self.space, f"{self.path}/{name}[{n}]" if len(found) > 1 else self._at(name))
            for n, one in enumerate(found, 1)
        ]

    def maybe(self, name: str) -> "_Node | None":
        found = self.all(name)
        if len(found) > 1:
            raise BankFileError(self._at(name))
        return found[0] if found else None

    def one(self, name: str) -> "_Node":
        found = self.maybe(name)
        if found is None:
            raise BankFileError(self._at(name))
        return found

    def value(self, form: re.Pattern[str]) -> re.Match[str]:
        found = form.fullmatch((self.element.text or "").strip())
        if found is None or len(self.element):
            raise BankFileError(self.path)
        return found

    def text(self, name: str, form: re.Pattern[str]) -> str:
        return self.one(name).value(form).group()

    def maybe_text(self, name: str, form: re.Pattern[str]) -> str | None:
        found = self.maybe(name)
        return None if found is None else found.value(form).group()

    def word(self, name: str, *words: str) -> str:
        return self.text(name, re.compile("|".join(words)))

    def account(self) -> str:
        """The number below an account's `Id`: an IBAN, or any other."""
        iban = self.maybe_text("IBAN", _NUMBER)
        return self.one("Othr").text("Id", _NUMBER) if iban is None else iban

    def money(self) -> tuple[Fen, str]:
        """Amount and currency of an `Amt`; above zero, in whole hundredths."""
        whole, part = self.value(_AMOUNT).groups()
        currency = self.element.get("Ccy", "")
        amount = int(whole + (part or "").ljust(2, "0"))
        if not amount or _CURRENCY.fullmatch(currency) is None:
            raise BankFileError(self.path)
        return Fen(amount), currency

    def _at(self, name: str) -> str:
        return f"{self.path}/{name}"


def _entries(row: _Node) -> list[BankEntry]:
    """The transactions of one entry, which a bank may book as a batch."""
    amount, currency = row.one("Amt").money()
    own = row.maybe_text("AcctSvcrRef", _ID)
    details = [d for group in row.all("NtryDtls") for d in group.all("TxDtls")]
    if len(details) <= 1:
        return [_entry(row, details[0] if details else None, own, (amount, currency))]
    parts = [detail.one("Amt").money() for detail in details]
    if sum(part for part, _ in parts) != amount or {ccy for _, ccy in parts} != {currency}:
        raise BankFileError(f"{row.path}/Amt")
    references = [None if own is None else f"{own}#{n}" for n in range(1, len(details) + 1)]
    rows = zip(details, references, parts, strict=True)
    return [_entry(row, detail, reference, money) for detail, reference, money in rows]


def _entry(row: _Node, detail: _Node | None, own: str | None, money: tuple[Fen, str]) -> BankEntry:
    refs = None if detail is None else detail.maybe("Refs")
    reference = None if refs is None else refs.maybe_text("AcctSvcrRef", _ID)
    reference = reference or own
    if reference is None:
        raise BankFileError(f"{row.path}/AcctSvcrRef")
    parties = None if detail is None else detail.maybe("RltdPties")
    debtor = None if parties is None else parties.maybe("DbtrAcct")
    return BankEntry(
        reference=reference,
        end_to_end=None if refs is None else refs.maybe_text("EndToEndId", _ID),
        amount=money[0],
        currency=money[1],
        credit=row.word("CdtDbtInd", "CRDT", "DBIT") == "CRDT",
        booked=row.one("Sts").word("Cd", "[A-Z]{4}") == "BOOK",
        reversal=_reversal(row),
        debtor_account=None if debtor is None else debtor.one("Id").account(),
        day=_day(row),
    )


def _reversal(row: _Node) -> bool:
    return row.maybe_text("RvslInd", re.compile("true|false|1|0")) in {"true", "1"}


def _day(row: _Node) -> date | None:
    booked = row.maybe("BookgDt")
    if booked is None:
        return None
    text = booked.maybe_text("Dt", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"))
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BankFileError(f"{booked.path}/Dt") from None


def _parse(content: bytes) -> Element:
    """The tree of a document in UTF-8 without a document type; names as `namespace name`."""
    builder, depth, count = TreeBuilder(), 0, 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > DEPTH_MAX or count > ELEMENTS_MAX:
            raise BankFileError("too deep, or too many elements")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise BankFileError("a document type")

    parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat takes no keyword
    except expat.ExpatError as error:
        raise BankFileError(f"line {error.lineno}") from None
    return builder.close()
