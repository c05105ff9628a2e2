"""The fields of the records of clearing between provinces; see `app.audit.schemas`."""

import re
from collections.abc import Sequence
from typing import Any

from app.audit.shapes import (
    Check,
    amount,
    closed,
    count,
    digest,
    flag,
    line,
    maybe,
    name,
    one_of,
    region,
    rows,
)

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)

NETTINGS = ("gross", "bilateral", "multilateral")
DISPUTE_REASONS = (
    "obligation_missing",
    "obligation_not_ours",
    "amount_differs",
    "paid_already",
    "transfer_disputed",
    "other",
)
UNMATCHED = (
    "duplicate-reference",
    "reversal",
    "wrong-currency",
    "unknown-instruction",
    "wrong-creditor",
    "wrong-debtor",
    "too-much",
)


def currency(value: Any) -> bool:
    """The three letters of a currency."""
    return type(value) is str and _CURRENCY.fullmatch(value) is not None


def holder(value: Any) -> bool:
    """A province, or the agent of multilateral netting."""
    return value == "000000" or region(value)


_PAYMENT: dict[str, Check] = {
    "file": name,
    "entry": count,
    "reference": digest,
    "amount_cny": amount,
    "remaining_cny": amount,
}
_RESOLUTION: dict[str, Check] = {
    "file": name,
    "entry": count,
    "kind": one_of("return", "assign", "set_aside"),
    "instruction": maybe(name),
}

_PART: dict[str, Check] = {
    "part": count,
    "reference": digest,
    "amount_cny": amount,
    "remaining_cny": amount,
}
_TERMS: dict[str, Check] = {"netting": one_of(*NETTINGS)}
_HOLDING = _TERMS | {"hold_until_paid": flag}
_STATED: dict[str, Check] = {
    "kind": one_of("account", "sale"),
    "debtor": region,
    "creditor": region,
    "debtor_entry": digest,
    "creditor_entry": digest,
}
_CORRECTED: dict[str, Check] = {
    "debtor_corrections": rows(digest, amount),
    "creditor_corrections": rows(digest, amount),
}
_AGREED = _STATED | {"amount_cny": amount}
_DIFFERS = _STATED | {"debtor_cny": amount, "creditor_cny": amount}
_DOCUMENT = closed(
    v=one_of("hrt-settlement-statement/2"),
    window=count,
    first=count,
    end=count,
    netting=one_of(*NETTINGS),
    a=region,
    b=region,
    a_owes_cny=amount,
    b_owes_cny=amount,
    obligations=rows(count, name, one_of("account", "sale"), region, amount),
)
_DUE: dict[str, Check] = {
    "window": maybe(count),
    "statement": maybe(name),
    "elsewhere": rows(holder),
    "payments": rows(name, holder, holder, amount),
}

BETWEEN: dict[str, Sequence[dict[str, Check]]] = {
    "clearing_terms.received": [_HOLDING],
    "obligation.agreed": [_AGREED, _AGREED | _CORRECTED],
    "obligation.differs": [_DIFFERS, _DIFFERS | _CORRECTED],
    "obligation.restated": [
        {
            "kind": one_of("account", "sale"),
            "side": one_of("debtor", "creditor"),
            "debtor": region,
            "creditor": region,
            "number": count,
            "before_cny": amount,
            "amount_cny": amount,
            "entry": digest,
        }
    ],
    "settlement_statement.received": [{"hash": digest, "document": _DOCUMENT}],
    "settlement_statement.heard": [
        {
            "province": region,
            "hash": digest,
            "reason": maybe(one_of(*DISPUTE_REASONS)),
            "person": line,
            "entry": digest,
        }
    ],
    "payments.due": [_DUE],
    "payments.taken": [_DUE],
    "bank_account.given": [{"account": name, "commitment": digest, "to": holder}],
    "bank_account.received": [{"account": name, "commitment": digest}],
    "payment.heard": [_PART],
}
"""Of clearing between nodes."""

CLEARING: dict[str, Sequence[dict[str, Check]]] = {
    **BETWEEN,
    "clearing_terms.proposed": [_TERMS, _HOLDING],
    "clearing_terms.approved": [{}, _HOLDING],
    "bank_account.proposed": [{"commitment": digest}],
    "bank_account.approved": [{}],
    "settlement_window.closed": [
        {
            "first": count,
            "end": count,
            "terms": name,
            "netting": one_of(*NETTINGS),
            "statements": rows(region, region, amount, amount, digest),
        }
    ],
    "settlement_statement.approved": [{"hash": digest}],
    "settlement_statement.disputed": [{"hash": digest, "reason": one_of(*DISPUTE_REASONS)}],
    "payment.instructed": [
        {
            "kind": one_of("settlement", "return"),
            "window": maybe(count),
            "statement": maybe(name),
            "payee": holder,
            "amount_cny": amount,
            "payer_account": name,
            "payee_account": name,
        }
    ],
    "bank_file.received": [
        {
            "message": one_of("camt.053.001.08", "camt.054.001.08"),
            "entries": count,
            "unmatched": count,
            "commitment": digest,
        }
    ],
    "bank_entry.unmatched": [
        {
            "entry": count,
            "code": one_of(*UNMATCHED),
            "reference": digest,
            "amount": amount,
            "currency": currency,
        }
    ],
    "payment.confirmed": [_PAYMENT],
    "bank_entry.resolution_proposed": [_RESOLUTION],
    "bank_entry.resolved": [_RESOLUTION],
}

CLEARING_ENTRIES: dict[str, Sequence[dict[str, Check]]] = {
    "entry.provincial_netting": [{"window": count}],
    "entry.provincial_payment": [_PAYMENT, _PART],
}
