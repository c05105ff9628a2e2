"""The structure of the ISO 20022 messages that we write or read, as a table, and who checks it.

For pain.001.001.09, camt.053.001.08 and camt.054.001.08: of each type that occurs all its members,
in order, with how often each may stand. The type of a member that we neither write nor read is
`ELSE`: it may stand in that place, and is not looked into. The published schemas are not here; the
table was compared with them, type by type, when it was made (decision 0037).
"""

import re
from datetime import date, datetime
from xml.etree.ElementTree import fromstring

MANY = 10**9
ELSE = "…"

ONE, MAYBE, SOME, ANY = (1, 1), (0, 1), (1, MANY), (0, MANY)


def text(longest):
    return re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f]{1,%d}" % longest, re.DOTALL)  # noqa: UP031


def is_day(value):
    return re.fullmatch(r"\d{4}-\d\d-\d\d", value) and date.fromisoformat(value)


def is_instant(value):
    whole = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
    return re.fullmatch(whole, value) and datetime.fromisoformat(value)


def is_decimal(total, fraction):
    def check(value):
        parts = re.fullmatch(r"[+-]?(\d+)(?:\.(\d+))?", value, re.ASCII)
        if parts is None:
            return False
        digits = parts[1].lstrip("0") + (parts[2] or "").rstrip("0")
        return len(digits) <= total and len((parts[2] or "").rstrip("0")) <= fraction

    return check


SIMPLE = {
    "Max4Text": text(4).fullmatch,
    "Max34Text": text(34).fullmatch,
    "Max35Text": text(35).fullmatch,
    "Max140Text": text(140).fullmatch,
    "Max15NumericText": re.compile(r"[0-9]{1,15}", re.ASCII).fullmatch,
    "DecimalNumber": is_decimal(18, 17),
    "Money": is_decimal(18, 5),
    "ISODate": is_day,
    "ISODateTime": is_instant,
    "TrueFalse": re.compile("true|false|1|0").fullmatch,
    "PaymentMethod3Code": re.compile("CHK|TRF|TRA").fullmatch,
    "CreditDebitCode": re.compile("CRDT|DBIT").fullmatch,
    "ExternalCode4": text(4).fullmatch,
    "ExternalCode5": text(5).fullmatch,
    "BICFIDec2014": re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII).fullmatch,
    "IBAN2007": re.compile(r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}", re.ASCII).fullmatch,
    "UUIDv4": re.compile(
        r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}"
    ).fullmatch,
}

CHOICES = {
    "DateAndDateTime2Choice": (("Dt", "ISODate"), ("DtTm", "ISODateTime")),
    "AmountType4Choice": (("InstdAmt", "Amount"), ("EqvtAmt", ELSE)),
    "AccountIdentification4Choice": (("IBAN", "IBAN2007"), ("Othr", "GenericAccount")),
    "ClearingSystemIdentification2Choice": (("Cd", "ExternalCode5"), ("Prtry", "Max35Text")),
    "EntryStatus1Choice": (("Cd", "ExternalCode4"), ("Prtry", "Max35Text")),
    "BalanceType10Choice": (("Cd", "ExternalCode4"), ("Prtry", "Max35Text")),
}


def members(*rows):
    """Rows of name, type and how often; a name alone may stand once and is not looked into."""
    return tuple((row, ELSE, ANY) if isinstance(row, str) else row for row in rows)


