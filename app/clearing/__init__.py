"""Clearing between provinces: stated from the log, paid through the bank, confirmed by its files.

The story of one debt
---------------------
1. An entry of the log makes one province owe another. Two people of the ministry have approved
   **terms**: gross, bilateral or multilateral.
2. The ministry closes a **window**, the indexes [i, j) of the log. What falls in it is stated per
   pair; whoever has the log makes the same **statement**.
3. One officer of each province approves it by its hash, or disputes it with a reason.
4. With the second approval debts are netted as the terms say, and each payment becomes an
   **instruction** with a pain.001 file for the payer's bank. Nothing is discharged by it.
5. The payee sends its bank's camt.054 or camt.053 file. A booked credit under the instruction's
   EndToEndId discharges the debt, to the fen and in both books; in part, if part came.
6. What matches nothing is kept with why, until two people return it, assign it, or set it aside.

`camt` reads and `pain` writes the ISO 20022 messages, `rules_netting` nets and `rules_bank` judges
the bank's word; all are pure. Bank accounts are known to the database alone: the log has salted
commitments. Transfers ask here whether a pair may still pay directly.

Between nodes
-------------
Each side states what a crossing made it owe or be owed (`state`), and the ministry's node agrees
what both state alike (`hear`); a correction that names a debt states it anew. Its windows take
agreements instead of entries of books that it does not keep; statements, approvals, what is payable
and what has come go as messages (`handlers`), and each node compares them with its own books and
posts its own side alone.
"""

from app.clearing.agree import hear, state
from app.clearing.handlers import handlers
from app.clearing.read import require_direct, require_paid
from app.clearing.restate import plan as plan_restatement
from app.clearing.routes import router
from app.clearing.routes_bank import router as bank_router
from app.clearing.rules_between import STATED, BetweenRefusal, MalformedError
from app.clearing.rules_restated import Named, Why, why_of
from app.clearing.rules_stated import Stated, StatedKind, StatedSide, facts_of, rests_on
from app.clearing.tell_terms import tell_peer
from app.clearing.verify import verify_clearing

__all__ = [
    "STATED",
    "BetweenRefusal",
    "MalformedError",
    "Named",
    "Stated",
    "StatedKind",
    "StatedSide",
    "Why",
    "bank_router",
    "facts_of",
    "handlers",
    "hear",
    "plan_restatement",
    "require_direct",
    "require_paid",
    "rests_on",
    "router",
    "state",
    "tell_peer",
    "verify_clearing",
    "why_of",
]
