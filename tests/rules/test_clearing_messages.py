"""The messages of a bank: what is read of camt.053 and camt.054, and pain.001 as we write it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearing.camt import BankFileError, read_file
from app.clearing.pain import write_instruction
from app.clearing.rules_bank import BankAccount, Instruction, InstructionKind
from app.kernel.units import Fen
from tests.clearing import Line, account_of, bank_file

A, C = "330000", "500000"
E2E = "5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f"
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


@given(
    st.lists(
        st.builds(
            Line,
            reference=st.text("abcR1/-", min_size=1, max_size=9),
            end_to_end=st.sampled_from([None, E2E, "a&b<c"]),
            amount=st.integers(1, 10**13),
            debtor=st.sampled_from([None, account_of(A)]),
            currency=st.sampled_from(["CNY", "USD"]),
            credit=st.booleans(),
            booked=st.booleans(),
            reversal=st.booleans(),
        ),
        max_size=4,
    ),
    st.sampled_from(["camt.053.001.08", "camt.054.001.08"]),
)
def test_what_a_bank_writes_is_what_is_read(lines, message):
    file = read_file(bank_file(account_of(C), *lines, message=message))
    assert (file.message, file.account, file.id) == (message, account_of(C), "M1")
    assert [
        Line(
            e.reference,
            e.end_to_end,
            e.amount,
            e.debtor_account,
            e.currency,
            e.credit,
            e.booked,
            e.reversal,
        )
        for e in file.entries
    ] == lines


WHOLE = bank_file(account_of(C), Line("r1", E2E, 1000))
BATCH = WHOLE.replace(b"</TxDtls>", b'</TxDtls><TxDtls><Amt Ccy="CNY">2.00</Amt></TxDtls>')
DOCTYPE = b'<!DOCTYPE Document [<!ENTITY x "y">]>'


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "line 1"),
        (b"no xml", "line 1"),
        (WHOLE[:-9], "line 1"),
        (WHOLE.replace(b"?>", b"?>" + DOCTYPE, 1), "a document type"),
        (WHOLE.replace(b"camt.054.001.08", b"pain.001.001.09"), "Document"),
        (WHOLE.replace(b"urn:iso:std:iso:20022:tech:xsd:", b""), "Document"),
        (WHOLE.replace(b"10.00", b"10.005"), "Ntry/Amt"),
        (WHOLE.replace(b"10.00", b"-10.00"), "Ntry/Amt"),
        (WHOLE.replace(b"10.00", b"0.00"), "Ntry/Amt"),
        (WHOLE.replace(b'Ccy="CNY"', b""), "Ntry/Amt"),
        (WHOLE.replace(b"CRDT", b"IN"), "Ntry/CdtDbtInd"),
        (WHOLE.replace(b"<AcctSvcrRef>r1</AcctSvcrRef>", b""), "Ntry/AcctSvcrRef"),
        (WHOLE.replace(b"<MsgId>M1</MsgId>", b""), "GrpHdr/MsgId"),
        (BATCH, "Ntry/Amt"),
        (b"<a>" * 50 + b"</a>" * 50, "too deep"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused_whole(content, place):
    with pytest.raises(BankFileError) as raised:
        read_file(content)
    assert place in raised.value.place
    assert account_of(C) not in raised.value.place


def test_the_parts_of_a_batch_are_entries_of_their_own():
    parts = (
        b'<TxDtls><Refs><EndToEndId>a</EndToEndId></Refs><Amt Ccy="CNY">4.00</Amt></TxDtls>'
        b'<TxDtls><Refs><EndToEndId>b</EndToEndId></Refs><Amt Ccy="CNY">6.00</Amt></TxDtls>'
    )
    start, end = WHOLE.index(b"<TxDtls>"), WHOLE.index(b"</NtryDtls>")
    file = read_file(WHOLE[:start] + parts + WHOLE[end:])
    assert [(e.reference, e.end_to_end, e.amount) for e in file.entries] == [
        ("r1#1", "a", 400),
        ("r1#2", "b", 600),
    ]


def bank_account(code, bank):
    return BankAccount(
        f"acc-{code}", code, "财政厅 & <国库>", account_of(code), bank, bytes(32), "a"
    )


def test_an_instruction_is_always_the_same_bytes_and_names_both_accounts():
    settles = InstructionKind.SETTLEMENT
    one = Instruction(E2E, settles, 1, None, A, C, Fen(123450), Fen(0), "acc-a", "acc-c", NOW)
    parties = bank_account(A, "102331000018"), bank_account(C, "PCBCCNBJXXX")
    written = write_instruction(one, *parties)
    assert written == write_instruction(one, *parties)
    text = written.decode()
    assert text.count(f">{E2E}<") == 3
    assert '<InstdAmt Ccy="CNY">1234.50</InstdAmt>' in text
    assert "<CtrlSum>1234.50</CtrlSum>" in text
    assert "<Cd>CNAPS</Cd></ClrSysId><MmbId>102331000018</MmbId>" in text
    assert "<BICFI>PCBCCNBJXXX</BICFI>" in text
    assert "财政厅 &amp; &lt;国库&gt;" in text


def test_an_account_is_known_by_its_commitment_and_shows_itself_nowhere():
    one = bank_account(A, "102331000018")
    assert len(one.commitment) == 64
    assert one.number not in repr(one)
    assert replace(one, number="999999").commitment != one.commitment