TYPES = {
    # pain.001.001.09
    "Document/pain.001.001.09": members(("CstmrCdtTrfInitn", "Initiation", ONE)),
    "Initiation": members(
        ("GrpHdr", "GroupHeader85", ONE),
        ("PmtInf", "PaymentInstruction30", SOME),
        "SplmtryData",
    ),
    "GroupHeader85": members(
        ("MsgId", "Max35Text", ONE),
        ("CreDtTm", "ISODateTime", ONE),
        ("Authstn", ELSE, (0, 2)),
        ("NbOfTxs", "Max15NumericText", ONE),
        ("CtrlSum", "DecimalNumber", MAYBE),
        ("InitgPty", "Party135", ONE),
        ("FwdgAgt", "Agent6", MAYBE),
    ),
    "PaymentInstruction30": members(
        ("PmtInfId", "Max35Text", ONE),
        ("PmtMtd", "PaymentMethod3Code", ONE),
        ("BtchBookg", "TrueFalse", MAYBE),
        ("NbOfTxs", "Max15NumericText", MAYBE),
        ("CtrlSum", "DecimalNumber", MAYBE),
        ("PmtTpInf", ELSE, MAYBE),
        ("ReqdExctnDt", "DateAndDateTime2Choice", ONE),
        ("PoolgAdjstmntDt", "ISODate", MAYBE),
        ("Dbtr", "Party135", ONE),
        ("DbtrAcct", "Account38", ONE),
        ("DbtrAgt", "Agent6", ONE),
        ("DbtrAgtAcct", "Account38", MAYBE),
        ("InstrForDbtrAgt", "Max140Text", MAYBE),
        ("UltmtDbtr", "Party135", MAYBE),
        ("ChrgBr", ELSE, MAYBE),
        ("ChrgsAcct", "Account38", MAYBE),
        ("ChrgsAcctAgt", "Agent6", MAYBE),
        ("CdtTrfTxInf", "CreditTransferTransaction34", SOME),
    ),
    "CreditTransferTransaction34": members(
        ("PmtId", "PaymentIdentification6", ONE),
        ("PmtTpInf", ELSE, MAYBE),
        ("Amt", "AmountType4Choice", ONE),
        *((name, ELSE, MAYBE) for name in ("XchgRateInf", "ChrgBr", "ChqInstr", "UltmtDbtr")),
        *(
            (f"IntrmyAgt{n}{what}", kind, MAYBE)
            for n in (1, 2, 3)
            for what, kind in (("", "Agent6"), ("Acct", "Account38"))
        ),
        ("CdtrAgt", "Agent6", MAYBE),
        ("CdtrAgtAcct", "Account38", MAYBE),
        ("Cdtr", "Party135", MAYBE),
        ("CdtrAcct", "Account38", MAYBE),
        ("UltmtCdtr", "Party135", MAYBE),
        ("InstrForCdtrAgt", ELSE, ANY),
        ("InstrForDbtrAgt", ELSE, MAYBE),
        ("Purp", ELSE, MAYBE),
        ("RgltryRptg", ELSE, (0, 10)),
        ("Tax", ELSE, MAYBE),
        ("RltdRmtInf", ELSE, (0, 10)),
        ("RmtInf", "RemittanceInformation16", MAYBE),
        "SplmtryData",
    ),
    "PaymentIdentification6": members(
        ("InstrId", "Max35Text", MAYBE),
        ("EndToEndId", "Max35Text", ONE),
        ("UETR", "UUIDv4", MAYBE),
    ),
    "RemittanceInformation16": members(("Ustrd", "Max140Text", ANY), "Strd"),
    # parties, accounts and banks, in all three
    "Party135": members(
        ("Nm", "Max140Text", MAYBE),
        *((name, ELSE, MAYBE) for name in ("PstlAdr", "Id", "CtryOfRes", "CtctDtls")),
    ),
    "Account38": members(
        ("Id", "AccountIdentification4Choice", ONE),
        *((name, ELSE, MAYBE) for name in ("Tp", "Ccy", "Nm", "Prxy")),
    ),
    "Account39": members(
        ("Id", "AccountIdentification4Choice", ONE),
        *((name, ELSE, MAYBE) for name in ("Tp", "Ccy", "Nm", "Prxy", "Ownr", "Svcr")),
    ),
    "GenericAccount": members(
        ("Id", "Max34Text", ONE), ("SchmeNm", ELSE, MAYBE), ("Issr", "Max35Text", MAYBE)
    ),
    "Agent6": members(("FinInstnId", "Institution18", ONE), ("BrnchId", ELSE, MAYBE)),
    "Institution18": members(
        ("BICFI", "BICFIDec2014", MAYBE),
        ("ClrSysMmbId", "ClearingSystemMemberIdentification2", MAYBE),
        *((name, ELSE, MAYBE) for name in ("LEI", "Nm", "PstlAdr", "Othr")),
    ),
    "ClearingSystemMemberIdentification2": members(
        ("ClrSysId", "ClearingSystemIdentification2Choice", MAYBE), ("MmbId", "Max35Text", ONE)
    ),
    # camt.053.001.08 and camt.054.001.08
    "Document/camt.053.001.08": members(("BkToCstmrStmt", "BankStatement", ONE)),
    "Document/camt.054.001.08": members(("BkToCstmrDbtCdtNtfctn", "BankNotification", ONE)),
    "BankStatement": members(
        ("GrpHdr", "GroupHeader81", ONE), ("Stmt", "AccountStatement9", SOME), "SplmtryData"
    ),
    "BankNotification": members(
        ("GrpHdr", "GroupHeader81", ONE), ("Ntfctn", "AccountNotification17", SOME), "SplmtryData"
    ),
    "GroupHeader81": members(
        ("MsgId", "Max35Text", ONE),
        ("CreDtTm", "ISODateTime", ONE),
        *((name, ELSE, MAYBE) for name in ("MsgRcpt", "MsgPgntn", "OrgnlBizQry", "AddtlInf")),
    ),
}

