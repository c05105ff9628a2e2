"""Fields of records about transfers between nodes, and what they add to records of every transfer.

`500000-t1` is how other nodes name what the node of 500000 knows as `t1`.
"""

from collections.abc import Mapping, Sequence

from app.audit.shapes import (
    Check,
    amount,
    balance,
    count,
    day,
    digest,
    flag,
    instant,
    line,
    maybe,
    name,
    one_of,
    region,
    rows,
    ticket,
)

Shape = dict[str, Check]

_PARTIES = ("county", "township", "village_committee", "collective", "villager")
_TERMS: Shape = {
    "ticket": name,
    "from": region,
    "sent_m2": amount,
    "received_m2": amount,
    "document": line,
    "yield_out": count,
    "yield_in": count,
    "balance_cny": amount,
    "valid_until": instant,
    "proposal": digest,
}
_DECISION: Shape = {"decision": digest}
_DECIDED: Shape = {
    "outcome": one_of("commit", "abort"),
    "reason": line,
    "code": maybe(line),
    "document": maybe(line),
    "proposal": maybe(digest),
    "acceptance": maybe(digest),
} | _DECISION
_LOOK: Shape = {
    "lock_leaf": count,
    "log_size": count,
    "log_root": digest,
    "held_m2": balance,
    "claims": rows(count, maybe(digest)),
}

CROSSING: dict[str, Sequence[Shape]] = {
    "coefficient.received": [
        {
            "from": region,
            "to": region,
            "yield_out": count,
            "yield_in": count,
            "valid_from": day,
            "valid_to": day,
            "document": line,
        }
    ],
    "transfer.recalled": [{"ticket": ticket, "crossing": name}],
    "transfer.released": [{"ticket": ticket} | _DECISION, {"crossing": name} | _DECISION],
    "crossing.offered": [_TERMS | {"to": region}],
    "crossing.accepted": [{"proposal": digest}],
    "crossing.decided": [_DECIDED, _DECIDED | _LOOK],
    "crossing.applied": [{"side": one_of("giver", "receiver")} | _DECISION],
    "arrival.offered": [_TERMS],
    "arrival.accepted": [{"proposal": digest, "received_m2": amount}],
    "arrival.rejected": [{"from": region, "proposal": digest, "code": line}],
    "arrival.closed": [_DECISION],
    "ticket.arrived": [
        {
            "from": region,
            "ticket": name,
            "new_ticket": ticket,
            "application": name,
            "household": name,
            "collective": name,
            "county": region,
            "zone": one_of("urbanised", "farm_product", "ecological"),
            "heads": count,
            "issued_at": instant,
            "reclamation_cost_cny": amount,
            "financing_cost_cny": amount,
            "policy": name,
            "split": rows(one_of(*_PARTIES), count),
            "open": flag,
            "affordable_homes": count,
            "subsidised": rows(count),
            "sent_m2": amount,
            "received_m2": amount,
            "balance_cny": amount,
            "proposal": digest,
        }
        | _DECISION
    ],
}
"""Records of transfers between nodes."""

_BESIDE: Mapping[str, Shape] = {
    "transfer.requested": {
        "crossing": name,
        "coefficient": name,
        "received_m2": amount,
        "balance_cny": amount,
        "valid_until": instant,
        "proposal": digest,
    },
    "transfer.approved": _DECISION,
    "account.moved": _DECISION,
    "entry.conversion_out": _DECISION,
    "entry.conversion_in": _DECISION,
    "entry.account_moved_out": _DECISION,
    "entry.account_moved_in": _DECISION,
}


def with_crossings(shapes: Mapping[str, Sequence[Shape]]) -> dict[str, Sequence[Shape]]:
    """Let records of transfers say more where another node takes part."""
    return {
        kind: [*variants, *(shape | _BESIDE[kind] for shape in variants)]
        if kind in _BESIDE
        else variants
        for kind, variants in shapes.items()
    }
