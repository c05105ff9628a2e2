"""Between provinces: a ticket flows out, its account follows, and the provinces settle.

The story of one transfer
-------------------------
1. The holder **requests** the outflow: a city of another province has approved the household, and
   the ticket is locked at home.
2. The receiving province **accepts**, then the ministry **approves**; until then either may
   **reject**, and the ticket is free again.
3. On approval the coefficient in force that day converts the area: m leaves the books of the home
   province, n arrives in those of the receiving one, where a ticket of area n stands handed in.
4. The housing account moves with its balance, which the home province then owes.

Where receiver or ministry are of other nodes, the same books are written in three steps of three
nodes (`crossing`, `apply_debit`, `apply_decision`, `apply_credit`) that only exchange messages: the
ministry decides once, and giver and receiver apply its decision, each with its own proof. Before it
commits it looks the ticket up in the giver's own log (`follow_givers`, `rules_held`).

What provinces owe each other is on their ledger accounts alone, once in each one's books, and both
always say the same. A **settlement** nets the two debts of a pair, pays the rest, and leaves zero;
where the node clears through the bank (`app.clearing`), it is refused.
Reconciliation asks here for what was committed, and what a home has not stated yet; nothing else
depends on this slice.
"""

from app.transfers.ask_ministry import ASK_JOB, ask
from app.transfers.explain import EXPLAINERS
from app.transfers.follow_givers import givers_of, running
from app.transfers.handlers import handlers
from app.transfers.lapse_job import LAPSE_JOB
from app.transfers.redo import REDO
from app.transfers.routes import router
from app.transfers.store_crossing import list_committed
from app.transfers.unstated import unstated_sale
from app.transfers.verify import verify_crossings

__all__ = [
    "ASK_JOB",
    "EXPLAINERS",
    "LAPSE_JOB",
    "REDO",
    "ask",
    "givers_of",
    "handlers",
    "list_committed",
    "router",
    "running",
    "unstated_sale",
    "verify_crossings",
]