HEAD = (
    *((name, ELSE, MAYBE) for name in ("ElctrncSeqNb", "RptgSeq", "LglSeqNb")),
    ("CreDtTm", "ISODateTime", MAYBE),
    *((name, ELSE, MAYBE) for name in ("FrToDt", "CpyDplctInd", "RptgSrc")),
    ("Acct", "Account39", ONE),
    ("RltdAcct", "Account38", MAYBE),
    "Intrst",
)
TYPES |= {
    "AccountStatement9": members(
        ("Id", "Max35Text", ONE),
        ("StmtPgntn", ELSE, MAYBE),
        *HEAD,
        ("Bal", "CashBalance8", SOME),
        ("TxsSummry", ELSE, MAYBE),
        ("Ntry", "ReportEntry10", ANY),
        ("AddtlStmtInf", ELSE, MAYBE),
    ),
    "AccountNotification17": members(
        ("Id", "Max35Text", ONE),
        ("NtfctnPgntn", ELSE, MAYBE),
        *HEAD,
        ("TxsSummry", ELSE, MAYBE),
        ("Ntry", "ReportEntry10", ANY),
        ("AddtlNtfctnInf", ELSE, MAYBE),
    ),
    "CashBalance8": members(
        ("Tp", "BalanceType13", ONE),
        "CdtLine",
        ("Amt", "Amount", ONE),
        ("CdtDbtInd", "CreditDebitCode", ONE),
        ("Dt", "DateAndDateTime2Choice", ONE),
        "Avlbty",
    ),
    "BalanceType13": members(("CdOrPrtry", "BalanceType10Choice", ONE), ("SubTp", ELSE, MAYBE)),
    "ReportEntry10": members(
        ("NtryRef", "Max35Text", MAYBE),
        ("Amt", "Amount", ONE),
        ("CdtDbtInd", "CreditDebitCode", ONE),
        ("RvslInd", "TrueFalse", MAYBE),
        ("Sts", "EntryStatus1Choice", ONE),
        ("BookgDt", "DateAndDateTime2Choice", MAYBE),
        ("ValDt", "DateAndDateTime2Choice", MAYBE),
        ("AcctSvcrRef", "Max35Text", MAYBE),
        "Avlbty",
        ("BkTxCd", "BankTransactionCodeStructure4", ONE),
        ("ComssnWvrInd", "TrueFalse", MAYBE),
        *(
            (name, ELSE, MAYBE)
            for name in ("AddtlInfInd", "AmtDtls", "Chrgs", "TechInptChanl", "Intrst", "CardTx")
        ),
        ("NtryDtls", "EntryDetails9", ANY),
        ("AddtlNtryInf", ELSE, MAYBE),
    ),
    "BankTransactionCodeStructure4": members(
        ("Domn", ELSE, MAYBE), ("Prtry", "ProprietaryBankTransactionCodeStructure1", MAYBE)
    ),
    "ProprietaryBankTransactionCodeStructure1": members(
        ("Cd", "Max35Text", ONE), ("Issr", "Max35Text", MAYBE)
    ),
    "EntryDetails9": members(("Btch", ELSE, MAYBE), ("TxDtls", "EntryTransaction10", ANY)),
    "EntryTransaction10": members(
        ("Refs", "TransactionReferences6", MAYBE),
        ("Amt", "Amount", MAYBE),
        ("CdtDbtInd", "CreditDebitCode", MAYBE),
        ("AmtDtls", ELSE, MAYBE),
        "Avlbty",
        *((name, ELSE, MAYBE) for name in ("BkTxCd", "Chrgs", "Intrst")),
        ("RltdPties", "TransactionParties6", MAYBE),
        *((name, ELSE, MAYBE) for name in ("RltdAgts", "LclInstrm", "Purp")),
        ("RltdRmtInf", ELSE, (0, 10)),
        *((name, ELSE, MAYBE) for name in ("RmtInf", "RltdDts", "RltdPric")),
        "RltdQties",
        *((name, ELSE, MAYBE) for name in ("FinInstrmId", "Tax", "RtrInf", "CorpActn")),
        ("SfkpgAcct", ELSE, MAYBE),
        "CshDpst",
        *((name, ELSE, MAYBE) for name in ("CardTx", "AddtlTxInf")),
        "SplmtryData",
    ),
    "TransactionReferences6": members(
        *(
            (name, "Max35Text", MAYBE)
            for name in ("MsgId", "AcctSvcrRef", "PmtInfId", "InstrId", "EndToEndId")
        ),
        ("UETR", "UUIDv4", MAYBE),
        *((name, "Max35Text", MAYBE) for name in ("TxId", "MndtId", "ChqNb", "ClrSysRef")),
        *((name, ELSE, MAYBE) for name in ("AcctOwnrTxId", "AcctSvcrTxId", "MktInfrstrctrTxId")),
        ("PrcgId", ELSE, MAYBE),
        "Prtry",
    ),
    "TransactionParties6": members(
        ("InitgPty", ELSE, MAYBE),
        ("Dbtr", ELSE, MAYBE),
        ("DbtrAcct", "Account38", MAYBE),
        ("UltmtDbtr", ELSE, MAYBE),
        ("Cdtr", ELSE, MAYBE),
        ("CdtrAcct", "Account38", MAYBE),
        *((name, ELSE, MAYBE) for name in ("UltmtCdtr", "TradgPty")),
        "Prtry",
    ),
}

