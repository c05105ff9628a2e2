"""The outside verifier: somebody with the public log, and nobody's word for anything.

The story of one audit
----------------------
1. `mirror` brings the log here, 256 entries to a file, and keeps every checkpoint it ever saw.
2. `tree` hashes all entries again: the roots must be those that were signed, now and before.
3. `records` reads each entry as a record: canonical bytes, a known kind, exactly its fields
   (`schemas`). There is no field for a name, so none can stand in the log.
4. `stream` gives each record, in order, to the checker of its kind. A checker builds the record
   that must stand there from the ones before it and compares; `world` is what was told so far.
   `book` keeps the ledger: balances, floors, declared moves, conservation.
5. `report` names the first record that is not as it must be, and counts the others by rule.

By subject: `parties`, `policies`, `withdrawals` (up to the handed-in ticket), `evidence`,
`auctions`, `bids`, `closes`, `seals` (bids sealed to custodians), `splits` (settlement),
`housing`, `rentals`, `landing`, `transfers`, `clearing`, `payments` (through the bank). A fact
that nothing before it determines (an area that was measured, a price that was bid) is taken as
said; all that follows from it is derived again.

Nothing here imports the slices: rules are written a second time, from the rule catalogue. Only
the kernel's units, shares and calendar, the seal, and the pure formats of the log are shared.
"""

from app.audit.mirror import Mirror, MirrorError, source_of
from app.audit.report import Finding, Report
from app.audit.stream import audit_records
from app.audit.verdict import Verdict, audit_mirror

__all__ = [
    "Finding",
    "Mirror",
    "MirrorError",
    "Report",
    "Verdict",
    "audit_mirror",
    "audit_records",
    "source_of",
]
