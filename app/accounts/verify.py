"""The counters of housing accounts, recomputed from the ledger."""

from app import ledger
from app.accounts import store_moving
from app.ledger.rules import AccountKind, EntryKind
from app.platform.db import Reader

# What each counter adds up, and the sign with which the ledger sees it.
COUNTERS = {
    "base": ((EntryKind.SETTLEMENT,), 1),
    "subsidy": ((EntryKind.SUBSIDY,), 1),
    "housing_paid": ((EntryKind.RENT, EntryKind.HOUSING_PAYMENT), -1),
    "cash_paid": ((EntryKind.CASH_PAYMENT,), -1),
    # Within this node what leaves one province's books arrives in the other's.
    "moved": ((EntryKind.ACCOUNT_MOVED_OUT, EntryKind.ACCOUNT_MOVED_IN), 1),
}


async def verify_counters(reader: Reader) -> list[str]:
    """Name each account whose counters are not what its entries add up to (R135 to R137)."""
    flows = await ledger.sum_flows(reader, AccountKind.HOUSING)
    counted = await store_moving.read_counters(reader)
    findings = []
    for household in sorted({owner for owner, _ in flows} | counted.keys()):
        for counter, (kinds, sign) in COUNTERS.items():
            entries = sign * sum(flows.get((household, kind), 0) for kind in kinds)
            kept = counted.get(household, {}).get(counter, 0)
            if kept != entries:
                findings.append(
                    f"housing account {household}: {counter} is {kept}, its entries give {entries}"
                )
    return findings
