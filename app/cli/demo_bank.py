"""The bank of the demo: it tells a payee of money that came, as camt.054 (version 08)."""

from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from app.kernel.calendar import local_date, wire

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


@dataclass(frozen=True, slots=True)
class Booked:
    """Money that came: the bank's reference, the payer's own, how much, and from which account."""

    reference: str
    end_to_end: str
    amount: str
    debtor: str


def notification(account: str, booked: Booked, at: datetime) -> bytes:
    """The file for the holder of the account."""
    root = Element("Document", xmlns=NAMESPACE)
    body = SubElement(root, "BkToCstmrDbtCdtNtfctn")
    header = SubElement(body, "GrpHdr")
    _text(header, "MsgId", f"M{booked.reference}")
    _text(header, "CreDtTm", wire(at))
    note = SubElement(body, "Ntfctn")
    _text(note, "Id", f"N{booked.reference}")
    _account(note, "Acct", account)
    entry = SubElement(note, "Ntry")
    _amount(entry, booked.amount)
    _text(SubElement(entry, "Sts"), "Cd", "BOOK")
    _text(SubElement(entry, "BookgDt"), "Dt", local_date(at).isoformat())
    _text(entry, "AcctSvcrRef", booked.reference)
    _text(SubElement(SubElement(entry, "BkTxCd"), "Prtry"), "Cd", "TRF")
    details = SubElement(SubElement(entry, "NtryDtls"), "TxDtls")
    _text(SubElement(details, "Refs"), "EndToEndId", booked.end_to_end)
    _amount(details, booked.amount)
    _account(SubElement(details, "RltdPties"), "DbtrAcct", booked.debtor)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _text(parent: Element, name: str, text: str) -> Element:
    child = SubElement(parent, name)
    child.text = text
    return child


def _amount(parent: Element, amount: str) -> None:
    _text(parent, "Amt", amount).set("Ccy", "CNY")
    _text(parent, "CdtDbtInd", "CRDT")


def _account(parent: Element, name: str, number: str) -> None:
    other = SubElement(SubElement(SubElement(parent, name), "Id"), "Othr")
    _text(other, "Id", number)
