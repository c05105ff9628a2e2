"""Payments between provinces in tests: officers, bank accounts, and the files of a bank."""

import base64
from dataclasses import dataclass
from xml.sax.saxutils import escape

from app.kernel.units import decimal, hundredths
from app.replay.client import NODE

SPACE = "urn:iso:std:iso:20022:tech:xsd:"
CNAPS, BIC = "102331000018", "PCBCCNBJXXX"


def account_of(province):
    """The number of a province's account in these tests."""
    return f"9{province}000777"


@dataclass(frozen=True)
class Line:
    """An entry of a bank's file, as the bank would write it; what is None is left out."""

    reference: str
    end_to_end: str | None
    amount: int
    debtor: str | None = None
    currency: str = "CNY"
    credit: bool = True
    booked: bool = True
    reversal: bool = False

    def xml(self):
        amount = f'<Amt Ccy="{self.currency}">{decimal(self.amount)}</Amt>'
        way = f"<CdtDbtInd>{'CRDT' if self.credit else 'DBIT'}</CdtDbtInd>"
        refs = (
            ""
            if self.end_to_end is None
            else f"<Refs><EndToEndId>{escape(self.end_to_end)}</EndToEndId></Refs>"
        )
        debtor = (
            ""
            if self.debtor is None
            else f"<RltdPties><DbtrAcct>{_account(self.debtor)}</DbtrAcct></RltdPties>"
        )
        return (
            f"<Ntry>{amount}{way}"
            f"{'<RvslInd>true</RvslInd>' if self.reversal else ''}"
            f"<Sts><Cd>{'BOOK' if self.booked else 'PDNG'}</Cd></Sts>"
            "<BookgDt><Dt>2026-11-20</Dt></BookgDt>"
            f"<AcctSvcrRef>{escape(self.reference)}</AcctSvcrRef>"
            "<BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd>"
            f"<NtryDtls><TxDtls>{refs}{amount}{way}{debtor}</TxDtls></NtryDtls></Ntry>"
        )


def _account(number):
    return f"<Id><Othr><Id>{number}</Id></Othr></Id>"


def bank_file(account, *lines, message="camt.054.001.08"):
    """The bytes of a notification (camt.054) or statement (camt.053) of one account."""
    outer, inner = {
        "camt.053.001.08": ("BkToCstmrStmt", "Stmt"),
        "camt.054.001.08": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    }[message]
    balance = (
        '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">1.00</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>"
        if inner == "Stmt"
        else ""
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="{SPACE}{message}"><{outer}>'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-20T18:00:00+08:00</CreDtTm></GrpHdr>"
        f"<{inner}><Id>S1</Id><Acct>{_account(account)}</Acct>{balance}"
        f"{''.join(line.xml() for line in lines)}</{inner}></{outer}></Document>"
    ).encode()


def evidence(id_, content):
    """The body of `POST /v1/bank-evidence`."""
    return {"id": id_, "content": base64.b64encode(content).decode()}


async def sent(market, role, party, path, body, person="a"):
    """A command that succeeds."""
    answer = await market.send(role, party, f"/v1/{path}", body, person=person)
    assert "receipt" in answer, answer
    return answer


async def switch_on(market, netting="gross", id_="terms", **more):
    """Two people of the ministry approve terms."""
    terms = {"id": id_, "netting": netting} | more
    await sent(market, "ministry", NODE, "clearing-terms", terms)
    await sent(market, "ministry", NODE, "clearing-terms-approvals", {"terms": id_}, person="b")


async def register_account(market, province):
    """Two officers of a province, or of the ministry as agent, register its account."""
    role = "ministry" if province == NODE else "fund_centre"
    body = {
        "id": f"bank-{province}",
        "province": province,
        "name": f"{province} 财政厅 & 国库",
        "account": account_of(province),
        "bank": BIC if province == NODE else CNAPS,
    }
    await sent(market, role, province, "bank-accounts", body)
    approval = {"account": body["id"]}
    await sent(market, role, province, "bank-account-approvals", approval, person="b")


async def approve(market, statement):
    """An officer of each province approves; they are two people."""
    for province, person in ((statement["a"], "pa"), (statement["b"], "pb")):
        body = {"statement": statement["id"], "hash": statement["hash"]}
        await sent(market, "province", province, "statement-approvals", body, person=person)


async def _line_up(market, holder, id_, *lines):
    """The file of a holder's account; answers with the outcomes of its entries."""
    body = evidence(id_, bank_file(account_of(holder), *lines))
    answer = await sent(market, "fund_centre", holder, "bank-evidence", body)
    return [one["outcome"] for one in answer["entries"]]


async def _resolve(market, holder, id_, **what):
    """Two officers of a holder resolve an entry of its file `k-f1`."""
    body = {"id": id_, "file": "k-f1", **what}
    await sent(market, "fund_centre", holder, "evidence-resolutions", body)
    approval = {"resolution": id_}
    path = "evidence-resolution-approvals"
    await sent(market, "fund_centre", holder, path, approval, person="b")


async def tell(market, a, b):
    """All that can happen to what two provinces owe each other; both owe, and it is published."""
    for province in (a, b):
        await register_account(market, province)
    await switch_on(market, "bilateral")
    window = await sent(market, "ministry", NODE, "settlement-windows", {"terms": "terms"})
    pair = f"{window['number']}-{min(a, b)}-{max(a, b)}"
    found = await market.list("/v1/settlement-statements")
    (statement,) = [one for one in found if one["id"] == pair]
    dispute = {"statement": pair, "reason": "paid_already"}
    await sent(market, "province", statement["a"], "statement-disputes", dispute)
    await approve(market, statement)
    (due,) = await market.list("/v1/payment-instructions")
    payer, payee, id_ = due["payer"], due["payee"], due["id"]
    whole = hundredths(due["amount_cny"])
    half, quarter = whole // 2, whole // 4
    outcomes = await _line_up(
        market,
        payee,
        "k-f1",
        Line("b1", id_, half, account_of(payer)),
        Line("b2", "invoice", 700, account_of(payer)),
        Line("b3", id_, quarter, "elsewhere1"),
        Line("b4", id_, whole, account_of(payer)),
    )
    assert outcomes == ["partial", "unknown-instruction", "wrong-debtor", "too-much"]
    await _resolve(market, payee, "k-r1", entry=2, kind="return")
    await _resolve(market, payee, "k-r2", entry=3, kind="assign", instruction=id_)
    _, back = await market.list("/v1/payment-instructions")
    assert await _line_up(market, payer, "k-f2", Line("c1", back["id"], 700)) == ["confirmed"]
    rest = Line("b5", id_, whole - half - quarter, account_of(payer))
    assert await _line_up(market, payee, "k-f3", rest) == ["confirmed"]