SPACE = "urn:iso:std:iso:20022:tech:xsd:"


def faults(content):
    """Where a message is not of the structure of its type; nothing where it is."""
    root = fromstring(content)
    space, _, name = root.tag[1:].partition("}")
    kind = f"{name}/{space.removeprefix(SPACE)}"
    return [f"{kind}: unknown"] if kind not in TYPES else list(_faults(root, kind, name, space))


def _faults(element, kind, place, space):
    if kind == ELSE:
        return
    if kind == "Amount":
        yield from _amount(element, place)
        return
    if element.attrib:
        yield f"{place}: attributes"
    if kind in SIMPLE:
        if len(element) or not SIMPLE[kind](element.text or ""):
            yield f"{place}: no {kind}"
        return
    yield from _children(element, kind, place, space)


def _children(element, kind, place, space):
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        yield f"{place}: text between elements"
    names = [child.tag.removeprefix(f"{{{space}}}") for child in element]
    if kind in CHOICES:
        rows = [(name, of, MAYBE) for name, of in CHOICES[kind]]
        if len(names) != 1:
            yield f"{place}: one of {[name for name, _ in CHOICES[kind]]}"
    else:
        rows = TYPES[kind]
    yield from _order(names, rows, place)
    of = {name: child for name, child, _ in rows}
    for child, name in zip(element, names, strict=True):
        if name in of:
            yield from _faults(child, of[name], f"{place}/{name}", space)


def _order(names, rows, place):
    known = [name for name, _, _ in rows]
    strange = [name for name in names if name not in known]
    if strange:
        yield f"{place}: {strange} is not of it"
    places = [known.index(name) for name in names if name in known]
    if places != sorted(places):
        yield f"{place}: out of order {names}"
    for name, _, (least, most) in rows:
        if not least <= names.count(name) <= most:
            yield f"{place}: {names.count(name)} times {name}"


def _amount(element, place):
    currency = re.fullmatch("[A-Z]{3}", element.attrib.get("Ccy", ""))
    if set(element.attrib) != {"Ccy"} or currency is None:
        yield f"{place}: no currency"
    if len(element) or not SIMPLE["Money"](element.text or "") or "-" in element.text:
        yield f"{place}: no amount"
