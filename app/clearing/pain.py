"""The instruction that a bank takes: pain.001.001.09, one credit transfer to a file.

The same instruction always gives the same bytes, so a file that is fetched twice is one payment:
message, payment and transaction bear the instruction's own id.
"""

from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from app.clearing.rules_bank import CNY, BankAccount, Instruction
from app.kernel.calendar import local_date, wire
from app.kernel.units import decimal

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
CNAPS_DIGITS = 12


def write_instruction(instruction: Instruction, payer: BankAccount, payee: BankAccount) -> bytes:
    """The file of an instruction between these two accounts, in UTF-8."""
    amount = decimal(instruction.amount)
    root = Element("Document", xmlns=NAMESPACE)
    body = SubElement(root, "CstmrCdtTrfInitn")
    header = SubElement(body, "GrpHdr")
    _text(header, "MsgId", instruction.id)
    _text(header, "CreDtTm", wire(instruction.at))
    _text(header, "NbOfTxs", "1")
    _text(header, "CtrlSum", amount)
    _text(SubElement(header, "InitgPty"), "Nm", payer.name)
    payment = SubElement(body, "PmtInf")
    _text(payment, "PmtInfId", instruction.id)
    _text(payment, "PmtMtd", "TRF")
    _text(payment, "NbOfTxs", "1")
    _text(payment, "CtrlSum", amount)
    _text(SubElement(payment, "ReqdExctnDt"), "Dt", _day(instruction.at))
    _text(SubElement(payment, "Dbtr"), "Nm", payer.name)
    _account(payment, "DbtrAcct", payer)
    _bank(payment, "DbtrAgt", payer)
    transfer = SubElement(payment, "CdtTrfTxInf")
    _text(SubElement(transfer, "PmtId"), "EndToEndId", instruction.id)
    _text(SubElement(transfer, "Amt"), "InstdAmt", amount).set("Ccy", CNY)
    _bank(transfer, "CdtrAgt", payee)
    _text(SubElement(transfer, "Cdtr"), "Nm", payee.name)
    _account(transfer, "CdtrAcct", payee)
    _text(SubElement(transfer, "RmtInf"), "Ustrd", _purpose(instruction))
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _text(parent: Element, name: str, text: str) -> Element:
    child = SubElement(parent, name)
    child.text = text
    return child


def _account(parent: Element, name: str, account: BankAccount) -> None:
    other = SubElement(SubElement(SubElement(parent, name), "Id"), "Othr")
    _text(other, "Id", account.number)


def _bank(parent: Element, name: str, account: BankAccount) -> None:
    """A bank by its BIC, or by its number in the Chinese payment system."""
    institution = SubElement(SubElement(parent, name), "FinInstnId")
    if len(account.bank) != CNAPS_DIGITS:
        _text(institution, "BICFI", account.bank)
        return
    member = SubElement(institution, "ClrSysMmbId")
    _text(SubElement(member, "ClrSysId"), "Cd", "CNAPS")
    _text(member, "MmbId", account.bank)


def _purpose(instruction: Instruction) -> str:
    about = instruction.statement or (
        "return" if instruction.window is None else f"window {instruction.window}"
    )
    return f"HRT {about}"


def _day(at: datetime) -> str:
    return local_date(at).isoformat()
