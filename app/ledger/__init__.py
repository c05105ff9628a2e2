"""The ledger: who holds how many fen and how much land, and every movement since day one.

The story of one entry
----------------------
1. `post` locks the accounts it touches in sorted order and reads their balances.
2. `rules.judge` (pure) answers with a refusal, or with the balances after each posting.
3. `store` appends records, entries and postings, one statement per table whatever their number.
   Balances follow by a trigger of the database, so they cannot disagree with the postings.

Beneath every entry, and beneath every other event of the market, lies a **record**: canonical JSON
without personal data, and its leaf hash. `verify` recomputes everything from the postings.

Invariants, each held here in `rules` and again by the database: a posting moves a positive amount
between two accounts of one asset; the move is declared for its kind of entry; no account falls
below its floor; nothing that was written is ever changed or removed.

Other slices import from this package root and from `rules` only.
"""

from app.ledger.explanation import Credited, Explain, Line, explain_plainly
from app.ledger.post import post, record
from app.ledger.queries import sum_flows
from app.ledger.read import (
    actors,
    balance,
    balances,
    facts_of,
    follow_cases,
    holdings,
    latest_records,
    lock_balances,
    lock_free_balances,
)
from app.ledger.routes import router
from app.ledger.rules import (
    AccountKind,
    AccountRef,
    Draft,
    EntryKind,
    Note,
    Posted,
    move,
)
from app.ledger.verify import Verification, verify

__all__ = [
    "AccountKind",
    "AccountRef",
    "Credited",
    "Draft",
    "EntryKind",
    "Explain",
    "Line",
    "Note",
    "Posted",
    "Verification",
    "actors",
    "balance",
    "balances",
    "explain_plainly",
    "facts_of",
    "follow_cases",
    "holdings",
    "latest_records",
    "lock_balances",
    "lock_free_balances",
    "move",
    "post",
    "record",
    "router",
    "sum_flows",
    "verify",
]
