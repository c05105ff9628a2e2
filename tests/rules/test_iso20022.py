"""Our pain.001, and what our tests' bank writes, are of the published structure."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearing.camt import read_file
from app.clearing.pain import write_instruction
from app.clearing.rules_bank import BankAccount, Instruction, InstructionKind
from app.cli.demo_bank import Booked, notification
from app.kernel.units import Fen
from tests.clearing import BIC, CNAPS, Line, account_of, bank_file
from tests.rules.iso20022 import faults

A, C = "330000", "500000"
E2E = "5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f"
NAMES = st.text("财政厅<&>'\" aZ", min_size=1, max_size=140).filter(str.strip)


def account(code, name, bank):
    return BankAccount(f"acc-{code}", code, name, account_of(code), bank, bytes(32), "a")


def instructed(name="财政厅", amount=123450, bank=CNAPS, statement=None, window=1):
    at = datetime(2026, 11, 20, 10, tzinfo=UTC)
    kind = InstructionKind.SETTLEMENT
    one = Instruction(E2E, kind, window, statement, A, C, Fen(amount), Fen(0), "acc-a", "acc-c", at)
    return write_instruction(one, account(A, name, bank), account(C, name, BIC))


@given(
    NAMES,
    st.integers(1, 10**15),
    st.sampled_from([CNAPS, BIC, BIC[:8]]),
    st.none() | st.text("aZ09.-", min_size=1, max_size=64),
    st.none() | st.integers(1, 10**9),
)
def test_an_instruction_is_of_the_published_structure(name, amount, bank, statement, window):
    assert faults(instructed(name, amount, bank, statement, window)) == []


@given(
    st.lists(
        st.builds(
            Line,
            reference=st.text("abR1/-", min_size=1, max_size=35),
            end_to_end=st.sampled_from([None, E2E, "a&b<c"]),
            amount=st.integers(1, 10**13),
            debtor=st.sampled_from([None, account_of(A)]),
            credit=st.booleans(),
            booked=st.booleans(),
            reversal=st.booleans(),
        ),
        max_size=3,
    ),
    st.sampled_from(["camt.053.001.08", "camt.054.001.08"]),
)
def test_the_bank_of_our_tests_writes_what_a_bank_would(lines, message):
    assert faults(bank_file(account_of(C), *lines, message=message)) == []


def test_the_bank_of_the_demo_writes_what_a_bank_would():
    booked = Booked("R1", E2E, "20780.00", account_of(A))
    content = notification(account_of(C), booked, datetime(2026, 11, 20, 10, tzinfo=UTC))
    assert faults(content) == []
    (entry,) = read_file(content).entries
    assert (entry.end_to_end, entry.amount, entry.debtor_account) == (E2E, 2078000, account_of(A))


PAIN = instructed()
CAMT = bank_file(account_of(C), Line("r1", E2E, 1000))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (PAIN.replace(b"pain.001.001.09", b"pain.001.001.03"), "unknown"),
        (PAIN.replace(b"<PmtMtd>TRF</PmtMtd>", b""), "0 times PmtMtd"),
        (PAIN.replace(b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>TRF</PmtMtd>" * 2), "2 times PmtMtd"),
        (PAIN.replace(b"<PmtMtd>TRF", b"<PmtMtd>XYZ"), "PmtMtd: no PaymentMethod3Code"),
        (PAIN.replace(b"ReqdExctnDt><Dt>", b"ReqdExctnDt><Dt>x"), "no ISODate"),
        (PAIN.replace(b"1234.50<", b"1234.504321<"), "no amount"),
        (PAIN.replace(b' Ccy="CNY"', b""), "no currency"),
        (PAIN.replace(E2E.encode(), b"x" * 36), "no Max35Text"),
        (PAIN.replace(b"CNAPS", b"CNAPSX"), "no ExternalCode5"),
        (PAIN.replace(b"<NbOfTxs>1</NbOfTxs>", b"", 1), "0 times NbOfTxs"),
        (PAIN.replace(b"<Dbtr>", b"<Dbtr>x"), "text between"),
        (CAMT.replace(b"<Id>S1</Id>", b""), "0 times Id"),
        (CAMT.replace(b"<BkTxCd>", b"<ValDt><Dt>2026-11-20</Dt></ValDt><BkTxCd>"), "out of order"),
        (CAMT.replace(b"<Cd>BOOK</Cd>", b"<Cd>BOOK</Cd><Prtry>x</Prtry>"), "one of"),
        (CAMT.replace(b"2026-11-20T18", b"2026-11-20X18"), "no ISODateTime"),
    ],
)
def test_the_table_names_what_is_not_of_the_structure(content, place):
    found = faults(content)
    assert any(place in fault for fault in found), found
