"""The fields of the records of reconciliation; see `app.audit.schemas`."""

import re
from collections.abc import Sequence
from typing import Any

from app.audit.shapes import Check, account, amount, count, digest, line, name, one_of, rows

_NODE = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)

CASE_KINDS = ("tables", "conversion", "dues")
REASONS = ("posted_twice", "posted_in_error", "not_posted", "wrong_amount", "wrong_account")


def node(value: Any) -> bool:
    """The name of a node."""
    return type(value) is str and _NODE.fullmatch(value) is not None


_PROPOSED: dict[str, Check] = {
    "case": name,
    "source": account,
    "target": account,
    "amount": amount,
    "reason": one_of(*REASONS),
    "document": line,
}
_CORRECTED: dict[str, Check] = {"case": name, "reason": one_of(*REASONS), "document": line}
_DEBT: dict[str, Check] = {"transfer": name, "kind": one_of("account", "sale")}
_ANEW = _DEBT | {"number": count, "before_cny": amount, "amount_cny": amount}

RECONCILIATION: dict[str, Sequence[dict[str, Check]]] = {
    "reconciliation.opened": [
        {
            "cause": one_of("nightly", "correction", "inspection"),
            "size": count,
            "nodes": rows(node),
        }
    ],
    "reconciliation.answered": [{"size": count, "pages": count, "digest": digest}],
    "reconciliation.closed": [
        {
            "outcome": one_of("agreed", "differs", "overtaken"),
            "nodes": rows(node, count, one_of("waiting", "asked", "detail", "agreed", "differs")),
            "missing": rows(node),
            "cases_opened": count,
            "cases_closed": count,
        }
    ],
    "reconciliation_case.opened": [
        {"round": count, "kind": one_of(*CASE_KINDS), "accounts": rows(node, account)}
    ],
    "reconciliation_case.closed": [{"round": count}],
    "account.frozen": [{"account": account}],
    "account.unfrozen": [{"account": account}],
    "correction.proposed": [_PROPOSED, _PROPOSED | _DEBT],
}

CORRECTIONS: dict[str, Sequence[dict[str, Check]]] = {
    "entry.correction": [_CORRECTED, _CORRECTED | _ANEW],
}
